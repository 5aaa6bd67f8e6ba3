import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { makePlane } from '../../kernels/index.ts';
import type { Exposure } from '../observations/index.ts';
import { MaskBit } from '../observations/index.ts';
import type { CalibrationFrames } from './apply-frames.ts';
import { calibrateExposure } from './calibrate-exposure.ts';
import { choosePixelNoise } from './choose-pixel-noise.ts';
import type { PreprocessingConfig } from './config.ts';
import { DEFAULT_PREPROCESSING } from './config.ts';
import { extractSources } from './extract-sources.ts';
import { fillMasked } from './fill-masked.ts';
import { maskDefects } from './mask-defects.ts';
import { measureSky } from './measure-sky.ts';
import type { ExtractedSource } from './measure-source.ts';
import type { CalibratedExposure, Source } from './model.ts';
import { measureSeeing } from './select-stars.ts';
import { subtractPlane } from './subtract-plane.ts';

/** Taken when an image has too few sources to measure it, px. */
const FALLBACK_FWHM_PX = 3;

/**
 * Turn an exposure as read into electrons above the sky, with variance, mask and sources.
 *
 * Order: calibration frames and electrons; defects of the detector; a first sky; saturation's effects, cosmic rays
 * and trails; the sky again without the sources; noise and variance; sources.
 *
 * @returns `fluxE` and planes in electrons; `backgroundRmsE` is the noise of single pixels.
 * @throws preprocessing/too-small, preprocessing/all-nan, preprocessing/constant-image, preprocessing/no-sky,
 *   preprocessing/calibration-shape-mismatch
 */
export function preprocessExposure(
  exposure: Exposure,
  frames: CalibrationFrames = {},
  config: PreprocessingConfig = DEFAULT_PREPROCESSING,
): CalibratedExposure {
  const calibrated = calibrateExposure(exposure, frames, config.calibration);
  const { image, mask, header, wcs } = calibrated;
  const notes = [...exposure.facts.notes, ...calibrated.notes];
  const defects = maskDefects(exposure, calibrated, config);
  notes.push(...defects.notes);
  const sky = measureSky(image, mask, defects.sky, config);
  const noise = choosePixelNoise(exposure, image, sky);
  notes.push(...noise.notes);
  const science = subtractPlane(image, sky.background.level);
  fillMasked(science, mask);
  const variance = makeVariance(science, noise.rms);
  const found = extractSources({ image: science, rms: sky.detectionRms, variance, mask }, config.extraction);
  markSources(mask, found);
  const sources: Source[] = found.map(
    ({ isophote: _isophote, apertureRadius: _radius, ...source }) => source,
  );
  const seeing = measureSeeing(sources, config.stars.minSnr);
  if (seeing === undefined) {
    notes.push(`Fewer than three clean sources were found: the FWHM was taken as ${FALLBACK_FWHM_PX} px.`);
  }
  return {
    name: exposure.name,
    header,
    facts: exposure.facts,
    wcs,
    science,
    variance,
    mask,
    backgroundE: sky.background.medianLevel,
    backgroundRmsE: noise.medianRms,
    fwhmPx: seeing ?? FALLBACK_FWHM_PX,
    sources,
    metrics: {
      sources: sources.length,
      meshPx: sky.background.meshPx,
      skyScatterE: sky.background.medianRms,
      sourceCover: sky.cover,
      ...defects.metrics,
      ...countMasked(mask),
    },
    notes,
  };
}

/** Sky noise as measured, plus the Poisson noise of what is above the sky, e-^2. */
function makeVariance(science: Plane, rms: Plane): Plane {
  const out = makePlane(science.width, science.height);
  const [to, light, noise] = [out.data, science.data, rms.data];
  for (let i = 0; i < to.length; i++) {
    const sigma = noise[i]!;
    const signal = light[i]!;
    // Several times as fast as Math.max.
    to[i] = signal > 0 ? sigma * sigma + signal : sigma * sigma;
  }
  return out;
}

function markSources(mask: MaskPlane, sources: readonly ExtractedSource[]): void {
  for (const source of sources) {
    for (const at of source.isophote.pixels) mask.data[at]! |= MaskBit.DETECTED;
  }
}

function countMasked(mask: MaskPlane): Record<string, number> {
  const names = Object.keys(MaskBit) as (keyof typeof MaskBit)[];
  const counts = new Float64Array(16);
  const { data } = mask;
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue;
    for (let bits = data[i]!; bits !== 0; bits &= bits - 1) counts[31 - Math.clz32(bits & -bits)]!++;
  }
  return Object.fromEntries(names.map((name) => [`masked${name}`, counts[31 - Math.clz32(MaskBit[name])]!]));
}
