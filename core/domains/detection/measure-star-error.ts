import { UNUSABLE } from '../observations/index.ts';
import type { DetectionConfig } from './config.ts';
import { interpolate } from './measure-position.ts';
import { clamp } from './measure-shape.ts';
import type { DetectionInput } from './model.ts';

const MIN_STARS = 10;
const MIN_STAR_SNR = 50;

/**
 * Measure how well this pair's own stars subtract: the scatter of their residual flux as a fraction of their
 * flux, beyond noise.
 *
 * PSF errors, flat-field errors and unequal colours all end up in it; a flux change on a star has to stand out
 * from it. Variable stars do not move the median of the sizes.
 *
 * @returns fraction of a star's flux, within the configured bounds; twice the lower bound with fewer than ten stars.
 */
export function measureStarError({ difference, template }: DetectionInput, config: DetectionConfig): number {
  const { flux, fluxErr, mask, fluxRatio } = difference;
  const ratios: number[] = [];
  const noises: number[] = [];
  for (const star of template.sources) {
    if (star.snr < MIN_STAR_SNR || (star.maskBits & UNUSABLE) !== 0 || (star.flags & 0b1111) !== 0) continue;
    const x = Math.round(star.xPx);
    const y = Math.round(star.yPx);
    if (x < 0 || y < 0 || x >= flux.width || y >= flux.height) continue;
    if ((mask.data[y * flux.width + x]! & UNUSABLE) !== 0) continue;
    const total = star.fluxE * fluxRatio;
    ratios.push(Math.abs(interpolate(flux, star.xPx, star.yPx)) / total);
    noises.push(interpolate(fluxErr, star.xPx, star.yPx) / total);
  }
  if (ratios.length < MIN_STARS)
    return clamp(2 * config.minStarError, config.minStarError, config.maxStarError);
  // The best-measured half tells of errors that noise would hide.
  const order = noises.map((_, i) => i).sort((a, b) => noises[a]! - noises[b]!);
  const best = order.slice(0, Math.max(MIN_STARS, Math.ceil(order.length / 2)));
  const size = 1.4826 * medianOf(best.map((i) => ratios[i]!));
  const noise = medianOf(best.map((i) => noises[i]!));
  return clamp(Math.sqrt(Math.max(0, size * size - noise * noise)), config.minStarError, config.maxStarError);
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
