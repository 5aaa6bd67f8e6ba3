/** Feature vectors of candidates, one row each; columns in one order. */
export interface FeatureTable {
  readonly names: readonly string[];
  readonly rows: readonly Float64Array[];
}

/** How features are brought to one scale. */
export interface FeatureScale {
  readonly names: readonly string[];
  readonly centre: Float64Array;
  readonly width: Float64Array;
}

/** A value further out than this says "far out" and no more, in widths. */
const FARTHEST = 6;

/** Median absolute deviation to standard deviation of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;

/** Neighbours whose distance is averaged. */
const NEIGHBOURS = 5;

/** Put named features in rows; one that a candidate lacks is NaN and takes no part in its distances. */
export function tabulateFeatures(features: readonly Readonly<Record<string, number>>[]): FeatureTable {
  const names = [...new Set(features.flatMap((one) => Object.keys(one)))].sort();
  const rows = features.map((one) => Float64Array.from(names, (name) => one[name] ?? Number.NaN));
  return { names, rows };
}

/** Measure the middle and the spread of each feature, so that outliers do not set the scale. */
export function scaleFeatures({ names, rows }: FeatureTable): FeatureScale {
  const centre = new Float64Array(names.length);
  const width = new Float64Array(names.length);
  for (let f = 0; f < names.length; f++) {
    const values = rows.map((row) => row[f]!).filter(Number.isFinite);
    centre[f] = medianOf(values);
    width[f] = MAD_TO_SIGMA * medianOf(values.map((value) => Math.abs(value - centre[f]!)));
  }
  return { names, centre, width };
}

/** Bring a candidate's features to the scale; constant features and missing ones are NaN. */
export function standardise(features: Readonly<Record<string, number>>, scale: FeatureScale): Float64Array {
  return Float64Array.from(scale.names, (name, f) => {
    const z = (features[name] ?? Number.NaN) - scale.centre[f]!;
    return scale.width[f]! > 0 ? Math.max(-FARTHEST, Math.min(FARTHEST, z / scale.width[f]!)) : Number.NaN;
  });
}

/**
 * Distance of a candidate to its nearest neighbours among those that were seen, in widths of a feature.
 *
 * Root mean square over the features both have, averaged over the five nearest. Large is new.
 *
 * @returns `undefined` where nothing was seen yet.
 */
export function measureNovelty(row: Float64Array, seen: readonly Float64Array[]): number | undefined {
  if (seen.length === 0) return undefined;
  const nearest: number[] = [];
  for (const other of seen) {
    const distance = distanceOf(row, other);
    if (nearest.length < NEIGHBOURS) nearest.push(distance);
    else if (distance < nearest[NEIGHBOURS - 1]!) nearest[NEIGHBOURS - 1] = distance;
    else continue;
    nearest.sort((a, b) => a - b);
  }
  return nearest.reduce((total, distance) => total + distance, 0) / nearest.length;
}

/**
 * What a label of a candidate is expected to tell, in bits, weighted by how many others are like it.
 *
 * An uncertain candidate alone in its corner teaches little; one amid many like it teaches about all of them.
 *
 * @param score the model's, 0 to 1.
 * @param population a sample of all candidates, standardised alike.
 * @param accuracy of the curator who will answer: noise in the answer takes from what it tells.
 * @see Settles & Craven 2008, EMNLP, eq. 9 (information density, beta = 1); the uncertainty is the mutual information
 *   of truth and answer, as curators are not infallible.
 */
export function measureGain(
  score: number,
  row: Float64Array,
  population: readonly Float64Array[],
  accuracy = 0.9,
): number {
  const said = score * accuracy + (1 - score) * (1 - accuracy);
  const bits = Math.max(0, entropyBits(said) - entropyBits(accuracy));
  if (population.length === 0) return bits;
  const likeness = population.reduce((total, other) => total + 1 / (1 + distanceOf(row, other)), 0);
  return (bits * likeness) / population.length;
}

function entropyBits(p: number): number {
  return p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);
}

function distanceOf(a: Float64Array, b: Float64Array): number {
  let total = 0;
  let common = 0;
  for (let f = 0; f < a.length; f++) {
    const difference = a[f]! - b[f]!;
    if (Number.isNaN(difference)) continue;
    total += difference * difference;
    common++;
  }
  return common === 0 ? 0 : Math.sqrt(total / common);
}

function medianOf(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
