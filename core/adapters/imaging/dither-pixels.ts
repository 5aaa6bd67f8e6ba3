/** How quantised floats were dithered. */
export type Dither = 'none' | 'subtractive-1' | 'subtractive-2';

/** The stored integer that dither 2 keeps for a value of exactly zero. */
export const ditheredZero = -2147483646;

const sequenceLength = 10_000;
let sequence: Float32Array | undefined;

/**
 * The fixed sequence of 10 000 random numbers in (0, 1) that readers and writers share.
 *
 * @see FITS standard 4.0, appendix I: Park & Miller 1988, Comm. ACM 31, 1192; kept as 32-bit floats.
 */
function ditherSequence(): Float32Array {
  if (sequence !== undefined) return sequence;
  const made = new Float32Array(sequenceLength);
  let seed = 1;
  for (let i = 0; i < sequenceLength; i++) {
    seed = (16807 * seed) % 2147483647;
    made[i] = seed / 2147483647;
  }
  sequence = made;
  return made;
}

/**
 * Take the random numbers of one tile, one for each pixel.
 *
 * @param tile zero-based row of the tile in its table.
 * @param seed ZDITHER0, 1 to 10 000.
 */
export function ditherOfTile(tile: number, seed: number, count: number): Float32Array {
  const numbers = ditherSequence();
  const taken = new Float32Array(count);
  let start = (tile + seed - 1) % sequenceLength;
  if (!(start >= 0)) start = 0;
  for (let at = 0; at < count; start = (start + 1) % sequenceLength) {
    const run = numbers.subarray(Math.floor(numbers[start]! * 500));
    taken.set(run.subarray(0, count - at), at);
    at += run.length;
  }
  return taken;
}
