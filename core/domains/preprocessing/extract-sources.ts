import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { MaskBit, UNUSABLE } from '../observations/index.ts';
import { cleanIsophotes } from './clean-isophotes.ts';
import { deblendFootprint } from './deblend-footprint.ts';
import { labelFootprints } from './label-footprints.ts';
import type { Measurable } from './measurable.ts';
import { makeMeasurable } from './measurable.ts';
import { measureEllipse } from './measure-aperture.ts';
import type { Isophote } from './measure-isophote.ts';
import { measureFluxRadius, measureKronRadius } from './measure-profile.ts';
import { measureWindowedCentroid } from './measure-windowed-centroid.ts';
import type { Source } from './model.ts';
import type { DetectionFilter, FilterMode } from './threshold-image.ts';
import { thresholdImage } from './threshold-image.ts';

/** How sources are found and measured. */
export interface ExtractionConfig {
  /** Detection threshold on the filtered image, sigma (default 1.5). */
  readonly threshold: number;
  /** Smallest footprint, px (default 5). */
  readonly minAreaPx: number;
  /** Detection filter (default the 3 x 3 pyramid 1 2 1, 2 4 2, 1 2 1). */
  readonly filter: DetectionFilter;
  /** Weight pixels by their noise (`matched`, default) or not (`convolution`). */
  readonly filterMode: FilterMode;
  /** Levels of deblending between threshold and peak (default 32; 1 switches it off). */
  readonly deblendLevels: number;
  /** A branch with this fraction of a blend's flux is an object (default 0.005). */
  readonly deblendMinContrast: number;
  /** Moffat exponent of cleaning (default 1; 0 switches it off). */
  readonly cleanBeta: number;
  /** Kron aperture in Kron radii (default 2.5) and its least size in rms axes (default 3.5). */
  readonly kronFactor: number;
  readonly kronMinRadius: number;
  /** Replace pixels of a neighbour's footprint by those opposite (default true; SEP's default is not to). */
  readonly maskNeighbours: boolean;
  /** Samples per pixel side on the rim of elliptical apertures (default 5). */
  readonly subpixels: number;
  /** Electrons in one unit of the image, for the error of a source's own light when no variance is given. */
  readonly gainEPerUnit: number;
  /** Mask bits of pixels that count as nothing (default all unusable ones but SAT: saturated stars are stars). */
  readonly excludedBits: number;
}

/** The defaults of `extractSources`. */
export const DEFAULT_EXTRACTION: ExtractionConfig = {
  threshold: 1.5,
  minAreaPx: 5,
  filter: { width: 3, height: 3, weights: [1, 2, 1, 2, 4, 2, 1, 2, 1] },
  filterMode: 'matched',
  deblendLevels: 32,
  deblendMinContrast: 0.005,
  cleanBeta: 1,
  kronFactor: 2.5,
  kronMinRadius: 3.5,
  maskNeighbours: true,
  subpixels: 5,
  gainEPerUnit: 1,
  excludedBits: UNUSABLE & ~MaskBit.SAT,
};

/** What `extractSources` looks at. */
export interface ExtractionInput {
  /** Background-subtracted. */
  readonly image: Plane;
  /** Background rms, same unit; positive. One number stands for all pixels. */
  readonly rms: Plane | number;
  /** Variance with the sources' own noise, for errors; without it the sky's and `gainEPerUnit` are used. */
  readonly variance?: Plane | undefined;
  readonly mask?: MaskPlane | undefined;
}

/** A source together with the footprint it was measured from. */
export interface ExtractedSource extends Source {
  readonly isophote: Isophote;
  /** Radius of the Kron aperture that was used, in units of the rms axes. */
  readonly apertureRadius: number;
}

/** Bits of `Source.flags`, Source Extractor's. */
export const SourceFlag = {
  NEIGHBOURS: 1,
  DEBLENDED: 2,
  SATURATED: 4,
  TRUNCATED: 8,
  APERTURE_INCOMPLETE: 16,
} as const;

/**
 * Find and measure every source of an image.
 *
 * One source that cannot be measured (its light is not positive) is left with the isophotal numbers; it
 * never stops the others. There is no limit on their number.
 *
 * @returns brightest first.
 * @see Bertin & Arnouts 1996, A&AS 117, 393; measured against SEP 1.2.0.
 */
