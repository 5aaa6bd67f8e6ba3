import { UNUSABLE } from '../../observations/index.ts';
import { fade } from '../psf/shrink-rings.ts';
import type { SubtractedTile } from './subtract-tile.ts';

/** How the noise of neighbouring pixels of a difference goes together, 1 at no distance. */
export interface NoiseCorrelation {
  /** Largest distance along an axis, px. */
  readonly maxLag: number;
  /** (2 maxLag + 1) squared, row-major, symmetric about its middle, which is 1; fades to zero at its rim. */
  readonly values: readonly number[];
}

/** A pixel with more shared or changed light than this many sigma does not show the noise alone. */
const QUIET_SHARED = 20;
const QUIET_SCORE = 5;
const LARGEST_PULL = 5;
/** Means of cells of this side are taken off first: a residual background is no noise, px. */
const CELL_PX = 64;
/** Fewer pairs of pixels cannot tell a correlation of a percent. */
const ENOUGH_PIXELS = 4000;

/**
 * Measure the correlation of the noise at some distances, on pixels of subtracted tiles where nothing changed.
 *
 * Stars and everything else that both images share is gone from a difference, so that it shows the noise even
 * where a crowded field has no empty sky.
 *
 * @param lags distances (dx, dy), px.
 * @returns one correlation coefficient for each lag; `undefined` if too few pixels are quiet.
 */
export function measureCorrelation(
  tiles: readonly SubtractedTile[],
  lags: readonly (readonly [number, number])[],
): readonly number[] | undefined {
  const sums = new Float64Array(lags.length);
  const pairs = new Float64Array(lags.length);
  let power = 0;
  let count = 0;
  for (const tile of tiles) {
    const pulls = quietPulls(tile);
    const { width, height } = tile.difference;
    for (const pull of pulls) {
      if (Number.isNaN(pull)) continue;
      power += pull * pull;
      count++;
    }
    lags.forEach(([dx, dy], k) => {
      const firstX = Math.max(0, -dx);
      const lastX = Math.min(width, width - dx);
      for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
        const offset = dy * width + dx;
        for (let i = y * width + firstX; i < y * width + lastX; i++) {
          const product = pulls[i] * pulls[i + offset];
          if (Number.isNaN(product)) continue;
          sums[k] += product;
          pairs[k]++;
        }
      }
    });
  }
  if (count < ENOUGH_PIXELS) return undefined;
  return lags.map((_, k) => (pairs[k] > 0 ? sums[k] / pairs[k] / (power / count) : 0));
}

/** Measure the correlation at all distances up to `maxLag`, ready to whiten with. */
export function measureNoiseCorrelation(
  tiles: readonly SubtractedTile[],
  maxLag: number,
): NoiseCorrelation | undefined {
  const lags: [number, number][] = [];
  for (let dy = 0; dy <= maxLag; dy++) {
    for (let dx = dy === 0 ? 1 : -maxLag; dx <= maxLag; dx++) lags.push([dx, dy]);
  }
  const measured = measureCorrelation(tiles, lags);
  if (!measured) return undefined;
  const side = 2 * maxLag + 1;
  const values = new Array<number>(side * side).fill(0);
  values[maxLag * side + maxLag] = 1;
  lags.forEach(([dx, dy], k) => {
    const value = measured[k] * fade(Math.hypot(dx, dy), maxLag / 2, maxLag + 1);
    values[(maxLag + dy) * side + maxLag + dx] = value;
    values[(maxLag - dy) * side + maxLag - dx] = value;
  });
  return { maxLag, values };
}

/** Give the largest |correlation| at lags of 1 to 3 px along both axes; 0 if it cannot be measured. */
export function measureWhiteness(tiles: readonly SubtractedTile[]): number {
  const lags = [1, 2, 3].flatMap((lag): [number, number][] => [
    [lag, 0],
    [0, lag],
  ]);
  const measured = measureCorrelation(tiles, lags);
  return measured ? Math.max(...measured.map(Math.abs)) : 0;
}

/** Difference over its own sigma without its local mean; NaN where a pixel is not quiet. */
function quietPulls(tile: SubtractedTile): Float32Array {
  const { width, height, data } = tile.difference;
  const pulls = new Float32Array(data.length).fill(Number.NaN);
  for (let y0 = 0; y0 < height; y0 += CELL_PX) {
    for (let x0 = 0; x0 < width; x0 += CELL_PX) {
      let sum = 0;
      let count = 0;
      const forCell = (visit: (k: number) => void) => {
        for (let y = y0; y < Math.min(height, y0 + CELL_PX); y++) {
          for (let k = y * width + x0; k < y * width + Math.min(width, x0 + CELL_PX); k++) visit(k);
        }
      };
      forCell((k) => {
        if ((tile.mask.data[k] & UNUSABLE) !== 0 || tile.shared.data[k] > QUIET_SHARED) return;
        if (Math.abs(tile.score.data[k]) > QUIET_SCORE) return;
        const pull = data[k] / Math.sqrt(tile.variance.data[k]);
        if (Math.abs(pull) > LARGEST_PULL) return;
        pulls[k] = pull;
        sum += pull;
        count++;
      });
      const mean = count > 0 ? sum / count : 0;
      forCell((k) => {
        pulls[k] -= mean;
      });
    }
  }
  return pulls;
}
