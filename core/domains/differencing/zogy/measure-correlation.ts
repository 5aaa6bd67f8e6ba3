import {
  type MaskPlane,
  type Plane,
  type QuietLimits,
  type ScoredPlanes,
  sumLaggedProducts,
  withArena,
  writeQuietPulls,
} from '../../../kernels/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import { fade } from '../psf/shrink-rings.ts';

/** How the noise of neighbouring pixels of a difference goes together, 1 at no distance. */
export interface NoiseCorrelation {
  /** Largest distance along an axis, px. */
  readonly maxLag: number;
  /** (2 maxLag + 1) squared, row-major, symmetric about its middle, which is 1; fades to zero at its rim. */
  readonly values: readonly number[];
}

/** Pixels that show the noise alone; and a residual background, which is no noise, is taken off cell by cell. */
const QUIET: QuietLimits = { spoiled: UNUSABLE, mostShared: 20, mostScore: 5, mostPull: 5, cellPx: 64 };
/** Fewer pairs of pixels cannot tell a correlation of a percent. */
const ENOUGH_PIXELS = 4000;

type Lag = readonly [dx: number, dy: number];

/** Products of the noise of pixels some distances apart, summed over one tile. */
export interface NoiseSums {
  /** Distances, px. */
  readonly lags: readonly Lag[];
  /** Sum of the products at each distance, in units of the pixels' own variances, and the pairs in it. */
  readonly products: readonly number[];
  readonly pairs: readonly number[];
  /** The same at no distance. */
  readonly power: number;
  readonly count: number;
}

/** What of a piece of a subtracted tile shows its noise; all planes have one size. */
export type NoisyTile = Pick<ScoredPlanes, 'difference' | 'variance' | 'score' | 'shared'>;

/** One and the other axis, 1 to 3 px: what tells whether noise is white. */
const AXIS_LAGS = [1, 2, 3].flatMap((lag): Lag[] => [
  [lag, 0],
  [0, lag],
]);

/**
 * Begin sums over the products of neighbouring pixels' noise.
 *
 * @param maxLag largest distance along an axis, px; 0 for those alone that tell whether the noise is white.
 */
export function startNoise(maxLag: number): NoiseSums {
  const lags = maxLag > 0 ? listLags(maxLag) : AXIS_LAGS;
  const none = lags.map(() => 0);
  return { lags, products: none, pairs: none, power: 0, count: 0 };
}

/**
 * Add the products of a piece of a difference to those of others, where nothing changed.
 *
 * Stars and everything else that both images share is gone from a difference, so that it shows the noise even
 * where a crowded field has no empty sky. Both pixels of a pair lie in the same piece.
 */
export function addNoise(sums: NoiseSums, piece: NoisyTile, mask: MaskPlane): NoiseSums {
  const { width, height } = piece.difference;
  const fits = sums.lags.map(([dx, dy]) => Math.abs(dx) < width && dy < height);
  return withArena((arena) => {
    const pulls = writeQuietPulls(piece, mask, QUIET, arena.plane(width, height));
    const lags = sums.lags.filter((_, k) => fits[k]);
    const { products, pairs } = sumLaggedProducts(pulls, [[0, 0], ...lags]);
    let next = 1;
    const places = fits.map((isIn) => (isIn ? next++ : undefined));
    const plus = (so: readonly number[], more: readonly number[]) =>
      so.map((sum, k) => sum + (places[k] === undefined ? 0 : more[places[k]]));
    return {
      lags: sums.lags,
      products: plus(sums.products, products),
      pairs: plus(sums.pairs, pairs),
      power: sums.power + products[0],
      count: sums.count + pairs[0],
    };
  });
}

/**
 * Give the correlation of the noise at some distances.
 *
 * @param lags of those that were summed.
 * @returns one correlation coefficient for each lag; `undefined` if too few pixels are quiet.
 */
function correlate(tiles: readonly NoiseSums[], lags: readonly Lag[]): readonly number[] | undefined {
  const total = (pick: (tile: NoiseSums) => number) => tiles.reduce((sum, tile) => sum + pick(tile), 0);
  const count = total((tile) => tile.count);
  if (count < ENOUGH_PIXELS) return undefined;
  const variance = total((tile) => tile.power) / count;
  return lags.map(([dx, dy]) => {
    const at = (tile: NoiseSums) => tile.lags.findIndex((lag) => lag[0] === dx && lag[1] === dy);
    const pairs = total((tile) => tile.pairs[at(tile)] ?? 0);
    return pairs > 0 ? total((tile) => tile.products[at(tile)] ?? 0) / pairs / variance : 0;
  });
}

/** All distances up to `maxLag` along each axis; of two opposite ones the one with dy > 0. */
function listLags(maxLag: number): readonly Lag[] {
  const lags: Lag[] = [];
  for (let dy = 0; dy <= maxLag; dy++) {
    for (let dx = dy === 0 ? 1 : -maxLag; dx <= maxLag; dx++) lags.push([dx, dy]);
  }
  return lags;
}

/** Give the correlation at all distances up to `maxLag`, ready to whiten with. */
export function measureNoiseCorrelation(
  tiles: readonly NoiseSums[],
  maxLag: number,
): NoiseCorrelation | undefined {
  const lags = listLags(maxLag);
  const measured = correlate(tiles, lags);
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
export function largestCorrelation(tiles: readonly NoiseSums[]): number {
  const measured = correlate(tiles, AXIS_LAGS);
  return measured ? Math.max(...measured.map(Math.abs)) : 0;
}

/** Rows of the strips in which a whole difference is looked at, and so many pixels of it: a correlation of a thousandth. */
const STRIP_ROWS = 32;
const WHITENESS_PIXELS = 1e6;

/** Sum the noise of the strips that begin in some rows of a whole difference; strips are evenly spread over it. */
export function sumNoiseOfRows(
  planes: NoisyTile,
  mask: MaskPlane,
  { first, end }: { readonly first: number; readonly end: number },
): readonly NoiseSums[] {
  const { width, height } = planes.difference;
  const step = STRIP_ROWS * Math.max(1, Math.floor((width * height) / WHITENESS_PIXELS));
  const sums: NoiseSums[] = [];
  for (let y = Math.ceil(first / step) * step; y < end; y += step) {
    const rows = Math.min(STRIP_ROWS, height - y);
    const strip = <Pixels extends Plane | MaskPlane>({ data }: Pixels) =>
      ({ width, height: rows, data: data.subarray(y * width, (y + rows) * width) }) as Pixels;
    const { difference, variance, score, shared } = planes;
    const piece = {
      difference: strip(difference),
      variance: strip(variance),
      score: strip(score),
      shared: strip(shared),
    };
    sums.push(addNoise(startNoise(0), piece, strip(mask)));
  }
  return sums;
}
