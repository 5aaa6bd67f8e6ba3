import { describe, expect, it } from 'vitest';
import { PlaneSurvey } from './survey-plane.ts';

/** Read a percentile from ascending values, between ranks. */
function percentileOf(sorted: Float32Array, percent: number): number {
  const rank = (percent / 100) * (sorted.length - 1);
  const below = Math.min(sorted.length - 2, Math.floor(rank));
  return sorted[below]! + (rank - below) * (sorted[below + 1]! - sorted[below]!);
}

/** A sky of 1000 with noise of 20, stars up to a million, some pixels without a value. */
function makeField(width: number, height: number): Float32Array {
  let seed = 12345;
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed + 0.5) / 2 ** 32;
  };
  return Float32Array.from({ length: width * height }, (_, i) => {
    if (i % 101 === 0) return Number.NaN;
    const noise = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    return i % 53 === 0 ? 1000 + 1e6 * random() ** 6 : 1000 + 20 * noise;
  });
}

describe('a survey of a plane', () => {
  const [width, height, step] = [403, 310, 4];
  const pixels = makeField(width, height);
  const finite = pixels.filter(Number.isFinite).sort();
  const survey = new PlaneSurvey(width, height, step, { lo: 0, hi: 2000 });
  const strip = 8 * width;
  for (let at = 0; at < pixels.length; at += strip) survey.add(pixels.subarray(at, at + strip));
  const surveyed = survey.finish();

  it('finds the smallest, the largest and the number of pixels exactly', () => {
    expect(surveyed).toMatchObject({
      min: finite[0],
      max: finite.at(-1),
      finiteCount: finite.length,
    });
  });

  it('finds percentiles as sorting all pixels does', () => {
    // Every second rank is kept; a bin is 0.008 wide around the sky, and a third of a percent beyond.
    const ranks = (3 / finite.length) * 100;
    for (const percent of [0, 0.25, 1, 5, 25, 50, 75, 95, 99, 99.5, 99.75, 99.95, 100]) {
      const found = percentileOf(surveyed.ranks, percent);
      const low = percentileOf(finite, Math.max(0, percent - ranks));
      const high = percentileOf(finite, Math.min(100, percent + ranks));
      const bin = Math.abs(high - 1000) < 1000 ? 0.01 : 0.004 * Math.abs(high);
      expect(found, `${percent} %`).toBeGreaterThanOrEqual(low - bin);
      expect(found, `${percent} %`).toBeLessThanOrEqual(high + bin);
    }
  });

  it('averages blocks over their finite pixels, cut at the rim', () => {
    expect([surveyed.columns, surveyed.means.length / 101]).toEqual([101, 78]);
    const meanAt = (column: number, row: number): number => {
      const block: number[] = [];
      for (let y = row * step; y < Math.min(height, (row + 1) * step); y++)
        for (let x = column * step; x < Math.min(width, (column + 1) * step); x++)
          if (Number.isFinite(pixels[y * width + x])) block.push(pixels[y * width + x]!);
      return block.reduce((sum, value) => sum + value, 0) / block.length;
    };
    for (const [column, row] of [
      [0, 0],
      [50, 40],
      [100, 77],
    ] as const)
      expect(surveyed.means[row * 101 + column]).toBeCloseTo(meanAt(column, row), 2);
  });

  it('stands an image of one value and one without any', () => {
    const flat = new PlaneSurvey(4, 2, 2, { lo: 7, hi: 7.1 });
    flat.add(new Float32Array(8).fill(7));
    expect(flat.finish()).toMatchObject({
      min: 7,
      max: 7,
      finiteCount: 8,
      ranks: new Float32Array(8).fill(7),
    });
    const none = new PlaneSurvey(4, 2, 2, { lo: 0, hi: 1 });
    none.add(new Float32Array(8).fill(Number.NaN));
    const empty = none.finish();
    expect(empty).toMatchObject({ min: Number.NaN, finiteCount: 0, ranks: new Float32Array(0) });
    expect(empty.means.every(Number.isNaN)).toBe(true);
  });
});
