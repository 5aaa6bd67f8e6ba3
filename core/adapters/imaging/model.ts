import type { Header } from '../../domains/observations/index.ts';
import type { Plane } from '../../kernels/index.ts';

/** What one header-data unit holds. */
export type HduKind = 'image' | 'compressed-image' | 'bintable' | 'ascii-table' | 'random-groups' | 'unknown';

/** One header-data unit as its header tells it. */
export interface HduSummary {
  /** Zero-based place in the file; 0 is the primary. */
  readonly index: number;
  readonly kind: HduKind;
  readonly extname?: string | undefined;
  /** 1 when the header does not say. */
  readonly extver: number;
  /** Bits a pixel, negative for floats; of the image, not of its tiles, when compressed. */
  readonly bitpix: number;
  /** Slowest axis first: (..., height, width); empty without data. A table: (rows, bytes a row). */
  readonly shape: readonly number[];
  readonly headerOffset: number;
  readonly dataOffset: number;
  /** Bytes of data the header promises, without padding. */
  readonly dataBytes: number;
  /** How many of `dataBytes` lie beyond the end of the file; 0 in a whole file. */
  readonly missingBytes: number;
  /** A compressed image's header is the image's own: BITPIX and NAXISn, without the table's keywords. */
  readonly header: Header;
}

/** What names an HDU: its index, its EXTNAME ('SCI'), EXTNAME and EXTVER ('SCI,2'), or both as an object. */
export type HduSelector =
  | number
  | string
  | { readonly extname: string; readonly extver?: number | undefined };

/** A rectangle of pixels, zero-based; wholly inside the image. */
export interface PixelRegion {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What part of an image to read. */
export interface ReadImageOptions {
  /** Default: the whole image. */
  readonly region?: PixelRegion | undefined;
  /** Which plane of a cube, zero-based, counting the axes above the second as one. */
  readonly plane?: number | undefined;
  /** Every `step`-th pixel of every `step`-th row, from the region's first; default 1. */
  readonly step?: number | undefined;
  /** Filled instead of fresh memory that threads can share: as many pixels as are read. */
  readonly target?: Float32Array | undefined;
}

/** Pixels of one image, scaled, as 32-bit floats. */
export interface FitsImage {
  /** NaN where BLANK or NaN. */
  readonly plane: Plane;
  /** The header of the whole image, also when a region was read. */
  readonly header: Header;
  readonly hduIndex: number;
  /** Where pixel (0, 0) of `plane` lies in the image. */
  readonly offset: { readonly x: number; readonly y: number };
}

/** All pixels of one image of any number of axes, with nothing lost to rounding. */
export interface FitsArray {
  /** Slowest axis first. */
  readonly shape: readonly number[];
  /** Whole 64-bit integers stay integers; all else is double, NaN where BLANK. */
  readonly data: Float64Array | BigInt64Array | BigUint64Array;
  readonly header: Header;
  readonly hduIndex: number;
}

/** An image thinned by whole steps: pixel (i, j) is the image's pixel (i * step, j * step). */
export interface FitsOverview extends FitsImage {
  readonly step: number;
}

/** The values of one column, or of one row of a variable-length column. Complex numbers are pairs (real, imaginary). */
export type ColumnValues =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array
  | readonly string[]
  | readonly (boolean | undefined)[];

/** What a column's values are: `bits` come as one 0 or 1 each, `complex` as pairs, an unknown logical is `undefined`. */
export type ColumnKind = 'number' | 'logical' | 'bits' | 'text' | 'complex';

interface ColumnFacts {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly unit?: string | undefined;
  /** TFORM as written. */
  readonly format: string;
  /** One byte a value, 1 where the integer is TNULL; `undefined` when none is. */
  readonly nulls?: Uint8Array | undefined;
}

/** A column with as many values in each row. */
export interface FixedColumn extends ColumnFacts {
  readonly isVariable: false;
  /** Values in each row; a string, a complex number and a bit are one value. */
  readonly repeat: number;
  /** How a row's values are arranged, slowest axis first, when TDIM says. */
  readonly shape?: readonly number[] | undefined;
  /** Row after row. */
  readonly values: ColumnValues;
}

/** A column with its own number of values in each row. */
export interface VariableColumn extends ColumnFacts {
  readonly isVariable: true;
  readonly rows: readonly ColumnValues[];
}

/** One column of a table, scaled: an integer stays one unless TSCAL or TZERO makes it a float. */
export type TableColumn = FixedColumn | VariableColumn;

/** A binary or ASCII table. */
export interface FitsTable {
  readonly hduIndex: number;
  readonly header: Header;
  readonly rowCount: number;
  readonly columns: readonly TableColumn[];
}
