/** Standard deviation over the median absolute deviation of a normal distribution. */
const STD_PER_MAD = 1.482602;
/** By so much, relatively, an estimate in float32 may be wrong. */
const ESTIMATE_ERROR = 1e-5;

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
  return STD_PER_MAD * medianInPlace(distances, distances.length);
}

/**
 * Give what `madStd` gives, of which an estimate is known, that of float32 for instance.
 *
 * @param centre the median.
 * @param estimate of the result.
 */
export function madStdNear(values: Float32Array, centre: number, estimate: number): number {
  const middle = estimate / STD_PER_MAD;
  const [least, most] = [middle * (1 - ESTIMATE_ERROR), middle * (1 + ESTIMATE_ERROR)];
  let below = 0;
  const near: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const distance = Math.abs(values[i]! - centre);
    if (distance < least) below++;
    else if (distance <= most) near.push(distance);
  }
  const upper = (values.length >> 1) - below;
  const lower = values.length % 2 === 1 ? upper : upper - 1;
  if (!(lower >= 0 && upper < near.length)) return madStd(values);
  near.sort((a, b) => a - b);
  return STD_PER_MAD * (lower === upper ? near[upper]! : (near[lower]! + near[upper]!) / 2);
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
