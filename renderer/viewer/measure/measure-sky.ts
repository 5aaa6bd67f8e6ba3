/** The level and scatter of a set of pixels, outliers left out. */
export interface ClippedLevel {
  readonly median: number;
  /** Standard deviation of what is left, or NaN when nothing is. */
  readonly sigma: number;
  /** Pixels left. */
  readonly count: number;
}

/**
 * Find the median and scatter of pixels after leaving out what lies far from the median, again and again.
 *
 * @param values are sorted in place; none may be NaN.
 */
export function clipLevel(values: Float64Array, kSigma = 3, rounds = 10): ClippedLevel {
  const sorted = values.sort();
  let [from, to] = [0, sorted.length];
  let sigma = Number.NaN;
  for (let round = 0; round <= rounds && to > from; round++) {
    const median = middleOf(sorted, from, to);
    sigma = scatterOf(sorted, from, to);
    let [low, high] = [from, to];
    while (low < high && sorted[low]! < median - kSigma * sigma) low++;
    while (high > low && sorted[high - 1]! > median + kSigma * sigma) high--;
    if (round === rounds || (low === from && high === to)) break;
    [from, to] = [low, high];
  }
  return { median: middleOf(sorted, from, to), sigma, count: to - from };
}

function middleOf(sorted: Float64Array, from: number, to: number): number {
  const count = to - from;
  if (count === 0) return Number.NaN;
  const half = from + Math.floor(count / 2);
  return count % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function scatterOf(sorted: Float64Array, from: number, to: number): number {
  let mean = 0;
  for (let i = from; i < to; i++) mean += sorted[i]!;
  mean /= to - from;
  let sum = 0;
  for (let i = from; i < to; i++) sum += (sorted[i]! - mean) ** 2;
  return Math.sqrt(sum / (to - from));
}
