/** Give the median of some numbers, NaN of none; the input is left as it was. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  return n % 2 === 1 ? sorted[(n - 1) / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/** Give the standard deviation estimated from the median absolute deviation about the median. */
export function madStd(values: ArrayLike<number>): number {
  const centre = median(values);
  return 1.482602 * median(Float64Array.from(values, (value) => Math.abs(value - centre)));
}
