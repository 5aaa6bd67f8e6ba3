import { beforeAll, describe, expect, it } from 'vitest';
import { registerField, type SubtractedField } from '../../../../tests/sky/subtract-field.ts';
import { createInlineRunner } from '../../../utils/index.ts';
import {
  DEFAULT_DIFFERENCING_CONFIG,
  type Difference,
  type DifferencingMethod,
  differenceImages,
} from '../../differencing/index.ts';
import { DEFAULT_COMPLETENESS_CONFIG } from '../completeness/config.ts';
import { DEFAULT_DETECTION_CONFIG } from '../config.ts';
import { chooseByTournament } from './hold-tournament.ts';

const CONFIG = {
  differencing: DEFAULT_DIFFERENCING_CONFIG,
  detection: DEFAULT_DETECTION_CONFIG,
  completeness: { ...DEFAULT_COMPLETENESS_CONFIG, injections: 40 },
};
const runner = createInlineRunner();

let pair: Omit<SubtractedField, 'difference'>;
let zogy: Difference;
let delta: Difference;
/** ZOGY with galaxies in place of PSF stars. */
let spoiled: Difference;

beforeAll(async () => {
  pair = await registerField({ sizePx: 448, seed: 3, transients: 8, difficulty: 'survey' });
  const { science, template, field } = pair;
  const subtract = (method: DifferencingMethod, from = science) =>
    differenceImages(from, template, { ...DEFAULT_DIFFERENCING_CONFIG, method, fallsBack: false }, runner);
  const galaxies = field.sources.filter(({ kind }) => kind === 'galaxy');
  const sources = science.sources.filter((source) =>
    galaxies.some(({ xPx, yPx }) => Math.hypot(xPx - source.xPx, yPx - source.yPx) < 3),
  );
  zogy = await subtract('zogy');
  delta = await subtract('delta-basis');
  spoiled = await subtract('zogy', { ...science, sources });
}, 60_000);

const choose = (...differences: readonly Difference[]) =>
  chooseByTournament(
    pair.science,
    pair.template,
    differences.map((difference) => ({ kind: 'done', method: difference.method, difference })),
    CONFIG,
    runner,
  );

describe('a difference that is graded red', () => {
  // A kernel that is all smoothness matches no profile; others do not know of it.
  const stiff = {
    ...DEFAULT_DIFFERENCING_CONFIG,
    method: 'delta-basis' as const,
    kernel: { ...DEFAULT_DIFFERENCING_CONFIG.kernel, smoothness: 1000 },
  };

  it('is made by the next engine, and says so', async () => {
    const difference = await differenceImages(pair.science, pair.template, stiff, runner);
    expect(difference.method).toBe('zogy');
    expect(difference.grade).toBe('green');
    expect(difference.gradeReasons).toEqual([
      expect.stringMatching(/^delta-basis was graded red: Constant stars leave \d/),
    ]);
    expect(difference.score.data).toEqual(zogy.score.data);
  });

  it('is kept where nothing else is wanted', async () => {
    const config = { ...stiff, fallsBack: false };
    const difference = await differenceImages(pair.science, pair.template, config, runner);
    expect(difference).toMatchObject({ method: 'delta-basis', grade: 'red' });
  });
});

describe('the tournament', () => {
  it('takes the other engine where one was given galaxies for PSF stars, though its grade does not tell', async () => {
    const chosen = await choose({ ...spoiled, grade: 'green', gradeReasons: [] }, delta);
    expect(chosen.method).toBe('delta-basis');
    expect(chosen.score).toBe(delta.score);
    const [first, second] = chosen.tournament!.standings;
    expect(first!.completeness).toBeGreaterThan(second!.completeness + 0.1);
    expect(chosen.gradeReasons.at(-1)).toMatch(
      /^delta-basis won 1 of 1 tile: completeness \d\.\d\d against \d\.\d\d \(zogy\); purity/,
    );
  });

  it('lets an engine with a red grade take no part, and says so', async () => {
    expect(spoiled.grade).toBe('red');
    const chosen = await choose(spoiled, delta);
    expect(chosen.method).toBe('delta-basis');
    expect(chosen.tournament).toBeUndefined();
    expect(chosen.gradeReasons.join(' ')).toContain('zogy was graded red: ');
  });

  it('keeps the preferred engine where all are as good, and the same every time', async () => {
    const once = await choose(zogy, delta);
    expect(once.method).toBe('zogy');
    expect(once.score).toBe(zogy.score);
    const again = await choose(zogy, delta);
    expect(again.tournament).toEqual(once.tournament);
    expect(once.tournament!.standings.every(({ purity }) => purity > 0.9)).toBe(true);
  });

  it('joins engines where each is blind in a part of the image', async () => {
    // So small an image would be one cell; four are asked for.
    const { width, height } = zogy.score;
    const blinded = (difference: Difference, isBlind: (x: number) => boolean): Difference => {
      const data = difference.fluxErr.data.slice();
      const score = difference.score.data.slice();
      for (let k = 0; k < data.length; k++) {
        if (!isBlind(k % width)) continue;
        data[k]! *= 4;
        score[k]! /= 4;
      }
      return {
        ...difference,
        fluxErr: { width, height, data },
        score: { width, height, data: score },
      };
    };
    const chosen = await chooseByTournament(
      pair.science,
      pair.template,
      [
        { kind: 'done', method: 'zogy', difference: blinded(zogy, (x) => x > width / 2) },
        { kind: 'done', method: 'delta-basis', difference: blinded(delta, (x) => x < width / 2) },
      ],
      // Ten stars a cell would leave it to chance.
      { ...CONFIG, completeness: { ...CONFIG.completeness, injections: 100 } },
      runner,
      {},
      2,
    );
    expect(chosen.tournament!.cells.map(({ method }) => method)).toEqual([
      'zogy',
      'delta-basis',
      'zogy',
      'delta-basis',
    ]);
    const sky = (from: number, to: number): number => {
      const sizes: number[] = [];
      for (let y = 20; y < height - 20; y++) {
        for (let x = from; x < to; x++) sizes.push(Math.abs(chosen.score.data[y * width + x]!));
      }
      return 1.4826 * sizes.sort((a, b) => a - b)[sizes.length >> 1]!;
    };
    // The score is smooth over two pixels: some ten thousand independent values each.
    expect(Math.abs(sky(20, width / 2 - 40) - 1)).toBeLessThan(0.06);
    expect(Math.abs(sky(width / 2 + 40, width - 20) - 1)).toBeLessThan(0.06);
  });
});
