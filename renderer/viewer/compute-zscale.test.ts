import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeZscaleImage, type ZscaleCase } from '../../tests/golden/zscale-image.ts';
import { computeZscale, sampleGrid } from './compute-zscale.ts';

const golden = JSON.parse(readFileSync('tests/golden/zscale.json', 'utf8')) as {
  tool: string;
  cases: ZscaleCase[];
};

describe('zscale', () => {
  it.each(golden.cases)(
    'gives the limits of DS9 on a $width x $height image, within 0.1 % of their range',
    (expected) => {
      const image = makeZscaleImage(expected);
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
