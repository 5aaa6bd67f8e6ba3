import { describe, expect, it } from 'vitest';
import { makeTwinDifference } from '../../../tests/sky/make-twin-difference.ts';
import type { TruthRow } from '../observations/index.ts';
import { MaskBit, SKY_RECIPES } from '../observations/index.ts';
import { cutTriplet } from './cut-triplet.ts';
import { detectOnDifference } from './detect-on-difference.ts';
import { FEATURE_NAMES, MEASUREMENT_NAMES } from './features.ts';
import type { Detection } from './model.ts';

function findMatch(detections: readonly Detection[], row: TruthRow): Detection | undefined {
  return detections.find(
    (d) => Math.hypot(d.xPx - row.xPx, d.yPx - row.yPx) < 2 && d.isNegative === row.isNegative,
  );
}

const passed = (detections: readonly Detection[]) => detections.filter((d) => d.vetoes.length === 0);

describe('detectOnDifference', () => {
  const scene = makeTwinDifference({ sizePx: 1024, seed: 21, transients: 60 });
  const detections = detectOnDifference(scene.input);

  it('finds every change of S/N 7, whatever it lies on, and vetoes none', () => {
    const wanted = scene.field.truth.filter((row) => row.snr >= 7);
    expect(wanted.length).toBeGreaterThan(40);
    const missed = wanted.filter((row) => !findMatch(passed(detections), row));
    expect(missed).toEqual([]);
  });

  it('reports hardly anything else', () => {
    const strangers = passed(detections).filter(
      (d) => !scene.field.truth.some((row) => Math.hypot(row.xPx - d.xPx, row.yPx - d.yPx) < 3),
    );
    // One noise peak beyond 5 sigma is expected in a few megapixels.
    expect(strangers.length).toBeLessThanOrEqual(1);
  });

  it('measures fluxes and positions within their errors', () => {
    const pulls: number[] = [];
    const offsets: number[] = [];
    for (const row of scene.field.truth.filter((r) => r.snr > 15 && r.kind !== 'moving')) {
      const found = findMatch(detections, row)!;
      pulls.push((found.fluxE - row.fluxE) / found.fluxErrE);
      offsets.push(Math.hypot(found.xPx - row.xPx, found.yPx - row.yPx) * row.snr);
    }
    const rms = Math.sqrt(pulls.reduce((sum, p) => sum + p * p, 0) / pulls.length);
    // About 35 pulls: their rms is known to 12 %.
    expect(rms).toBeGreaterThan(0.65);
    expect(rms).toBeLessThan(1.35);
    // The Cramer-Rao bound is 2.1 px / (S/N) in two dimensions for this PSF.
    expect(offsets.reduce((sum, o) => sum + o, 0) / offsets.length).toBeLessThan(3.2);
  });

  it('gives every feature, in order and finite', () => {
    for (const { features } of detections) {
      const names = Object.keys(features);
      expect(names.slice(0, FEATURE_NAMES.length)).toEqual([...FEATURE_NAMES]);
      const others: readonly string[] = MEASUREMENT_NAMES;
      expect(names.slice(FEATURE_NAMES.length).filter((name) => !others.includes(name))).toEqual([]);
      expect(Object.values(features).every(Number.isFinite)).toBe(true);
    }
  });

  it('orders detections by significance and gives the same ones again', () => {
    const sizes = detections.map((d) => Math.abs(d.scorr));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(detectOnDifference(scene.input)).toEqual(detections);
  });

  it('gives finite numbers also where pixels are missing', () => {
    const { field, input } = makeTwinDifference({ sizePx: 256, seed: 3, transients: 5 });
    for (const row of field.truth) {
      const i = Math.round(row.yPx) * 256 + Math.round(row.xPx);
      for (const plane of [input.difference.difference, input.difference.flux, input.science.science]) {
        plane.data[i + 1] = Number.NaN;
        plane.data[i + 256] = Number.NaN;
      }
    }
    const found = detectOnDifference(input);
    expect(found.length).toBeGreaterThan(0);
    for (const { features, ...rest } of found) {
      expect(Object.entries(features).filter(([, value]) => !Number.isFinite(value))).toEqual([]);
      expect([rest.xPx, rest.yPx, rest.fluxE, rest.fluxErrE, rest.snr].every(Number.isFinite)).toBe(true);
    }
  });

  it('tells a source once whose score has two peaks beside one peak of flux', () => {
    const { input } = makeTwinDifference({ sizePx: 256, seed: 3, transients: 5 });
    const [brightest] = detectOnDifference(input);
    const place = Math.round(brightest!.yPx) * 256 + Math.round(brightest!.xPx);
    const { score } = input.difference;
    const data = score.data.slice();
    data[place - 2] = data[place]!;
    data[place + 2] = data[place]! * 0.98;
    for (const k of [-1, 0, 1]) data[place + k]! *= 0.3;
    const split = { ...input, difference: { ...input.difference, score: { ...score, data } } };
    const near = detectOnDifference(split).filter(
      ({ xPx, yPx }) => Math.hypot(xPx - brightest!.xPx, yPx - brightest!.yPx) < 4,
    );
    expect(near).toHaveLength(1);
    expect(near[0]).toMatchObject({ fluxE: brightest!.fluxE, scorr: brightest!.scorr });
  });

  it('survives the crossing of a thread', () => {
    expect(structuredClone(detections)).toEqual(detections);
  });
});

