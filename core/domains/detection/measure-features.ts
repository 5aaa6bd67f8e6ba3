import type { TaskContext } from '../../utils/index.ts';
import type { MaskedImage, Part } from '../observations/index.ts';
import type { Source } from '../preprocessing/index.ts';
import type { DetectionConfig } from './config.ts';
import type { Stamp } from './draw-psf.ts';
import { cutStamp, drawPsf } from './draw-psf.ts';
import type { FeatureRecord } from './features.ts';
import type { Peak } from './find-peaks.ts';
import type { Streak } from './find-streaks.ts';
import { distanceToStreak } from './find-streaks.ts';
import { comparePointWithStar, fitPointSource } from './fit-point-source.ts';
import type { SourceIndex } from './index-sources.ts';
import type { Surroundings } from './look-around.ts';
import type { PointSource } from './measure-position.ts';
import { clamp, measureShape } from './measure-shape.ts';
import type { StarErrorProfile } from './measure-star-error.ts';
import { starErrorAt } from './measure-star-error.ts';
import {
  findOppositeScore,
  measureLocalRms,
  measureMaskedFraction,
  measureSpoilDistances,
} from './measure-surroundings.ts';
import type { DetectionInput } from './model.ts';

/** What all detections of one difference share. */
export interface MeasuringContext {
  readonly input: DetectionInput;
  readonly config: DetectionConfig;
  /** To read what is not in memory. */
  readonly reading: TaskContext;
  readonly scienceSources: SourceIndex;
  readonly templateSources: SourceIndex;
  readonly starError: StarErrorProfile;
  readonly streaks: readonly Streak[];
}

/** How far the nearest source is looked for, FWHM; all others are nearer. */
export const SOURCE_REACH_FWHM = 10;

/** Measure every feature of one detection; all are finite. */
export function measureFeatures(
  context: MeasuringContext,
  around: Surroundings,
  peak: Peak,
  point: PointSource,
): FeatureRecord {
  const { input, config } = context;
  const { difference } = input;
  const fwhmPx = difference.psf.fwhmPx;
  const sign = Math.sign(peak.score);
  const size = Math.abs(point.fluxE);
  const error = Math.max(point.fluxErrE, 1e-6);
  const radius = Math.ceil(2 * fwhmPx);
  const at = { x: point.xPx - Math.round(point.xPx), y: point.yPx - Math.round(point.yPx) };
  const stamp = cutStamp(difference.difference, point.xPx, point.yPx, radius);
  const variance = cutStamp(difference.variance, point.xPx, point.yPx, radius);
  const psf = drawPsf(difference.psf, point.xPx, point.yPx, radius);
  const shape = measureShape(stamp, variance, psf, at.x, at.y, fwhmPx, sign);
  const fit = fitPointSource(stamp, variance, psf, 1.5 * fwhmPx, false);

  const before = measureBefore(difference, around, point, sign);
  // What is there in the image where it is fainter cannot be the change itself.
  const known = (sign > 0 ? context.templateSources : context.scienceSources).nearest(
    point.xPx,
    point.yPx,
    SOURCE_REACH_FWHM * fwhmPx,
  );
  const distancePx = known?.distancePx ?? Number.POSITIVE_INFINITY;
  const onKnown = distancePx < 1.5 * fwhmPx ? known?.source : undefined;
  const knownFlux = known ? known.source.fluxE * (sign > 0 ? difference.fluxRatio : 1) : 0;
  const subtractionError = estimateSubtractionError(context, before, point, sign);
  const pointPreference = onKnown
    ? comparePointWithStar(
        stamp,
        variance,
        psf,
        recentre(drawPsf(difference.psf, onKnown.xPx, onKnown.yPx, radius), stamp),
        1.5 * fwhmPx,
        4 * starErrorAt(context.starError, 0) * pointLikeFlux(input, onKnown, sign),
      )
    : 1;
  const spoil = measureSpoilDistances(
    [around.science, around.template].map(({ mask, left, bottom }) => ({ ...mask, left, bottom })),
    difference.mask,
    peak.xPx,
    peak.yPx,
  );
  const opposite = findOppositeScore(difference.score, peak.xPx, peak.yPx, 1.6 * fwhmPx, sign);
  return {
    snr: size / error,
    scorr: Math.abs(peak.score),
    isNegative: sign < 0 ? 1 : 0,
    fwhmRatio: shape.fwhmRatio,
    elongation: shape.elongation,
    negativeFraction: shape.negativeFraction,
    dipoleRatio: clamp(opposite / Math.abs(peak.score), 0, 10),
    fitChi2: fit.chi2,
    fitResidual: fit.residual,
    pointPreference,
    concentration: fit.concentration,
    sharpness: clamp(fit.excessSigma / (size / error), -5, 10),
    imageSharpness: before.sharpness,
    maskedFraction: measureMaskedFraction(difference.mask, peak.xPx, peak.yPx, 1.5 * fwhmPx),
    edgeDistance: spoil.edge,
    saturationDistance: spoil.saturation,
    sourceDistance: clamp(distancePx / fwhmPx, 0, 10),
    sourceFluxRatio: knownFlux > 0 ? clamp(size / knownFlux, 0, 100) : 100,
    templateSnr: clamp(before.templateFlux / error, -1e6, 1e6),
    scienceSnr: clamp(before.scienceFlux / error, -1e6, 1e6),
    fluxOverTemplate: clamp(size / Math.max(before.templateFlux, error), 0, 1e3),
    robustSnr: size / Math.hypot(error, subtractionError),
    shiftSnr: clamp(before.shiftFlux / error, 0, 1e6),
    localScoreRms: measureLocalRms(
      difference.score,
      difference.mask,
      peak.xPx,
      peak.yPx,
      3 * fwhmPx,
      8 * fwhmPx,
    ),
    peaksInFootprint: peak.siblings,
    footprintElongation: clamp(peak.footprint.elongation, 1, 50),
    areaRatio: measureAreaRatio(peak, fwhmPx, config.thresholdSigma),
    streakScore: measureStreakScore(context.streaks, peak, fwhmPx),
  };
}

