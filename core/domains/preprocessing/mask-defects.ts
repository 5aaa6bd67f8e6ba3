import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { listUnusable, readPixels, withScratch } from '../../kernels/index.ts';
import type { Exposure } from '../observations/index.ts';
import { MaskBit, readCombination, UNUSABLE } from '../observations/index.ts';
import type { ElectronImage } from './calibrate-exposure.ts';
import { cleanWithMargin } from './clean-cosmic-rays.ts';
import type { PreprocessingConfig } from './config.ts';
import { markBadPixels } from './find-bad-pixels.ts';
import { findStruckStars } from './find-struck-stars.ts';
import { maskBleeding } from './mask-saturation.ts';
import { maskSpikes } from './mask-spikes.ts';
import { maskStreaks } from './mask-streaks.ts';
import { levelRows } from './measure-background.ts';
import type { FirstSky } from './measure-sky.ts';
import { CROWDED_COVER, measureFirstSky } from './measure-sky.ts';
import type { ExtractedSource } from './measure-source.ts';
import { measureStarShape } from './measure-star-shape.ts';
import { copyInside } from './reflect-edges.ts';
import { measureSeeing } from './select-stars.ts';
import { spareStars } from './spare-stars.ts';
import { areStarsOdd } from './tell-odd-stars.ts';

/** In a crowd, chains of faint stars look like faint trails: only bright ones are believed. */
const CROWDED_STREAK_SIGMA = 4;

/** So many pixels of sources may be struck, and this many times as many as elsewhere: of more it is asked whether stars are odd. */
const LEAST_STRUCK_PX = 20;
const MOST_STRUCK = 6;
/** Of so many times as many nothing is asked: rings and spiders are the same when they are turned. */
const FAR_TOO_MANY = 4;

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
 * @param room the image above its first sky is written to it.
 */
export function maskDefects(
  exposure: Exposure,
  calibrated: ElectronImage,
  config: PreprocessingConfig,
  room: Plane,
): Defects {
  const { image, mask, noiseE, grain } = calibrated;
  const notes: string[] = [];
  const sky = measureFirstSky(image, mask, config, room, grain);
  const { science } = sky;
  const rms = sky.mesh.medianRms;
  const badPixels = markBadPixels(science, noiseE > 0 ? Math.min(noiseE, rms) : rms, mask, config.badPixels);
  maskBleeding(science, rms, mask, config.saturation);
  const fwhmPx = measureSeeing(sky.sources) ?? 0;
  const spikePairs = maskSpikes(science, rms, mask, config.saturation, fwhmPx || undefined);
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
  const { science, mesh, sources } = sky;
  const { facts } = exposure;
  // On a level that makes the noise model's sky noise the one that was measured, whatever was subtracted before.
  const pedestal = Math.max(1, mesh.medianRms ** 2 - facts.readNoiseE ** 2);
  const { width, height } = science;
  return withScratch((scratch) => {
    const excluded = scratch.zeroBytes(width * height);
    for (const at of listUnusable(science, mask, UNUSABLE)) excluded[at] = 1;
    const input = { image: science, pedestalE: pedestal, readNoiseE: facts.readNoiseE, excluded };
    const cleaned = cleanWithMargin(input, config.cosmicRays, scratch);
    const hits = scratch.bytes(width * height);
    copyInside(cleaned.hits, width, height, cleaned.margin, hits);
    const untouched = sources.filter((source) => !isHit(source, hits));
    const fwhmPx = measureSeeing(untouched) ?? measureSeeing(sources);
    if (fwhmPx !== undefined) spareStars(science, mesh.medianRms, hits, fwhmPx);
    const levelAt = readPixels(levelRows(mesh, science));
    let count = 0;
    for (let i = hits.indexOf(1); i >= 0; i = hits.indexOf(1, i + 1)) {
      const x = i % width;
      const y = (i - x) / width;
      const within = (y + cleaned.margin) * cleaned.image.width + x + cleaned.margin;
      count++;
      mask.data[i]! |= MaskBit.CR;
      image.data[i] = cleaned.image.data[within]! - pedestal + levelAt(x, y);
    }
    if (!config.struckStars.isSearched || fwhmPx === undefined) return count;
    const { medianRms } = mesh;
    const shape = measureStarShape(science, medianRms, mask, hits, untouched, fwhmPx, config.stars);
    if (shape === undefined) return count;
    const struck = findStruckStars(science, medianRms, mask, hits, sources, shape, config.struckStars);
    const excess = struck.length / mostStruck(count, sources, hits.length);
    if (excess > FAR_TOO_MANY || (excess > 1 && areStarsOdd(science, struck, fwhmPx))) return count;
    for (const { at, lightE } of struck) {
      mask.data[at]! |= MaskBit.CR;
      image.data[at]! += lightE - science.data[at]!;
    }
    return count + struck.length;
  });
}

/** How many pixels of sources may be struck when `count` of all are: rays do not seek stars. */
function mostStruck(count: number, sources: readonly ExtractedSource[], pixels: number): number {
  const covered = sources.reduce((sum, { areaPx }) => sum + areaPx, 0);
  return LEAST_STRUCK_PX + (MOST_STRUCK * count * covered) / Math.max(1, pixels - covered);
}

function isHit(source: ExtractedSource, hits: Uint8Array): boolean {
  const { pixels } = source.isophote;
  for (let k = 0; k < pixels.length; k++) if (hits[pixels[k]!] !== 0) return true;
  return false;
}
