/** A column of a table to be exported: what astronomers' programs want to know of it. */
export interface ExportColumn {
  /** Name of the field in each row, and of the column. */
  readonly name: string;
  /** A number that is absent becomes NaN or null; whole numbers and truths are never absent. */
  readonly kind: 'number' | 'whole' | 'truth' | 'text';
  /** As VOUnits and FITS write it. */
  readonly unit?: string | undefined;
  /** What kind of quantity it is: UCD1+. */
  readonly ucd?: string | undefined;
  readonly description: string;
}

/** A table to be exported. */
export interface ExportTable {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly ExportColumn[];
}

/** A row of it: fields by name of column. */
export type ExportRow = Readonly<Record<string, unknown>>;
