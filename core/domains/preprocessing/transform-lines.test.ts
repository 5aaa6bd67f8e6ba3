import { describe, expect, test } from 'vitest';
import type { Plane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/random.ts';
import { findLines } from './transform-lines.ts';

function noise(width: number, height: number, seed: number): Plane {
  const random = createRandom(seed);
  return { width, height, data: Float32Array.from({ length: width * height }, () => random.normal()) };
}

function addLine(
  { width, data }: Plane,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  level: number,
): void {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
  for (let k = 0; k <= steps; k++) {
    const x = Math.round(x0 + ((x1 - x0) * k) / steps);
    const y = Math.round(y0 + ((y1 - y0) * k) / steps);
    data[y * width + x]! += level;
  }
}

describe('sums along lines', () => {
  test.each([
    [5, 10, 250, 120],
    [5, 150, 250, 20],
    [100, 3, 130, 155],
    [140, 3, 60, 155],
    [3, 80, 252, 80],
    [200, 2, 200, 157],
  ])('find a line of one sigma a pixel from (%d, %d) to (%d, %d)', (x0, y0, x1, y1) => {
    const plane = noise(256, 160, 4);
    addLine(plane, x0, y0, x1, y1, 1);
    const [best] = findLines(plane, 32, 5);
    expect(best).toBeDefined();
    const length = Math.hypot(x1 - x0, y1 - y0);
    const distance = (x: number, y: number): number =>
      Math.abs((y - y0) * (x1 - x0) - (x - x0) * (y1 - y0)) / length;
    expect(distance(best!.x0, best!.y0)).toBeLessThan(4);
    expect(distance(best!.x1, best!.y1)).toBeLessThan(4);
  });

  test('find nothing in noise', () => {
    for (let seed = 1; seed <= 5; seed++) expect(findLines(noise(256, 160, seed), 32, 6)).toEqual([]);
  });

  test('of an image of a few pixels, or of zeros, find nothing', () => {
    expect(findLines(noise(3, 2, 1), 8, 5)).toEqual([]);
    expect(findLines({ width: 64, height: 64, data: new Float32Array(64 * 64) }, 8, 5)).toEqual([]);
  });
});
