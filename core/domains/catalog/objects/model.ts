/** A place on the sky and how well it is known. */
export interface MeasuredPlace {
  /** 0..360, ICRS. */
  readonly raDeg: number;
  /** -90..90, ICRS. */
  readonly decDeg: number;
  /** One sigma per axis, arcsec. */
  readonly positionErrArcsec: number;
}
