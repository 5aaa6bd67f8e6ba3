import type { PixelBox } from './pixel-box.ts';

/** What is told of the pixels of a region. */
export interface AreaStatistics {
  /** Pixels with a value, and without one. */
  readonly count: number;
  readonly missing: number;
  readonly sum: number;
  readonly mean: number;
  readonly median: number;
  /** Standard deviation, the squares divided by the count. */
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Measure the pixels whose centres lie in a region.
 *
 * @returns NaN for everything but counts and sum when there are none.
 */
export function measureArea(box: PixelBox, contains: (x: number, y: number) => boolean): AreaStatistics {
  const values: number[] = [];
  let [missing, sum] = [0, 0];
  for (let row = 0; row < box.height; row++) {
    for (let column = 0; column < box.width; column++) {
      if (!contains(box.left + column, box.bottom + row)) continue;
      const value = box.data[row * box.width + column]!;
      if (Number.isFinite(value)) {
        values.push(value);
        sum += value;
      } else missing++;
    }
  }
  const count = values.length;
  if (count === 0)
    return {
      count,
      missing,
      sum,
      mean: Number.NaN,
      median: Number.NaN,
      std: Number.NaN,
      min: Number.NaN,
      max: Number.NaN,
    };
  const mean = sum / count;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const sorted = Float64Array.from(values).sort();
  const half = count >> 1;
  const median = count % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  return {
    count,
    missing,
    sum,
    mean,
    median,
    std: Math.sqrt(squares / count),
    min: sorted[0]!,
    max: sorted[count - 1]!,
  };
}
