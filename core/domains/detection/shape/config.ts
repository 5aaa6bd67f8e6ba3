/** How dipoles and trails are fitted to detections that look like one. */
export interface ShapeConfig {
  /** Pixels are fitted within this distance, FWHM; a trail adds half its length. Default 1.7. */
  readonly radiusFwhm: number;
  /** Weight of the two images before subtraction beside the difference, in a dipole's fit. Default 0.5. */
  readonly directWeight: number;
  /** Whether the lobes of a dipole may have unequal fluxes. Default true. */
  readonly hasSeparateFluxes: boolean;
  /** A dipole's lobes have together at least this significance, sigma: sqrt(a^2 + b^2). Default 7.07, two of 5. */
  readonly minDipoleSnr: number;
  /** ... and neither has more than this part of the light. Default 0.65. */
  readonly maxLobeShare: number;
  /** ... and a point source explains the difference worse, by chance in at most this part of cases. Default 0.05. */
  readonly maxDipoleChance: number;
  /** An opposite lobe of this part of a detection's significance has a dipole fitted. Default 0.25. */
  readonly minDipoleRatio: number;
  /** A detection at least this significant, and longer than wide, has a trail fitted, sigma. Default 8. */
  readonly minTrailSnr: number;
  /** ... where its axes' ratio is this many times the PSF's, or its size is. Default 1.15. */
  readonly minTrailElongation: number;
  /** Longest trail that is fitted, FWHM; longer ones are streaks. Default 8. */
  readonly maxTrailFwhm: number;
  /** A trail less significant over a point source is not reported, sigma. Default 3. */
  readonly minTrailSignificance: number;
  /** Most detections of one difference that are fitted, strongest first. Default 300. */
  readonly maxFits: number;
}

export const DEFAULT_SHAPE_CONFIG: ShapeConfig = {
  radiusFwhm: 1.7,
  directWeight: 0.5,
  hasSeparateFluxes: true,
  minDipoleSnr: 7.07,
  maxLobeShare: 0.65,
  maxDipoleChance: 0.05,
  minDipoleRatio: 0.25,
  minTrailSnr: 8,
  minTrailElongation: 1.15,
  maxTrailFwhm: 8,
  minTrailSignificance: 3,
  maxFits: 300,
};