interface Before {
  /** PSF fluxes at the position, e- on the science scale. */
  readonly templateFlux: number;
  readonly scienceFlux: number;
  /** Flux change that 0.1 px of misplacement makes, e-. */
  readonly shiftFlux: number;
  /** Residual of the brightest pixel over the fitted peak, in the image where the change is bright. */
  readonly sharpness: number;
}

/** Measure both images at the position before subtraction. */
function measureBefore(
  difference: DetectionInput['difference'],
  { science, template }: Surroundings,
  point: PointSource,
  sign: number,
): Before {
  const { sciencePsf, templatePsf, fluxRatio } = difference;
  const radius = Math.ceil(1.5 * Math.max(sciencePsf.fwhmPx, templatePsf.fwhmPx));
  const sciencePoint = drawPsf(sciencePsf, point.xPx, point.yPx, radius);
  const templatePoint = drawPsf(templatePsf, point.xPx, point.yPx, radius);
  const cut = (image: MaskedImage & Part, plane: 'science' | 'variance', factor: number) =>
    cutStamp(image[plane], point.xPx - image.left, point.yPx - image.bottom, radius, factor);
  const scienceStamp = cut(science, 'science', 1);
  const templateStamp = cut(template, 'science', fluxRatio);
  const brightFit = fitPointSource(
    sign > 0 ? scienceStamp : templateStamp,
    sign > 0 ? cut(science, 'variance', 1) : cut(template, 'variance', fluxRatio ** 2),
    sign > 0 ? sciencePoint : templatePoint,
    1.2 * (sign > 0 ? sciencePsf.fwhmPx : templatePsf.fwhmPx),
    true,
  );
  return {
    templateFlux: filterFlux(templateStamp, templatePoint),
    scienceFlux: filterFlux(scienceStamp, sciencePoint),
    shiftFlux: 0.1 * measureSlope(templateStamp, templatePoint),
    sharpness: brightFit.fluxE > 0 ? clamp(brightFit.concentration - 1, -1, 10) : 10,
  };
}

