/** How a field is solved. */
export interface AstrometryConfig {
  /** Fewest stars that must be recognised. Default 6. */
  readonly minStars: number;
  /** log10 of the odds against chance, all tries counted, at which a solution is believed. Default 9. */
  readonly minLog10Odds: number;
  /** Sources, brightest first, on which an alignment is judged. Default 150. */
  readonly judgedStars: number;
  /** Most sources used in the fit, brightest first. Default 2000. */
  readonly maxStars: number;
  /** Highest order of the distortion, 1 (none) to 4; cross-validation chooses. Default 4. */
  readonly maxOrder: number;
  /** Largest ratio of the scales along two directions. Default 1.15. */
  readonly maxAxisRatio: number;
  /** Proposals tried of each search before giving up. Default 30 000. */
  readonly maxProposals: number;
  /** Stars farther from the fit than this many sigma are left out. Default 4. */
  readonly clipSigma: number;
  /** Error of a perfect star's position, px: keeps the brightest few from deciding alone. Default 0.02. */
  readonly floorPx: number;
  /** How far off the header's pointing may be, arcmin. Default 6. */
  readonly pointingErrorArcmin: number;
  /** How far off the header's scale may be, fraction. Default 0.25. */
  readonly scaleError: number;
  /** A header's WCS is kept when stars lie within this of it, px: medians of the field and of its quarters. Default 0.25. */
  readonly keepWithinPx: number;
}

/** The defaults of `solveField`. */
export const DEFAULT_ASTROMETRY: AstrometryConfig = {
  minStars: 6,
  minLog10Odds: 9,
  judgedStars: 150,
  maxStars: 2000,
  maxOrder: 4,
  maxAxisRatio: 1.15,
  maxProposals: 30_000,
  clipSigma: 4,
  floorPx: 0.02,
  pointingErrorArcmin: 6,
  scaleError: 0.25,
  keepWithinPx: 0.25,
};
