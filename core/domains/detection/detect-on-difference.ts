import type { MaskPlane, Plane } from '../../kernels/index.ts';
import type { TaskContext } from '../../utils/index.ts';
import { type Part, pixelToSky } from '../observations/index.ts';
import type { DetectionConfig } from './config.ts';
import { DEFAULT_DETECTION_CONFIG } from './config.ts';
import { decideVetoes } from './decide-vetoes.ts';
import type { FeatureRecord } from './features.ts';
import { findFootprints } from './find-footprints.ts';
import type { Peak } from './find-peaks.ts';
import { findPeaks } from './find-peaks.ts';
import { findStreaks } from './find-streaks.ts';
import { indexSources } from './index-sources.ts';
import { lookAround } from './look-around.ts';
import type { MeasuringContext } from './measure-features.ts';
import { measureFeatures } from './measure-features.ts';
import { climb, measurePosition } from './measure-position.ts';
import { measureStarError } from './measure-star-error.ts';
import type { Detection, DetectionInput, Veto } from './model.ts';
import { measureShapes } from './shape/measure-shapes.ts';

/**
 * Find what changed: every significant peak of the score image, measured and judged.
 *
 * Both polarities; footprints of |S_corr| over threshold, grown and merged; each separate peak is a detection
 * with its PSF flux, centroid, features and the vetoes that apply. Nothing over threshold is left out: a
 * vetoed detection is returned with its reasons.
 *
 * @returns strongest first; at most `config.maxDetections`.
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27 (score image); DMTN-007 (dipoles)
 */
export function detectOnDifference(
  input: DetectionInput,
  config: DetectionConfig = DEFAULT_DETECTION_CONFIG,
  reading: TaskContext = {},
): readonly Detection[] {
  const peaks = findAllPeaks(input, config);
  const context = makeContext(input, config, describeWhole(input, config, peaks), reading);
  const detections = peaks.map((peak) => measureDetection(context, peak));
  return measureShapes(input, detections, config.shape, reading);
}

/** Find the significant peaks of the score image, strongest first; `above` lists its pixels over threshold, where they are known. */
export function findAllPeaks(
  { difference }: DetectionInput,
  config: DetectionConfig,
  above?: readonly number[],
): readonly Peak[] {
  const rules = { ...config, fwhmPx: difference.psf.fwhmPx };
  const peaks = findFootprints(difference.score, config.thresholdSigma, config.growPx, above)
    .flatMap((footprint) => findPeaks(difference.score, footprint, rules))
    .sort((a, b) => Math.abs(b.score) - Math.abs(a.score) || a.yPx - b.yPx || a.xPx - b.xPx);
  return keepOneEach(difference.flux, peaks).slice(0, config.maxDetections);
}

/** Leave out peaks that would be measured at the place of a stronger one: noise on the slope of a bright source. */
function keepOneEach(flux: Plane, peaks: readonly Peak[]): readonly Peak[] {
  const taken = new Set<number>();
  return peaks.filter(({ xPx, yPx, score }) => {
    const sign = Math.sign(score);
    const { px, py } = climb(flux, xPx, yPx, sign);
    const place = sign * (1 + py * flux.width + px);
    if (taken.has(place)) return false;
    taken.add(place);
    return true;
  });
}

/** What only a whole difference tells, whatever part of it is looked at. */
export type WholeFacts = Pick<MeasuringContext, 'starError' | 'streaks'>;

/** Measure how stars subtract, and find tracks across the image. */
export function describeWhole(
  input: DetectionInput,
  config: DetectionConfig,
  peaks: readonly Peak[] = findAllPeaks(input, config),
): WholeFacts {
  const { difference, template } = input;
  return {
    starError: measureStarError(input, indexSources(template.sources), config),
    streaks: findStreaks(difference.score, peaks, difference.psf.fwhmPx),
  };
}

/** Put together what all detections of an input share. */
export function makeContext(
  input: DetectionInput,
  config: DetectionConfig,
  whole: WholeFacts,
  reading: TaskContext,
): MeasuringContext {
  return {
    input,
    config,
    reading,
    scienceSources: indexSources(input.science.sources),
    templateSources: indexSources(input.template.sources),
    ...whole,
  };
}

/** Measure one peak and judge it. */
export function measureDetection(context: MeasuringContext, peak: Peak): Detection {
  const { difference, science } = context.input;
  const around = lookAround(context, peak);
  const sign = Math.sign(peak.score);
  const point = measurePosition(difference.flux, difference.fluxErr, peak.xPx, peak.yPx, sign);
  const features = measureFeatures(context, around, peak, point);
  const bitsAt = (mask: MaskPlane, { left, bottom }: Part): number =>
    mask.data[(peak.yPx - bottom) * mask.width + peak.xPx - left]! |
    mask.data[(Math.round(point.yPx) - bottom) * mask.width + Math.round(point.xPx) - left]!;
  const templateCentreBits = bitsAt(around.template.mask, around.template);
  const vetoes = decideVetoes(
    features,
    {
      centreBits:
        bitsAt(difference.mask, { left: 0, bottom: 0 }) |
        bitsAt(around.science.mask, around.science) |
        templateCentreBits,
      templateCentreBits,
      footprintLengthPx: peak.footprint.lengthPx,
      fwhmPx: difference.psf.fwhmPx,
      templateOverScience: features.templateSnr / Math.max(features.scienceSnr, 1),
    },
    context.config,
  );
  const sky = science.wcs ? pixelToSky(science.wcs, point.xPx, point.yPx) : undefined;
  const hasSky = sky !== undefined && Number.isFinite(sky.raDeg) && Number.isFinite(sky.decDeg);
  let maskBits = 0;
  for (const i of peak.footprint.core) maskBits |= difference.mask.data[i]!;
  return {
    xPx: point.xPx,
    yPx: point.yPx,
    raDeg: hasSky ? sky.raDeg : undefined,
    decDeg: hasSky ? sky.decDeg : undefined,
    fluxE: point.fluxE,
    fluxErrE: point.fluxErrE,
    snr: features.snr,
    scorr: peak.score,
    isNegative: sign < 0,
    areaPx: peak.footprint.core.length,
    maskBits,
    flags: nameFlags(features, vetoes),
    vetoes,
    features,
  };
}

function nameFlags(features: FeatureRecord, vetoes: readonly Veto[]): readonly string[] {
  const flags = new Set(vetoes.map((veto) => veto.rule));
  if (features.saturationDistance < 15) flags.add('near-saturated');
  if (features.edgeDistance < 20) flags.add('near-edge');
  if (features.sourceDistance < 1) flags.add('on-source');
  if (features.peaksInFootprint > 1) flags.add('blended');
  if (features.maskedFraction > 0) flags.add('masked-nearby');
  return [...flags].sort();
}
