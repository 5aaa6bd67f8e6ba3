import { describe, expect, test } from 'vitest';
import { makeMaskPlane, makePlane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/index.ts';
import { DEFAULT_PREPROCESSING } from './config.ts';
import { measureFirstSky, measureSky } from './measure-sky.ts';

const SIDE = 512;
const NOISE = 10;

/** A sky that rises along x, with whatever stands above it. */
function drawSky(light: (x: number, y: number) => number) {
  const random = createRandom(3);
  const image = makePlane(SIDE, SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      image.data[y * SIDE + x] = 500 + 0.1 * x + light(x, y) + NOISE * random.normal();
    }
  }
  return image;
}

function skyOf(light: (x: number, y: number) => number) {
  const image = drawSky(light);
  const mask = makeMaskPlane(SIDE, SIDE);
  const config = DEFAULT_PREPROCESSING;
  const first = measureFirstSky(image, mask, config, makePlane(SIDE, SIDE));
  return measureSky(image, mask, first, config, makeMaskPlane(SIDE, SIDE)).mesh;
}

describe('measureSky', () => {
  const star = (x: number, y: number, sigma: number) =>
    4000 * Math.exp(-(x * x + y * y) / (2 * sigma * sigma));

  test('a trail with the stars that it touches does not enlarge the meshes', () => {
    const trail = (x: number, y: number) => 300 * Math.exp(-((y - 0.5 * x - 60) ** 2) / 8);
    // Stars strung from the trail outwards make one wide footprint with it.
    const spur = (x: number, y: number) =>
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].reduce(
        (sum, k) =>
          sum + star(x - 120 - 4 * k, y - 120 - 9 * k, 3) + star(x - 400 + 4 * k, y - 260 + 9 * k, 3),
        0,
      );
    const mesh = skyOf((x, y) => trail(x, y) + spur(x, y));
    expect(mesh.meshPx).toBeLessThan(80);
    // The slope adds 2 % within a mesh; within a third of the image it would add 11 %.
    expect(Math.abs(mesh.medianRms / NOISE - 1)).toBeLessThan(0.05);
  });

  test('a source larger than a mesh enlarges it', () => {
    const mesh = skyOf((x, y) => star(x - 256, y - 256, 30));
    expect(mesh.meshPx).toBeGreaterThan(100);
  });
});
