/** Give the median of some numbers, NaN of none; none may be NaN. The input is left as it was. */
export function median(values: ArrayLike<number>): number {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = values[i]!;
  return medianInPlace(numbers, numbers.length);
}

/** Give the median of the first `n` numbers, NaN of none, and leave these in another order; none may be NaN. */
export function medianInPlace(numbers: Float64Array, n: number): number {
  if (n === 0) return Number.NaN;
  const upper = selectInPlace(numbers, n >> 1, n);
  if (n % 2 === 1) return upper;
  // Everything before the selected place is no larger: the other middle number is the largest of it.
  let lower = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n >> 1; i++) if (numbers[i]! > lower) lower = numbers[i]!;
  return (lower + upper) / 2;
}

/** Give the standard deviation estimated from the median absolute deviation about the median. */
export function madStd(values: ArrayLike<number>): number {
  const centre = median(values);
  const distances = new Float64Array(values.length);
  for (let i = 0; i < distances.length; i++) distances[i] = Math.abs(values[i]! - centre);
  return 1.482602 * medianInPlace(distances, distances.length);
}

/**
 * Put the k-th smallest of the first `n` numbers in its place, smaller ones before it and larger ones after, and return it.
 *
 * @see Hoare 1961, Comm. ACM 4, 321 (FIND), the pivot being the median of three
 */
export function selectInPlace(numbers: Float64Array, k: number, n: number): number {
  let from = 0;
  let to = n - 1;
  while (from < to) {
    const a = numbers[from]!;
    const b = numbers[(from + to) >> 1]!;
    const c = numbers[to]!;
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let i = from;
    let j = to;
    while (i <= j) {
      while (numbers[i]! < pivot) i++;
      while (numbers[j]! > pivot) j--;
      if (i > j) break;
      const swapped = numbers[i]!;
      numbers[i++] = numbers[j]!;
      numbers[j--] = swapped;
    }
    if (k <= j) to = j;
    else if (k >= i) from = i;
    else break;
  }
  return numbers[k]!;
}
