import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildLevels, halve } from './build-levels.ts';
import { makeColormap } from './colormaps.ts';
import { findMarker } from './find-marker.ts';
import { makeSource } from './make-source.ts';
import { measurePlane, percentileOf } from './measure-plane.ts';
import { COLORMAPS, type Display } from './model.ts';
import { paintCutout } from './paint-cutout.ts';
import { resolveLimits } from './resolve-limits.ts';

const NAN = Number.NaN;

describe('the pyramid', () => {
  it('halves by the mean of the finite pixels', () => {
    const level = { width: 3, height: 3, data: Float32Array.of(1, 3, NAN, 5, 7, 9, NAN, NAN, NAN) };
    expect(halve(level)).toEqual({ width: 2, height: 2, data: Float32Array.of(4, 9, NAN, NAN) });
  });

  it('ends with one tile', () => {
    const levels = buildLevels(new Float32Array(1100 * 300), 1100, 300);
    expect(levels.map(({ width, height }) => [width, height])).toEqual([
      [1100, 300],
      [550, 150],
      [275, 75],
      [138, 38],
    ]);
  });

  it('keeps the mean of an image of even sides', () => {
    const pixels = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(pixels, (values) => {
        const half = halve({ width: 8, height: 8, data: Float32Array.from(values) });
        const mean = (data: Iterable<number>, count: number) => [...data].reduce((a, b) => a + b, 0) / count;
        expect(mean(half.data, 16)).toBeCloseTo(mean(values, 64), 3);
      }),
    );
  });
});

describe('the statistics of a plane', () => {
  it('leave out what is not finite', () => {
    const measured = measurePlane(Float32Array.of(4, NAN, -2, Number.POSITIVE_INFINITY, 7, 1), 3, 2);
    expect(measured).toMatchObject({ min: -2, max: 7, finiteCount: 4, median: 2.5 });
  });

  it('find the width of noise under bright stars', () => {
    const width = 500;
    const data = Float32Array.from({ length: width * width }, (_, i) => {
      const u = ((Math.imul(i + 1, 2654435761) >>> 0) + 0.5) / 2 ** 32;
      const v = ((Math.imul(i + 7, 2246822519) >>> 0) + 0.5) / 2 ** 32;
      return i % 50 === 0 ? 1e5 : 10 + 3 * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
    });
    // 2 % outliers widen a median absolute deviation by about 3 %.
    expect(measurePlane(data, width, width).sigma).toBeGreaterThan(2.9);
    expect(measurePlane(data, width, width).sigma).toBeLessThan(3.2);
  });

  it('read percentiles between ranks', () => {
    const sorted = Float32Array.of(0, 10, 20, 30);
    expect([0, 50, 100].map((percent) => percentileOf(sorted, percent))).toEqual([0, 15, 30]);
    expect(percentileOf(new Float32Array(), 50)).toBeNaN();
  });
});

describe('limits', () => {
  const noise = measurePlane(Float32Array.of(-3, -1, 0, 1, 3, 100), 3, 2);

  it('are symmetric about zero for a difference', () => {
    const { lo, hi } = resolveLimits({ kind: 'symmetric', sigmas: 5 }, noise);
    expect(lo).toBe(-hi);
    expect(hi).toBeCloseTo(5 * noise.sigma, 6);
  });

  it('cut equal tails for a percentile', () => {
    const ramp = measurePlane(
      Float32Array.from({ length: 1001 }, (_, i) => i),
      1001,
      1,
    );
    const limits = resolveLimits({ kind: 'percentile', percent: 99 }, ramp);
    expect(limits.lo).toBeCloseTo(5, 3);
    expect(limits.hi).toBeCloseTo(995, 3);
  });

  it('stay a range for an image of one value and for one without pixels', () => {
    const flat = measurePlane(new Float32Array(100).fill(7), 10, 10);
    const none = measurePlane(new Float32Array(100).fill(NAN), 10, 10);
    for (const kind of ['zscale', 'minmax'] as const) {
      const { lo, hi } = resolveLimits({ kind }, flat);
      expect(lo < 7 && hi > 7).toBe(true);
      expect(resolveLimits({ kind }, none)).toEqual({ lo: 0, hi: 1 });
    }
  });
});

