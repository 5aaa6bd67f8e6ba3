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

/** Slopes of a map at a science pixel, template px a science px, row-major: dx'/dx, dx'/dy, dy'/dx, dy'/dy. */
export function mapSlopes(
  map: PixelMap,
  xPx: number,
  yPx: number,
): readonly [number, number, number, number] {
  const { x, y } = mapPixels(
    map,
    new Float64Array([xPx - 0.5, xPx + 0.5, xPx, xPx]),
    new Float64Array([yPx, yPx, yPx - 0.5, yPx + 0.5]),
  );
  return [x[1]! - x[0]!, x[3]! - x[2]!, y[1]! - y[0]!, y[3]! - y[2]!];
}

/** Side of a science pixel in template px, at a science pixel: above 1 where the template's pixels are the smaller. */
export function pixelScale(map: PixelMap, xPx: number, yPx: number): number {
  const [a, b, c, d] = mapSlopes(map, xPx, yPx);
  return Math.sqrt(Math.abs(a * d - b * c));
}

/**
 * Find the science pixel that a map sends to a template pixel, by Newton's method.
 *
 * @param start a science pixel to begin from, such as the middle of the image.
 * @returns `undefined` where the iteration does not settle: far outside the images.
 */
export function unmapPixel(
  map: PixelMap,
  xPx: number,
  yPx: number,
  start: PixelPosition,
): PixelPosition | undefined {
  let { xPx: x, yPx: y } = start;
  for (let i = 0; i < 20; i++) {
    const at = mapPixel(map, x, y);
    const [a, b, c, d] = mapSlopes(map, x, y);
    const determinant = a * d - b * c;
    const [errorX, errorY] = [xPx - at.xPx, yPx - at.yPx];
    const stepX = (d * errorX - b * errorY) / determinant;
    const stepY = (a * errorY - c * errorX) / determinant;
    if (!Number.isFinite(stepX) || !Number.isFinite(stepY)) return undefined;
    x += stepX;
    y += stepY;
    if (Math.abs(stepX) + Math.abs(stepY) < 1e-6) return { xPx: x, yPx: y };
  }
  return undefined;
}
