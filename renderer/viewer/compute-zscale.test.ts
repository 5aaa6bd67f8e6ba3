import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { computeZscale, sampleGrid } from './compute-zscale.ts';

interface GoldenCase {
  width: number;
  height: number;
  seed: number;
  stars: number;
  nanBox: boolean;
  samples: number;
  lo: number;
  hi: number;
  astropy: [number, number];
}

const golden = JSON.parse(readFileSync('tests/golden/zscale.json', 'utf8')) as {
  tool: string;
  cases: GoldenCase[];
};

/** The images of tests/golden/make-zscale.py, by the same integer arithmetic. */
function makeImage({ width, height, seed, stars, nanBox }: GoldenCase): Float32Array {
  const image = new Float32Array(width * height);
  const sky = new Float64Array(width * height);
  for (let i = 0; i < sky.length; i++) {
    let total = 0;
    for (let k = 0; k < 12; k++) {
      let z = Math.imul((i * 12 + seed + k) >>> 0, 2654435761) >>> 0;
      z = Math.imul(z ^ (z >>> 15), 739982445) >>> 0;
      total += ((z ^ (z >>> 13)) >>> 0) / 2 ** 32;
    }
    sky[i] = 1000 + 41 * (total - 6);
  }
  for (let star = 0; star < stars; star++) {
    const x = (star * 7919 + seed) % width;
    const y = (star * 104729 + seed) % height;
    for (let dy = -30; dy <= 30; dy++) {
      for (let dx = -30; dx <= 30; dx++) {
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
        const at = (y + dy) * width + x + dx;
        sky[at] = sky[at]! + (20000 / (star + 1)) * Math.exp(-(dx * dx + dy * dy) / 8);
      }
    }
  }
  image.set(sky);
  if (nanBox)
    for (let y = 0; y < Math.floor(height / 4); y++)
      image.fill(Number.NaN, y * width, y * width + Math.floor(width / 3));
  return image;
}

describe('zscale', () => {
  it.each(golden.cases)(
    'gives the limits of DS9 on a $width x $height image, within 0.1 % of their range',
    (expected) => {
      const image = makeImage(expected);
      expect(sampleGrid(image, expected.width, expected.height)).toHaveLength(expected.samples);
      const limits = computeZscale(image, expected.width, expected.height)!;
      const range = expected.hi - expected.lo;
      expect(Math.abs(limits.lo - expected.lo) / range).toBeLessThan(0.001);
      expect(Math.abs(limits.hi - expected.hi) / range).toBeLessThan(0.001);
      // Another implementation with its own way of growing rejections: a few percent.
      expect(Math.abs(limits.hi - expected.astropy[1]) / range).toBeLessThan(0.05);
    },
  );

  it('samples 120 pixels of a long line and starts at the (step + 1) / 2-th line', () => {
    const width = 2400;
    const height = 1000;
    const image = Float32Array.from({ length: width * height }, (_, i) => i);
    const sample = sampleGrid(image, width, height);
    // 2400 / 120 = every 20th column; 600 / 120 = 5 lines of 1000: every 200th, the 100th first.
    expect(sample).toHaveLength(600);
    expect(sample[0]).toBe(99 * width);
    expect(sample[1]).toBe(99 * width + 20);
    expect(sample[120]).toBe(299 * width);
  });

  it('shows a straight ramp from end to end, because its line leaves nothing out', () => {
    const width = 200;
    const image = Float32Array.from({ length: width * width }, (_, i) => i % width);
    // The slope divided by 0.25 reaches beyond the sample, so its ends are the limits.
    expect(computeZscale(image, width, width)).toEqual({ lo: 0, hi: 198 });
  });

  it('returns the full range when more than half of the sample is rejected', () => {
    const image = new Float32Array(4);
    image.set([1, 1, 1, 5]);
    expect(computeZscale(image, 2, 2)).toEqual({ lo: 1, hi: 1 });
  });

  it('leaves pixels out that are not finite, and says nothing about an image of them', () => {
    const image = new Float32Array(100 * 100).fill(Number.NaN);
    expect(computeZscale(image, 100, 100)).toBeUndefined();
    image.fill(Number.POSITIVE_INFINITY);
    expect(computeZscale(image, 100, 100)).toBeUndefined();
  });
});
