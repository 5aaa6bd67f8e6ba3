/** How outliers are told from stars, and how much is worked on at a time. */
export interface CoaddConfig {
  /** A pixel this many sigma from the median of its exposures is an outlier. Default 4. */
  readonly clipSigma: number;
  /** Neighbours of an outlier go with it beyond this many sigma on the same side. Default 2. */
  readonly growSigma: number;
  /** How many times outliers grow by one pixel. Default 2. */
  readonly growRounds: number;
  /** Departure that is allowed besides, of the brightest light within 3 px; more where the seeing changes more. Default 0.3. */
  readonly clipFraction: number;
  /** Pixels of all exposures held at a time. Default 2^21. */
  readonly bandPixels: number;
  /** Inner side of the tiles that are transformed for a proper coadd, px. Default 1024. */
  readonly tileSidePx: number;
}

/** The defaults of `combineExposures`. */
export const DEFAULT_COADD: CoaddConfig = {
  clipSigma: 4,
  growSigma: 2,
  growRounds: 2,
  clipFraction: 0.3,
  bandPixels: 1 << 21,
  tileSidePx: 1024,
};
