// Running the passes of a plan.

import { APART, lastPass4, lastPass4ToBlock, MIXED, pass2, pass3, pass4, pass5, SWAPPED } from './fft-passes';

// Each inlined body once for each use.
function workPass4(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  pass4(src, dst, m, s, twiddles, APART, 0);
}
function workPass2(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  pass2(src, dst, m, s, twiddles, APART, 0);
}
function workLastPass4(src: usize, dst: usize, s: i32): void {
  lastPass4(src, dst, s);
}
function workPass3(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  pass3(src, dst, m, s, twiddles, APART, 0);
}
function workPass5(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  pass5(src, dst, m, s, twiddles, APART, 0);
}
function mixedPass(radix: i32, src: usize, dst: usize, m: i32, s: i32, twiddles: usize, pitch: usize): void {
  if (radix == 4) pass4(src, dst, m, s, twiddles, MIXED, pitch);
  else if (radix == 5) pass5(src, dst, m, s, twiddles, MIXED, pitch);
  else if (radix == 3) pass3(src, dst, m, s, twiddles, MIXED, pitch);
  else pass2(src, dst, m, s, twiddles, MIXED, pitch);
}
function swappedPass(radix: i32, src: usize, dst: usize, m: i32, s: i32, twiddles: usize, pitch: usize): void {
  if (radix == 4) pass4(src, dst, m, s, twiddles, SWAPPED, pitch);
  else if (radix == 5) pass5(src, dst, m, s, twiddles, SWAPPED, pitch);
  else if (radix == 3) pass3(src, dst, m, s, twiddles, SWAPPED, pitch);
  else pass2(src, dst, m, s, twiddles, SWAPPED, pitch);
}
/**
 * The first of several passes, over a block of sixteen columns as it lies in a spectrum, each 32 rows `pitch` bytes from the next;
 * m is a multiple of 32, or the block lies in one piece.
 */
export function firstPass(
  radix: i32, block: usize, pitch: usize, dst: usize, m: i32, twiddles: usize, inverse: i32,
): void {
  if (inverse) swappedPass(radix, block, dst, m, 4, twiddles, pitch);
  else mixedPass(radix, block, dst, m, 4, twiddles, pitch);
}
/** The last pass, to a block as `firstPass` reads it. */
export function finalPass4(src: usize, block: usize, pitch: usize, s: i32, inverse: i32): void {
  if (inverse) lastPass4ToBlock(src, block, s, SWAPPED, pitch);
  else lastPass4ToBlock(src, block, s, MIXED, pitch);
}

/**
 * Run passes `first` to before `end` of a plan over `4 * pairs` sequences of n elements; returns which of the two
 * buffers has the result.
 */
export function runPasses(
  work: usize, other: usize, n: i32, pairs: i32, plan: usize, first: i32, end: i32,
): usize {
  let s = pairs;
  let rest = n;
  let step = plan + 4;
  for (let k: i32 = 0; k < end; k++, step += 8) {
    const radix = load<i32>(step);
    const twiddles = <usize>load<i32>(step, 4);
    rest /= radix;
    if (k >= first) {
      if (radix == 4) {
        if (rest == 1) workLastPass4(work, other, s);
        else workPass4(work, other, rest, s, twiddles);
      } else if (radix == 2) workPass2(work, other, rest, s, twiddles);
      else if (radix == 3) workPass3(work, other, rest, s, twiddles);
      else workPass5(work, other, rest, s, twiddles);
      const swap = work;
      work = other;
      other = swap;
    }
    s *= radix;
  }
  return work;
}

/** Run all passes of a plan. */
export function transformBatch(work: usize, other: usize, n: i32, pairs: i32, plan: usize): usize {
  return runPasses(work, other, n, pairs, plan, 0, load<i32>(plan));
}
