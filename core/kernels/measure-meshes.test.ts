import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { measureMeshes } from './measure-meshes.ts';
import { makeMaskPlane, makePlane, type Plane } from './plane.ts';

function noisePlane(width: number, height: number, seed: number): Plane {
  const random = createRandom(seed);
  const plane = makePlane(width, height);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = 500 + 20 * random.normal();
  return plane;
}

const options = { meshPx: 32, excludedBits: 1, minUsableFraction: 0.5 };

/** The same estimate with two fingers that walk through the histogram, as the method is told in words. */
function estimatePlainly(values: readonly number[]): { readonly mode: number; readonly sigma: number } {
  const moments = (kept: readonly number[]) => {
    const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
    const square = kept.reduce((sum, value) => sum + value * value, 0) / kept.length;
    return { mean, sigma: Math.sqrt(Math.max(0, square - mean * mean)) };
  };
  const first = moments(values);
  const low = Math.fround(first.mean - 2 * first.sigma);
  const high = Math.fround(first.mean + 2 * first.sigma);
  const kept = values.filter((value) => value >= low && value <= high);
  const { mean, sigma } = moments(kept);
  const levels = Math.min(4096, Math.floor(((Math.sqrt(2 / Math.PI) * 5) / 4) * kept.length + 1));
  const scale = Math.fround((10 * sigma) / levels);
  const zero = Math.fround(mean - 5 * sigma);
  const offset = Math.fround(0.499999 - Math.fround(zero / scale));
  const counts = new Array<number>(levels).fill(0);
  for (const value of values) {
    const bin = Math.fround(Math.fround(value / scale) + offset);
    if (bin > -1 && bin < levels) counts[Math.trunc(bin)]!++;
  }
  let [from, to, wide, before, centre, middle] = [0, levels - 1, 10 * (levels - 1), 1, mean, mean];
  for (let round = 0; round < 100 && wide >= 0.1 && Math.abs(wide / before - 1) > 1e-4; round++) {
    before = wide;
    let [left, right, leftSum, rightSum, total, one, two] = [from, to, 0, 0, 0, 0, 0];
    for (let i = from; i <= to; i++) {
      if (leftSum < rightSum) leftSum += counts[left++]!;
      else rightSum += counts[right--]!;
      total += counts[i]!;
      one += counts[i]! * i;
      two += counts[i]! * i * i;
    }
    const step = Math.max(counts[left] ?? 0, counts[right] ?? 0);
    middle = right < 0 ? 0 : right + 0.5 + (step > 0 ? (rightSum - leftSum) / (2 * step) : 0);
    centre = one / total;
    wide = Math.sqrt(Math.max(0, two / total - centre * centre));
    from = Math.max(0, Math.floor(middle - 3 * wide + 0.5));
    to = Math.min(levels - 1, Math.trunc(middle + 3 * wide + 0.5));
  }
  const isEven = Math.abs((centre - middle) / wide) < 0.3;
  return { mode: zero + (isEven ? 2.5 * middle - 1.5 * centre : middle) * scale, sigma: wide * scale };
}

describe('the sky of meshes', () => {
  it('is what walking through the histogram gives, also under stars and in cut meshes', () => {
    const plane = noisePlane(100, 70, 5);
    const random = createRandom(6);
    for (let i = 0; i < 500; i++) plane.data[random.integer(7000)] = 500 + 3000 * random.uniform();
    const { columns, rows, mode, sigma } = measureMeshes(plane, undefined, options);
    expect([columns, rows]).toEqual([4, 3]);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const values: number[] = [];
        for (let y = 32 * row; y < Math.min(70, 32 * row + 32); y++) {
          for (let x = 32 * column; x < Math.min(100, 32 * column + 32); x++)
            values.push(plane.data[y * 100 + x]!);
        }
        const plain = estimatePlainly(values);
        // Sums in another order: the last digit of float32 may differ.
        expect(mode[row * columns + column]).toBeCloseTo(plain.mode, 3);
        expect(sigma[row * columns + column]).toBeCloseTo(plain.sigma, 4);
      }
    }
  });

  it('leaves out masked and missing pixels, and meshes with too few of the others', () => {
    const plane = noisePlane(64, 64, 7);
    const mask = makeMaskPlane(64, 64);
    const clean = measureMeshes(plane, mask, options);
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 32; x++) {
        // A third of the first mesh is masked and bright; the second lost all but a few pixels.
        if (x % 3 === 0) {
          plane.data[y * 64 + x] = 1e6;
          mask.data[y * 64 + x] = 1;
        }
        if (x > 2) plane.data[y * 64 + 32 + x] = x % 2 === 0 ? Number.NaN : Number.POSITIVE_INFINITY;
      }
    }
    const { mode, sigma, usable } = measureMeshes(plane, mask, options);
    expect(Math.abs(mode[0]! - 500)).toBeLessThan(3);
    expect(mode[1]).toBeNaN();
    expect(sigma[1]).toBeNaN();
    expect([mode[2], mode[3]]).toEqual([clean.mode[2], clean.mode[3]]);
    expect(usable).toBe(64 * 64 - 11 * 32 - 29 * 32);
  });

  it('has no noise where all pixels are equal', () => {
    const plane = makePlane(40, 40);
    plane.data.fill(7);
    const { mode, sigma } = measureMeshes(plane, undefined, { ...options, meshPx: 40 });
    expect([mode[0], sigma[0]]).toEqual([7, 0]);
  });

  it.each([
    [0.7, 1, 0.12],
    [1.5, 1, 0.05],
    [3, 16, 0.05],
    [40, 1.7, 0.05],
    [900, 0.3, 0.05],
  ])('finds a sky of %d steps noise as well as without rounding, in steps of %d', (noise, step, most) => {
    const random = createRandom(12);
    const [side, mesh, origin] = [512, 64, -231.37];
    const plane = makePlane(side, side);
    // The slope puts the sky of meshes anywhere between two values.
    const level = (x: number, y: number): number => 400 + (0.011 * x + 0.007 * y) * Math.max(1, noise / 10);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const value = Math.round(level(x, y) + noise * random.normal());
        plane.data[y * side + x] = origin + step * value;
      }
    }
    const grain = { step, origin: origin + 77 * step };
    const { mode, sigma } = measureMeshes(plane, undefined, { ...options, meshPx: mesh, grain });
    let squares = 0;
    for (let k = 0; k < mode.length; k++) {
      const truth = level((k % 8) * mesh + 31.5, Math.floor(k / 8) * mesh + 31.5);
      squares += ((mode[k]! - origin) / step - truth) ** 2;
      // Rounding adds a twelfth of a step squared; 4096 pixels tell the scatter to 1 %, and clipping takes 2 %.
      expect(Math.abs(sigma[k]! / step / Math.hypot(noise, Math.sqrt(1 / 12)) - 1)).toBeLessThan(0.08);
    }
    // The mode of 4096 pixels scatters by 0.04 sigma; within a bin as wide as 1.4 sigma light is not even.
    expect(Math.sqrt(squares / mode.length) / noise).toBeLessThan(most);
  });
});
