/** A number of a region file with the unit that was written behind it. */
export interface RegionNumber {
  /**
   * In the unit: `1.5'` is 1.5. Sexagesimal numbers are decimal in their first part: `1:30:0` is 1.5.
   */
  readonly value: number;
  readonly unit: RegionUnit;
}

/**
 * How a number was written.
 *
 * `none` takes the unit of the coordinate system; `d` degrees, `r` radians, `"` and `'` seconds and minutes of
 * arc, `p` physical and `i` image pixels; `colons` is hours for a right ascension and degrees elsewhere.
 */
export type RegionUnit = 'none' | '"' | "'" | 'd' | 'r' | 'p' | 'i' | 'colons' | 'hms' | 'dms';

/** One `key=value` of a shape or a `global` line, or a bare word such as `background`. */
export interface RegionProperty {
  readonly key: string;
  /** Without quotes or braces; `undefined` for a bare word. */
  readonly value?: string | undefined;
}

/** What a shape's numbers mean, in their order; a group in the middle may repeat. */
export type ParameterRole = 'lon' | 'lat' | 'size' | 'angle' | 'count';

/** A shape as the file says it: nothing is converted yet. */
export interface RegionShape {
  /** Lower case, as DS9 names it. */
  readonly name: string;
  /** Lower case; `physical` where none was named before. */
  readonly system: string;
  readonly isExcluded: boolean;
  readonly parameters: readonly RegionNumber[];
  /** `n=4`: that many equal steps between the two radii. */
  readonly count?: number | undefined;
  readonly properties: readonly RegionProperty[];
  /** How a member of a composite is joined to the next. */
  readonly join?: '||' | '&&' | undefined;
}

/** One statement of a region file, with its text: all texts and ends together are the file. */
export type RegionLine = {
  /** As it stands in the file, blanks and all. */
  readonly text: string;
  /** What ended it: a line end, `;` or nothing. */
  readonly end: string;
} & (
  | { readonly kind: 'blank' | 'comment' }
  | { readonly kind: 'global'; readonly properties: readonly RegionProperty[] }
  | { readonly kind: 'system'; readonly system: string }
  | { readonly kind: 'shape'; readonly shape: RegionShape }
  /** Kept and not understood; `problem` says why. */
  | { readonly kind: 'unknown'; readonly problem: string }
);

/** A place on an image: zero-based, y up. */
export interface ImagePoint {
  readonly x: number;
  readonly y: number;
}

/** Radii of one ring of an elliptical or rectangular annulus, px; for a box the full width and height. */
export interface RegionAxes {
  readonly a: number;
  readonly b: number;
}

/**
 * A shape on the image: pixels, zero-based, y up; angles in degrees from +x towards +y.
 *
 * A box's sizes are its full width and height, an ellipse's its semi-axes, as in DS9.
 */
export type RegionGeometry =
  | { readonly kind: 'circle'; readonly centre: ImagePoint; readonly radius: number }
  | {
      readonly kind: 'ellipse' | 'box';
      readonly centre: ImagePoint;
      /** One, or several from the inside out: an annulus. */
      readonly axes: readonly RegionAxes[];
      readonly angleDeg: number;
    }
  | { readonly kind: 'annulus'; readonly centre: ImagePoint; readonly radii: readonly number[] }
  | {
      readonly kind: 'panda' | 'epanda' | 'bpanda';
      readonly centre: ImagePoint;
      /** Inner and outer; `b` equals `a` for a panda. */
      readonly inner: RegionAxes;
      readonly outer: RegionAxes;
      readonly rings: number;
      readonly startDeg: number;
      readonly stopDeg: number;
      readonly wedges: number;
      readonly angleDeg: number;
    }
  | { readonly kind: 'polygon' | 'segment'; readonly points: readonly ImagePoint[] }
  | { readonly kind: 'point'; readonly centre: ImagePoint }
  | { readonly kind: 'text'; readonly centre: ImagePoint; readonly angleDeg: number }
  | { readonly kind: 'compass'; readonly centre: ImagePoint; readonly radius: number }
  | { readonly kind: 'line' | 'ruler'; readonly from: ImagePoint; readonly to: ImagePoint }
  | {
      readonly kind: 'projection';
      readonly from: ImagePoint;
      readonly to: ImagePoint;
      readonly width: number;
    }
  | {
      readonly kind: 'vector';
      readonly from: ImagePoint;
      readonly length: number;
      readonly angleDeg: number;
    };

/** What an image knows of where it lies; without it only image coordinates have a place. */
export interface RegionFrame {
  /** Degrees ICRS to zero-based pixels and back; `undefined` beyond the projection. */
  readonly sky?:
    | {
        toPixel(raDeg: number, decDeg: number): ImagePoint | undefined;
        toSky(x: number, y: number): { readonly raDeg: number; readonly decDeg: number } | undefined;
      }
    | undefined;
  /**
   * IRAF's way back to the original file: image = ltm * physical + ltv, both counted from one; the unit
   * matrix and zeros where absent.
   */
  readonly physical?:
    | { readonly ltm: readonly [number, number, number, number]; readonly ltv: readonly [number, number] }
    | undefined;
}
