import type { Plane } from '../../../kernels/index.ts';
import { type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import type { CoaddConfig } from './coadd-config.ts';
import type { CoaddLayer } from './model.ts';

/** Variance of a median over that of a mean of as many normal deviates. */
const MEDIAN_VARIANCE = 1.57;
const HIGH = 1;
const LOW = 2;

/** How far from a star its light may move with the seeing, px: rows beyond the wanted ones that a band needs. */
export const SEEING_REACH_PX = 3;

/**
 * Find pixels that are not what the other exposures show: cosmic rays, trails, what moved or came and went.
 *
 * Against the median of the exposures' values on the reference's flux scale; of two, against the lower, as light comes
 * on top. The threshold is the noise that the median's light and the sky make in that exposure, not the noise of the
 * outlier's own light. Where there is a star, seeing moves light between neighbouring pixels: a fraction of the
 * brightest median around is allowed besides, as much as the point-spread functions differ. Neighbours of outliers go
 * with them at a lower threshold on the same side.
 *
 * @returns for each layer, not zero at its outliers.
 * @see Gruen, Seitz & Bernstein 2014, PASP 126, 158, who allow a fraction of the pixel's own median
 */
export function findOutliers(
  layers: readonly CoaddLayer[],
  bands: readonly MaskedImage[],
  config: CoaddConfig,
): readonly Uint8Array[] {
  const { width, height } = bands[0]!.science;
  const n = layers.length;
  const middles = new Float32Array(width * height);
  const light = new Float32Array(width * height);
  const values = new Float64Array(n);
  const sorted = new Float64Array(n);
  const members = new Int32Array(n);
  const gather = (at: number): number => {
    let count = 0;
    for (let k = 0; k < n; k++) {
      if ((bands[k]!.mask.data[at]! & UNUSABLE) !== 0) continue;
      members[count] = k;
      values[count] = bands[k]!.science.data[at]! / layers[k]!.fluxScale;
      count++;
    }
    return count;
  };
  // Variance of the median, given its light.
  const varianceOfMiddle = (at: number, count: number, middle: number): number => {
    let mean = 0;
    for (let m = 0; m < count; m++)
      mean += expectedVariance(layers[members[m]!]!, bands[members[m]!]!, at, middle) / count;
    return count === 2 ? mean : (MEDIAN_VARIANCE * mean) / count;
  };
  for (let at = 0; at < width * height; at++) {
    const count = gather(at);
    if (count < 2) continue;
    const middle = middleOf(values, sorted, count);
    middles[at] = middle;
    light[at] = Math.max(0, middle - 3 * Math.sqrt(varianceOfMiddle(at, count, middle)));
  }
  const around = brightestAround(light, width, height);
  const fraction = Math.max(config.clipFraction, 1.2 * seeingChange(layers));
  const outliers = layers.map(() => new Uint8Array(width * height));
  // Above the lower threshold: candidates to go with a neighbour.
  const leaning = layers.map(() => new Uint8Array(width * height));
  for (let at = 0; at < width * height; at++) {
    const count = gather(at);
    if (count < 2) continue;
    const middle = middles[at]!;
    const ofMiddle = varianceOfMiddle(at, count, middle);
    const allowed = fraction * around[at]!;
    for (let m = 0; m < count; m++) {
      const excess = Math.abs(values[m]! - middle) - allowed;
      if (excess <= 0) continue;
      const k = members[m]!;
      const sigma = Math.sqrt(expectedVariance(layers[k]!, bands[k]!, at, middle) + ofMiddle);
      if (excess <= config.growSigma * sigma) continue;
      const side = values[m]! > middle ? HIGH : LOW;
      leaning[k]![at] = side;
      if (excess > config.clipSigma * sigma) outliers[k]![at] = side;
    }
  }
  for (let k = 0; k < n; k++)
    for (let round = 0; round < config.growRounds; round++)
      growInto(outliers[k]!, leaning[k]!, width, height);
  return outliers;
}

/** Largest departure of a layer's point-spread function from the middle one's, over its peak; 0 if one is unknown. */
function seeingChange(layers: readonly CoaddLayer[]): number {
  const stamps = layers.map(({ psf }) => psf);
  if (!stamps.every((stamp) => stamp !== undefined)) return 0;
  const at = ({ width, data }: Plane, dx: number, dy: number): number => {
    const half = width >> 1;
    return Math.max(Math.abs(dx), Math.abs(dy)) > half ? 0 : data[(dy + half) * width + dx + half]!;
  };
  const middle = stamps.toSorted((a, b) => at(a, 0, 0) - at(b, 0, 0))[stamps.length >> 1]!;
  const reach = 2 * SEEING_REACH_PX;
  let worst = 0;
  for (const stamp of stamps)
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++)
        worst = Math.max(worst, Math.abs(at(stamp, dx, dy) - at(middle, dx, dy)));
  return worst / at(middle, 0, 0);
}

/** The largest value within a square about each pixel. */
function brightestAround(values: Float32Array, width: number, height: number): Float32Array {
  const rows = new Float32Array(values.length);
  const out = new Float32Array(values.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let most = 0;
      const last = Math.min(width - 1, x + SEEING_REACH_PX);
      for (let i = Math.max(0, x - SEEING_REACH_PX); i <= last; i++)
        if (values[y * width + i]! > most) most = values[y * width + i]!;
      rows[y * width + x] = most;
    }
  for (let y = 0; y < height; y++) {
    const last = Math.min(height - 1, y + SEEING_REACH_PX);
    for (let x = 0; x < width; x++) {
      let most = 0;
      for (let j = Math.max(0, y - SEEING_REACH_PX); j <= last; j++)
        if (rows[j * width + x]! > most) most = rows[j * width + x]!;
      out[y * width + x] = most;
    }
  }
  return out;
}

/** The median; of two, the lower. */
function middleOf(values: Float64Array, sorted: Float64Array, count: number): number {
  // Insertion: there are a few to a few tens.
  for (let m = 0; m < count; m++) {
    const value = values[m]!;
    let at = m;
    for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!;
    sorted[at] = value;
  }
  if (count === 2) return sorted[0]!;
  const half = count >> 1;
  return count % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Variance that a layer's pixel has if its light is the median's, on the reference's scale. */
function expectedVariance(
  { fluxScale, noiseCorrelationFactor }: CoaddLayer,
  { science, variance }: MaskedImage,
  at: number,
  middle: number,
): number {
  const shrink = noiseCorrelationFactor ** 2;
  const own = variance.data[at]!;
  // Take the pixel's own light's noise out, at most nine tenths of all, and put the median's in.
  const sky = Math.max(0.1 * own, own - shrink * Math.max(0, science.data[at]!));
  return (sky + shrink * Math.max(0, middle * fluxScale)) / fluxScale ** 2;
}

function growInto(outliers: Uint8Array, leaning: Uint8Array, width: number, height: number): void {
  const found: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const side = leaning[at]!;
      if (side === 0 || outliers[at] !== 0) continue;
      let touches = false;
      for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1) && !touches; j++)
        for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++)
          if (outliers[j * width + i] === side) touches = true;
      if (touches) found.push(at);
    }
  for (const at of found) outliers[at] = leaning[at]!;
}
