import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countConfusion, estimateShare, evaluateScores, type JudgedScore } from './evaluate-scores.ts';
import { countByDay, type Decision, summariseWork } from './summarise-work.ts';

const judge = (scores: readonly number[], real: readonly number[]): JudgedScore[] =>
  scores.map((score, k) => ({ score, isReal: real[k] === 1 }));

describe('scores beside what people say', () => {
  // The examples of scikit-learn's roc_auc_score, average_precision_score and brier_score_loss.
  test('have the area, precision and Brier score that scikit-learn gives', () => {
    const found = evaluateScores(judge([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]));
    expect(found.rocArea?.value).toBe(0.75);
    expect(found.averagePrecision).toBeCloseTo(0.8333333, 6);
    expect(evaluateScores(judge([0.1, 0.9, 0.8, 0.3], [0, 1, 1, 0])).brier).toBeCloseTo(0.0375, 12);
  });

  test('that are equal pass together', () => {
    const found = evaluateScores(judge([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1]));
    expect(found.rocArea?.value).toBe(0.5);
    expect(found.points).toHaveLength(1);
    expect(found.points[0]).toMatchObject({
      completeness: { value: 1 },
      falseAlarms: { value: 1 },
      purity: { value: 0.5 },
    });
  });

  test('have an area that is the part of pairs in the right order', () => {
    const scores = fc.array(fc.tuple(fc.integer({ min: 0, max: 10 }), fc.boolean()), {
      minLength: 2,
      maxLength: 40,
    });
    fc.assert(
      fc.property(scores, (pairs) => {
        const judged = pairs.map(([score, isReal]) => ({ score: score / 10, isReal }));
        const [real, bogus] = [judged.filter((one) => one.isReal), judged.filter((one) => !one.isReal)];
        const { rocArea } = evaluateScores(judged);
        if (real.length === 0 || bogus.length === 0) {
          expect(rocArea).toBeUndefined();
          return;
        }
        let right = 0;
        for (const a of real)
          for (const b of bogus) right += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
        expect(rocArea!.value).toBeCloseTo(right / (real.length * bogus.length), 9);
      }),
    );
  });

  test('are calibrated when as many are real as they say', () => {
    const even = evaluateScores(
      judge([0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75], [0, 0, 0, 1, 1, 1, 1, 0]),
    );
    expect(even.calibrationError).toBeCloseTo(0, 12);
    expect(even.calibration.map(({ from, count, realShare }) => [from, count, realShare.value])).toEqual([
      [0.2, 4, 0.25],
      [0.7, 4, 0.75],
    ]);
    expect(evaluateScores(judge([1, 1], [0, 0])).calibrationError).toBe(1);
  });

  test('give a confusion matrix at a threshold, the threshold itself called real', () => {
    const confusion = countConfusion(judge([0.2, 0.5, 0.5, 0.9], [1, 1, 0, 1]), 0.5);
    expect(confusion).toMatchObject({
      realCalledReal: 2,
      bogusCalledReal: 1,
      realCalledBogus: 1,
      bogusCalledBogus: 0,
      completeness: { value: 2 / 3 },
      purity: { value: 2 / 3 },
    });
    expect(countConfusion([], 0.5).purity).toBeUndefined();
  });

  test('say nothing where one of the two kinds is missing', () => {
    const found = evaluateScores(judge([0.2, 0.9], [1, 1]));
    expect(found).toMatchObject({ real: 2, bogus: 0, points: [] });
    expect(found.rocArea).toBeUndefined();
    expect(evaluateScores([]).brier).toBeUndefined();
  });
});

test('a share has the interval of Wilson: 8 of 10, none of 5, all of 5', () => {
  // statsmodels' proportion_confint(8, 10, method='wilson').
  const share = estimateShare(8, 10);
  expect([share.low, share.high]).toEqual([expect.closeTo(0.490162, 5), expect.closeTo(0.943318, 5)]);
  expect(estimateShare(0, 5)).toEqual({ value: 0, low: 0, high: expect.closeTo(0.434482, 5) });
  expect(estimateShare(5, 5)).toEqual({ value: 1, low: expect.closeTo(0.565518, 5), high: 1 });
});

describe('work', () => {
  const at = (minutes: number, changes: Partial<Decision> = {}): Decision => ({
    curator: 'Ada',
    atMs: Date.UTC(2026, 2, 1, 12, minutes),
    verdict: 'bogus',
    decisionMs: 1000,
    ...changes,
  });

  test('is paced by the time between decisions, pauses left out', () => {
    // Two rows of three, a minute apart, with half an hour between them: four gaps of a minute.
    const [ada] = summariseWork([
      at(0),
      at(1),
      at(2, { verdict: 'real' }),
      at(32),
      at(33, { decisionMs: 3000 }),
      at(34),
    ]);
    expect(ada).toMatchObject({
      curator: 'Ada',
      labels: 6,
      real: 1,
      bogus: 5,
      labelsPerHour: 60,
      medianDecisionMs: 1000,
    });
    expect(ada!.activeHours).toBeCloseTo(4 / 60, 9);
    expect(summariseWork([at(0)])[0]!.labelsPerHour).toBeUndefined();
  });

  test('is listed by curator, who did most first', () => {
    const work = summariseWork([at(0), at(1, { curator: 'Bo' }), at(2, { curator: 'Bo' })]);
    expect(work.map(({ curator, labels }) => [curator, labels])).toEqual([
      ['Bo', 2],
      ['Ada', 1],
    ]);
  });

  test('is counted by day, days without any among them', () => {
    expect(countByDay([at(0), at(1), at(2 * 24 * 60)])).toEqual([
      { day: '2026-03-01', labels: 2 },
      { day: '2026-03-02', labels: 0 },
      { day: '2026-03-03', labels: 1 },
    ]);
    expect(countByDay([])).toEqual([]);
  });
});