describe('vetoes', () => {
  it('veto cosmic rays as sharper than the PSF and keep the transients', () => {
    const recipe = { cosmicRaysPerMegapixel: 120, hotPixelsPerMegapixel: 60 };
    const { field, input } = makeTwinDifference({ sizePx: 1024, seed: 3, recipe });
    const detections = detectOnDifference(input);
    const isAt = (d: Detection) =>
      field.artefacts.some((a) => Math.hypot(a.xPx - d.xPx, a.yPx - d.yPx) < 25) &&
      !field.truth.some((row) => Math.hypot(row.xPx - d.xPx, row.yPx - d.yPx) < 3);
    const hits = detections.filter(isAt);
    expect(hits.length).toBeGreaterThan(60);
    // A grazing worm may leave a stretch as smooth as a star; the score model has the last word.
    expect(passed(hits).length / hits.length).toBeLessThan(0.05);
    expect(passed(hits).length).toBeLessThanOrEqual(3);
  });

  it('veto stars that moved as dipoles', () => {
    const recipe = { movedStars: 1 };
    const { field, input } = makeTwinDifference({ sizePx: 512, seed: 5, transients: 0, recipe });
    const detections = detectOnDifference(input);
    expect(field.truth).toHaveLength(0);
    expect(detections.length).toBeGreaterThan(12);
    // What is left are faint stars of which one lobe alone reaches the threshold.
    expect(passed(detections).length / detections.length).toBeLessThan(0.1);
    expect(detections.some((d) => d.vetoes.some((v) => v.rule === 'dipole'))).toBe(true);
  });

  it('veto what a flat-field error leaves on bright stars, but not the stars that vary', () => {
    const recipe = { flatError: 0.03 };
    const { field, input } = makeTwinDifference({ sizePx: 1024, seed: 8, transients: 60, recipe });
    const detections = detectOnDifference(input);
    const strangers = passed(detections).filter(
      (d) => !field.truth.some((row) => Math.hypot(row.xPx - d.xPx, row.yPx - d.yPx) < 3),
    );
    expect(detections.filter((d) => d.vetoes.some((v) => v.rule === 'star-residual')).length).toBeGreaterThan(
      3,
    );
    expect(strangers.length).toBeLessThanOrEqual(2);
    const varied = field.truth.filter(
      (row) => row.kind === 'variable' && row.snr > 10 && Math.abs(row.fluxE) > 0.3 * row.underlyingFluxE,
    );
    expect(varied.length).toBeGreaterThan(2);
    for (const row of varied) expect(findMatch(passed(detections), row)).toBeDefined();
  });

  it('veto a detection on a masked pixel and say which bits', () => {
    const { field, input } = makeTwinDifference({ sizePx: 512, seed: 2, transients: 4 });
    const row = field.truth[0]!;
    input.difference.mask.data[Math.round(row.yPx) * 512 + Math.round(row.xPx)] = MaskBit.BAD | MaskBit.CR;
    const found = findMatch(detectOnDifference(input), row)!;
    expect(found.vetoes).toContainEqual({ rule: 'masked', reason: 'its centre is masked: BAD, CR' });
  });

  it('keep a new source so bright that it saturates by itself', () => {
    const recipe = { ...SKY_RECIPES.easy, snrRange: [900, 1000] as const };
    const { field, input } = makeTwinDifference({
      sizePx: 512,
      seed: 2,
      transients: 1,
      recipe: { snrRange: recipe.snrRange },
    });
    const row = field.truth[0]!;
    const i = Math.round(row.yPx) * 512 + Math.round(row.xPx);
    input.science.mask.data[i] = MaskBit.SAT;
    input.difference.mask.data[i] = MaskBit.SAT;
    expect(findMatch(detectOnDifference(input), row)!.vetoes).toEqual([]);
  });
});

describe('cutTriplet', () => {
  it('centres the nearest pixel and leaves NaN outside the image', () => {
    const { input } = makeTwinDifference({ sizePx: 256, seed: 2, transients: 0 });
    const triplet = cutTriplet(input, 10.4, 100.6);
    const size = triplet.size;
    const middle = 31 * size + 31;
    expect(triplet.data).toHaveLength(3 * 63 * 63);
    expect(triplet.data[middle]).toBe(input.science.science.data[101 * 256 + 10]);
    expect(triplet.data[size * size + middle]).toBe(input.template.science.data[101 * 256 + 10]);
    expect(triplet.data[2 * size * size + middle]).toBe(input.difference.difference.data[101 * 256 + 10]);
    expect(triplet.data[31 * size + 20]).toBeNaN();
    expect(triplet.data[31 * size + 21]).toBe(input.science.science.data[101 * 256]);
  });
});
