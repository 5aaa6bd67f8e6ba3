import type { Plane } from '../../kernels/index.ts';

/** A straight piece on a plane, from the centre of one pixel to that of another, and how much it stands out. */
export interface LinePiece {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** Sum of the pixels over the scatter of such sums on this plane. */
  readonly snr: number;
}

/** Sums are sampled this sparsely for their scatter. */
const SAMPLES = 4096;
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
  { width, height, data }: Plane,
  minLength: number,
  minSnr: number,
  isTransposed: boolean,
  isMirrored: boolean,
  pieces: LinePiece[],
): void {
  const columns = isTransposed ? height : width;
  const rows = isTransposed ? width : height;
  const span = 2 ** Math.ceil(Math.log2(columns));
  let sums = new Float32Array(span * rows);
  for (let x = 0; x < columns; x++) {
    for (let y = 0; y < rows; y++) {
      const row = isMirrored ? rows - 1 - y : y;
      sums[x * rows + y] = isTransposed ? data[x * width + row]! : data[row * width + x]!;
    }
  }
  let next = new Float32Array(span * rows);
  const turn = (along: number, across: number): readonly [number, number] => {
    const row = isMirrored ? rows - 1 - across : across;
    return isTransposed ? [row, along] : [along, row];
  };
  for (let length = 2; length <= span; length *= 2) {
    addHalves(sums, next, span, rows, length);
    [sums, next] = [next, sums];
    if (length < minLength) continue;
    for (const { x, y, rise, snr } of findPeaks(sums, columns, rows, length, minSnr)) {
      const used = Math.min(length, columns - x);
      const [x0, y0] = turn(x, y);
      const [x1, y1] = turn(x + used - 1, y + Math.round((rise * (used - 1)) / (length - 1)));
      pieces.push({ x0, y0, x1, y1, snr });
    }
  }
}

/** Sums over pieces of `length` columns from those of half as many: `out[(x + rise) * rows + y]`. */
function addHalves(half: Float32Array, out: Float32Array, span: number, rows: number, length: number): void {
  const middle = length >> 1;
  for (let x = 0; x < span; x += length) {
    for (let rise = 0; rise < length; rise++) {
      const left = (x + (rise >> 1)) * rows;
      const right = (x + middle + (rise >> 1)) * rows + ((rise + 1) >> 1);
      const to = (x + rise) * rows;
      // Beyond the last row there is nothing: such pieces are never looked at.
      const end = Math.max(0, rows - rise);
      for (let y = 0; y < end; y++) out[to + y] = half[left + y]! + half[right + y]!;
    }
  }
}

interface Peak {
  readonly x: number;
  readonly y: number;
  readonly rise: number;
  readonly snr: number;
}

/** The pieces of this length that stand out most in each strip of the plane, of those that lie on it end to end. */
function findPeaks(
  sums: Float32Array,
  columns: number,
  rows: number,
  length: number,
  minSnr: number,
): readonly Peak[] {
  const sample: number[] = [];
  const step = Math.max(1, Math.floor((columns * rows) / SAMPLES)) | 1;
  const blocks = Math.ceil(rows / length);
  const best: { x: number; at: number; value: number }[] = [];
  let countdown = step;
  for (let x = 0; x + length / 2 <= columns; x += length) {
    const scale = 1 / Math.sqrt(Math.min(length, columns - x));
    for (let block = 0; block < blocks; block++) {
      let peak = Number.NEGATIVE_INFINITY;
      let peakAt = 0;
      for (let rise = 0; rise < length; rise++) {
        const row = (x + rise) * rows;
        const end = row + Math.min(rows - rise, (block + 1) * length);
        for (let at = row + block * length; at < end; at++) {
          const value = sums[at]!;
          if (value > peak) {
            peak = value;
            peakAt = at;
          }
          if (--countdown === 0) {
            sample.push(value * scale);
            countdown = step;
          }
        }
      }
      best.push({ x, at: peakAt, value: peak * scale });
    }
  }
  if (sample.length < 32) return [];
  const { middle, scatter } = upperScatter(sample);
  if (!(scatter > 0)) return [];
  return best.flatMap(({ x, at, value }) => {
    const snr = (value - middle) / scatter;
    const row = Math.floor(at / rows);
    return snr < minSnr ? [] : [{ x, y: at - row * rows, rise: row - x, snr }];
  });
}

/**
 * The middle of some numbers and a sigma from their upper tail, which galaxies and pairs of stars make long; but a trail
 * that is a good part of a small image must not hide itself in it.
 */
function upperScatter(sample: readonly number[]): { readonly middle: number; readonly scatter: number } {
  const values = new Float64Array(sample).sort();
  const rank = (fraction: number): number => values[Math.floor(fraction * (values.length - 1))]!;
  const middle = rank(0.5);
  return {
    middle,
    scatter: Math.min((rank(0.99) - middle) / 2.326, (LONGEST_TAIL * (rank(0.841) - rank(0.159))) / 2),
  };
}
