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
import { growMask } from './grow-mask.ts';
import type { Background } from './measure-background.ts';
import { measureBackground } from './measure-background.ts';
import type { PixelNoise } from './measure-pixel-noise.ts';
import { measurePixelNoise } from './measure-pixel-noise.ts';
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
  const { image, mask, notes: calibrationNotes } = calibrateExposure(exposure, frames, config.calibration);
  const notes = [...exposure.facts.notes, ...calibrationNotes];
  const sky = measureSky(image, mask, config);
  const { background, meshPx } = sky;
  // In a crowd a lower threshold only merges more stars into one footprint.
  const { rms, medianRms } = sky.cover < CROWDED_COVER ? background : sky.first;
  const detectionRms = withFloor(rms, medianRms);
  const noise = chooseNoise(exposure, image, sky, notes);
  const science = subtract(image, background.level);
  fillUnusable(science, mask);
  const variance = makeVariance(science, withFloor(noise.rms, noise.medianRms));
  const found = extractSources({ image: science, rms: detectionRms, variance, mask }, config.extraction);
  markSources(mask, found);
  const sources: Source[] = found.map(
    ({ isophote: _isophote, apertureRadius: _radius, ...source }) => source,
  );
  const seeing = measureSeeing(sources, config.stars.minSnr);
  if (seeing === undefined)
    notes.push(`Fewer than three clean sources: the FWHM was taken as ${FALLBACK_FWHM_PX} px.`);
  return {
    name: exposure.name,
    header: exposure.header,
    facts: exposure.facts,
    wcs: exposure.wcs,
    science,
    variance,
    mask,
    backgroundE: background.medianLevel,
    backgroundRmsE: noise.medianRms,
    fwhmPx: seeing ?? FALLBACK_FWHM_PX,
    sources,
    metrics: {
      sources: sources.length,
      meshPx,
      skyScatterE: background.medianRms,
      sourceCover: sky.cover,
      ...countMasked(mask),
    },
    notes,
  };
}

const FALLBACK_FWHM_PX = 3;

interface Sky {
  /** With the sources still in it. */
  readonly first: Background;
  readonly background: Background;
  readonly meshPx: number;
  /** The mask with the sources of the first pass, grown, as DETECTED. */
  readonly sourceMask: MaskPlane;
  /** Fraction of the image that those sources cover, 0..1. */
  readonly cover: number;
}

/** Measure the sky, find the sources above it, and measure it again without them. */
function measureSky(image: Plane, mask: MaskPlane, config: PreprocessingConfig): Sky {
  const meshPx = chooseMesh(image, config.background.meshPx);
  const first = measureBackground(image, mask, { ...config.background, meshPx });
  const rough = extractSources(
    { image: subtract(image, first.level), rms: withFloor(first.rms, first.medianRms), mask },
    { ...config.extraction, deblendLevels: 1, cleanBeta: 0 },
  );
  const sourceMask = makeMaskPlane(mask.width, mask.height);
  markSources(sourceMask, rough);
  growMask(sourceMask, MaskBit.DETECTED, SOURCE_GROWTH_PX);
  let covered = 0;
  for (let i = 0; i < mask.data.length; i++) {
    if (sourceMask.data[i] !== 0) covered++;
    sourceMask.data[i]! |= mask.data[i]!;
  }
  const background = measureBackground(image, sourceMask, {
    ...config.background,
    meshPx,
    excludedBits: config.background.excludedBits | MaskBit.DETECTED,
  });
  return { first, background, meshPx, sourceMask, cover: covered / mask.data.length };
}

/** Wings below the threshold reach a few pixels beyond the footprint. */
const SOURCE_GROWTH_PX = 3;

/** A mesh that leaves at least three along the shorter side, and never more than asked for. */
function chooseMesh(image: Plane, largest: number): number {
  const shorter = Math.min(image.width, image.height);
  return Math.max(16, Math.min(largest, Math.floor(shorter / 3)));
}

/** Beyond this cover the scatter of the sky is that of faint stars, not of the detector. */
const CROWDED_COVER = 0.25;

/**
 * Choose the noise of a pixel: the scatter of the sky, unless a crowd of faint stars widens it.
 *
 * What is common to both epochs subtracts; noise does not, so the two must not be confused. Second differences
 * tell them apart as long as pixels are independent, which whole numbers of ADU or the header's gain show.
 */
function chooseNoise(exposure: Exposure, image: Plane, sky: Sky, notes: string[]): PixelNoise {
  const { background } = sky;
  const scatter = { rms: background.rms, medianRms: background.medianRms };
  if (sky.cover < CROWDED_COVER) return scatter;
  const pixel = measurePixelNoise(image, sky.sourceMask, UNUSABLE | MaskBit.DETECTED, sky.meshPx);
  if (pixel === undefined || pixel.medianRms >= scatter.medianRms) return scatter;
  const { readNoiseE } = exposure.facts;
  const expected = Math.sqrt(Math.max(0, background.medianLevel) + readNoiseE * readNoiseE);
  const isExpected = background.medianLevel > 0 && Math.abs(pixel.medianRms / expected - 1) < 0.25;
  if (!isExpected && !isWhole(exposure.pixels)) return scatter;
  notes.push(
    `The field is crowded (${Math.round(100 * sky.cover)} % covered): noise is ${pixel.medianRms.toPrecision(3)} e- by second differences; the sky scatters by ${scatter.medianRms.toPrecision(3)} e-.`,
  );
  return pixel;
}

/** Tell whether pixels hold whole numbers, as a detector's converter writes them. */
function isWhole(pixels: Plane): boolean {
  const step = Math.max(1, Math.floor(pixels.data.length / 4096));
  for (let i = 0; i < pixels.data.length; i += step) {
    const value = pixels.data[i]!;
    if (Number.isFinite(value) && !Number.isInteger(value)) return false;
  }
  return true;
}

function subtract(image: Plane, level: Plane): Plane {
  const out = makePlane(image.width, image.height);
  for (let i = 0; i < out.data.length; i++) out.data[i] = image.data[i]! - level.data[i]!;
  return out;
}

/** An rms map with a floor, so that a mesh of equal pixels does not divide by zero. */
function withFloor(rms: Plane, median: number): Plane {
  const floor = median > 0 ? median * 0.05 : 1e-3;
  const out = makePlane(rms.width, rms.height);
  for (let i = 0; i < out.data.length; i++) out.data[i] = Math.max(floor, rms.data[i]!);
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
