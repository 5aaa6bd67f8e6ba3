import type { Limits, PlaneStatistics } from './model.ts';

/** Entries of a curve; between them it is straight. */
export const CURVE_SIZE = 1024;

const curves = new WeakMap<PlaneStatistics, { readonly limits: Limits; readonly curve: Float32Array }>();

/**
 * Make the curve of histogram equalisation: entry i is the part of the pixels between the limits that lie below
 * `lo + i / (CURVE_SIZE - 1) * (hi - lo)`, so that every colour covers about as many pixels.
 */
export function equalisingCurve(statistics: PlaneStatistics, limits: Limits): Float32Array {
  const known = curves.get(statistics);
  if (known?.limits.lo === limits.lo && known.limits.hi === limits.hi) return known.curve;
  const { sortedSample } = statistics;
  const first = countBelow(sortedSample, limits.lo);
  const last = countUpTo(sortedSample, limits.hi);
  const curve = Float32Array.from({ length: CURVE_SIZE }, (_, i) => {
    const at = i / (CURVE_SIZE - 1);
    // Without pixels between the limits there is nothing to equalise.
    if (last <= first) return at;
    const value = limits.lo + at * (limits.hi - limits.lo);
    const rank = i === CURVE_SIZE - 1 ? last : countUpTo(sortedSample, value);
    return Math.min(1, Math.max(0, (rank - first) / (last - first)));
  });
  curves.set(statistics, { limits, curve });
  return curve;
}

/** Read a curve between its entries. @param at 0..1 */
export function readCurve(curve: Float32Array, at: number): number {
  const place = Math.min(1, Math.max(0, at)) * (curve.length - 1);
  const below = Math.min(curve.length - 2, Math.floor(place));
  return curve[below]! + (place - below) * (curve[below + 1]! - curve[below]!);
}

function countBelow(sorted: Float32Array, value: number): number {
  return search(sorted, (entry) => entry < value);
}

function countUpTo(sorted: Float32Array, value: number): number {
  return search(sorted, (entry) => entry <= value);
}

function search(sorted: Float32Array, isBefore: (entry: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
