import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import type { ProfileImage, ProfileTables } from './fit-profiles.ts';
import { fitProfiles } from './fit-profiles.ts';
import { makeMaskPlane, makePlane } from './plane.ts';

const SIZE = 21;
const SIGMA = 1.4;
const OPTIONS = { unusable: 3, radiusPx: 4.3, hasPedestal: false };

function gaussian(sigma: number): Float32Array {
  const table = new Float32Array(SIZE * SIZE);
  for (let k = 0; k < table.length; k++) {
    const r2 = ((k % SIZE) - 10) ** 2 + (Math.floor(k / SIZE) - 10) ** 2;
    table[k] = Math.exp(-r2 / (2 * sigma ** 2)) / (2 * Math.PI * sigma ** 2);
  }
  return table;
}

const constant: ProfileTables = {
  size: SIZE,
  tables: [gaussian(SIGMA)],
  factorsAt: (_x, _y, factors) => factors.fill(1),
};

function makeImage(width: number, height: number, noise: number, seed = 1): ProfileImage {
  const random = createRandom(seed);
  const image = {
    plane: makePlane(width, height),
    variance: makePlane(width, height),
    mask: makeMaskPlane(width, height),
  };
  for (let k = 0; k < width * height; k++) {
    image.plane.data[k] = noise * random.normal();
    image.variance.data[k] = 1 + random.uniform();
  }
  return image;
}

function addStar({ plane }: ProfileImage, x: number, y: number, flux: number, sigma = SIGMA): void {
  for (let k = 0; k < plane.data.length; k++) {
    const r2 = ((k % plane.width) - x) ** 2 + (Math.floor(k / plane.width) - y) ** 2;
    plane.data[k]! += (flux * Math.exp(-r2 / (2 * sigma ** 2))) / (2 * Math.PI * sigma ** 2);
  }
}

/** The profile between its pixels, by Lanczos-4 as the textbook writes it, normalised. */
function interpolateProfile(dx: number, dy: number): number {
  const weights = (shift: number): Map<number, number> => {
    const found = new Map<number, number>();
    for (let k = Math.ceil(shift) - 4; k < Math.ceil(shift) + 4; k++) {
      const t = Math.PI * (k - shift);
      found.set(k, Math.abs(t) < 1e-9 ? 1 : (4 * Math.sin(t) * Math.sin(t / 4)) / (t * t));
    }
    const sum = [...found.values()].reduce((a, b) => a + b, 0);
    return new Map([...found].map(([k, w]) => [k, w / sum]));
  };
  const table = constant.tables[0]!;
  let value = 0;
  for (const [j, v] of weights(dy)) {
    for (const [i, u] of weights(dx)) {
      const isIn = Math.abs(i) <= 10 && Math.abs(j) <= 10;
      if (isIn) value += u * v * table[(j + 10) * SIZE + i + 10]!;
    }
  }
  return value;
}

