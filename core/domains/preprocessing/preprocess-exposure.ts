import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { makeMaskPlane, makePlane } from '../../kernels/index.ts';
import type { Exposure } from '../observations/index.ts';
import { MaskBit, UNUSABLE } from '../observations/index.ts';
import type { CalibrationFrames } from './calibrate-exposure.ts';
import { calibrateExposure } from './calibrate-exposure.ts';
import type { PreprocessingConfig } from './config.ts';
import { DEFAULT_PREPROCESSING } from './config.ts';
import type { ExtractedSource } from './extract-sources.ts';
import { extractSources } from './extract-sources.ts';
import type { Background } from './measure-background.ts';
import { measureBackground } from './measure-background.ts';
import type { CalibratedExposure, Source } from './model.ts';
import { measureSeeing } from './select-stars.ts';

/**
 * Turn an exposure as read into electrons above the sky, with variance, mask and sources.
 *
 * The sky is measured twice: the second time without the sources that the first one let us find.
 *
 * @throws preprocessing/too-small, preprocessing/all-nan, preprocessing/constant-image, preprocessing/no-sky
 */
export function preprocessExposure(
  exposure: Exposure,
  frames: CalibrationFrames = {},
  config: PreprocessingConfig = DEFAULT_PREPROCESSING,
): CalibratedExposure {
  const { image, mask, notes } = calibrateExposure(exposure, frames, config.calibration);
  const meshPx = chooseMesh(image, config.background.meshPx);
  const backgroundConfig = { ...config.background, meshPx };
  const first = measureBackground(image, mask, backgroundConfig);
  const extraction = { ...config.extraction, deblendLevels: 1, cleanBeta: 0 };
  const rough = extractSources(
    { image: subtract(image, first.level), rms: positive(first), mask },
    extraction,
  );
  const background = measureBackground(image, withSources(mask, rough), {
    ...backgroundConfig,
    excludedBits: config.background.excludedBits | MaskBit.DETECTED,
  });
  const rms = positive(background);
  const science = subtract(image, background.level);
  fillUnusable(science, mask);
  const variance = makeVariance(science, rms);
  const found = extractSources({ image: science, rms, variance, mask }, config.extraction);
  markSources(mask, found);
  const sources: Source[] = found.map(
    ({ isophote: _isophote, apertureRadius: _radius, ...source }) => source,
  );
  const fwhmPx = measureSeeing(sources, config.stars.minSnr) ?? 3;
  return {
    name: exposure.name,
    header: exposure.header,
    facts: exposure.facts,
    wcs: exposure.wcs,
    science,
    variance,
    mask,
    backgroundE: background.medianLevel,
    backgroundRmsE: background.medianRms,
    fwhmPx,
    sources,
    metrics: { sources: sources.length, meshPx, ...countMasked(mask) },
    notes: [...exposure.facts.notes, ...notes],
  };
}

/** A mesh that leaves at least three along the shorter side, and never more than asked for. */
function chooseMesh(image: Plane, largest: number): number {
  const shorter = Math.min(image.width, image.height);
  return Math.max(16, Math.min(largest, Math.floor(shorter / 3)));
}

function subtract(image: Plane, level: Plane): Plane {
  const out = makePlane(image.width, image.height);
  for (let i = 0; i < out.data.length; i++) out.data[i] = image.data[i]! - level.data[i]!;
  return out;
}

/** The rms map with a floor, so that a mesh of equal pixels does not divide by zero. */
function positive(background: Background): Plane {
  const floor = background.medianRms > 0 ? background.medianRms * 0.05 : 1e-3;
  const out = makePlane(background.rms.width, background.rms.height);
  for (let i = 0; i < out.data.length; i++) out.data[i] = Math.max(floor, background.rms.data[i]!);
  return out;
}

/** Sky noise as measured, plus the Poisson noise of what is above the sky, e-^2. */
function makeVariance(science: Plane, rms: Plane): Plane {
  const out = makePlane(science.width, science.height);
  for (let i = 0; i < out.data.length; i++) {
    const sigma = rms.data[i]!;
    out.data[i] = sigma * sigma + Math.max(0, science.data[i]!);
  }
  return out;
}

function fillUnusable(science: Plane, mask: MaskPlane): void {
  const bits = UNUSABLE & ~MaskBit.SAT;
  for (let i = 0; i < science.data.length; i++) {
    if ((mask.data[i]! & bits) !== 0) science.data[i] = 0;
  }
}

function withSources(mask: MaskPlane, sources: readonly ExtractedSource[]): MaskPlane {
  const out = makeMaskPlane(mask.width, mask.height);
  out.data.set(mask.data);
  markSources(out, sources);
  return out;
}

function markSources(mask: MaskPlane, sources: readonly ExtractedSource[]): void {
  for (const source of sources) {
    for (const at of source.isophote.pixels) mask.data[at]! |= MaskBit.DETECTED;
  }
}

function countMasked(mask: MaskPlane): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name, bit] of Object.entries(MaskBit)) {
    let count = 0;
    for (let i = 0; i < mask.data.length; i++) if ((mask.data[i]! & bit) !== 0) count++;
    counts[`masked${name}`] = count;
  }
  return counts;
}