/** Unweighted PSF flux: sum(P d) / sum(P^2). */
function filterFlux(image: Stamp, psf: Stamp): number {
  let above = 0;
  let below = 0;
  for (let k = 0; k < psf.data.length; k++) {
    const p = psf.data[k]!;
    if (Number.isNaN(image.data[k]!)) continue;
    above += p * image.data[k]!;
    below += p * p;
  }
  return below > 0 ? above / below : 0;
}

/** Slope of the PSF flux against position, e- per px. */
function measureSlope(image: Stamp, psf: Stamp): number {
  const side = 2 * psf.radius + 1;
  let gx = 0;
  let gy = 0;
  let below = 0;
  for (let j = 1; j < side - 1; j++) {
    for (let i = 1; i < side - 1; i++) {
      const k = j * side + i;
      const value = image.data[k]!;
      if (Number.isNaN(value)) continue;
      gx += (value * (psf.data[k + 1]! - psf.data[k - 1]!)) / 2;
      gy += (value * (psf.data[k + side]! - psf.data[k - side]!)) / 2;
      below += psf.data[k]! ** 2;
    }
  }
  return below > 0 ? Math.hypot(gx, gy) / below : 0;
}

/**
 * Estimate the error that imperfect subtraction of what lies here and around leaves in the flux, e-.
 *
 * Each known source contributes by the pair's own error profile; light that no source accounts for (the
 * fainter of the two PSF fluxes here) by the profile's middle.
 */
function estimateSubtractionError(
  context: MeasuringContext,
  before: Before,
  point: PointSource,
  sign: number,
): number {
  const { fwhmPx } = context.input.difference.psf;
  const sources = sign > 0 ? context.templateSources : context.scienceSources;
  let sum = 0;
  for (const { source, distancePx } of sources.within(point.xPx, point.yPx, 4 * fwhmPx)) {
    const flux = pointLikeFlux(context.input, source, sign);
    sum += (flux * starErrorAt(context.starError, distancePx / fwhmPx)) ** 2;
  }
  const here = Math.max(0, Math.min(before.templateFlux, before.scienceFlux));
  return Math.max(Math.sqrt(sum), here * starErrorAt(context.starError, 0));
}

/** Flux of the point source that a source's brightest pixel allows, e- on the science scale: of a galaxy, its core. */
function pointLikeFlux({ difference }: DetectionInput, source: Source, sign: number): number {
  const psf = sign > 0 ? difference.templatePsf : difference.sciencePsf;
  const middle = psf.coefficients[0]![(psf.size * psf.size - 1) / 2]!;
  return Math.min(source.fluxE, source.peakE / middle) * (sign > 0 ? difference.fluxRatio : 1);
}

function measureStreakScore(streaks: readonly Streak[], peak: Peak, fwhmPx: number): number {
  const on = streaks.filter((streak) => distanceToStreak(streak, peak.xPx, peak.yPx) < 1.2 * fwhmPx);
  return on.reduce((highest, streak) => Math.max(highest, streak.medianScore), 0);
}

function measureAreaRatio(peak: Peak, fwhmPx: number, threshold: number): number {
  // The score image of a point source is about sqrt(2) as wide as the PSF.
  const sigma = (Math.SQRT2 * fwhmPx) / 2.3548;
  const expected = 2 * Math.PI * sigma * sigma * Math.log(Math.abs(peak.score) / threshold);
  return clamp(peak.footprint.core.length / Math.max(expected, 4), 0, 50);
}

/** Move a stamp's pixels so that its middle is another stamp's; zero where it does not reach. */
function recentre(stamp: Stamp, target: Stamp): Stamp {
  const side = 2 * target.radius + 1;
  const data = new Float64Array(side * side);
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      const x = i - target.radius + target.xPx - stamp.xPx + stamp.radius;
      const y = j - target.radius + target.yPx - stamp.yPx + stamp.radius;
      const inside = x >= 0 && y >= 0 && x <= 2 * stamp.radius && y <= 2 * stamp.radius;
      if (inside) data[j * side + i] = stamp.data[y * (2 * stamp.radius + 1) + x]!;
    }
  }
  return { ...target, data };
}
