import { beforeAll, describe, expect, it } from 'vitest';
import { type SubtractedField, subtractField } from '../../../../tests/sky/subtract-field.ts';
import { createInlineRunner } from '../../../utils/index.ts';
import {
  DEFAULT_DIFFERENCING_CONFIG,
  differenceImages,
  injectStars,
  makeStarResponder,
} from '../../differencing/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import { DEFAULT_DETECTION_CONFIG } from '../config.ts';
import { detectOnDifference } from '../detect-on-difference.ts';
import { type CompletenessConfig, DEFAULT_COMPLETENESS_CONFIG } from './config.ts';
import { type Recoveries, recoverInjections, recoverStars } from './recover-injections.ts';
import { summariseCompleteness } from './summarise-completeness.ts';

const CONFIG: CompletenessConfig = { ...DEFAULT_COMPLETENESS_CONFIG, injections: 80, seed: 4 };

let pair: SubtractedField;
let recovered: Recoveries;

beforeAll(async () => {
  pair = await subtractField({ sizePx: 448, seed: 21, transients: 8, difficulty: 'survey' });
  recovered = recoverInjections(pair, DEFAULT_DETECTION_CONFIG, CONFIG);
});

/** Inject the first pass into the exposure, subtract and detect everything again. */
async function subtractAgain(recoveries: Recoveries['recoveries'], config: CompletenessConfig) {
  const stars = recoveries.map(({ injection }) => injection).filter(({ pass }) => pass === 0);
  const science = injectStars(pair.science, pair.difference.sciencePsf, stars, config.seed);
  const difference = await differenceImages(
    science,
    pair.template,
    DEFAULT_DIFFERENCING_CONFIG,
    createInlineRunner(),
  );
  return { stars, detections: detectOnDifference({ science, template: pair.template, difference }) };
}

