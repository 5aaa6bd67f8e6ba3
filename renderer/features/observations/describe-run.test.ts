import { describe, expect, it } from 'vitest';
import type { Run, StageState } from '../../../core/api/contract/index.ts';
import { describeSafety, factOf, listWords, liveRun, nameOfRun, secondsOf } from './describe-run.ts';

const stage = (name: StageState['stage'], changes: Partial<StageState> = {}): StageState => ({
  stage: name,
  status: 'done',
  metrics: {},
  ...changes,
});

const runWith = (changes: Partial<Run>): Run => ({
  id: 'r',
  createdAt: '2026-01-02T03:04:05.678Z',
  status: 'done',
  sciencePath: 'C:\\night\\science.fits',
  templatePath: '/night/template.fits',
  stages: [],
  gradeReasons: [],
  candidateCount: 0,
  labelledCount: 0,
  ...changes,
});

describe('a run in words', () => {
  it('is called by its object, its exposure or its file, whichever is known', () => {
    const science = { path: 'p', name: 'exposure 7', width: 1, height: 1 };
    expect(nameOfRun(runWith({}))).toBe('night/science.fits');
    expect(nameOfRun(runWith({ science }))).toBe('exposure 7');
    expect(nameOfRun(runWith({ science: { ...science, object: 'M 31' } }))).toBe('M 31');
  });

  it('took the time of its stages', () => {
    const stages = [
      stage('ingest', { seconds: 0.5 }),
      stage('preprocess', { seconds: 2 }),
      stage('register'),
    ];
    expect(secondsOf(runWith({ stages }))).toBe(2.5);
  });

  it.each([
    ['ingest', { widthPx: 2048, heightPx: 4096 }, '2048 × 4096 px'],
    ['preprocess', { fwhmPx: 3, sources: 12345 }, '12\u2009345 sources'],
    ['register', { matched: 90, rmsPx: 0.1234 }, '0.12 px rms'],
    ['difference', { fluxRatio: 1, scorrMadStd: 0.9876 }, '0.988 σ of S_corr'],
    ['detect', { detections: 40, vetoed: 3 }, '40 detections'],
    ['persist', { candidates: 7, vetoed: 3 }, '7 candidates'],
  ] as const)('tells of %s the number that matters', (name, metrics, expected) => {
    const fact = factOf(stage(name, { metrics }))!;
    expect(`${fact.value} ${fact.of}`).toBe(expected);
  });

  it('says after a failure what is safe and where a retry starts', () => {
    const failed = [stage('ingest'), stage('preprocess'), stage('register', { status: 'failed' })];
    expect(describeSafety(runWith({ stages: failed, labelledCount: 4 }))).toBe(
      'ingest and preprocess are on disk; a retry starts at register. Its 4 labels are on disk.',
    );
    expect(describeSafety(runWith({ stages: [stage('ingest', { status: 'failed' })] }))).toBe(
      'Nothing was changed; a retry starts from the beginning.',
    );
  });

  it('joins words as a sentence does', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listWords)).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });
});

describe('the live lane', () => {
  it('shows what moves, else what ended last, else what waits', () => {
    const [queued, running, done] = (['queued', 'running', 'done'] as const).map((status) =>
      runWith({ status }),
    );
    expect(liveRun([queued!, running!, done!])).toBe(running);
    expect(liveRun([queued!, done!])).toBe(done);
    expect(liveRun([queued!])).toBe(queued);
    expect(liveRun([])).toBeUndefined();
  });
});
