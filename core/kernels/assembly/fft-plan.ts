// Running the passes of a plan.

import { APART, lastPass4, MIXED, pass2, pass3, pass4, pass5, SWAPPED } from './fft-passes';

// Each inlined body once for each use.
function workPass4(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  pass4(src, dst, m, s, twiddles, APART);
}
function workPass2(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  pass2(src, dst, m, s, twiddles, APART);
}
function workLastPass4(src: usize, dst: usize, s: i32): void {
  lastPass4(src, dst, s, APART);
}
function workPass3(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  pass3(src, dst, m, s, twiddles, APART);
}
function workPass5(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  pass5(src, dst, m, s, twiddles, APART);
}
function mixedPass(radix: i32, src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  if (radix == 4) pass4(src, dst, m, s, twiddles, MIXED);
  else if (radix == 5) pass5(src, dst, m, s, twiddles, MIXED);
  else if (radix == 3) pass3(src, dst, m, s, twiddles, MIXED);
  else pass2(src, dst, m, s, twiddles, MIXED);
}
function swappedPass(radix: i32, src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  if (radix == 4) pass4(src, dst, m, s, twiddles, SWAPPED);
  else if (radix == 5) pass5(src, dst, m, s, twiddles, SWAPPED);
  else if (radix == 3) pass3(src, dst, m, s, twiddles, SWAPPED);
  else pass2(src, dst, m, s, twiddles, SWAPPED);
}
/** The first of several passes, over numbers as they lie in a spectrum. */
export function firstPass(
  radix: i32, src: usize, dst: usize, m: i32, s: i32, twiddles: usize, inverse: i32,
): void {
  if (inverse) swappedPass(radix, src, dst, m, s, twiddles);
  else mixedPass(radix, src, dst, m, s, twiddles);
}
export function finalPass4(src: usize, dst: usize, s: i32, inverse: i32): void {
  if (inverse) lastPass4(src, dst, s, SWAPPED);
  else lastPass4(src, dst, s, MIXED);
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
