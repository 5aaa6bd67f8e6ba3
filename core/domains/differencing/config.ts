/** How the point-spread function of one image is measured. */
export interface PsfConfig {
  /** Where the profile is cut, in units of its FWHM. Default 4. */
  readonly radiusFwhm: number;
  /** Faintest star used, signal over noise; halved twice where too few are that bright. Default 20. */
  readonly minSnr: number;
  /** Most stars used, spread evenly over the image. Default 200. */
  readonly maxStars: number;
  /** Most neighbours modelled and subtracted around those stars. Default 3000. */
  readonly maxNeighbours: number;
  /** Stars needed for a measured pixel profile; with fewer it is an elliptical Moffat. Default 10. */
  readonly starsForPixels: number;
  /** Stars needed for a profile that varies linearly over the image. Default 40. */
  readonly starsForLinear: number;
  /** Stars needed for a profile that varies quadratically over the image. Default 150. */
  readonly starsForQuadratic: number;
  /** Rounds of fitting stars, subtracting neighbours and correcting the profile. Default 4. */
  readonly rounds: number;
  /** Parts into which the stars are divided for cross-validation. Default 5. */
  readonly folds: number;
  /** Error of the model while it is being measured, as a fraction of a star's own profile. Default 0.01. */
  readonly modelError: number;
}

export const DEFAULT_PSF_CONFIG: PsfConfig = {
  radiusFwhm: 4,
  minSnr: 20,
  maxStars: 200,
  maxNeighbours: 3000,
  starsForPixels: 10,
  starsForLinear: 40,
  starsForQuadratic: 150,
  rounds: 4,
  folds: 5,
  modelError: 0.01,
};