export function extractSources(
  input: ExtractionInput,
  config: ExtractionConfig = DEFAULT_EXTRACTION,
): ExtractedSource[] {
  const { image, rms, mask } = input;
  const { width, height } = image;
  const thresholded = thresholdImage(
    image,
    rms,
    mask,
    config.excludedBits,
    config.filter,
    config.filterMode,
    config.threshold,
  );
  const { smoothed } = thresholded;
  const footprints = labelFootprints(thresholded.above, width, height, config.minAreaPx);
  const scratch = { indexOf: new Int32Array(width * height) };
  const deblend = {
    levels: config.deblendLevels,
    minContrast: config.deblendMinContrast,
    minAreaPx: config.minAreaPx,
  };
  const isophotes: Isophote[] = [];
  for (let i = 0; i < footprints.count; i++) {
    const pixels = footprints.pixels.subarray(footprints.starts[i]!, footprints.starts[i + 1]!);
    const threshold = config.threshold * (typeof rms === 'number' ? rms : meanOver(rms, pixels));
    for (const object of deblendFootprint(pixels, width, image.data, smoothed, threshold, deblend, scratch)) {
      isophotes.push(object);
    }
  }
  const stays =
    config.cleanBeta > 0
      ? cleanIsophotes(isophotes, smoothed, config.minAreaPx, config.cleanBeta)
      : undefined;
  const variance: Plane | number = input.variance ?? squared(rms);
  const source = makeMeasurable(image, variance, mask, config.excludedBits);
  if (config.maskNeighbours) {
    isophotes.forEach((isophote, i) => {
      if (stays === undefined || stays[i]) claimPixels(source.owners, isophote.pixels, i + 1);
    });
  }
  const ownNoise = input.variance === undefined ? config.gainEPerUnit : Number.POSITIVE_INFINITY;
  const result: ExtractedSource[] = [];
  isophotes.forEach((isophote, i) => {
    if (stays === undefined || stays[i]) {
      result.push(measureSource(isophote, i + 1, source, mask, ownNoise, config));
    }
  });
  return result.sort((first, second) => second.fluxE - first.fluxE);
}

function measureSource(
  isophote: Isophote,
  own: number,
  source: Measurable,
  mask: MaskPlane | undefined,
  gain: number,
  config: ExtractionConfig,
): ExtractedSource {
  const { width, height } = source.image;
  const kronRadius = measureKronRadius(source, isophote.x, isophote.y, isophote, 6, own);
  const apertureRadius = Math.max(config.kronFactor * kronRadius, config.kronMinRadius);
  const sum = measureEllipse(source, isophote.x, isophote.y, isophote, apertureRadius, config.subpixels, own);
  // A neighbour's hole or a mask can make the aperture's light negative; the isophote's is positive.
  const flux = sum.flux > 0 ? sum.flux : isophote.flux;
  const fluxErr = Math.sqrt(sum.fluxErr ** 2 + Math.max(0, flux) / gain);
  const halfLightRadius = measureFluxRadius(source, isophote.x, isophote.y, 6 * isophote.a, flux, 0.5, own);
  const isophotalSigma = Math.sqrt(isophote.a * isophote.b);
  // In a crowd the half-light circle holds the neighbours; the isophote does not.
  const widest = 2 * isophote.a;
  const windowSigma = halfLightRadius > 0 ? Math.min((2 * halfLightRadius) / 2.35, widest) : isophotalSigma;
  const windowed = measureWindowedCentroid(source, isophote.x, isophote.y, windowSigma, own);
  const hasMoved = Math.hypot(windowed.x - isophote.x, windowed.y - isophote.y) > 2 * isophote.a;
  const isGood = windowed.isConverged && !hasMoved;

  let maskBits = 0;
  let touchesEdge = false;
  for (let i = 0; i < isophote.pixels.length; i++) {
    const at = isophote.pixels[i]!;
    if (mask !== undefined) maskBits |= mask.data[at]!;
    const x = at % width;
    if (x === 0 || x === width - 1 || at < width || at >= width * (height - 1)) touchesEdge = true;
  }
  let flags = 0;
  if (isophote.isDeblended) flags |= SourceFlag.DEBLENDED;
  if ((maskBits & MaskBit.SAT) !== 0) flags |= SourceFlag.SATURATED;
  if (touchesEdge) flags |= SourceFlag.TRUNCATED;
  if (sum.usableFraction < 0.9) flags |= SourceFlag.APERTURE_INCOMPLETE;
  return {
    xPx: isGood ? windowed.x : isophote.x,
    yPx: isGood ? windowed.y : isophote.y,
    fluxE: flux,
    fluxErrE: fluxErr,
    peakE: isophote.peak,
    snr: fluxErr > 0 ? flux / fluxErr : 0,
    aPx: isophote.a,
    bPx: isophote.b,
    thetaRad: isophote.theta,
    fwhmPx: isGood && windowed.fwhm > 0 ? windowed.fwhm : 2.3548 * isophotalSigma,
    halfLightRadiusPx: halfLightRadius,
    kronRadius,
    areaPx: isophote.pixels.length,
    flags,
    maskBits,
    isophote,
    apertureRadius,
  };
}

function claimPixels(owners: Int32Array, pixels: Int32Array, owner: number): void {
  for (let i = 0; i < pixels.length; i++) owners[pixels[i]!] = owner;
}

function meanOver(plane: Plane, pixels: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i++) sum += plane.data[pixels[i]!]!;
  return sum / pixels.length;
}

function squared(rms: Plane | number): Plane | number {
  if (typeof rms === 'number') return rms * rms;
  return { width: rms.width, height: rms.height, data: rms.data.map((value) => value * value) };
}
