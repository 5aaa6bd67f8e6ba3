import type { MaskPlane, Plane } from '../../kernels/index.ts';

/** A point-spread function that varies over the image; plain data. `evaluatePsf` gives it at a position. */
export interface SpatialPsf {
  /** Odd side of the stamp, px. */
  readonly size: number;
  /** Degree of the polynomial in x and y: 0 is constant. */
  readonly degree: number;
  /** Image size that normalises x and y to [-1, 1]. */
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** One stamp (size * size, row-major) for each polynomial term; the sum at any position is one less the halo's light. */
  readonly coefficients: readonly Float32Array[];
  readonly fwhmPx: number;
  readonly starsUsed: number;
  /** Median reduced chi^2, within 1.5 FWHM, of stars that were held out. */
  readonly heldOutChi2: number;
  /** What noise does not explain of the held-out stars, as a fraction of their own light (rms over the profile). */
  readonly mismatch: number;
  readonly method: 'pixels' | 'moffat';
  /** The profile beyond the stamp, where only the brightest stars are seen; absent if unknown. */
  readonly halo?: PsfHalo | undefined;
  /** Parts of the image with a function of their own, of the same size: where several engines made one difference. */
  readonly patches?: readonly PsfPatch[] | undefined;
}

/** A rectangle of an image and its point-spread function, in the image's pixels. */
export interface PsfPatch {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly psf: SpatialPsf;
}

/**
 * What the cut took off a profile, for stars so bright that it matters:
 * peak (1 + cxx x^2 + cxy x y + cyy y^2)^-beta, rising from nothing at radius `from` to its full height at `to`.
 */
export interface PsfHalo {
  /** px^-2 for a star of one electron. */
  readonly peak: number;
  readonly cxx: number;
  readonly cyy: number;
  readonly cxy: number;
  readonly beta: number;
  /** px */
  readonly from: number;
  readonly to: number;
  /** How its brightness varies over the image: a polynomial as the profile's, 1 on the whole. */
  readonly variation: readonly number[];
}

/** A star's flux and position by its image's point-spread function. */
export interface MeasuredStar {
  readonly xPx: number;
  readonly yPx: number;
  /** e- of its own image; errors from the pixels' noise alone. */
  readonly fluxE: number;
  readonly fluxErrE: number;
  /** Per axis, px. */
  readonly positionErrPx: number;
  /** It looks like a single unsaturated star: good to compare fluxes and positions with. */
  readonly isClean: boolean;
}

/** The engines that subtract a template. */
export type DifferencingMethod = 'zogy' | 'alard-lupton' | 'delta-basis';

/**
 * How one part of a difference answers to light added to its science image, all else kept: subtraction is linear, so
 * that its planes change by the light convolved with these kernels, and their variances by the light's variance
 * convolved with the kernels' squares.
 */
export interface ScienceResponse {
  /** The part: first pixel and size. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Odd side of both kernels, px. */
  readonly size: number;
  /** Kernel of `Difference.flux` times `answer`, (size, size), its middle at no distance. */
  readonly flux: Float32Array;
  /** What fluxes were divided by for the profile at each pixel: a polynomial over the image, as `ImageMatch`'s; near one. */
  readonly answer: readonly number[];
  /** Factor on what the squared kernel gives for the variance of `flux`, before it is divided too. */
  readonly fluxVarianceFactor: number;
  /** The same for `Difference.difference`. */
  readonly difference: Float32Array;
  readonly differenceVarianceFactor: number;
}

export type DifferenceGrade = 'green' | 'yellow' | 'red';

/** What a constant star left in the score image. */
export interface StarScore {
  /** The star, zero-based pixels of the science grid. */
  readonly xPx: number;
  readonly yPx: number;
  /** S_corr of the worst pixel within a FWHM of it, sigma, signed. */
  readonly score: number;
}

