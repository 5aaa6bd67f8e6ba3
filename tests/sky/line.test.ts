import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createScorer } from '../../core/adapters/ml/index.ts';
import { DEFAULT_DETECTION_CONFIG, detectChanges } from '../../core/domains/detection/index.ts';
import { DEFAULT_DIFFERENCING_CONFIG, differenceImages } from '../../core/domains/differencing/index.ts';
import type { SimulatedImage } from '../../core/domains/observations/index.ts';
import { parseWcs, readExposureFacts, simulateField } from '../../core/domains/observations/index.ts';
import {
  DEFAULT_REGISTRATION,
  preprocessExposure,
  registerImages,
} from '../../core/domains/preprocessing/index.ts';
import { createInlineRunner } from '../../core/utils/tasks.ts';

function calibrate({ pixels, header }: SimulatedImage, name: string) {
  return preprocessExposure({
    name,
    pixels,
    header,
    facts: readExposureFacts(header, pixels),
    wcs: parseWcs(header),
  });
}

describe('the line on a simulated field', () => {
  it('finds the injected changes, scores them as real, and little else', async () => {
    // A seed that no training field has.
    const field = simulateField({ sizePx: 640, seed: 777, transients: 24, difficulty: 'survey' });
    const runner = createInlineRunner();
    const science = calibrate(field.science, 'science');
    const template = await registerImages(
      science,
      calibrate(field.template, 'template'),
      DEFAULT_REGISTRATION,
      runner,
    );
    const difference = await differenceImages(science, template, DEFAULT_DIFFERENCING_CONFIG, runner);
    const input = { difference, science, template };
    const { detections, triplets } = await detectChanges(input, DEFAULT_DETECTION_CONFIG, runner);
    const scorer = await createScorer({
      modelsDir: join(process.cwd(), 'models'),
      workersDir: join(process.cwd(), 'workers'),
      workersExtension: '.ts',
    });
    const { scores } = await scorer.score(detections, triplets).finally(() => scorer.close());
    expect(triplets).toHaveLength(detections.length);
    const candidates = detections.filter((d, i) => d.vetoes.length === 0 && scores[i]! >= scorer.threshold);
    const isFound = (row: { xPx: number; yPx: number; isNegative: boolean }): boolean =>
      candidates.some(
        (d) => Math.hypot(d.xPx - row.xPx, d.yPx - row.yPx) < 2 && d.isNegative === row.isNegative,
      );

    const bright = field.truth.filter((row) => row.snr >= 8);
    expect(bright.length).toBeGreaterThan(10);
    expect(bright.filter((row) => row.kind === 'hostless' && !isFound(row))).toEqual([]);
    expect(bright.filter(isFound).length / bright.length).toBeGreaterThanOrEqual(0.9);
    const strangers = candidates.filter(
      (d) => !field.truth.some((row) => Math.hypot(row.xPx - d.xPx, row.yPx - d.yPx) < 4),
    );
    expect(strangers.length).toBeLessThanOrEqual(1);
    // Sky positions come from the header's WCS, the truth from the simulator's own arithmetic.
    for (const row of bright.filter((r) => r.kind === 'hostless')) {
      const found = candidates.find((d) => Math.hypot(d.xPx - row.xPx, d.yPx - row.yPx) < 2)!;
      const dRa = (found.raDeg! - row.raDeg) * Math.cos((row.decDeg * Math.PI) / 180);
      // Half a pixel is 0.25 arcsec.
      expect(Math.hypot(dRa, found.decDeg! - row.decDeg) * 3600).toBeLessThan(0.3);
    }
  });
});
