import type { DifferencingMethod } from './model.ts';

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
  /** Stars needed for a measured pixel profile; with fewer it is an elliptical Moffat. Default 4. */
  readonly starsForPixels: number;
  /** Stars needed before each pixel of the profile may vary linearly over the image. Default 40. */
  readonly starsForLinear: number;
  /** Stars needed before each pixel of the profile may vary quadratically. Default 150. */
  readonly starsForQuadratic: number;
  /** Rounds of fitting stars, subtracting neighbours and correcting the profile. Default 3. */
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
  starsForPixels: 4,
  starsForLinear: 40,
  starsForQuadratic: 150,
  rounds: 3,
  folds: 5,
  modelError: 0.01,
};

/** How engines with a convolution kernel find it. */
export interface KernelConfig {
  /** Degree (0 to 2) of the polynomial by which the kernel's shape varies over the image; lower where stars are few. Default 1. */
  readonly degree: number;
  /** Degree (0 to 2) of the polynomial of the background that is fitted with it. Default 1. */
  readonly backgroundDegree: number;
  /** Side of the cells that give their stars in turn, px. Default 128. */
  readonly cellPx: number;
  /** Most stars of the image. Default 250. */
  readonly maxStamps: number;
  /** Fewest stars for a kernel. Default 3. */
  readonly minStamps: number;
  /** Weight of the smoothness of a kernel of free pixels, relative to the stars' say. Default 0.03. */
  readonly smoothness: number;
}

export const DEFAULT_KERNEL_CONFIG: KernelConfig = {
  degree: 1,
  backgroundDegree: 1,
  cellPx: 128,
  maxStamps: 250,
  minStamps: 3,
  smoothness: 0.03,
};

/** How a template is subtracted from a science image. */
export interface DifferencingConfig {
  /**
   * Engine; `auto` injects the same stars into the differences of all and takes the best for each part of the image
   * (where nothing can be detected: the first that is not graded red). Default `zogy`.
   */
  readonly method: DifferencingMethod | 'auto';
  /** Whether a difference graded red is made again with the other engines until one is not; the best is kept. Default true. */
  readonly fallsBack: boolean;
  /** How the point-spread functions of both images are measured. */
  readonly psf: PsfConfig;
  /** How engines with a convolution kernel find it. */
  readonly kernel: KernelConfig;
  /** Side of the cells whose filters are one where point-spread functions vary, px: profiles are taken at their middles. Default 512. */
  readonly cellSidePx: number;
  /** Width of cells where no point-spread function varies, px; they are as high as others. Default 2048. */
  readonly cellWidthPx: number;
  /** Largest side of the tiles that cells are cut into, px: what a thread subtracts at once. Results do not depend on it. Default 2048. */
  readonly tileSidePx: number;
  /** Least astrometric noise of a single star relative to the template, per axis, px. Default 0.03. */
  readonly minAstrometricSigmaPx: number;
  /** Highest degree of the polynomials of flux ratio and residual shift over the image. Default 2. */
  readonly maxMatchDegree: number;
  /** How far the mask of saturated pixels grows in the difference, in FWHM of the broader image. Default 1. */
  readonly saturationGrowthFwhm: number;
  /** Cell of the residual background of the difference, px; 0 leaves the background alone. Default 64. */
  readonly backgroundCellPx: number;
  /** S_corr beyond which a star counts as badly subtracted. Default 5. */
  readonly starThreshold: number;
}

export const DEFAULT_DIFFERENCING_CONFIG: DifferencingConfig = {
  method: 'zogy',
  fallsBack: true,
  psf: DEFAULT_PSF_CONFIG,
  kernel: DEFAULT_KERNEL_CONFIG,
  cellSidePx: 512,
  cellWidthPx: 2048,
  tileSidePx: 2048,
  minAstrometricSigmaPx: 0.03,
  maxMatchDegree: 2,
  saturationGrowthFwhm: 1,
  backgroundCellPx: 64,
  starThreshold: 5,
};
