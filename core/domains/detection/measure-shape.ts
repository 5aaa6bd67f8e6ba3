import type { Stamp } from './draw-psf.ts';

/** Size and elongation of what is in a stamp, relative to a point source in the same place. */
export interface Shape {
  /** Size over the PSF's, 0.2..5. */
  readonly fwhmRatio: number;
  /** Axis ratio over the PSF's, 1..10. */
  readonly elongation: number;
  /** Opposite-sign share of the light beyond 2 sigma, 0..1. */
  readonly negativeFraction: number;
}

interface Moments {
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

/**
 * Measure second moments under a Gaussian window and compare them with the PSF's own under the same window.
 *
 * @param difference,variance,psf stamps of one size and middle; NaN and masked pixels are left out.
 * @param x,y position relative to the middle, px.
 * @param sign of the detection.
 */
export function measureShape(
  difference: Stamp,
  variance: Stamp,
  psf: Stamp,
  x: number,
  y: number,
  fwhmPx: number,
  sign: number,
): Shape {
  const own = weightedMoments(difference, difference, x, y, fwhmPx, sign);
  const point = weightedMoments(psf, difference, x, y, fwhmPx, 1);
  const shape = { fwhmRatio: 0.2, elongation: 1 };
  if (own && point) {
    shape.fwhmRatio = clamp(Math.sqrt((own.xx + own.yy) / (point.xx + point.yy)), 0.2, 5);
    shape.elongation = clamp(axisRatio(own) / axisRatio(point), 1, 10);
  }
  return { ...shape, negativeFraction: measureNegativeFraction(difference, variance, 1.5 * fwhmPx, sign) };
}

function weightedMoments(
  stamp: Stamp,
  present: Stamp,
  x: number,
  y: number,
  fwhmPx: number,
  sign: number,
): Moments | undefined {
  const side = 2 * stamp.radius + 1;
  const sigma2 = (fwhmPx / 2.3548) ** 2;
  let sum = 0;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let k = 0; k < stamp.data.length; k++) {
    if (Number.isNaN(present.data[k]!)) continue;
    const dx = (k % side) - stamp.radius - x;
    const dy = Math.floor(k / side) - stamp.radius - y;
    const r2 = dx * dx + dy * dy;
    if (r2 > 9 * sigma2) continue;
    const w = sign * stamp.data[k]! * Math.exp((-0.5 * r2) / sigma2);
    sum += w;
    xx += w * dx * dx;
    xy += w * dx * dy;
    yy += w * dy * dy;
  }
  if (!(sum > 0) || !(xx > 0) || !(yy > 0)) return undefined;
  return { xx: xx / sum, xy: xy / sum, yy: yy / sum };
}

function axisRatio({ xx, xy, yy }: Moments): number {
  const mean = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  return Math.sqrt((mean + spread) / Math.max(mean - spread, 1e-2 * mean));
}

function measureNegativeFraction(difference: Stamp, variance: Stamp, reach: number, sign: number): number {
  const side = 2 * difference.radius + 1;
  let opposite = 0;
  let total = 0;
  for (let k = 0; k < difference.data.length; k++) {
    const dx = (k % side) - difference.radius;
    const dy = Math.floor(k / side) - difference.radius;
    const value = difference.data[k]!;
    if (dx * dx + dy * dy > reach * reach || Number.isNaN(value)) continue;
    if (value * value < 4 * variance.data[k]!) continue;
    total += Math.abs(value);
    if (value * sign < 0) opposite -= value * sign;
  }
  return total > 0 ? opposite / total : 0;
}

/** Keep a number within bounds; NaN becomes the lower one. */
export function clamp(value: number, low: number, high: number): number {
  if (!(value > low)) return low;
  return Math.min(value, high);
}
