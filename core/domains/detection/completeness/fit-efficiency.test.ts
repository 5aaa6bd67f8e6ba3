import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../utils/index.ts';
import { describeGroup } from './describe-group.ts';
import { binomialInterval, fitEfficiency, type Trial } from './fit-efficiency.ts';
import type { RecoveredInjection } from './model.ts';

const PRIOR = { width: 0.6, widthFactor: 1.6, edges: [2, 4, 5, 6, 15], isRising: true };

function draw(count: number, seed: number, efficiency: (s: number) => number): Trial[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, k) => {
    const at = 2 + (8 * (k + random.uniform())) / count;
    return { at, isFound: random.uniform() < efficiency(at) };
  });
}

const truth = (s: number) => 0.97 / (1 + Math.exp(-(s - 5.2) / 0.55));

describe('fitting efficiency', () => {
  it('finds where half are found, within the error it states', () => {
    const pulls: number[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      const { at50 } = fitEfficiency(draw(150, seed, truth), PRIOR);
      // The curve of 0.97 height reaches one half a little beyond its centre.
      pulls.push((at50!.value - (5.2 + 0.55 * -Math.log(0.97 / 0.5 - 1))) / at50!.error);
    }
    const rms = Math.sqrt(pulls.reduce((sum, pull) => sum + pull * pull, 0) / pulls.length);
    // Sixty pulls know their rms to nine percent.
    expect(rms).toBeGreaterThan(0.75);
    expect(rms).toBeLessThan(1.25);
  });

  it('has magnitudes fall where S/N rises', () => {
    const trials = draw(400, 3, truth).map(({ at, isFound }) => ({ at: -at, isFound }));
    const rising = fitEfficiency(draw(400, 3, truth), PRIOR);
    const falling = fitEfficiency(trials, { ...PRIOR, edges: [-15, -2], isRising: false });
    expect(falling.at50!.value).toBeCloseTo(-rising.at50!.value, 6);
    expect(falling.at90!.error).toBeCloseTo(rising.at90!.error, 6);
  });

  it('says that nine tenths are not reached where a fifth is lost at any brightness', () => {
    const lossy = fitEfficiency(
      draw(800, 5, (s) => 0.8 / (1 + Math.exp(-(s - 5) / 0.5))),
      PRIOR,
    );
    expect(lossy.ceiling).toBeCloseTo(0.8, 1);
    expect(lossy.at90).toBeUndefined();
    expect(lossy.at50).toBeDefined();
  });

  it('keeps its head with all found, none found, or nothing at all', () => {
    const all = fitEfficiency(
      draw(20, 1, () => 1),
      PRIOR,
    );
    const none = fitEfficiency(
      draw(20, 1, () => 0),
      PRIOR,
    );
    const nothing = fitEfficiency([], PRIOR);
    for (const curve of [all, none, nothing]) {
      for (const value of [curve.centre, curve.width, curve.ceiling])
        expect(Number.isFinite(value)).toBe(true);
    }
    expect(all.at50!.value).toBeLessThan(4);
    expect(none.at50!.value).toBeGreaterThan(8);
    expect(nothing.at50).toBeUndefined();
  });

  it('gives the intervals of the Beta distribution', () => {
    // scipy 1.15 stats.beta.ppf([.15866, .84134], found + .5, missed + .5)
    const golden = [
      [3, 10, 0.17993441, 0.45774756],
      [47, 50, 0.89724659, 0.96530495],
    ] as const;
    for (const [found, injected, low, high] of golden) {
      expect(binomialInterval(found, injected).low).toBeCloseTo(low, 7);
      expect(binomialInterval(found, injected).high).toBeCloseTo(high, 7);
    }
    expect(binomialInterval(0, 5)).toEqual({ low: 0, high: expect.closeTo(0.17211379, 7) });
    expect(binomialInterval(9, 9)).toEqual({ low: expect.closeTo(0.89822226, 7), high: 1 });
  });
});

describe('a part of an image', () => {
  const whole = fitEfficiency(draw(2000, 9, truth), PRIOR);
  const magOf = ({ fluxE }: RecoveredInjection) => -2.5 * Math.log10(fluxE);
  const star = (snr: number, isFound: boolean): RecoveredInjection => ({
    id: 0,
    xPx: 0,
    yPx: 0,
    fluxE: 100 * snr,
    snr,
    kind: 'hostless',
    surfaceE: 0,
    pass: 0,
    outcome: isFound ? 'found' : 'missed',
    forcedFluxE: 0,
    expectedFluxE: 0,
    forcedErrE: 1,
  });

  it('has the limit of the whole where it has no stars of its own', () => {
    const empty = describeGroup([], whole, magOf);
    expect(empty.snr50!.value).toBeCloseTo(whole.at50!.value, 2);
    expect(empty.mag50).toBeUndefined();
  });

  it('has its own limit where everything is lost, and a bright one', () => {
    const lost = describeGroup(
      Array.from({ length: 12 }, (_, k) => star(3 + k, false)),
      whole,
      magOf,
    );
    const usual = describeGroup(
      Array.from({ length: 12 }, (_, k) => star(3 + k, 3 + k > 5)),
      whole,
      magOf,
    );
    expect(lost.snr50!.value).toBeGreaterThan(8);
    expect(Math.abs(usual.snr50!.value - whole.at50!.value)).toBeLessThan(0.5);
    expect(lost.mag50!).toBeLessThan(usual.mag50! - 0.4);
    expect(usual.mag50).toBeCloseTo(-2.5 * Math.log10(100 * usual.snr50!.value), 2);
  });
});
