import type { Plane, RowSource } from '../../kernels/index.ts';
import { readPixels, withScratch } from '../../kernels/index.ts';
import { cleanIsophotes } from './clean-isophotes.ts';
import { deblendFootprint } from './deblend-footprint.ts';
import type { ExtractionConfig } from './extraction-config.ts';
import { labelFootprints } from './label-footprints.ts';
import type { Measurable } from './measurable.ts';
import type { Isophote } from './measure-isophote.ts';
import { type ThresholdedImage, thresholdImage } from './threshold-image.ts';

/** A core of this many pixels is enough to be an object of its own, as for Source Extractor. */
const MAX_CORE_AREA_PX = 3;

/**
 * Find the objects that stand above the noise: threshold, group, deblend, clean.
 *
 * @param source background-subtracted.
 * @param rms background rms, same unit; positive.
 * @returns in the order of their footprints' first pixels.
 */
export function findIsophotes(
  source: Measurable,
  rms: Plane | RowSource | number,
  config: ExtractionConfig,
): Isophote[] {
  const { width, height } = source.image;
  return withScratch((scratch) => {
    const room = { above: scratch.bytes(width * height), smoothed: scratch.plane(width, height).data };
    const indexOf = scratch.zeroInts(config.deblendLevels < 2 ? 0 : width * height);
    return groupPixels(source, rms, config, room, indexOf);
  });
}

function groupPixels(
  source: Measurable,
  rms: Plane | RowSource | number,
  config: ExtractionConfig,
  room: ThresholdedImage,
  indexOf: Int32Array,
): Isophote[] {
  const { image } = source;
  const { width, height } = image;
  const { filter, filterMode } = config;
  const { above, smoothed } = thresholdImage(source, rms, filter, filterMode, config.threshold, room);
  const footprints = labelFootprints(above, width, height, config.minAreaPx);
  const scratch = { above, indexOf };
  const deblend = {
    levels: config.deblendLevels,
    minContrast: config.deblendMinContrast,
    minAreaPx: Math.min(config.minAreaPx, MAX_CORE_AREA_PX),
  };
  const rmsOf = meanRms(rms, width);
  const isophotes: Isophote[] = [];
  for (let i = 0; i < footprints.count; i++) {
    const pixels = footprints.pixels.subarray(footprints.starts[i]!, footprints.starts[i + 1]!);
    const threshold = config.threshold * rmsOf(pixels);
    for (const object of deblendFootprint(pixels, width, image.data, smoothed, threshold, deblend, scratch)) {
      isophotes.push(object);
    }
  }
  if (!(config.cleanBeta > 0)) return isophotes;
  const stays = cleanIsophotes(isophotes, smoothed, config.minAreaPx, config.cleanBeta);
  return isophotes.filter((_isophote, i) => stays[i]);
}

/** Make a function that gives the mean noise of some pixels. */
function meanRms(rms: Plane | RowSource | number, width: number): (pixels: Int32Array) => number {
  if (typeof rms === 'number') return () => rms;
  const rmsAt = readPixels(rms);
  return (pixels) => {
    let sum = 0;
    for (let i = 0; i < pixels.length; i++) {
      const x = pixels[i]! % width;
      sum += rmsAt(x, (pixels[i]! - x) / width);
    }
    return sum / pixels.length;
  };
}
