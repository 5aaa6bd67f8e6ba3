import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { laplacianPositive } from './compute-laplacian.ts';
import { separableMedianFilter } from './filter-median.ts';
import { makePlane, type Plane } from './plane.ts';
import { searchCosmicRays } from './search-cosmic-rays.ts';

const search = { readNoiseE: 6, threshold: 4.5, neighbourThreshold: 1.35, contrast: 5 };

function skyWithHits(width: number, height: number): Plane {
  const random = createRandom(width);
  const plane = makePlane(width, height);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = 400 + 20 * random.normal();
  for (let k = 0; k < (width * height) / 150; k++) {
    const at = random.integer(plane.data.length - 3 * width);
    const steps = [1, width, width + 1, width - 1][random.integer(4)]!;
    for (let s = 0; s < 3; s++) plane.data[at + s * steps]! += 2000 * random.uniform();
  }
  return plane;
}

/** The same search with one plane after the other. */
function searchPlainly(plane: Plane, barred: Uint8Array): number[] {
  const { width, height } = plane;
  const noise = separableMedianFilter(plane, 7).data.map((value) =>
    Math.sqrt(Math.max(Math.fround(1e-5), value) + 36),
  );
  const significance = laplacianPositive(plane);
  for (let i = 0; i < noise.length; i++) significance.data[i] = significance.data[i]! / (2 * noise[i]!);
  const large = separableMedianFilter(significance, 7).data;
  const fine = separableMedianFilter(plane, 5);
  const coarse = separableMedianFilter(fine, 9).data;
  const sharp = significance.data.map((value, i) => value - large[i]!);
  let marks = new Set<number>();
  for (let i = 0; i < sharp.length; i++) {
    const structure = Math.max(0.01, (fine.data[i]! - coarse[i]!) / noise[i]!);
    if (barred[i] === 0 && sharp[i]! > 4.5 && sharp[i]! / structure > 5) marks.add(i);
  }
  for (const least of [4.5, 1.35]) {
    const grown = new Set<number>();
    for (const at of marks) {
      const x = at % width;
      const y = (at - x) / width;
      for (let py = Math.max(0, y - 1); py <= Math.min(height - 1, y + 1); py++) {
        for (let px = Math.max(0, x - 1); px <= Math.min(width - 1, x + 1); px++) {
          const i = py * width + px;
          if (barred[i] === 0 && sharp[i]! > least) grown.add(i);
        }
      }
    }
    marks = grown;
  }
  return [...marks].sort((a, b) => a - b);
}

describe('one search for cosmic rays', () => {
  it('finds what the steps find one after the other, at every width and across bands', () => {
    for (const [width, height] of [
      [5000, 70],
      [61, 47],
      [62, 12],
      [63, 9],
      [64, 40],
      [9, 30],
    ] as const) {
      const plane = skyWithHits(width, height);
      const barred = new Uint8Array(plane.data.length);
      for (let i = 0; i < barred.length; i += 17) barred[i] = 1;
      const found = [...searchCosmicRays(plane, barred, search)!];
      expect(found, `${width} x ${height}`).toEqual(searchPlainly(plane, barred));
      if (width > 60 && height > 20) expect(found.length).toBeGreaterThan(5);
    }
  });

  it('does not search an image with a pixel that is not a number', () => {
    const plane = skyWithHits(40, 40);
    plane.data[500] = Number.NaN;
    expect(searchCosmicRays(plane, new Uint8Array(1600), search)).toBeUndefined();
  });
});
