import { describe, expect, test } from 'vitest';
import { makeMaskPlane, makePlane, type Plane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/random.ts';
import { MaskBit } from '../observations/index.ts';
import { DEFAULT_BACKGROUND, measureBackground } from './measure-background.ts';

function noisySky(
  width: number,
  height: number,
  level: (x: number, y: number) => number,
  rms: number,
): Plane {
  const random = createRandom(4);
  const plane = makePlane(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) plane.data[y * width + x] = level(x, y) + rms * random.normal();
  }
  return plane;
}

describe('the sky', () => {
  test('level and rms of pure noise are found to the error of a mesh', () => {
    const { medianLevel, medianRms } = measureBackground(
      noisySky(320, 256, () => 500, 10),
      undefined,
    );
    // The mode of 4096 pixels of rms 10 scatters by about 0.4; the median of 20 meshes by less.
    expect(Math.abs(medianLevel - 500)).toBeLessThan(0.4);
    expect(medianRms / 10).toBeCloseTo(1, 1);
  });

  test('a slope is followed between and beyond the mesh centres', () => {
    const plane = noisySky(256, 256, (x, y) => 100 + 0.2 * x - 0.1 * y, 0.5);
    const { level } = measureBackground(plane, undefined);
    for (const [x, y] of [
      [10, 10],
      [128, 128],
      [250, 30],
      [5, 250],
    ] as const) {
      expect(Math.abs(level.data[y * 256 + x]! - (100 + 0.2 * x - 0.1 * y))).toBeLessThan(1.5);
    }
  });

  test('stars on a tenth of the pixels raise the level by less than a tenth of the noise', () => {
    const plane = noisySky(256, 256, () => 500, 10);
    const random = createRandom(9);
    for (let i = 0; i < 6500; i++) plane.data[random.integer(65536)] = 500 + 400 * random.uniform();
    expect(Math.abs(measureBackground(plane, undefined).medianLevel - 500)).toBeLessThan(1);
  });

  test('masked and missing pixels are not sky, and a masked mesh takes its neighbours word', () => {
    const plane = noisySky(256, 256, () => 500, 10);
    const mask = makeMaskPlane(256, 256);
    for (let y = 0; y < 64; y++) {
      for (let x = 0; x < 64; x++) {
        plane.data[y * 256 + x] = 9000;
        mask.data[y * 256 + x] = MaskBit.BAD;
      }
    }
    plane.data[200 * 256 + 200] = Number.NaN;
    plane.data[201 * 256 + 200] = Number.POSITIVE_INFINITY;
    const { level, rms } = measureBackground(plane, mask);
    expect(Math.abs(level.data[30 * 256 + 30]! - 500)).toBeLessThan(3);
    expect(level.data.every(Number.isFinite)).toBe(true);
    expect(rms.data.every((value) => value > 0)).toBe(true);
  });

  test('what covers most of every mesh leaves one estimate from the rest', () => {
    const plane = noisySky(128, 128, () => 500, 10);
    const mask = makeMaskPlane(128, 128);
    for (let i = 0; i < mask.data.length; i++) if (i % 4 !== 0) mask.data[i] = MaskBit.SPIKE;
    expect(Math.abs(measureBackground(plane, mask).medianLevel - 500)).toBeLessThan(1);
  });

  test.each([0.02, 0.05, 0.15])(
    '%d photons a pixel have the mean as level and its root as rms, also under stars',
    (photons) => {
      const random = createRandom(6);
      const plane = makePlane(256, 256);
      for (let i = 0; i < plane.data.length; i++) plane.data[i] = random.poisson(photons);
      for (let i = 0; i < 20; i++) plane.data[random.integer(65536)] = 3 + random.integer(4);
      const { medianLevel, medianRms, rms } = measureBackground(plane, undefined);
      // At 0.02 and 0.05 pixels of two photons are clipped: the mean loses up to 5 %, as the rms does.
      expect(Math.abs(medianLevel / photons - 1)).toBeLessThan(0.1);
      expect(Math.abs(medianRms / Math.sqrt(photons) - 1)).toBeLessThan(0.08);
      expect(rms.data.every((value) => value > 0.9 * medianRms)).toBe(true);
    },
  );

  test('an image without a usable pixel is refused', () => {
    const plane = makePlane(64, 64);
    plane.data.fill(Number.NaN);
    expect(() => measureBackground(plane, undefined)).toThrow(
      expect.objectContaining({ code: 'preprocessing/no-sky' }),
    );
  });

  test('an image smaller than a mesh is constant', () => {
    const { level } = measureBackground(
      noisySky(40, 40, () => 70, 2),
      undefined,
      {
        ...DEFAULT_BACKGROUND,
        meshPx: 64,
      },
    );
    expect(new Set(level.data).size).toBe(1);
  });
});
