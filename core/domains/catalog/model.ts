/** Magnitudes of reference stars in one band. */
export interface ReferenceBand {
  /** As the catalogue names it: `G`, `BP`, `RP`, `g`, `r` ... */
  readonly band: string;
  /** NaN where not measured. */
  readonly mag: Float32Array;
  /** NaN where the catalogue gives none. */
  readonly magErr: Float32Array;
}

/** Stars of an outside catalogue, one array a quantity; all arrays have `count` values. */
export interface ReferenceStars {
  readonly count: number;
  /** Julian year of the positions. */
  readonly epochYr: number;
  /** Degrees ICRS, at `epochYr`. */
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
  /** Proper motion times cos(dec), and in declination; NaN where unknown. */
  readonly pmRaMasYr: Float32Array;
  readonly pmDecMasYr: Float32Array;
  readonly bands: readonly ReferenceBand[];
  /** 1 where the catalogue calls the star variable. */
  readonly isVariable: Uint8Array;
  /** As text: survey identifiers go beyond 2^53. */
  readonly ids: readonly string[];
}

/** A circle on the sky. */
export interface Cone {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly radiusDeg: number;
}

/** One column of a table as read: numbers with NaN, or text with empty strings, where there is no value. */
export type TableColumn = Float64Array | readonly string[];

/** A table read from a file or an archive's answer, whatever its format; names as they were written. */
export interface CatalogTable {
  readonly rowCount: number;
  /** Names of all columns, those that were not read too. */
  readonly names: readonly string[];
  readonly columns: ReadonlyMap<string, TableColumn>;
}

/** A catalogue on this machine. */
export interface CatalogInfo {
  readonly name: string;
  /** Which archive's columns were recognised: `gaia`, `panstarrs` or `plain`. */
  readonly kind: CatalogKind;
  readonly count: number;
  readonly epochYr: number;
  readonly bands: readonly string[];
  /** Address of the content: the same stars have the same. */
  readonly sha256: string;
  /** Where its stars came from, in the order they were added. */
  readonly origins: readonly string[];
  /** Sky covered, counted in tiles that hold a star, square degrees. */
  readonly areaDeg2: number;
}

/** The catalogues whose columns are known. */
export type CatalogKind = 'gaia' | 'panstarrs' | 'plain';

/** A known body of the solar system where it was when an image was taken. */
export interface MovingObject {
  readonly name: string;
  /** Absent for those that have none yet. */
  readonly number?: number | undefined;
  /** Of which family: `MB>Middle`, `Mars-Crosser`, `Comet` ... */
  readonly kind: string;
  /** Astrometric, J2000. */
  readonly raDeg: number;
  readonly decDeg: number;
  /** V. */
  readonly mag?: number | undefined;
  /** How well the place is known. */
  readonly errArcsec?: number | undefined;
  /** On the sky: multiplied by the cosine of the declination. */
  readonly raRateArcsecPerHour?: number | undefined;
  readonly decRateArcsecPerHour?: number | undefined;
}

/** What was asked of moving objects over an image, and when. */
export interface MovingObjects {
  readonly askedAt: string;
  /** Code of the Minor Planet Center of the place they are seen from. */
  readonly observatory: string;
  readonly objects: readonly MovingObject[];
}
