import { UNUSABLE } from '../../observations/index.ts';
import type { MeasuredStar, SpatialPsf } from '../model.ts';
import { fade } from '../psf/fit-corrections.ts';
import { madStd, median } from '../robust-statistics.ts';
import type { SubtractedTile } from '../zogy/subtract-tile.ts';

/** Two profiles whose wings agree with each other, and what that did to their flux scales. */
export interface LevelledPsfs {
  readonly science: SpatialPsf;
  readonly template: SpatialPsf;
  /** The flux ratio is to be multiplied with this: both profiles have unit sum again. */
  readonly ratioFactor: number;
  /** Root mean square of the correction over the wings, as a fraction of a star's light inside them. */
  readonly correction: number;
}

/** Brightest stars looked at: wings of the others drown. */
const STARS = 60;
const FEWEST_STARS = 6;
/** A star says something if this part of its light, spread over a pixel, is a pixel's noise. */
const TELLING = 2e-4;
/** The correction begins beyond the core, FWHM. */
const FROM = 1;
const FULL_FROM = 1.75;

/**
 * Bring the wings of both profiles into step, by what bright stars leave in a first difference.
 *
 * In a crowded field the sky beneath a star is not known to a ten-thousandth of its light, and two profiles
 * measured apart err apart. In the difference the crowd is gone, and what is left around bright stars is just
 * what their wings disagree by: each profile takes half of it.
 *
 * @param tiles subtracted with the profiles as they are.
 * @param stars clean, of the science image.
 * @returns `undefined` if the stars tell nothing.
 */
export function levelWings(
  tiles: readonly SubtractedTile[],
  stars: readonly MeasuredStar[],
  science: SpatialPsf,
  template: SpatialPsf,
): LevelledPsfs | undefined {
  const fwhmPx = Math.max(science.fwhmPx, template.fwhmPx);
  const reach = (Math.max(science.size, template.size) - 1) / 2;
  const profiles = [...stars]
    .sort((a, b) => b.fluxE - a.fluxE)
    .map((star) => ringsOf(tiles, star, reach))
    .filter((rings) => rings !== undefined)
    .slice(0, STARS);
  if (profiles.length < FEWEST_STARS) return undefined;
  const wings = new Float64Array(reach + 1);
  for (let ring = Math.ceil(FROM * fwhmPx); ring <= reach; ring++) {
    const seen = profiles.filter((rings) => Number.isFinite(rings.errors[ring]));
    if (seen.length < FEWEST_STARS) continue;
    const { mean, error } = combine(
      seen.map((rings) => rings.values[ring]),
      seen.map((rings) => rings.errors[ring]),
    );
    const kept = Math.max(0, 1 - (error / mean) ** 2 || 0);
    wings[ring] = mean * kept * (1 - fade(ring, FROM * fwhmPx, FULL_FROM * fwhmPx));
  }
  if (wings.every((value) => value === 0)) return undefined;
  const levelledScience = addRings(science, wings, 0.5);
  const levelledTemplate = addRings(template, wings, -0.5);
  return {
    science: levelledScience.psf,
    template: levelledTemplate.psf,
    ratioFactor: levelledScience.sum / levelledTemplate.sum,
    correction: Math.sqrt(wings.reduce((sum, value, ring) => sum + (2 * Math.PI * ring * value) ** 2, 0)),
  };
}

interface Rings {
  /** Median of the difference in each ring over the star's flux, px^-2, with its error; infinite where it is not seen. */
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

function ringsOf(tiles: readonly SubtractedTile[], star: MeasuredStar, reach: number): Rings | undefined {
  const x = Math.round(star.xPx);
  const y = Math.round(star.yPx);
  const piece = tiles.find(
    ({ tile }) => x >= tile.x && y >= tile.y && x < tile.x + tile.width && y < tile.y + tile.height,
  );
  if (!piece) return undefined;
  const { tile, difference, variance, mask } = piece;
  const centre = (y - tile.y) * tile.width + x - tile.x;
  const sky = Math.sqrt(median(variance.data.filter((_, k) => k % 97 === 0)));
  if (star.fluxE * TELLING < sky || (mask.data[centre] & UNUSABLE) !== 0) return undefined;
  const rings = Array.from({ length: reach + 1 }, () => [] as number[]);
  const noise = new Float64Array(reach + 1);
  const left = x - tile.x;
  const bottom = y - tile.y;
  for (let v = Math.max(0, bottom - reach); v <= Math.min(tile.height - 1, bottom + reach); v++) {
    for (let u = Math.max(0, left - reach); u <= Math.min(tile.width - 1, left + reach); u++) {
      const ring = Math.round(Math.hypot(u + tile.x - star.xPx, v + tile.y - star.yPx));
      const k = v * tile.width + u;
      if (ring > reach || (mask.data[k] & UNUSABLE) !== 0) continue;
      rings[ring].push(difference.data[k]);
      noise[ring] += variance.data[k];
    }
  }
  const values = new Float64Array(reach + 1);
  const errors = new Float64Array(reach + 1).fill(Number.POSITIVE_INFINITY);
  rings.forEach((pixels, ring) => {
    // A ring cut by the tile's rim or a mask still counts if most of it is there.
    if (pixels.length < 4 * Math.max(1, ring)) return;
    values[ring] = median(pixels) / star.fluxE;
    errors[ring] = (1.2533 * Math.sqrt(noise[ring])) / pixels.length / star.fluxE;
  });
  return { values, errors };
}

/** Weighted mean of values that also scatter by themselves, without outliers; with its error. */
function combine(values: readonly number[], errors: readonly number[]): { mean: number; error: number } {
  const centre = median(values);
  const scatter = madStd(values);
  let sum = 0;
  let total = 0;
  values.forEach((value, k) => {
    const variance = errors[k] ** 2 + scatter ** 2;
    if ((value - centre) ** 2 > 9 * variance) return;
    sum += value / variance;
    total += 1 / variance;
  });
  return total > 0 ? { mean: sum / total, error: 1 / Math.sqrt(total) } : { mean: 0, error: 1 };
}

/** Add a profile given by rings, and make the sum one again. */
function addRings(
  psf: SpatialPsf,
  wings: Float64Array,
  share: number,
): { readonly psf: SpatialPsf; readonly sum: number } {
  const half = (psf.size - 1) / 2;
  const mean = Float64Array.from(psf.coefficients[0]);
  for (let k = 0; k < mean.length; k++) {
    const radius = Math.hypot((k % psf.size) - half, Math.floor(k / psf.size) - half);
    const ring = Math.min(Math.floor(radius), wings.length - 1);
    const next = Math.min(ring + 1, wings.length - 1);
    const value = wings[ring] + (radius - Math.floor(radius)) * (wings[next] - wings[ring]);
    mean[k] += share * value * fade(radius, 0.85 * half, half);
  }
  const sum = mean.reduce((total, value) => total + value, 0);
  const share1 = 1 / sum;
  const coefficients = [mean, ...psf.coefficients.slice(1)].map((table) => {
    const shared = new Float32Array(new SharedArrayBuffer(table.length * 4));
    for (let k = 0; k < table.length; k++) shared[k] = table[k] * share1;
    return shared;
  });
  const halo = psf.halo && { ...psf.halo, peak: psf.halo.peak * share1 };
  return { psf: { ...psf, coefficients, halo }, sum };
}
