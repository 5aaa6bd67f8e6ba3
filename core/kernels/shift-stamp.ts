import { allocate, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';

/** Lobes of the Lanczos window: 4 keeps a star of 2.4 px FWHM to a few 1e-4 of its peak. */
const LOBES = 4;
const TAPS = 2 * LOBES;

/** Doubles of the weights along both axes. */
export const WEIGHTS = 2 * TAPS;

/** Doubles that moving a stamp of this odd side needs on the way. */
export const roomToShift = (size: number): number => (size + 2 * TAPS + 1) * (size + 1) + 2 * TAPS + 2;

/**
 * Write the weights with which pixels are made that lie `d` px before them, eight doubles that sum to one.
 *
 * @returns how many pixels after the eighth before it the first of them meets.
 * @throws RangeError for a way of more than four pixels
 */
export function writeShift(d: number, weights: Float64Array, at: number): number {
  // The value at x comes from x - d = (x - ceil(d)) + f with f in [0, 1).
  const whole = Math.ceil(d);
  const first = TAPS - whole - LOBES + 1;
  if (!(first >= 0 && first <= TAPS + 1)) {
    throw new RangeError(`shiftStamp moves by ${LOBES} px at most, not by ${d}`);
  }
  const f = whole - d;
  let sum = 0;
  for (let tap = 0; tap < TAPS; tap++) {
    const t = tap - LOBES + 1 - f;
    const x = Math.PI * t;
    const w = Math.abs(t) < 1e-12 ? 1 : (LOBES * Math.sin(x) * Math.sin(x / LOBES)) / (x * x);
    weights[at + tap] = w;
    sum += w;
  }
  for (let tap = 0; tap < TAPS; tap++) weights[at + tap]! /= sum;
  return first;
}

/**
 * Move what a square stamp shows by a fraction of a pixel (Lanczos, separable); outside the stamp is zero.
 *
 * Neither stamp may be a view of the kernels' memory, which may grow meanwhile.
 *
 * @param source (size, size), `size` odd.
 * @param dx, dy px, 4 at most; the content moves towards larger x and y.
 * @param target (size, size), overwritten; may be `source`.
 * @throws RangeError for a longer way
 */
export function shiftStamp(
  source: ArrayLike<number>,
  size: number,
  dx: number,
  dy: number,
  target: Float64Array,
): void {
  const pixels = size * size;
  withArena(() => {
    // One piece for all: to look at memory costs as much as to move a dozen rows.
    const from = allocate(8 * (WEIGHTS + pixels + 1 + roomToShift(size)));
    const module = kernelModule();
    const doubles = new Float64Array(module.memory.buffer, from, WEIGHTS + pixels);
    const firstX = writeShift(dx, doubles, 0);
    const firstY = writeShift(dy, doubles, TAPS);
    const stamp = from + 8 * WEIGHTS;
    for (let k = 0; k < pixels; k++) doubles[WEIGHTS + k] = source[k]!;
    module.moveStamp(stamp, size, from, firstX, firstY, stamp + 8 * (pixels + 1), stamp);
    for (let k = 0; k < pixels; k++) target[k] = doubles[WEIGHTS + k]!;
  });
}
