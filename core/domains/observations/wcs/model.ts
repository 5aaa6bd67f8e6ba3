/**
 * A parsed celestial world coordinate system: plain data, so that it survives structured clone.
 *
 * Use `pixelToSky` and `skyToPixel` on it. Pixels are zero-based here (FITS CRPIX - 1).
 */
export interface Wcs {
  /** Three-letter projection code: TAN, SIN, STG, ZEA, ARC, CAR, AIT, ZPN ... */
  readonly projection: string;
}
