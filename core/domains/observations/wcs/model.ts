import type { Header } from '../model.ts';

/** Projections the program can follow both ways; `ZPX`, `TNX` and `TPV` are `ZPN` or `TAN` with a distortion. */
export type Projection =
  | 'TAN'
  | 'SIN'
  | 'STG'
  | 'ZEA'
  | 'ARC'
  | 'ZPN'
  | 'CAR'
  | 'CEA'
  | 'MER'
  | 'SFL'
  | 'AIT';

/**
 * A bivariate polynomial with optional odd powers of the radius.
 *
 * With `X = (x - xMid) * xScale`, `Y = (y - yMid) * yScale` it is
 * `sum_ji coefficients[j * (order + 1) + i] X^i Y^j + sum_k radial[k] r^(2k + 1)`, `r = sqrt(x^2 + y^2)`.
 */
export interface PlanePolynomial {
  readonly order: number;
  /** Dense, (order + 1)^2 values, the power of X running fastest. */
  readonly coefficients: readonly number[];
  /** Factors of r, r^3, r^5, r^7; empty when there are none. */
  readonly radial: readonly number[];
  readonly xMid: number;
  readonly yMid: number;
  readonly xScale: number;
  readonly yScale: number;
}

/**
 * A correction added to a pair of coordinates: `x + dx(x, y)`, `y + dy(x, y)`.
 *
 * SIP acts on pixels relative to the reference pixel, the others on the projection plane in degrees
 * (longitude first); DSS acts on plate millimetres.
 */
export interface Distortion {
  readonly kind: 'SIP' | 'TPV' | 'TNX' | 'ZPX' | 'DSS';
  readonly dx: PlanePolynomial;
  readonly dy: PlanePolynomial;
}

/** The coordinate frame that the header speaks of; positions come out in ICRS whatever it is. */
export type SkyFrame = 'ICRS' | 'FK5' | 'FK4' | 'galactic' | 'ecliptic';

/**
 * A parsed celestial world coordinate system: plain data, so that it survives structured clone.
 *
 * Use `pixelToSky` and `skyToPixel` on it. Pixels are zero-based here (FITS CRPIX - 1).
 *
 * @see Greisen & Calabretta 2002, A&A 395, 1061; Calabretta & Greisen 2002, A&A 395, 1077 (Papers I and II).
 */
export interface Wcs {
  readonly projection: Projection;
  /** PV parameters of the projection, by index: ZPN's polynomial, SIN's slant (1, 2), CEA's lambda (1). */
  readonly parameters: readonly number[];
  /** Angle from the native pole at which ZPN's radius stops growing; pi for every other projection. */
  readonly zpnLimitRad: number;
  /** Reference pixel, zero-based. */
  readonly xRefPx: number;
  readonly yRefPx: number;
  /** Pixels to projection plane, degrees a pixel, row-major; the first row is the longitude's. */
  readonly matrix: readonly [number, number, number, number];
  /** Inverse of `matrix`, pixels a degree. */
  readonly inverseMatrix: readonly [number, number, number, number];
  /** What is added to the plane before deprojection, degrees: Paper II's (x0, y0), nearly always 0. */
  readonly planeOffset: readonly [number, number];
  /** Acts before `matrix`. */
  readonly pixelDistortion?: Distortion | undefined;
  /** Acts after `matrix`. */
  readonly planeDistortion?: Distortion | undefined;
  /** Rotation from the projection's native sphere to ICRS, nine numbers row-major; for FK4, to FK4. */
  readonly rotation: readonly number[];
  readonly frame: SkyFrame;
  /** The header's own WCS cards, ready to be written to an image on the same grid. */
  readonly cards: Header;
  /** One sentence for each thing that was assumed or left out. */
  readonly notes: readonly string[];
}

/** A place on the sky, degrees ICRS; `raDeg` in [0, 360). */
export interface SkyPosition {
  readonly raDeg: number;
  readonly decDeg: number;
}

/** A place on an image: zero-based, the centre of the first pixel is (0, 0). */
export interface PixelPosition {
  readonly xPx: number;
  readonly yPx: number;
}
