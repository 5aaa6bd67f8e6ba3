/**
 * How raw features become a network's input: asinh(x / scale), standardised, clipped to +-4.
 *
 * The same operations are nodes of the exported graph, so that a model takes raw features.
 */
export interface Preparation {
  readonly scale: Float64Array;
  readonly mean: Float64Array;
  readonly sigma: Float64Array;
}

/** Beyond this many standard deviations a feature says no more. */
export const CLIP = 4;

/** Measure the preparation on a training table: the scale of a feature is the third quartile of its sizes. */
export function measurePreparation(rows: readonly Float32Array[]): Preparation {
  const width = rows[0]!.length;
  const scale = new Float64Array(width);
  const mean = new Float64Array(width);
  const sigma = new Float64Array(width);
  for (let f = 0; f < width; f++) {
    const sizes = rows.map((row) => Math.abs(row[f]!)).sort((a, b) => a - b);
    // Rounded to float32 here, because the exported graph holds float32.
    scale[f] = Math.fround(Math.max(sizes[Math.floor(0.75 * sizes.length)]!, 0.05));
    const values = rows.map((row) => Math.asinh(row[f]! / scale[f]!));
    mean[f] = Math.fround(values.reduce((sum, v) => sum + v, 0) / values.length);
    const variance = values.reduce((sum, v) => sum + (v - mean[f]!) ** 2, 0) / values.length;
    sigma[f] = Math.fround(Math.max(Math.sqrt(variance), 1e-3));
  }
  return { scale, mean, sigma };
}

/** Prepare one row. */
export function prepareFeatures(preparation: Preparation, row: Float32Array): Float64Array {
  return Float64Array.from(row, (value, f) => {
    const z = (Math.asinh(value / preparation.scale[f]!) - preparation.mean[f]!) / preparation.sigma[f]!;
    return Math.min(CLIP, Math.max(-CLIP, z));
  });
}
