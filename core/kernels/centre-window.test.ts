import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../utils/random.ts';
import type { WindowedCentroid } from './centre-window.ts';
import { centreWindow, type Plane } from './index.ts';

const [WIDTH, HEIGHT] = [90, 70];

function drawStar(plane: Plane, x: number, y: number, peak: number, sigma: number): void {
  for (let k = 0; k < plane.data.length; k++) {
    const column = k % plane.width;
    const row = (k - column) / plane.width;
    plane.data[k]! += peak * Math.exp(((x - column) ** 2 + (y - row) ** 2) / (-2 * sigma * sigma));
  }
}

function drawSky(random: Random): Plane {
  const data = Float32Array.from({ length: WIDTH * HEIGHT }, () => random.normal());
  return { width: WIDTH, height: HEIGHT, data };
}

/** The same by a plain walk over the pixels, with a weight for each. */
function walk(
  { image, owners }: { readonly image: Plane; readonly owners: Int32Array },
  x: number,
  y: number,
  sigma: number,
  own: number,
  maxShift: number,
): WindowedCentroid {
  const { width, height, data } = image;
  const radius = 4 * sigma;
  let [cx, cy, fwhm] = [x, y, 0];
  const valueAt = (px: number, py: number): number | undefined => {
    if (px < 0 || py < 0 || px >= width || py >= height) return undefined;
    const owner = owners[py * width + px]!;
    return owner === 0 || owner === own ? data[py * width + px]! : undefined;
  };
  for (let round = 0; round < 16; round++) {
    let [total, sumX, sumY, sumRadius] = [0, 0, 0, 0];
    for (let py = 0; py < height; py++) {
      for (let px = 0; px < width; px++) {
        const [dx, dy] = [px - cx, py - cy];
        const overlap = Math.min(1, radius + 0.5 - Math.hypot(dx, dy));
        if (!(overlap > 0)) continue;
        const value = valueAt(px, py) ?? valueAt(Math.round(2 * cx) - px, Math.round(2 * cy) - py) ?? 0;
        const light = value * overlap * Math.exp((dx * dx + dy * dy) / (-2 * sigma * sigma));
        total += light;
        sumX += light * dx;
        sumY += light * dy;
        sumRadius += light * (dx * dx + dy * dy);
      }
    }
    if (!(total > 0)) return { x: cx, y: cy, fwhm: 0, isConverged: false };
    const [stepX, stepY] = [(2 * sumX) / total, (2 * sumY) / total];
    cx += stepX;
    cy += stepY;
    const inverse = (2 * total) / sumRadius - 1 / (sigma * sigma);
    fwhm = inverse > 0 ? 2 * Math.sqrt((2 * Math.log(2)) / inverse) : 0;
    if (Math.hypot(cx - x, cy - y) > maxShift) break;
    if (stepX ** 2 + stepY ** 2 < 1e-8) return { x: cx, y: cy, fwhm, isConverged: true };
  }
  return { x: cx, y: cy, fwhm, isConverged: false };
}

describe('a Gaussian window', () => {
  test('settles on a star wherever in a pixel that is, and finds its width', () => {
    const random = createRandom(1);
    for (let n = 0; n < 20; n++) {
      const image = { width: WIDTH, height: HEIGHT, data: new Float32Array(WIDTH * HEIGHT) };
      const [x, y, sigma] = [40 + random.uniform(), 30 + random.uniform(), 1.2 + random.uniform()];
      drawStar(image, x, y, 100, sigma);
      const owners = new Int32Array(image.data.length);
      const found = centreWindow({ image, owners }, x + 1.4, y - 0.8, 1.3 * sigma);
      expect(found.isConverged).toBe(true);
      // The last step is below 1e-4 px, and each is a small part of the one before.
      expect(found.x).toBeCloseTo(x, 4);
      expect(found.y).toBeCloseTo(y, 4);
      expect(found.fwhm).toBeCloseTo(2.3548 * sigma, 2);
    }
  });

  test('sees what a plain walk over the pixels sees, among neighbours, holes and edges', () => {
    const random = createRandom(2);
    const image = drawSky(random);
    const stars = Array.from({ length: 40 }, (_, n) => {
      const [x, y] = [random.uniform() * WIDTH, random.uniform() * HEIGHT];
      drawStar(image, x, y, 30 + 100 * random.uniform(), 1.2 + random.uniform());
      return { x, y, own: n + 1 };
    });
    const owners = new Int32Array(image.data.length);
    for (const { x, y, own } of stars) {
      for (let k = 0; k < owners.length; k++) {
        const column = k % WIDTH;
        if (owners[k] === 0 && Math.hypot(column - x, (k - column) / WIDTH - y) < 3) owners[k] = own;
      }
    }
    for (let n = 0; n < 150; n++) {
      const at = Math.floor(random.uniform() * owners.length);
      owners[at] = -1;
      image.data[at] = Number.NaN;
    }
    let settled = 0;
    for (const { x, y, own } of stars) {
      for (const sigma of [0.7, 1.6, 4]) {
        const maxShift = 4 + 2 * sigma;
        const found = centreWindow({ image, owners }, x + 0.7, y - 0.4, sigma, own, maxShift);
        const expected = walk({ image, owners }, x + 0.7, y - 0.4, sigma, own, maxShift);
        expect(found.isConverged).toBe(expected.isConverged);
        if (!found.isConverged) continue;
        settled++;
        // Pixels and their weights are rounded to single precision.
        expect(found.x).toBeCloseTo(expected.x, 4);
        expect(found.y).toBeCloseTo(expected.y, 4);
        expect(found.fwhm).toBeCloseTo(expected.fwhm, 3);
      }
    }
    expect(settled).toBeGreaterThan(60);
  });

  test('follows a star far across the image, and not beyond the shift that is allowed', () => {
    const image = { width: WIDTH, height: HEIGHT, data: new Float32Array(WIDTH * HEIGHT) };
    drawStar(image, 61.3, 33.8, 100, 3);
    const source = { image, owners: new Int32Array(image.data.length) };
    const far = centreWindow(source, 52, 30, 3, 0, 20);
    expect(far.isConverged).toBe(true);
    expect(far.x).toBeCloseTo(61.3, 3);
    expect(centreWindow(source, 52, 30, 3, 0, 2).isConverged).toBe(false);
  });

  test('does not settle without light, beyond the image or without a width', () => {
    const image = { width: WIDTH, height: HEIGHT, data: new Float32Array(WIDTH * HEIGHT).fill(-1) };
    const source = { image, owners: new Int32Array(image.data.length) };
    for (const [x, y, sigma] of [
      [30, 30, 2],
      [-1e12, 30, 2],
      [30, 1e12, 2],
      [30, 30, 0],
      [30, 30, Number.NaN],
      [Number.NaN, 30, 2],
    ] as const) {
      expect(centreWindow(source, x, y, sigma).isConverged).toBe(false);
    }
  });

  test('gives up where light is beyond what floats hold, and where the window is larger than any star', () => {
    const image = drawSky(createRandom(5));
    const owners = new Int32Array(WIDTH * HEIGHT);
    for (const at of [40 * WIDTH + 60, 40 * WIDTH + 61, 41 * WIDTH + 60, 41 * WIDTH + 61])
      image.data[at] = 3.4e38;
    expect(centreWindow({ image, owners }, 60, 40, 3).isConverged).toBe(false);
    expect(centreWindow({ image: drawSky(createRandom(5)), owners }, 60, 40, 300).isConverged).toBe(false);
  });
});