describe('colour maps', () => {
  it.each(COLORMAPS)('%s has 256 opaque colours', (name) => {
    const colours = makeColormap(name);
    expect(colours).toHaveLength(1024);
    expect(colours.filter((_, i) => i % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
  });

  it('emits neither green nor blue in the night', () => {
    expect(makeColormap('red').every((value, i) => i % 4 === 0 || i % 4 === 3 || value === 0)).toBe(true);
  });

  it('grows in lightness from end to end, and from the middle outwards when diverging', () => {
    const lightness = (name: (typeof COLORMAPS)[number]): number[] => {
      const colours = makeColormap(name);
      return Array.from(
        { length: 256 },
        (_, i) => 0.21 * colours[i * 4]! + 0.72 * colours[i * 4 + 1]! + 0.07 * colours[i * 4 + 2]!,
      );
    };
    for (const name of COLORMAPS.filter((map) => map !== 'diverging')) {
      const values = lightness(name);
      expect(values.every((value, i) => i === 0 || value >= values[i - 1]! - 0.5)).toBe(true);
    }
    const values = lightness('diverging');
    expect(values[128]!).toBeLessThan(30);
    expect(Math.abs(values[32]! - values[223]!)).toBeLessThan(12);
  });
});

describe('a painted cutout', () => {
  const display: Display = {
    limits: { kind: 'minmax' },
    stretch: 'linear',
    colormap: 'grey',
    invert: false,
    contrast: 1,
    bias: 0.5,
  };
  const source = makeSource('c', Float32Array.of(0, 255, 51, NAN), 2, 2);

  it('has the first row of pixels at the bottom and its own colour where there is no value', () => {
    const painted = paintCutout(source, { width: 2, height: 2 }, display, { lo: 0, hi: 255 }, [0, 0, 1]);
    expect([...painted]).toEqual([51, 51, 51, 255, 0, 0, 255, 255, 0, 0, 0, 255, 255, 255, 255, 255]);
  });

  it('averages when it is smaller and repeats when it is larger', () => {
    const small = paintCutout(source, { width: 1, height: 1 }, display, { lo: 0, hi: 255 }, [0, 0, 1]);
    expect(small[0]).toBe(102);
    const large = paintCutout(source, { width: 4, height: 4 }, display, { lo: 0, hi: 255 }, [0, 0, 1]);
    expect([large[0], large[4], large[48], large[60]]).toEqual([51, 51, 0, 255]);
  });
});

describe('a click on a marker', () => {
  const markers = [
    { id: 'a', x: 10, y: 10 },
    { id: 'b', x: 14, y: 10 },
  ];

  it('finds the nearest within reach', () => {
    expect(findMarker(markers, { x: 12.5, y: 10 }, 5)?.id).toBe('b');
    expect(findMarker(markers, { x: 30, y: 10 }, 5)).toBeUndefined();
  });

  it('finds in a long list what looking through all of it finds', () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({
      id: String(i),
      x: ((i * 7919) % 10_007) / 10,
      y: ((i * 104_729) % 9973) / 10,
    }));
    for (let i = 0; i < 200; i++) {
      const place = { x: (i * 37) % 1000, y: (i * 61) % 1000 };
      const distances = many.map(({ x, y }) => Math.hypot(x - place.x, y - place.y));
      const shortest = Math.min(...distances);
      const found = findMarker(many, place, 12);
      expect(found === undefined).toBe(shortest > 12);
      if (found !== undefined) expect(Math.hypot(found.x - place.x, found.y - place.y)).toBe(shortest);
    }
  });
});