/** Mean variance of the usable pixels of 3 x 3 that are fitted. */
function meanVariance({ variance, mask }: ProfileImage, x: number, y: number, i: number, j: number): number {
  const values: number[] = [];
  for (let v = j - 1; v <= j + 1; v++) {
    for (let u = i - 1; u <= i + 1; u++) {
      const isIn = u >= 0 && v >= 0 && u < variance.width && v < variance.height;
      const isNear = (u - x) ** 2 + (v - y) ** 2 <= OPTIONS.radiusPx ** 2;
      if (!isIn || !isNear || (mask.data[v * mask.width + u]! & OPTIONS.unusable) !== 0) continue;
      values.push(variance.data[v * variance.width + u]!);
    }
  }
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The same fit by the textbook. */
function fitPlainly(image: ProfileImage, x: number, y: number, hasPedestal: boolean) {
  const { width, height } = image.plane;
  const pixels: { p: number; d: number; w: number }[] = [];
  let lost = 0;
  let all = 0;
  for (let j = Math.round(y) - 8; j <= Math.round(y) + 8; j++) {
    for (let i = Math.round(x) - 8; i <= Math.round(x) + 8; i++) {
      const r2 = (i - x) ** 2 + (j - y) ** 2;
      if (r2 > OPTIONS.radiusPx ** 2) continue;
      const p = interpolateProfile(i - x, j - y);
      all += p * p;
      const isIn = i >= 0 && j >= 0 && i < width && j < height;
      if (!isIn || (image.mask.data[j * width + i]! & OPTIONS.unusable) !== 0) {
        lost += p * p;
        continue;
      }
      pixels.push({ p, d: image.plane.data[j * width + i]!, w: 1 / meanVariance(image, x, y, i, j) });
    }
  }
  const sum = (of: (pixel: { p: number; d: number; w: number }) => number): number =>
    pixels.reduce((total, pixel) => total + of(pixel), 0);
  const pp = sum(({ p, w }) => w * p * p);
  const p1 = hasPedestal ? sum(({ p, w }) => w * p) : 0;
  const one = hasPedestal ? sum(({ w }) => w) : 1;
  const pd = sum(({ p, d, w }) => w * p * d);
  const d1 = hasPedestal ? sum(({ d, w }) => w * d) : 0;
  const determinant = pp * one - p1 * p1;
  const flux = (one * pd - p1 * d1) / determinant;
  const pedestal = (pp * d1 - p1 * pd) / determinant;
  return {
    flux,
    variance: one / determinant,
    pedestal,
    chi2: sum(({ p, d, w }) => w * (d - flux * p - pedestal) ** 2),
    pixels: pixels.length,
    below: pixels.filter(({ d }) => d < 0).length,
    lostFraction: lost / all,
  };
}

describe('fitProfiles', () => {
  for (const hasPedestal of [false, true]) {
    it(`equals the textbook's least squares ${hasPedestal ? 'with' : 'without'} a constant, masked or not, inside and at the rim`, () => {
      const image = makeImage(61, 47, 3);
      const random = createRandom(9);
      const places = Array.from({ length: 300 }, () => [
        65 * random.uniform() - 2,
        51 * random.uniform() - 2,
      ]);
      for (let k = 0; k < 60; k++) image.mask.data[Math.floor(random.uniform() * 61 * 47)] = k % 5;
      const fits = fitProfiles(image, constant, Float64Array.from(places.flat()), {
        ...OPTIONS,
        hasPedestal,
      });
      places.forEach(([x, y], k) => {
        const expected = fitPlainly(image, x!, y!, hasPedestal);
        // Sums of 60 pixels in float32.
        expect(Math.abs(fits[k]!.flux - expected.flux) / Math.sqrt(expected.variance)).toBeLessThan(1e-4);
        expect(fits[k]!.variance / expected.variance).toBeCloseTo(1, 4);
        expect(fits[k]!.pedestal).toBeCloseTo(expected.pedestal, 4);
        expect(fits[k]!.chi2 / expected.chi2).toBeCloseTo(1, 4);
        expect(fits[k]!.pixels).toBe(expected.pixels);
        expect(fits[k]!.below).toBe(expected.below);
        expect(fits[k]!.lostFraction).toBeCloseTo(expected.lostFraction, 3);
      });
    });
  }

  it('gives NaN where nothing can be used', () => {
    const image = makeImage(32, 32, 1);
    image.mask.data.fill(1);
    const [masked, outside] = fitProfiles(image, constant, Float64Array.of(16, 16, 100, -50), OPTIONS);
    for (const fit of [masked!, outside!]) {
      expect(fit.flux).toBeNaN();
      expect(fit.variance).toBeNaN();
      expect(fit.lostFraction).toBe(1);
    }
  });

  it('tells the residuals of a bright source to a part in a million of its light', () => {
    const image = makeImage(41, 41, 0);
    addStar(image, 20, 20, 1e6);
    const [fit] = fitProfiles(image, constant, Float64Array.of(20, 20), OPTIONS);
    expect(fit!.flux / 1e6).toBeCloseTo(1, 6);
    // Sums of d^2 / V reach 4e10 here; what is left is rounding of single pixels.
    expect(fit!.chi2).toBeLessThan(1);
  });

  it('draws a profile that varies over the image at each place by itself, whichever others are asked for', () => {
    const wide = gaussian(2);
    const narrow = gaussian(1.2);
    const varying: ProfileTables = {
      size: SIZE,
      tables: [narrow, wide.map((value, k) => value - narrow[k]!)],
      factorsAt: (x, _y, factors) => factors.set([1, x / 400]),
    };
    const image = makeImage(401, 21, 0);
    addStar(image, 10, 10, 1000, 1.2);
    addStar(image, 390, 10, 1000, 2);
    const both = fitProfiles(image, varying, Float64Array.of(390, 10, 10, 10), OPTIONS);
    expect(both[1]!.flux / 1000).toBeCloseTo(1, 1);
    expect(both[0]!.flux / 1000).toBeCloseTo(1, 1);
    const filler = Float64Array.from({ length: 600 }, (_, k) => 5 + ((k * 7) % 390));
    const among = fitProfiles(image, varying, Float64Array.of(...filler, 390, 10), OPTIONS);
    expect(among.at(-1)).toEqual(both[0]);
  });
});
