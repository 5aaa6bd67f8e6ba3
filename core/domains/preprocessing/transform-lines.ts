import type { Plane } from '../../kernels/index.ts';
import { sumLines } from '../../kernels/index.ts';
import { selectRanks } from './select-ranks.ts';

/** A straight piece on a plane, from the centre of one pixel to that of another, and how much it stands out. */
export interface LinePiece {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** 2^k columns or rows, of which the last may lie beyond the plane. */
  readonly length: number;
  /** Sum of the pixels over the scatter of such sums on this plane. */
  readonly snr: number;
}

/** So many sums of each length tell their scatter; of fewer than these nothing is known. */
const SAMPLES = 4096;
const LEAST_SAMPLES = 32;
/** The upper tail counts as at most so many times the core's sigma. */
const LONGEST_TAIL = 2.5;

/**
 * Find the straight pieces that stand out most, of lengths 2^k, at any angle.
 *
 * Sums over pieces of 2^(k+1) columns are sums of two of 2^k, so that all pieces of all lengths cost
 * O(n^2 log n); four passes (mirrored, transposed) see all angles. Sums are compared with the scatter of all sums of
 * their length, whatever makes it: noise, or stars that were left in.
 *
 * @param plane mean zero; excluded pixels hold zero.
 * @param minLength shortest piece, pixels of the plane.
 * @param minSnr least significance.
 * @returns the best of each part of the plane, length and direction; the most significant first.
 * @see Brady 1998, SIAM J. Comput. 27, 107; Nir, Zackay & Ofek 2018, AJ 156, 229
 */
export function findLines(plane: Plane, minLength: number, minSnr: number): readonly LinePiece[] {
  const pieces: LinePiece[] = [];
  for (const isTransposed of [false, true]) {
    for (const isMirrored of [false, true])
      searchRising(plane, minLength, minSnr, isTransposed, isMirrored, pieces);
  }
  return pieces.sort((a, b) => b.snr - a.snr);
}

/** Lines that rise by up to one pixel a column, once the plane is turned so that `x` runs along the columns. */
function searchRising(
  plane: Plane,
  minLength: number,
  minSnr: number,
  isTransposed: boolean,
  isMirrored: boolean,
  pieces: LinePiece[],
): void {
  sumLines(plane, { minLength, samples: SAMPLES, isTransposed, isMirrored }, (sums) => {
    const { length, columns, rows, blocks, places, peaks, samples } = sums;
    if (samples.length < LEAST_SAMPLES) return;
    const { middle, scatter } = upperScatter(samples);
    if (!(scatter > 0)) return;
    const turn = (along: number, across: number): readonly [number, number] => {
      const row = isMirrored ? rows - 1 - across : across;
      return isTransposed ? [row, along] : [along, row];
    };
    for (let k = 0; k < peaks.length; k++) {
      const x = Math.floor(k / blocks) * length;
      const used = Math.min(length, columns - x);
      const snr = (peaks[k]! * (1 / Math.sqrt(used)) - middle) / scatter;
      if (!(snr >= minSnr)) continue;
      const row = Math.floor(places[k]! / rows);
      const y = places[k]! - row * rows;
      const [x0, y0] = turn(x, y);
      const [x1, y1] = turn(x + used - 1, y + Math.round(((row - x) * (used - 1)) / (length - 1)));
      pieces.push({ x0, y0, x1, y1, length, snr });
    }
  });
}

/**
 * The middle of some numbers and a sigma from their upper tail, which galaxies and pairs of stars make long; but a trail
 * that is a good part of a small image must not hide itself in it.
 */
function upperScatter(sample: Float64Array): { readonly middle: number; readonly scatter: number } {
  const rank = (fraction: number): number => Math.floor(fraction * (sample.length - 1));
  const [low, middle, high, tail] = selectRanks(sample, [rank(0.159), rank(0.5), rank(0.841), rank(0.99)]);
  return {
    middle: middle!,
    scatter: Math.min((tail! - middle!) / 2.326, (LONGEST_TAIL * (high! - low!)) / 2),
  };
}
