import { expect, it } from 'vitest';
import { type Light, makeSmallDifference, SMALL_FWHM_PX } from '../../../tests/sky/make-small-difference.ts';
import { createInlineRunner, type ReadFile } from '../../utils/index.ts';
import { DEFAULT_DETECTION_CONFIG } from './config.ts';
import { cutTriplet } from './cut-triplet.ts';
import { detectChanges } from './detect-changes.ts';
import { detectOnDifference } from './detect-on-difference.ts';

/** A source that moved along a line while the shutter was open. */
function drawMover(xPx: number, yPx: number): Light[] {
  return Array.from({ length: 41 }, (_, k) => ({
    xPx: xPx + 2.5 * SMALL_FWHM_PX * (k / 40 - 0.5),
    yPx,
    fluxE: 400,
  }));
}

const input = makeSmallDifference({
  // A point, two movers, and a star that moved, which is two detections.
  science: [
    { xPx: 18, yPx: 20, fluxE: 3e4 },
    ...drawMover(55, 20),
    ...drawMover(20, 58),
    { xPx: 60, yPx: 60, fluxE: 2e4 },
  ],
  template: [{ xPx: 62, yPx: 61, fluxE: 2e4 }],
  seed: 8,
});

it.each([0, 1, 2, 300])(
  'finds, measures and fits what one thread alone does, at most %i shapes, and cuts out each',
  async (maxFits) => {
    const config = { ...DEFAULT_DETECTION_CONFIG, shape: { ...DEFAULT_DETECTION_CONFIG.shape, maxFits } };
    const alone = detectOnDifference(input, config);
    expect(alone.length).toBeGreaterThanOrEqual(4);
    const fits = alone.filter(({ features }) => 'trailLengthPx' in features || 'isDipole' in features);
    expect(fits).toHaveLength(Math.min(maxFits, 4));
    const { detections, triplets } = await detectChanges(input, config, createInlineRunner());
    expect(detections).toEqual(alone);
    expect(triplets).toEqual(alone.map(({ xPx, yPx }) => cutTriplet(input, xPx, yPx)));
  },
);

it('does the same where masks lie in files, and reads each once for all threads', async () => {
  const files = new Map([
    ['science mask', input.science.mask],
    ['template mask', input.template.mask],
  ]);
  const read: string[] = [];
  const readFile: ReadFile = (path, start, into) => {
    read.push(path);
    const mask = files.get(path)!;
    if (!('data' in mask)) throw new Error('the mask is in memory');
    into.set(new Uint8Array(mask.data.buffer, mask.data.byteOffset + start, into.length));
  };
  const { width, height } = input.science.mask;
  const inFiles = {
    ...input,
    science: { ...input.science, mask: { width, height, path: 'science mask' } },
    template: { ...input.template, mask: { width, height, path: 'template mask' } },
  };
  const runner = createInlineRunner();
  const found = await detectChanges(inFiles, DEFAULT_DETECTION_CONFIG, runner, { readFile });
  expect(found).toEqual(await detectChanges(input, DEFAULT_DETECTION_CONFIG, runner));
  expect(read.sort()).toEqual(['science mask', 'template mask']);
});
