import { type PixelPosition, pixelsToPixels } from '../../observations/index.ts';
import type { PixelMap } from '../model.ts';
import { evaluatePlaneAt } from './fit-plane.ts';

/** Positions of many pixels: zero-based; NaN where the map does not reach. */
export interface PixelPositions {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Map one science pixel onto the template; NaN where a WCS does not reach. */
export function mapPixel(map: PixelMap, xPx: number, yPx: number): PixelPosition {
  const { x, y } = mapPixels(map, new Float64Array([xPx]), new Float64Array([yPx]));
  return { xPx: x[0]!, yPx: y[0]! };
}

/** Map many science pixels onto the template. */
export function mapPixels(map: PixelMap, x: Float64Array, y: Float64Array): PixelPositions {
  if (map.kind !== 'wcs') return evaluatePlaneAt(map.plane, x, y);
  const { xPx, yPx } = pixelsToPixels(map.science, map.template, x, y);
  if (map.correction !== undefined) {
    const correction = evaluatePlaneAt(map.correction, x, y);
    for (let k = 0; k < xPx.length; k++) {
      xPx[k]! += correction.x[k]!;
      yPx[k]! += correction.y[k]!;
    }
  }
  return { x: xPx, y: yPx };
}

/** Slopes of a map, template px a science px, row-major: dx'/dx, dx'/dy, dy'/dx, dy'/dy. */
export type MapSlopes = readonly [number, number, number, number];

/** Give the slopes of a map at a science pixel. */
export function mapSlopes(map: PixelMap, xPx: number, yPx: number): MapSlopes {
  return mapWithSlopes(map, new Float64Array([xPx]), new Float64Array([yPx])).slopes(0);
}

/** Places of science pixels on the template, and the slopes of the map there. */
export interface MappedWithSlopes extends PixelPositions {
  slopes(k: number): MapSlopes;
}

/** Map many science pixels onto the template, and what lies half a pixel to each side of them, at once. */
export function mapWithSlopes(map: PixelMap, xPx: Float64Array, yPx: Float64Array): MappedWithSlopes {
  const n = xPx.length;
  const [u, v] = [new Float64Array(5 * n), new Float64Array(5 * n)];
  for (let side = 0; side < 5; side++) {
    const dx = side === 1 ? -0.5 : side === 2 ? 0.5 : 0;
    const dy = side === 3 ? -0.5 : side === 4 ? 0.5 : 0;
    for (let k = 0; k < n; k++) {
      u[side * n + k] = xPx[k]! + dx;
      v[side * n + k] = yPx[k]! + dy;
    }
  }
  const { x, y } = mapPixels(map, u, v);
  return {
    x,
    y,
    slopes: (k) => [
      x[2 * n + k]! - x[n + k]!,
      x[4 * n + k]! - x[3 * n + k]!,
      y[2 * n + k]! - y[n + k]!,
      y[4 * n + k]! - y[3 * n + k]!,
    ],
  };
}

/** Side of a science pixel in template px, at a science pixel: above 1 where the template's pixels are the smaller. */
export function pixelScale(map: PixelMap, xPx: number, yPx: number): number {
  const [a, b, c, d] = mapSlopes(map, xPx, yPx);
  return Math.sqrt(Math.abs(a * d - b * c));
}

/**
 * Find the science pixel that a map sends to a template pixel, as `unmapPixels` finds many.
 *
 * @returns `undefined` where the iteration does not settle.
 */
export function unmapPixel(
  map: PixelMap,
  xPx: number,
  yPx: number,
  start: PixelPosition,
): PixelPosition | undefined {
  const { x, y } = unmapPixels(map, new Float64Array([xPx]), new Float64Array([yPx]), start);
  return Number.isNaN(x[0]!) ? undefined : { xPx: x[0]!, yPx: y[0]! };
}

/**
 * Find the science pixels that a map sends to template pixels, by Newton's method.
 *
 * @param start a science pixel to begin from, such as the middle of the image.
 * @returns NaN where the iteration does not settle: far outside the images.
 */
export function unmapPixels(
  map: PixelMap,
  xPx: Float64Array,
  yPx: Float64Array,
  start: PixelPosition,
): PixelPositions {
  const x = new Float64Array(xPx.length).fill(start.xPx);
  const y = new Float64Array(xPx.length).fill(start.yPx);
  let moving = Array.from(xPx.keys());
  const giveUp = (at: number): void => {
    x[at] = Number.NaN;
    y[at] = Number.NaN;
  };
  for (let i = 0; i < 20 && moving.length > 0; i++) {
    const now = mapWithSlopes(
      map,
      Float64Array.from(moving, (at) => x[at]!),
      Float64Array.from(moving, (at) => y[at]!),
    );
    moving = moving.filter((at, k) => {
      const [a, b, c, d] = now.slopes(k);
      const determinant = a * d - b * c;
      const [errorX, errorY] = [xPx[at]! - now.x[k]!, yPx[at]! - now.y[k]!];
      const stepX = (d * errorX - b * errorY) / determinant;
      const stepY = (a * errorY - c * errorX) / determinant;
      if (!Number.isFinite(stepX) || !Number.isFinite(stepY)) {
        giveUp(at);
        return false;
      }
      x[at]! += stepX;
      y[at]! += stepY;
      return Math.abs(stepX) + Math.abs(stepY) >= 1e-6;
    });
  }
  moving.forEach(giveUp);
  return { x, y };
}
