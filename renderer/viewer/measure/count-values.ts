/** How many values fall into each of many equal steps. */
export interface Histogram {
  /** Lower edge of the first step and upper edge of the last. */
  readonly lo: number;
  readonly hi: number;
  readonly counts: Uint32Array;
  /** Values beyond the two edges. */
  readonly below: number;
  readonly above: number;
}

/** Count values between two edges; the upper edge belongs to the last step. NaN counts nowhere. */
export function countValues(values: ArrayLike<number>, lo: number, hi: number, steps: number): Histogram {
  const counts = new Uint32Array(steps);
  const scale = steps / (hi - lo);
  let [below, above] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < lo) below++;
    else if (value > hi) above++;
    else if (value >= lo) counts[Math.min(steps - 1, Math.floor((value - lo) * scale))]!++;
  }
  return { lo, hi, counts, below, above };
}
