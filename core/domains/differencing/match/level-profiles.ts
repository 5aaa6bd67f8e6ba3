import { selectMedian, shiftStamp } from '../../../kernels/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import type { MeasuredStar, SpatialPsf } from '../model.ts';
import { fade, shrinkRings } from '../psf/shrink-rings.ts';
import { madStd, median } from '../robust-statistics.ts';
import type { DifferenceCanvas, SubtractedTile } from '../tiles/subtracted-tile.ts';
import type { Tile } from '../zogy/plan-tiles.ts';

/** Two profiles that agree with each other, and what that did to their flux scales. */
export interface LevelledPsfs {
  readonly science: SpatialPsf;
  readonly template: SpatialPsf;
  /** The flux ratio is to be multiplied with this: both profiles hold one electron again. */
  readonly ratioFactor: number;
  /** Root mean square of the correction as a fraction of a star's light. */
  readonly correction: number;
}

/** Brightest stars looked at; fainter ones only add noise. */
const STARS = 60;
const FEWEST_STARS = 6;
/** A star says something if this part of its light, in one pixel, is that pixel's noise. */
const TELLING = 2e-4;
/** The correction begins outside the core, whose light tells flux and place, FWHM. */
const FROM = 0.6;
const FULL_FROM = 1.1;
/** Stars whose pixel deviates by more than this have no say there, sigma. */
const CUT_SIGMA = 3;

/**
 * Bring both profiles into step, by what bright stars leave in a first difference.
 *
 * In a crowded field the sky beneath a star is not known to a ten-thousandth of its light, and two profiles
 * measured apart err apart. In the difference the crowd is gone, and what is left around bright stars is just
 * what their profiles disagree by, for the filters of the difference pass nearly all frequencies alike. Each
 * profile takes its part of it; repeating this converges.
 *
 * @param tiles subtracted with the profiles as they are, and the canvas they were written to.
 * @param stars clean, of the science image.
 * @returns `undefined` if the stars tell nothing.
 */
export function levelProfiles(
  tiles: readonly SubtractedTile[],
  canvas: DifferenceCanvas,
  stars: readonly MeasuredStar[],
  science: SpatialPsf,
  template: SpatialPsf,
): LevelledPsfs | undefined {
  const fwhmPx = Math.max(science.fwhmPx, template.fwhmPx);
  const size = Math.max(science.size, template.size);
  const noises = tiles.map(({ tile }) => Math.sqrt(selectMedian(sampleVariance(canvas, tile))));
  const left: Residual[] = [];
  for (const star of [...stars].sort((a, b) => b.fluxE - a.fluxE)) {
    const index = tiles.findIndex(({ tile }) => isInside(tile, star));
    if (index < 0 || star.fluxE * TELLING < noises[index]) continue;
    const residual = cutResidual(tiles[index].tile, canvas, star, size);
    if (residual) left.push(residual);
    if (left.length === STARS) break;
  }
  if (left.length < FEWEST_STARS) return undefined;
  const { mean, variance } = stackResiduals(left, size);
  shrinkRings(mean, variance, size);
  const half = (size - 1) / 2;
  for (let k = 0; k < mean.length; k++) {
    const radius = Math.hypot((k % size) - half, Math.floor(k / size) - half);
    mean[k] *= (1 - fade(radius, FROM * fwhmPx, FULL_FROM * fwhmPx)) * fade(radius, 0.85 * half, half);
  }
  const share = shareOfScience(science, template, size);
  const levelledScience = addTable(
    science,
    mean.map((value, k) => share[k] * value),
    size,
  );
  const levelledTemplate = addTable(
    template,
    mean.map((value, k) => (share[k] - 1) * value),
    size,
  );
  return {
    science: levelledScience.psf,
    template: levelledTemplate.psf,
    ratioFactor: levelledScience.sum / levelledTemplate.sum,
    correction: Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0)),
  };
}

interface Residual {
  /** Difference over the star's flux around its centre, (size, size), with its variance; infinite where unknown. */
  readonly values: Float64Array;
  readonly variances: Float64Array;
}

function isInside(tile: Tile, star: MeasuredStar): boolean {
  const x = Math.round(star.xPx) - tile.x;
  const y = Math.round(star.yPx) - tile.y;
  return x >= 0 && y >= 0 && x < tile.width && y < tile.height;
}

/** Rows of which one tells a tile's noise: the median of the others is the same to a percent. */
const ROW_STEP = 8;

function sampleVariance({ variance }: DifferenceCanvas, { x, y, width, height }: Tile): Float32Array {
  const rows = Math.ceil(height / ROW_STEP);
  const sample = new Float32Array(width * rows);
  for (let j = 0; j < rows; j++) {
    const from = (y + j * ROW_STEP) * variance.width + x;
    sample.set(variance.data.subarray(from, from + width), j * width);
  }
  return sample;
}

