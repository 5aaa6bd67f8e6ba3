import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { listUnusable } from '../../kernels/index.ts';
import type { Exposure } from '../observations/index.ts';
import { MaskBit, readCombination, UNUSABLE } from '../observations/index.ts';
import type { ElectronImage } from './calibrate-exposure.ts';
import { cleanCosmicRays } from './clean-cosmic-rays.ts';
import type { PreprocessingConfig } from './config.ts';
import { markBadPixels } from './find-bad-pixels.ts';
import { maskBleeding, maskSpikes } from './mask-saturation.ts';
import { maskStreaks } from './mask-streaks.ts';
import type { FirstSky } from './measure-sky.ts';
import { CROWDED_COVER, measureFirstSky } from './measure-sky.ts';
import type { ExtractedSource } from './measure-source.ts';
import { measureSeeing } from './select-stars.ts';
import { spareStars } from './spare-stars.ts';

/** In a crowd, chains of faint stars look like faint trails: only bright ones are believed. */
const CROWDED_STREAK_SIGMA = 4;

/** What `maskDefects` found, and the sky it had to measure on the way. */
export interface Defects {
  readonly sky: FirstSky;
  readonly notes: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Mark what detector, atmosphere and orbit add to an image: bad pixels and columns, bleeding, spikes, cosmic rays,
 * trails.
 *
 * Cosmic rays are also cleaned from the image, so that the detection of sources does not find holes.
 *
 * @param calibrated its image (where cosmic rays hit) and mask (BAD, SAT, SPIKE, CR, STREAK) are written.
 */
export function maskDefects(
  exposure: Exposure,
  calibrated: ElectronImage,
  config: PreprocessingConfig,
): Defects {
  const { image, mask, noiseE } = calibrated;
  const notes: string[] = [];
  const sky = measureFirstSky(image, mask, config);
  const { science, background } = sky;
  const rms = background.medianRms;
  const badPixels = markBadPixels(science, noiseE > 0 ? Math.min(noiseE, rms) : rms, mask, config.badPixels);
  maskBleeding(science, rms, mask, config.saturation);
  const spikePairs = maskSpikes(science, rms, mask, config.saturation);
  const fwhmPx = measureSeeing(sky.sources) ?? 0;
  const cover = sky.sources.reduce((sum, source) => sum + source.areaPx, 0) / mask.data.length;
  const least = cover < CROWDED_COVER ? rms : CROWDED_STREAK_SIGMA * rms;
  const streaks = maskStreaks(science, least, mask, sky.sources, fwhmPx, config.streaks, rms);
  if (streaks.length > 0) notes.push(`${streaks.length} trail(s) of satellites or aircraft were masked.`);

  const combination = readCombination(exposure.header);
  let cosmicRayPixels = 0;
  if (
    config.cosmicRayPolicy === 'on' ||
    (config.cosmicRayPolicy === 'single-frames' && !combination.isCombined)
  ) {
    cosmicRayPixels = cleanHits(exposure, image, mask, sky, config);
  } else if (combination.isCombined && config.cosmicRayPolicy !== 'off') {
    notes.push(
      `Cosmic rays were not searched: the image is combined or resampled (${combination.evidence}).`,
    );
  }
  return {
    sky,
    notes,
    metrics: { badPixels, spikePairs, streaks: streaks.length, cosmicRayPixels },
  };
}

/** Find cosmic rays, spare stars, mask the rest and clean it; returns how many pixels were hit. */
function cleanHits(
  exposure: Exposure,
  image: Plane,
  mask: MaskPlane,
  sky: FirstSky,
  config: PreprocessingConfig,
): number {
  const { science, background, sources } = sky;
  const { facts } = exposure;
  // On a level that makes the noise model's sky noise the one that was measured, whatever was subtracted before.
  const pedestal = Math.max(1, background.medianRms ** 2 - facts.readNoiseE ** 2);
  const excluded = new Uint8Array(science.data.length);
  for (const at of listUnusable(science, mask, UNUSABLE)) excluded[at] = 1;
  const { hits, image: cleaned } = cleanCosmicRays(
    { image: science, pedestalE: pedestal, readNoiseE: facts.readNoiseE, excluded },
    config.cosmicRays,
  );
  const untouched = sources.filter((source) => !isHit(source, hits));
  const fwhmPx = measureSeeing(untouched) ?? measureSeeing(sources);
  if (fwhmPx !== undefined) spareStars(science, background.medianRms, hits, fwhmPx);
  let count = 0;
  for (let i = hits.indexOf(1); i >= 0; i = hits.indexOf(1, i + 1)) {
    count++;
    mask.data[i]! |= MaskBit.CR;
    image.data[i] = cleaned.data[i]! - pedestal + background.level.data[i]!;
  }
  return count;
}

function isHit(source: ExtractedSource, hits: Uint8Array): boolean {
  return source.isophote.pixels.some((at) => hits[at] !== 0);
}
