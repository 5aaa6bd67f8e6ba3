import type { Difference } from '../differencing/index.ts';
import type { ImageSource, Wcs } from '../observations/index.ts';
import type { Source } from '../preprocessing/index.ts';

/** One measured footprint on one difference. */
export interface Detection {
  /** Centroid, zero-based pixels of the science grid. */
  readonly xPx: number;
  readonly yPx: number;
  readonly raDeg?: number | undefined;
  readonly decDeg?: number | undefined;
  /** PSF flux on the science scale, e-; negative if it faded. */
  readonly fluxE: number;
  readonly fluxErrE: number;
  /** |fluxE| / fluxErrE. */
  readonly snr: number;
  /** Peak of the score image, sigma, signed. */
  readonly scorr: number;
  readonly isNegative: boolean;
  readonly areaPx: number;
  /** OR of mask bits in the footprint. */
  readonly maskBits: number;
  /** Names of what is unusual, for people: `near-saturated`, `edge`, `dipole` ... */
  readonly flags: readonly string[];
  readonly vetoes: readonly Veto[];
  readonly features: DetectionFeatures;
  readonly mag?: number | undefined;
}

/** A rule that says a detection is not worth a person's time, and why. */
export interface Veto {
  readonly rule: string;
  readonly reason: string;
}

/**
 * Numbers that the vetoes and the score model use, in the order of `FEATURE_NAMES`, then the measurements of
 * `MEASUREMENT_NAMES` where they were made; every field is finite.
 */
export type DetectionFeatures = Readonly<Record<string, number>>;

/** What detection needs of the science image and of the registered template. */
export interface DetectionImage extends ImageSource {
  readonly sources: readonly Source[];
  readonly wcs?: Wcs | undefined;
}

/** A difference and the two images it came from, on one grid. */
export interface DetectionInput {
  readonly difference: Difference;
  readonly science: DetectionImage;
  /** In the template's own electrons; `difference.fluxRatio` brings them to the science scale. */
  readonly template: DetectionImage;
}

/** Side of a cutout, px. */
export const CUTOUT_SIZE_PX = 63;

/** Science, template and difference around one detection: 3 x 63 x 63 floats, e- on the science scale; NaN outside the image. */
export interface Triplet {
  readonly size: number;
  readonly data: Float32Array;
}