/** Nothing beyond the tile is looked at: it may not have been subtracted yet. */
function cutResidual(
  tile: Tile,
  { difference, variance, mask }: DifferenceCanvas,
  star: MeasuredStar,
  size: number,
): Residual | undefined {
  const pitch = difference.width;
  const x = Math.round(star.xPx);
  const y = Math.round(star.yPx);
  if ((mask.data[y * pitch + x] & UNUSABLE) !== 0) return undefined;
  const half = (size - 1) / 2;
  const values = new Float64Array(size * size);
  const variances = new Float64Array(size * size).fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < size; j++) {
    const v = y - tile.y + j - half;
    if (v < 0 || v >= tile.height) continue;
    for (let i = 0; i < size; i++) {
      const u = x - tile.x + i - half;
      if (u < 0 || u >= tile.width) continue;
      const k = (tile.y + v) * pitch + tile.x + u;
      if ((mask.data[k] & UNUSABLE) !== 0) continue;
      values[j * size + i] = difference.data[k] / star.fluxE;
      variances[j * size + i] = variance.data[k] / star.fluxE ** 2;
    }
  }
  shiftStamp(values, size, x - star.xPx, y - star.yPx, values);
  return { values, variances };
}

/** Weighted mean of all stars in each pixel, without outliers, and its variance. */
function stackResiduals(residuals: readonly Residual[], size: number) {
  const mean = new Float64Array(size * size);
  const variance = new Float64Array(size * size);
  const seen: Residual[] = [];
  const values: number[] = [];
  for (let k = 0; k < mean.length; k++) {
    seen.length = 0;
    values.length = 0;
    for (const residual of residuals) {
      // Nor NaN.
      if (!(residual.variances[k] < Number.POSITIVE_INFINITY)) continue;
      seen.push(residual);
      values.push(residual.values[k]);
    }
    if (seen.length < FEWEST_STARS) continue;
    const centre = median(values);
    // Stars also differ among themselves: blends, variables, and profiles that vary over the field.
    const scatter = madStd(values);
    let sum = 0;
    let weights = 0;
    for (const residual of seen) {
      const own = residual.variances[k] + scatter ** 2;
      if ((residual.values[k] - centre) ** 2 > CUT_SIGMA ** 2 * own) continue;
      sum += residual.values[k] / own;
      weights += 1 / own;
    }
    if (weights > 0) {
      mean[k] = sum / weights;
      variance[k] = 1 / weights;
    }
  }
  return { mean, variance };
}

/**
 * Say which part of a disagreement is the science profile's, in each pixel of a table (size, size).
 *
 * Profiles err by fractions of themselves: the one that has more light there is more likely to be wrong by so much. Half
 * of it each would give the sharper image wings that it does not have, and saturated stars would be rebuilt from them.
 */
function shareOfScience(science: SpatialPsf, template: SpatialPsf, size: number): Float64Array {
  const half = (size - 1) / 2;
  const [a, b] = [ringMeans(science), ringMeans(template)];
  return Float64Array.from({ length: size * size }, (_, k) => {
    const radius = Math.round(Math.hypot((k % size) - half, Math.floor(k / size) - half));
    const [p, q] = [(a[radius] ?? 0) ** 2, (b[radius] ?? 0) ** 2];
    return p + q > 0 ? p / (p + q) : 0.5;
  });
}

/** Mean of the profile at each whole radius. */
function ringMeans({ size, coefficients }: SpatialPsf): readonly number[] {
  const half = (size - 1) / 2;
  const sums: number[] = [];
  const counts: number[] = [];
  coefficients[0].forEach((value, k) => {
    const radius = Math.round(Math.hypot((k % size) - half, Math.floor(k / size) - half));
    sums[radius] = (sums[radius] ?? 0) + value;
    counts[radius] = (counts[radius] ?? 0) + 1;
  });
  return sums.map((sum, radius) => sum / counts[radius]);
}

/** Add a table to a profile, and make its light one electron again. */
function addTable(
  psf: SpatialPsf,
  table: Float64Array,
  tableSize: number,
): { readonly psf: SpatialPsf; readonly sum: number } {
  const margin = (tableSize - psf.size) / 2;
  const mean = Float64Array.from(
    psf.coefficients[0],
    (value, k) => value + table[(Math.floor(k / psf.size) + margin) * tableSize + (k % psf.size) + margin],
  );
  const sum = 1 + table.reduce((total, value) => total + value, 0);
  const coefficients = [mean, ...psf.coefficients.slice(1)].map((values) => {
    const shared = new Float32Array(new SharedArrayBuffer(values.length * 4));
    for (let k = 0; k < values.length; k++) shared[k] = values[k] / sum;
    return shared;
  });
  const halo = psf.halo && { ...psf.halo, peak: psf.halo.peak / sum };
  return { psf: { ...psf, coefficients, halo }, sum };
}
