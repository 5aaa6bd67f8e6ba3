import type { MaskPlane } from '../../kernels/index.ts';
import { addSignal, countBits, lendPlane, subtractRows, withScratch } from '../../kernels/index.ts';
import type { Exposure } from '../observations/index.ts';
import { MaskBit, readNoiseCorrelation } from '../observations/index.ts';
import type { CalibrationFrames } from './apply-frames.ts';
import { calibrateExposure } from './calibrate-exposure.ts';
import { choosePixelNoise } from './choose-pixel-noise.ts';
import type { PreprocessingConfig } from './config.ts';
import { DEFAULT_PREPROCESSING } from './config.ts';
import { extractSources } from './extract-sources.ts';
import { fillMasked } from './fill-masked.ts';
import { maskDefects } from './mask-defects.ts';
import { levelRows, rmsRows } from './measure-background.ts';
import { measureSky } from './measure-sky.ts';
import type { ExtractedSource } from './measure-source.ts';
import type { CalibratedExposure, Source } from './model.ts';
import { measureSeeing } from './select-stars.ts';

/** Taken when an image has too few sources to measure it, px. */
const FALLBACK_FWHM_PX = 3;

/**
 * Turn an exposure as read into electrons above the sky, with variance, mask and sources.
 *
 * Order: calibration frames and electrons; defects of the detector; a first sky; saturation's effects, cosmic rays
 * and trails; the sky again without the sources; noise and variance; sources.
 *
 * @param mayOverwrite the exposure's pixels may be written over: a plane less is needed.
 * @returns `fluxE` and planes in electrons; `backgroundRmsE` is the noise of single pixels.
 * @throws preprocessing/too-small, preprocessing/all-nan, preprocessing/constant-image, preprocessing/no-sky,
 *   preprocessing/calibration-shape-mismatch
 */
export function preprocessExposure(
  exposure: Exposure,
  frames: CalibrationFrames = {},
  config: PreprocessingConfig = DEFAULT_PREPROCESSING,
  mayOverwrite = false,
): CalibratedExposure {
  return withScratch(() => preprocess(exposure, frames, config, mayOverwrite));
}

/** Inside one scratch: what a step gives back serves the next. */
function preprocess(
  exposure: Exposure,
  frames: CalibrationFrames,
  config: PreprocessingConfig,
  mayOverwrite: boolean,
): CalibratedExposure {
  const calibrated = calibrateExposure(exposure, frames, config.calibration, mayOverwrite);
  const { image, mask, header, wcs, holdsIntegers, grain } = calibrated;
  const { width, height } = image;
  const { defects, sky, noise } = withScratch((scratch) => {
    const { sky: first, ...defects } = maskDefects(
      exposure,
      calibrated,
      config,
      scratch.plane(width, height),
    );
    const room = scratch.mask(width, height);
    const { sourceMask, ...sky } = measureSky(image, mask, first, config, room, grain);
    return { defects, sky, noise: choosePixelNoise(exposure, holdsIntegers, image, { ...sky, sourceMask }) };
  });
  const notes = [...exposure.facts.notes, ...calibrated.notes, ...defects.notes, ...noise.notes];
  const science = subtractRows(image, levelRows(sky.mesh, image), image);
  fillMasked(science, mask);
  const variance = addSignal(science, noise.rows, lendPlane(width, height));
  const rms = rmsRows(sky.detectionMesh, science);
  const found = extractSources({ image: science, rms, variance, mask }, config.extraction);
  markSources(mask, found);
  const noiseCorrelationFactor = readNoiseCorrelation(exposure.header);
  const sources: Source[] = found.map(({ isophote: _isophote, apertureRadius: _radius, ...source }) => ({
    ...source,
    // An aperture adds up what neighbours share, and single pixels do not show.
    fluxErrE: source.fluxErrE / noiseCorrelationFactor,
    snr: source.snr * noiseCorrelationFactor,
  }));
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
    backgroundE: sky.mesh.medianLevel,
    backgroundRmsE: noise.medianRms,
    noiseCorrelationFactor,
    fwhmPx: seeing ?? FALLBACK_FWHM_PX,
    sources,
    metrics: {
      sources: sources.length,
      meshPx: sky.mesh.meshPx,
      skyScatterE: sky.mesh.medianRms,
      sourceCover: sky.cover,
      ...defects.metrics,
      ...countMasked(mask),
    },
    notes,
  };
}

function markSources(mask: MaskPlane, sources: readonly ExtractedSource[]): void {
  const { data } = mask;
  for (const { isophote } of sources) {
    const { pixels } = isophote;
    for (let k = 0; k < pixels.length; k++) data[pixels[k]!]! |= MaskBit.DETECTED;
  }
}

function countMasked(mask: MaskPlane): Record<string, number> {
  const names = Object.keys(MaskBit) as (keyof typeof MaskBit)[];
  const counts = countBits(mask);
  return Object.fromEntries(names.map((name) => [`masked${name}`, counts[31 - Math.clz32(MaskBit[name])]!]));
}