/** science - matched template, with what later steps need. */
export interface Difference {
  readonly method: DifferencingMethod;
  /** e- on the science image's flux scale; positive = brighter in science. */
  readonly difference: Plane;
  /** e-^2. */
  readonly variance: Plane;
  /** Matched-filter significance (ZOGY's S_corr), sigma. */
  readonly score: Plane;
  /** PSF flux at each pixel if a point source were centred there (ZOGY's alpha), e-: score times error, to the last bit. */
  readonly flux: Plane;
  /** 1 sigma error of `flux`, e-. */
  readonly fluxErr: Plane;
  readonly mask: MaskPlane;
  /** PSF of the difference image. */
  readonly psf: SpatialPsf;
  readonly sciencePsf: SpatialPsf;
  readonly templatePsf: SpatialPsf;
  /** One for each part of the image; parts cover it once. */
  readonly responses: readonly ScienceResponse[];
  /** Template-to-science flux scale: one template electron is this many science electrons. */
  readonly fluxRatio: number;
  /** The same over the image, where it varies: `fluxRatioAt` reads it. */
  readonly fluxRatioTerms?: readonly number[] | undefined;
  readonly grade: DifferenceGrade;
  /** Sentences that say why it is not green. */
  readonly gradeReasons: readonly string[];
  readonly metrics: DifferenceMetrics;
  /** What constant stars left; absent in differences made before it was kept. */
  readonly starScores?: readonly StarScore[] | undefined;
  /** How the engines compared, where several were tried and measured. */
  readonly tournament?: Tournament | undefined;
}

/** A difference as it is kept: `restoreFlux` makes its fluxes. */
export type KeptDifference = Omit<Difference, 'flux'> & { readonly flux?: Plane | undefined };

/** What engines were worth on the same pair with the same injected stars. */
export interface Tournament {
  /** Best first. */
  readonly standings: readonly Standing[];
  /** Which engine made which part. */
  readonly cells: readonly {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly method: DifferencingMethod;
  }[];
}

/** One engine's result. */
export interface Standing {
  readonly method: DifferencingMethod;
  readonly grade: DifferenceGrade;
  /** Of the injected stars, those that became candidates, 0..1. */
  readonly completeness: number;
  /** Found / (found + candidates of both signs that no other engine sees), 0..1. */
  readonly purity: number;
  readonly unexplained: number;
  readonly cellsWon: number;
}

export interface DifferenceMetrics {
  readonly fluxRatio: number;
  readonly fluxRatioErr: number;
  /** Scatter of single stars' flux ratios beyond their noise, as a fraction. */
  readonly fluxRatioScatter: number;
  /** Stars in both images that told the flux ratio. */
  readonly fluxRatioStars: number;
  /** Astrometric noise of a single star relative to the template that the score allows for, per axis, px. */
  readonly astrometricSigmaXPx: number;
  readonly astrometricSigmaYPx: number;
  /** Light of a constant star that the subtraction leaves, rms, as a fraction of the star; the score allows for it. */
  readonly modelError: number;
  /** The same for the wings of bright stars beyond 1.5 FWHM, as a fraction of the light there. */
  readonly wingError: number;
  /** The same around saturated stars, whose cores were rebuilt from their wings. */
  readonly rebuildError: number;
  /** Rms of the residual background that was taken off the difference, e- per pixel. */
  readonly backgroundRemovedE: number;
  /** Robust sigma of the score image over unmasked sky, before any rescaling. */
  readonly scorrMadStd: number;
  readonly scorrMedian: number;
  /** Factor the score image was divided by (1 = none). */
  readonly scorrRescale: number;
  readonly starsTested: number;
  /** Fraction of tested stars with |S_corr| > 5, 0..1. */
  readonly kernelStarsBeyond5Sigma: number;
  readonly psfStarsScience: number;
  readonly psfStarsTemplate: number;
  readonly fwhmSciencePx: number;
  readonly fwhmTemplatePx: number;
  /** Largest |autocorrelation| of the difference at lags 1 to 3. */
  readonly whiteness: number;
  /** Share of the pixels that can be used, 0..1; absent in results of before it was measured. */
  readonly usableFraction?: number | undefined;
  /** Of engines that fit a convolution kernel. */
  readonly kernel?: KernelMetrics | undefined;
}

/** How a convolution kernel was found. */
export interface KernelMetrics {
  /** Which image was convolved: the sharper one. */
  readonly convolved: 'science' | 'template';
  /** Star cutouts of the final fit, and those that were thrown out because they did not fit. */
  readonly stampsUsed: number;
  readonly stampsRejected: number;
  /** Largest over smallest eigenvalue, estimated, of the normal matrix with unit diagonal. */
  readonly conditionNumber: number;
  /** Sum of the kernel: flux ratio of the stamps over that of the fitted stars. */
  readonly sum: number;
  /** Largest gain of the kernel over all frequencies in units of its sum; much above 1, it sharpens. */
  readonly largestGain: number;
  /** Squares that the brighter half of the stamps leaves in units of their noise, median: 1 for a perfect kernel. */
  readonly misfit: number;
}
