import type { Plane } from '../../kernels/index.ts';
import { cleanIsophotes } from './clean-isophotes.ts';
import { deblendFootprint } from './deblend-footprint.ts';
import type { ExtractionConfig } from './extraction-config.ts';
import { labelFootprints } from './label-footprints.ts';
import type { Measurable } from './measurable.ts';
import type { Isophote } from './measure-isophote.ts';
import { thresholdImage } from './threshold-image.ts';

/** A core of this many pixels is enough to be an object of its own, as for Source Extractor. */
const MAX_CORE_AREA_PX = 3;

/**
 * Find the objects that stand above the noise: threshold, group, deblend, clean.
 *
 * @param source background-subtracted.
 * @param rms background rms, same unit; positive.
 * @returns in the order of their footprints' first pixels.
 */
export function findIsophotes(source: Measurable, rms: Plane | number, config: ExtractionConfig): Isophote[] {
  const { image } = source;
  const { width, height } = image;
  const { above, smoothed } = thresholdImage(source, rms, config.filter, config.filterMode, config.threshold);
  const footprints = labelFootprints(above, width, height, config.minAreaPx);
  const scratch = { above, indexOf: new Int32Array(width * height) };
  const deblend = {
    levels: config.deblendLevels,
    minContrast: config.deblendMinContrast,
    minAreaPx: Math.min(config.minAreaPx, MAX_CORE_AREA_PX),
  };
  const isophotes: Isophote[] = [];
  for (let i = 0; i < footprints.count; i++) {
    const pixels = footprints.pixels.subarray(footprints.starts[i]!, footprints.starts[i + 1]!);
    const threshold = config.threshold * (typeof rms === 'number' ? rms : meanOver(rms, pixels));
    for (const object of deblendFootprint(pixels, width, image.data, smoothed, threshold, deblend, scratch)) {
      isophotes.push(object);
    }
  }
  if (!(config.cleanBeta > 0)) return isophotes;
  const stays = cleanIsophotes(isophotes, smoothed, config.minAreaPx, config.cleanBeta);
  return isophotes.filter((_isophote, i) => stays[i]);
}

function meanOver(plane: Plane, pixels: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i++) sum += plane.data[pixels[i]!]!;
  return sum / pixels.length;
}
