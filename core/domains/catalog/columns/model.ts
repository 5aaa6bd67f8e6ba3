/** Numbers of a column, one a row; NaN where there is none. */
export type NumberColumn = Float32Array | Float64Array;

/** Words of a column, one a row: `names[codes[row]]`. */
export interface WordColumn {
  readonly codes: Uint8Array | Uint16Array | Uint32Array;
  readonly names: readonly string[];
}

/** A table as columns in memory, so that any question about a million rows is one passage over few arrays. */
export interface ColumnTable {
  /** Rows; arrays may have room for more. */
  readonly count: number;
  /** 0 for rows that are no more. */
  readonly isAlive: Uint8Array;
  readonly numbers: Readonly<Record<string, NumberColumn>>;
  readonly words: Readonly<Record<string, WordColumn>>;
}

/** Rows whose number lies in `from`..`to`, both included; a row without one is outside. */
export interface RangeFilter {
  readonly column: string;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Rows outside instead. */
  readonly isExcluded?: boolean | undefined;
}

/** Rows that have one of some words. */
export interface WordFilter {
  readonly column: string;
  readonly names: readonly string[];
  /** Rows that have none of them instead. */
  readonly isExcluded?: boolean | undefined;
}

/** Rows inside a polygon drawn on two columns. */
export interface LassoFilter {
  readonly x: string;
  readonly y: string;
  /** The axis was logarithmic: edges are straight in its logarithm. */
  readonly isLogX?: boolean | undefined;
  readonly isLogY?: boolean | undefined;
  readonly points: readonly (readonly [number, number])[];
  readonly isExcluded?: boolean | undefined;
}

/** Rows that pass all of these. */
export interface RowFilter {
  /** One of these rows; whoever keeps the table knows them by their ids. */
  readonly ids?: readonly string[] | undefined;
  readonly ranges?: readonly RangeFilter[] | undefined;
  readonly words?: readonly WordFilter[] | undefined;
  readonly lassos?: readonly LassoFilter[] | undefined;
}

/** Rows that pass a filter: 1 for each that does. */
export interface RowMask {
  readonly passes: Uint8Array;
  readonly count: number;
}
