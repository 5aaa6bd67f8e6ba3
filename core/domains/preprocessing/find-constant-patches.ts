import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { MaskBit } from '../observations/index.ts';

/** Pairs looked at, and how many it takes to judge. */
const SAMPLE = 65_536;
const MIN_PAIRS = 256;
/** Where neighbours are equal more often (noise below 1.4 steps of the numbers), no patch is told from chance. */
export const MOST_EQUAL = 0.2;
/** Images in which chance alone may make one such patch. */
const ONE_IN_IMAGES = 1000;
/** The centre and its eight neighbours. */
const LEAST_SIDE = 3;

/**
 * Mark squares that hold one and the same value, whatever it is, as what was filled in at the level of the sky does, and
 * pixels of that value next to them.
 *
 * A square is 3 pixels a side where equal neighbours are rare, as among fractions; in whole numbers as large as chance
 * makes it in one of a thousand such images: with `r` of neighbours equal, no value is more frequent than `sqrt(r)`, and
 * `n` pixels are all equal with a probability of at most `sqrt(r)^(n - 1)` at each place. A megapixel of whole numbers
 * with a noise of 20, 3 and 1.5 needs a side of 4, 5 and 6.
 *
 * @param most brighter values are left alone: they are for saturation to judge.
 * @param chance of neighbours to be equal, as `measureEquality` finds it.
 * @returns how many pixels were marked NO_DATA.
 */
export function markConstantPatches(pixels: Plane, mask: MaskPlane, most: number, chance: number): number {
  if (chance > MOST_EQUAL) return 0;
  const { width, height, data } = pixels;
  const area = 1 + Math.log(ONE_IN_IMAGES * data.length) / -Math.log(Math.sqrt(chance));
  const side = Math.max(LEAST_SIDE, Math.ceil(Math.sqrt(area)));
  // Every square of this side holds a whole tile of a grid with steps of half of it.
  const tile = (side + 1) >> 1;
  let marked = 0;
  for (let y = 0; y + tile <= height; y += tile) {
    for (let x = 0; x + tile <= width; x += tile) {
      const at = y * width + x;
      if (data[at] !== data[at + 1] || !(data[at]! <= most) || !isConstant(data, width, at, tile)) continue;
      for (let v = Math.max(0, y + tile - side); v <= Math.min(y, height - side); v++) {
        for (let u = Math.max(0, x + tile - side); u <= Math.min(x, width - side); u++) {
          if (isConstant(data, width, v * width + u, side)) marked += markSquare(pixels, mask, u, v, side);
        }
      }
    }
  }
  return marked;
}

/**
 * Measure how often a pixel equals the next one by chance: where it differs from the one before, and so is in no patch.
 *
 * @returns above 0, up to 1; 1 also where hardly any pixels differ.
 */
export function measureEquality({ data }: Plane, mask: MaskPlane): number {
  // An odd step against an image's width, lest the sample runs along columns.
  const step = Math.max(1, Math.floor(data.length / SAMPLE)) | 1;
  let pairs = 0;
  let equal = 0;
  for (let i = 1; i + 1 < data.length; i += step) {
    if (data[i] === data[i - 1]) continue;
    if (((mask.data[i - 1]! | mask.data[i]! | mask.data[i + 1]!) & MaskBit.NO_DATA) !== 0) continue;
    pairs++;
    if (data[i] === data[i + 1]) equal++;
  }
  return pairs < MIN_PAIRS ? 1 : Math.max(1, equal) / pairs;
}

function isConstant(data: Float32Array, width: number, first: number, side: number): boolean {
  const value = data[first]!;
  for (let row = first; row < first + side * width; row += width) {
    for (let at = row; at < row + side; at++) if (data[at] !== value) return false;
  }
  return true;
}

/** Mark a constant square, and what equals it around; returns how many pixels are new. */
function markSquare(pixels: Plane, mask: MaskPlane, x: number, y: number, side: number): number {
  const { width, height, data } = pixels;
  const value = data[y * width + x]!;
  let marked = 0;
  for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + side); v++) {
    for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + side); u++) {
      const at = v * width + u;
      if (data[at] !== value || (mask.data[at]! & MaskBit.NO_DATA) !== 0) continue;
      mask.data[at]! |= MaskBit.NO_DATA;
      marked++;
    }
  }
  return marked;
}
