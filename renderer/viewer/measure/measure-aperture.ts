import type { Point } from '../model.ts';
import { clipLevel } from './measure-sky.ts';
import { overlapPixel } from './overlap-area.ts';
import { type PixelBox, valueIn } from './pixel-box.ts';

/** Radii of an aperture and of the ring whose sky is taken off, px. */
export interface ApertureRadii {
  readonly radius: number;
  readonly skyInner: number;
  readonly skyOuter: number;
}

/** What an aperture holds. */
export interface AperturePhotometry {
  /** Sum of the pixels less the sky under them, in the image's unit. */
  readonly flux: number;
  /**
   * One sigma: the sky's scatter over the aperture and in its level, and for an image in electrons the star's own
   * noise.
   */
  readonly fluxErr: number;
  /** Pixels in the aperture, whole and parts. */
  readonly area: number;
  /** Sky level in one pixel, its scatter, and the pixels it is from; no sky is taken off when there are none. */
  readonly sky: number;
  readonly skySigma: number;
  readonly skyCount: number;
  readonly peak: number;
  /** Pixels of the aperture without a value: the flux lacks them. */
  readonly missing: number;
}

/**
 * Measure the flux in a circle, every pixel by the exact part of it that lies inside.
 *
 * The sky is the median of the pixels whose centres lie in the ring, after clipping at 3 sigma.
 *
 * @param box holds the ring; what lies outside it lies outside the image.
 * @param isInElectrons the star's own Poisson noise is part of the error.
 */
export function measureAperture(
  box: PixelBox,
  centre: Point,
  radii: ApertureRadii,
  isInElectrons: boolean,
): AperturePhotometry {
  const sky = measureRing(box, centre, radii);
  const level = sky.count > 0 ? sky.median : 0;
  const { sum, area, peak, missing } = sumCircle(box, centre, radii.radius);
  const flux = sum - level * area;
  const variance = sky.count > 0 ? area * sky.sigma ** 2 + (area * sky.sigma) ** 2 / sky.count : Number.NaN;
  return {
    flux,
    fluxErr: Math.sqrt(variance + (isInElectrons ? Math.max(0, flux) : 0)),
    area,
    sky: sky.median,
    skySigma: sky.sigma,
    skyCount: sky.count,
    peak,
    missing,
  };
}

/** One step of a growth curve: the flux inside a radius. */
export interface GrowthStep {
  readonly radius: number;
  readonly flux: number;
}

/** Measure how the flux grows with the radius; the sky is that of the ring for all. */
export function measureGrowth(
  box: PixelBox,
  centre: Point,
  radii: ApertureRadii,
  steps = 24,
): readonly GrowthStep[] {
  const sky = measureRing(box, centre, radii);
  const level = sky.count > 0 ? sky.median : 0;
  return Array.from({ length: steps }, (_, i) => {
    const radius = (radii.skyInner * (i + 1)) / steps;
    const { sum, area } = sumCircle(box, centre, radius);
    return { radius, flux: sum - level * area };
  });
}

function measureRing(box: PixelBox, centre: Point, { skyInner, skyOuter }: ApertureRadii) {
  const values: number[] = [];
  forEachNear(box, centre, skyOuter, (value, distance) => {
    if (distance >= skyInner && distance <= skyOuter && Number.isFinite(value)) values.push(value);
  });
  return clipLevel(Float64Array.from(values));
}

function sumCircle(box: PixelBox, { x, y }: Point, radius: number) {
  const circle = { x, y, a: radius, b: radius, angleRad: 0 };
  let [sum, area, missing, peak] = [0, 0, 0, Number.NEGATIVE_INFINITY];
  const [left, right] = [Math.floor(x - radius + 0.5), Math.ceil(x + radius - 0.5)];
  const [bottom, top] = [Math.floor(y - radius + 0.5), Math.ceil(y + radius - 0.5)];
  for (let row = bottom; row <= top; row++) {
    for (let column = left; column <= right; column++) {
      const part = overlapPixel(circle, column, row);
      if (part === 0) continue;
      const value = valueIn(box, column, row);
      if (value === undefined || !Number.isFinite(value)) {
        missing++;
        continue;
      }
      sum += part * value;
      area += part;
      peak = Math.max(peak, value);
    }
  }
  return { sum, area, missing, peak: Number.isFinite(peak) ? peak : Number.NaN };
}

/** Visit the pixels of a box whose centres are within a distance of a place. */
export function forEachNear(
  box: PixelBox,
  { x, y }: Point,
  reach: number,
  visit: (value: number, distance: number, column: number, row: number) => void,
): void {
  const bottom = Math.max(box.bottom, Math.ceil(y - reach));
  const top = Math.min(box.bottom + box.height - 1, Math.floor(y + reach));
  const left = Math.max(box.left, Math.ceil(x - reach));
  const right = Math.min(box.left + box.width - 1, Math.floor(x + reach));
  for (let row = bottom; row <= top; row++) {
    for (let column = left; column <= right; column++) {
      const distance = Math.hypot(column - x, row - y);
      if (distance <= reach) visit(valueIn(box, column, row)!, distance, column, row);
    }
  }
}