describe('stars injected into a finished difference', () => {
  it('are detected as when they are injected before everything is measured and subtracted', async () => {
    const { stars, detections } = await subtractAgain(recovered.recoveries, CONFIG);
    expect(stars.length).toBeGreaterThan(12);
    const disagreements: string[] = [];
    const ratios: number[] = [];
    let judgedApart = 0;
    for (const { injection, detection } of recovered.recoveries.filter((one) => one.injection.pass === 0)) {
      const whole = detections.find(
        ({ xPx, yPx, isNegative }) =>
          !isNegative && Math.hypot(xPx - injection.xPx, yPx - injection.yPx) < 1.6,
      );
      if ((detection === undefined) !== (whole === undefined)) {
        disagreements.push(`S/N ${injection.snr}: ${detection?.scorr} against ${whole?.scorr}`);
      }
      if ((detection?.vetoes.length === 0) !== (whole?.vetoes.length === 0)) judgedApart++;
      if (detection && whole) ratios.push(whole.scorr / detection.scorr - 1);
    }
    expect(disagreements).toEqual([]);
    // How stars subtract is measured anew with a few stars more: a verdict at its limit may turn.
    expect(judgedApart).toBeLessThanOrEqual(1);
    expect(ratios.length).toBeGreaterThan(5);
    // What the stars change in PSFs, flux ratio and calibration: under a percent of their significance.
    const rms = Math.sqrt(ratios.reduce((sum, ratio) => sum + ratio * ratio, 0) / ratios.length);
    expect(rms).toBeLessThan(0.015);
  });

  it.each(['alard-lupton', 'delta-basis'] as const)(
    'are detected alike in a difference by %s',
    async (method) => {
      const differencing = { ...DEFAULT_DIFFERENCING_CONFIG, method, fallsBack: false };
      const { science, template } = pair;
      const difference = await differenceImages(science, template, differencing, createInlineRunner());
      const config = { ...CONFIG, injections: 16 };
      const { recoveries } = recoverInjections(
        { science, template, difference },
        DEFAULT_DETECTION_CONFIG,
        config,
      );
      const stars = recoveries.filter(({ injection }) => injection.pass === 0);
      const injected = injectStars(
        science,
        difference.sciencePsf,
        stars.map(({ injection }) => injection),
        config.seed,
      );
      const again = await differenceImages(injected, template, differencing, createInlineRunner());
      const detections = detectOnDifference({ science: injected, template, difference: again });
      expect(stars.length).toBeGreaterThan(9);
      for (const { injection, detection } of stars) {
        const whole = detections.find(
          ({ xPx, yPx, isNegative }) =>
            !isNegative && Math.hypot(xPx - injection.xPx, yPx - injection.yPx) < 1.6,
        );
        // What is measured anew moves scores by a percent: one at the threshold itself may cross it.
        const score = Math.abs((whole ?? detection)?.scorr ?? 0);
        if (Math.abs(score - 5) > 0.1) expect(whole === undefined).toBe(detection === undefined);
        if (whole && detection) expect(Math.abs(whole.scorr / detection.scorr - 1)).toBeLessThan(0.04);
      }
    },
  );

  it('leave the pair as it was', () => {
    const before = pair.difference.score.data.slice();
    recoverInjections(pair, DEFAULT_DETECTION_CONFIG, { ...CONFIG, injections: 5 });
    expect(pair.difference.score.data).toEqual(before);
  });

  it('are the same for the same seed, and others for another', () => {
    const places = (seed: number) =>
      recoverInjections(pair, DEFAULT_DETECTION_CONFIG, { ...CONFIG, injections: 12, seed }).recoveries.map(
        ({ injection, forcedFluxE }) => [injection.xPx, injection.yPx, injection.fluxE, forcedFluxE],
      );
    expect(places(7)).toEqual(places(7));
    expect(places(8)).not.toEqual(places(7));
  });

  it('keep clear of masks, edges and what is there already, and lie on galaxies where hosts are wished', () => {
    const { width, height, data } = pair.difference.mask;
    for (const { injection } of recovered.recoveries) {
      const x = Math.round(injection.xPx);
      const y = Math.round(injection.yPx);
      expect(Math.min(x, y, width - 1 - x, height - 1 - y)).toBeGreaterThan(5);
      for (let dy = -5; dy <= 5; dy++) {
        for (let dx = -5; dx <= 5; dx++) expect(data[(y + dy) * width + x + dx]! & UNUSABLE).toBe(0);
      }
      expect(pair.field.truth.every((row) => Math.hypot(row.xPx - x, row.yPx - y) > 3 || row.snr < 6)).toBe(
        true,
      );
    }
    const hosted = recovered.recoveries.filter(({ injection }) => injection.kind === 'hosted');
    expect(hosted.length).toBeGreaterThan(10);
    const galaxies = pair.field.sources.filter(({ kind }) => kind === 'galaxy');
    const onGalaxy = hosted.filter(({ injection }) =>
      galaxies.some(({ xPx, yPx }) => Math.hypot(xPx - injection.xPx, yPx - injection.yPx) < 15),
    );
    expect(onGalaxy.length).toBeGreaterThan(0.8 * hosted.length);
  });

  it('scatter about their true flux as their errors say', () => {
    const hostless = recovered.recoveries.filter(({ injection }) => injection.kind === 'hostless');
    const pulls = hostless.map((one) => (one.forcedFluxE - one.expectedFluxE) / one.forcedErrE);
    const mean = pulls.reduce((sum, pull) => sum + pull, 0) / pulls.length;
    const sigma = Math.sqrt(pulls.reduce((sum, pull) => sum + (pull - mean) ** 2, 0) / pulls.length);
    // Three sigma of a mean and of a standard deviation of as many deviates.
    expect(Math.abs(mean)).toBeLessThan(3 / Math.sqrt(pulls.length));
    expect(Math.abs(sigma - 1)).toBeLessThan(3 / Math.sqrt(2 * pulls.length));
  });

  it('that faded are found with their sign', () => {
    const faded = recoverInjections(pair, DEFAULT_DETECTION_CONFIG, {
      ...CONFIG,
      injections: 12,
      sign: 'negative',
      minSnr: 9,
      maxSnr: 15,
      hostedFraction: 0,
    });
    expect(faded.recoveries.length).toBe(12);
    for (const { injection, detection } of faded.recoveries) {
      expect(injection.fluxE).toBeLessThan(0);
      expect(detection).toMatchObject({ isNegative: true, vetoes: [] });
    }
  });

  it('give a curve that half are found near the threshold, and all well above it', () => {
    const measured = summariseCompleteness(recovered, CONFIG, DEFAULT_DETECTION_CONFIG, {
      width: 448,
      height: 448,
      exposureS: 60,
      minScore: 0,
      realScore: 0,
    });
    const { at50 } = measured.bySnr;
    expect(Math.abs(at50!.value - 5)).toBeLessThan(0.3 + 2 * at50!.error);
    expect(measured.magnitudes).toBe('instrumental');
    expect(measured.cells.length).toBe(4);
    expect(measured.cells.reduce((sum, { injected }) => sum + injected, 0)).toBe(measured.injected);
    const bright = measured.injections.filter(({ snr, kind }) => snr > 7 && kind === 'hostless');
    expect(bright.filter(({ outcome }) => outcome === 'found').length).toBeGreaterThan(0.9 * bright.length);
  });

  it('are not found where the difference is blind', () => {
    const flat = {
      ...pair.difference,
      score: { ...pair.difference.score, data: new Float32Array(448 * 448) },
    };
    const blind = { ...flat, difference: flat.score };
    const input = { ...pair, difference: blind };
    const stars = recovered.recoveries.slice(0, 10).map(({ injection }) => injection);
    const again = recoverStars(input, makeStarResponder(input), stars, DEFAULT_DETECTION_CONFIG, CONFIG);
    expect(again.every(({ detection }) => detection === undefined)).toBe(true);
  });
});
