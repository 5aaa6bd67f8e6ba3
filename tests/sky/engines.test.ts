import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createThreadRunner } from '../../core/adapters/threads/index.ts';
import {
  DEFAULT_DIFFERENCING_CONFIG,
  type Difference,
  type DifferencingMethod,
  differenceImages,
} from '../../core/domains/differencing/index.ts';
import { measureField, type PreparedField, prepareField } from '../quality/measure-field.ts';

const METHODS: readonly DifferencingMethod[] = ['zogy', 'alard-lupton', 'delta-basis'];

const survey = await prepareField({ sizePx: 512, seed: 4101, difficulty: 'survey', transients: 40 });
const hard = await prepareField({ sizePx: 512, seed: 4102, difficulty: 'hard', transients: 40 });

describe.each(METHODS)('%s on simulated skies', (method) => {
  it('finds what is bright enough, little else, and measures it right', async () => {
    const outcomes = [await measureField(survey, method), await measureField(hard, method)];
    const events = outcomes.flatMap((outcome) => outcome.events);
    const hostless = events.filter(({ kind }) => kind === 'hostless');
    const clear = hostless.filter(({ snr }) => snr >= 6);
    expect(clear.length).toBeGreaterThan(25);
    // One may lie on a star or a cosmic ray.
    expect(clear.filter(({ isFound }) => !isFound).length).toBeLessThanOrEqual(1);
    const hosted = events.filter(({ kind, snr }) => kind === 'hosted' && snr >= 6);
    expect(hosted.filter(({ isFound }) => isFound).length).toBeGreaterThanOrEqual(0.85 * hosted.length);
    // Half a megapixel, where one on the whole is allowed.
    expect(outcomes.reduce((sum, { falseCount }) => sum + falseCount, 0)).toBeLessThanOrEqual(1);
    const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
    const bias = median(hostless.filter(({ snr }) => snr >= 10).map(({ fluxRatio }) => fluxRatio)) - 1;
    // A hundredth, and what the median of thirty such stars scatters.
    expect(Math.abs(bias)).toBeLessThan(0.02);
    const pulls = hostless.map(({ fluxPull }) => fluxPull);
    const middle = median(pulls);
    const spread = 1.4826 * median(pulls.map((pull) => Math.abs(pull - middle)));
    expect(spread).toBeGreaterThan(0.65);
    expect(spread).toBeLessThan(1.35);
    for (const { metrics } of outcomes) {
      expect(metrics.whiteness).toBeLessThan(0.05);
      expect(Math.abs(metrics.scorrMadStd - 1)).toBeLessThan(0.1);
      expect(Math.abs(metrics.scorrMedian)).toBeLessThan(0.1);
    }
  });
});

it('every engine gives the same bits on one, two and four threads', async () => {
  const field = await prepareField({ sizePx: 320, seed: 4103, difficulty: 'survey', transients: 10 });
  const differences = [];
  for (const threads of [1, 2, 4]) differences.push(await subtractOnThreads(field, threads));
  const [one, ...others] = differences;
  for (const other of others) {
    METHODS.forEach((method, m) => {
      for (const plane of ['difference', 'variance', 'score', 'flux', 'fluxErr', 'mask'] as const) {
        const [left, right] = [one![m]![plane].data, other[m]![plane].data];
        expect(Buffer.compare(bytesOf(left), bytesOf(right)), `${method} ${plane}`).toBe(0);
      }
      expect(other[m]!.metrics).toEqual(one![m]!.metrics);
      expect(other[m]!.psf).toEqual(one![m]!.psf);
    });
  }
});

async function subtractOnThreads(
  { science, template }: PreparedField,
  threads: number,
): Promise<readonly Difference[]> {
  const runner = createThreadRunner({
    workersDir: join(process.cwd(), 'workers'),
    extension: '.ts',
    threads,
  });
  // Tiles of a third of the image, so that there is something to share.
  const config = { ...DEFAULT_DIFFERENCING_CONFIG, fallsBack: false, cellSidePx: 110, cellWidthPx: 110 };
  try {
    const differences: Difference[] = [];
    for (const method of METHODS)
      differences.push(await differenceImages(science, template, { ...config, method }, runner));
    return differences;
  } finally {
    await runner.close();
  }
}

function bytesOf(data: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
