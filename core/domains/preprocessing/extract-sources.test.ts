import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeMaskPlane, makePlane, type Plane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/random.ts';
import { MaskBit } from '../observations/index.ts';
import { extractSources } from './extract-sources.ts';
import { DEFAULT_EXTRACTION } from './extraction-config.ts';
import { SourceFlag } from './measure-source.ts';

interface Star {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
}

const SIGMA = 1.6;

function drawStars(size: number, stars: readonly Star[], rms: number, seed = 1): Plane {
  const random = createRandom(seed);
  const plane = makePlane(size, size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let value = rms * random.normal();
      for (const star of stars) {
        const distance = (x - star.x) ** 2 + (y - star.y) ** 2;
        if (distance < 400)
          value += (star.flux * Math.exp(-distance / (2 * SIGMA ** 2))) / (2 * Math.PI * SIGMA ** 2);
      }
      plane.data[y * size + x] = value;
    }
  }
  return plane;
}

describe('extraction', () => {
  test('isolated stars are found where they are, as bright and as wide as they are', () => {
    const stars = Array.from({ length: 25 }, (_, i) => ({
      x: 20.3 + 40 * (i % 5) + 0.07 * i,
      y: 20.6 + 40 * Math.floor(i / 5) - 0.05 * i,
      flux: 4000 * 1.25 ** i,
    }));
    const found = extractSources({ image: drawStars(220, stars, 5), rms: 5 });
    const bright = found.filter((source) => source.snr > 15);
    expect(bright).toHaveLength(25);
    for (const star of stars) {
      const source = bright.find(
        (candidate) => Math.hypot(candidate.xPx - star.x, candidate.yPx - star.y) < 1,
      )!;
      // A centroid is as good as the width over the S/N; four of those.
      const tolerance = 4 * SIGMA * (70 / star.flux) + 0.01;
      expect(Math.hypot(source.xPx - star.x, source.yPx - star.y)).toBeLessThan(tolerance);
      expect(Math.abs(source.fluxE - star.flux)).toBeLessThan(4 * source.fluxErrE + 0.02 * star.flux);
      expect(source.flags).toBe(0);
      if (source.snr > 100) expect(source.fwhmPx / (2.3548 * SIGMA)).toBeCloseTo(1, 1);
    }
    expect(found.map((source) => source.fluxE)).toEqual(
      found.map((source) => source.fluxE).sort((first, second) => second - first),
    );
  });

  test('two stars three FWHM apart are two sources that share every pixel of the blend', () => {
    const stars = [
      { x: 40, y: 40, flux: 50_000 },
      { x: 48, y: 42, flux: 20_000 },
    ];
    const found = extractSources({ image: drawStars(96, stars, 3), rms: 3 }).slice(0, 2);
    expect(found.map((source) => Math.round(source.xPx))).toEqual([40, 48]);
    expect(found.every((source) => (source.flags & SourceFlag.DEBLENDED) !== 0)).toBe(true);
    const owned = found.flatMap((source) => Array.from(source.isophote.pixels));
    expect(new Set(owned).size).toBe(owned.length);
    expect(Math.abs(found[0]!.fluxE / 50_000 - 1)).toBeLessThan(0.05);
    expect(Math.abs(found[1]!.fluxE / 20_000 - 1)).toBeLessThan(0.1);
  });

  test('a bright neighbour does not leak into the flux and size of a faint star', () => {
    const stars = [
      { x: 40, y: 48, flux: 400_000 },
      { x: 56, y: 48, flux: 6_000 },
    ];
    const faint = extractSources({ image: drawStars(96, stars, 3), rms: 3 })[1]!;
    expect(Math.abs(faint.fluxE / 6_000 - 1)).toBeLessThan(0.1);
    expect(Math.abs(faint.fwhmPx / (2.3548 * SIGMA) - 1)).toBeLessThan(0.1);
  });

  test('moving an image by whole pixels moves its sources and changes nothing else', () => {
    const stars = [
      { x: 30.4, y: 31.7, flux: 30_000 },
      { x: 39.1, y: 33.2, flux: 9_000 },
    ];
    const plane = drawStars(80, stars, 2);
    const moved = makePlane(80, 80);
    for (let y = 5; y < 80; y++) {
      for (let x = 7; x < 80; x++) moved.data[y * 80 + x] = plane.data[(y - 5) * 80 + x - 7]!;
    }
    const here = extractSources({ image: plane, rms: 2 }).slice(0, 2);
    const there = extractSources({ image: moved, rms: 2 }).slice(0, 2);
    here.forEach((source, i) => {
      expect(there[i]!.xPx).toBeCloseTo(source.xPx + 7, 6);
      expect(there[i]!.yPx).toBeCloseTo(source.yPx + 5, 6);
      expect(there[i]!.halfLightRadiusPx).toBeCloseTo(source.halfLightRadiusPx, 6);
    });
  });

  test('the unit of the image does not matter', () => {
    const plane = drawStars(80, [{ x: 40.2, y: 39.9, flux: 30_000 }], 2);
    const scaled = makePlane(80, 80);
    for (let i = 0; i < scaled.data.length; i++) scaled.data[i] = plane.data[i]! * 0.001;
    const [first] = extractSources({ image: plane, rms: 2 });
    const [second] = extractSources(
      { image: scaled, rms: 0.002 },
      { ...DEFAULT_EXTRACTION, gainEPerUnit: 1000 },
    );
    expect(second!.fluxE).toBeCloseTo(first!.fluxE / 1000, 3);
    expect(second!.fluxErrE).toBeCloseTo(first!.fluxErrE / 1000, 3);
    expect(second!.areaPx).toBe(first!.areaPx);
  });

  test('pure noise has next to no sources, also where pixels are masked', () => {
    const plane = drawStars(256, [], 1, 7);
    const mask = makeMaskPlane(256, 256);
    for (let i = 0; i < mask.data.length; i += 3) mask.data[i] = MaskBit.BAD;
    expect(extractSources({ image: plane, rms: 1 }).length).toBeLessThan(4);
    expect(extractSources({ image: plane, rms: 1, mask }).length).toBeLessThan(12);
  });

  test('a masked hole in a star costs neither its place nor its flux', () => {
    const plane = drawStars(96, [{ x: 48, y: 48, flux: 80_000 }], 3);
    const mask = makeMaskPlane(96, 96);
    for (const at of [48 * 96 + 49, 48 * 96 + 50, 49 * 96 + 50]) {
      plane.data[at] = 0;
      mask.data[at] = MaskBit.CR;
    }
    const [star] = extractSources({ image: plane, rms: 3, mask });
    expect(Math.hypot(star!.xPx - 48, star!.yPx - 48)).toBeLessThan(0.05);
    expect(Math.abs(star!.fluxE / 80_000 - 1)).toBeLessThan(0.03);
  });

  test('saturated and truncated stars say so', () => {
    const plane = drawStars(
      96,
      [
        { x: 48, y: 48, flux: 80_000 },
        { x: 0, y: 20, flux: 40_000 },
      ],
      3,
    );
    const mask = makeMaskPlane(96, 96);
    mask.data[48 * 96 + 48] = MaskBit.SAT;
    const found = extractSources({ image: plane, rms: 3, mask });
    const saturated = found.find((source) => source.yPx > 40)!;
    const truncated = found.find((source) => source.yPx < 30)!;
    expect(saturated.flags & SourceFlag.SATURATED).not.toBe(0);
    expect(saturated.maskBits).toBe(MaskBit.SAT);
    expect(truncated.flags & SourceFlag.TRUNCATED).not.toBe(0);
    expect(truncated.flags & SourceFlag.APERTURE_INCOMPLETE).not.toBe(0);
  });

  test('any image gives finite numbers, whatever is in it', () => {
    const value = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.constantFrom(0, 1, 1e30, -1e30, Number.NaN, Number.POSITIVE_INFINITY),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 576, maxLength: 576 }), (values) => {
        const image = makePlane(24, 24);
        image.data.set(values);
        for (const source of extractSources({ image, rms: 1 })) {
          for (const number of [
            source.xPx,
            source.yPx,
            source.fluxE,
            source.aPx,
            source.bPx,
            source.fwhmPx,
          ]) {
            expect(Number.isFinite(number)).toBe(true);
          }
        }
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  test.each<readonly [string, number, number, (i: number) => number]>([
    ['nothing but NaN', 40, 40, () => Number.NaN],
    ['one value', 40, 40, () => 100],
    ['a single pixel', 1, 1, () => 5],
    ['a single row', 90, 1, (i) => (i % 7) * 9],
    ['a single column', 1, 90, (i) => (i % 7) * 9],
    ['full pixels only', 40, 40, () => 65535],
    ['infinities', 40, 40, (i) => (i % 3 ? Number.POSITIVE_INFINITY : 1)],
    ['every other pixel missing', 40, 40, (i) => (i % 2 ? Number.NaN : 30)],
    ['a chessboard', 40, 40, (i) => ((i + Math.floor(i / 40)) % 2) * 1000],
    ['numbers near the largest there are', 40, 40, (i) => (i % 11 ? 0 : 1e37)],
  ])('an image of %s is no error', (_what, width, height, value) => {
    const image = makePlane(width, height);
    for (let i = 0; i < image.data.length; i++) image.data[i] = value(i);
    const rms = makePlane(width, height);
    rms.data.fill(1);
    for (const filterMode of ['matched', 'convolution'] as const) {
      expect(() => extractSources({ image, rms: 1 }, { ...DEFAULT_EXTRACTION, filterMode })).not.toThrow();
      expect(() => extractSources({ image, rms }, { ...DEFAULT_EXTRACTION, filterMode })).not.toThrow();
    }
  });

  test('every one of ten thousand stars is found', () => {
    const size = 1024;
    const random = createRandom(3);
    const image = makePlane(size, size);
    for (let i = 0; i < image.data.length; i++) image.data[i] = random.normal();
    let stars = 0;
    for (let y = 6; y < size - 4; y += 10) {
      for (let x = 6; x < size - 4; x += 10) {
        stars++;
        for (let j = -3; j <= 3; j++) {
          for (let i = -3; i <= 3; i++)
            image.data[(y + j) * size + x + i]! += 60 * Math.exp(-(i * i + j * j) / 3);
        }
      }
    }
    expect(stars).toBeGreaterThan(10_000);
    expect(extractSources({ image, rms: 1 })).toHaveLength(stars);
  });
});
