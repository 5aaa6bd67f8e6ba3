import { describe, expect, test } from 'vitest';
import { assignQueue } from './assign-queue.ts';
import { type Consensus, DEFAULT_CONSENSUS_CONFIG, decideConsensus, wantsLabel } from './decide-consensus.ts';
import type { CandidateCuration, Verdict } from './model.ts';

function curationOf(...verdicts: Verdict[]): CandidateCuration {
  return {
    candidateId: 'c',
    labels: verdicts.map((verdict, n) => ({
      kind: 'label',
      id: `l${n}`,
      candidateId: 'c',
      curator: `curator${n}`,
      at: '',
      clock: String(n),
      verdict,
      purpose: 'work',
      scoreVisible: false,
    })),
    comments: [],
    flaggedBy: [],
    revealedTo: [],
  };
}

describe('consensus of two labels, a third on disagreement', () => {
  test.each<[Verdict[], Consensus]>([
    [[], { kind: 'waiting', labels: 0, missing: 2 }],
    [['real'], { kind: 'waiting', labels: 1, missing: 1 }],
    [['real', 'real'], { kind: 'agreed', verdict: 'real', labels: 2 }],
    [['real', 'bogus'], { kind: 'disputed', labels: 2, missing: 1 }],
    [['unsure', 'unsure'], { kind: 'disputed', labels: 2, missing: 1 }],
    [['real', 'bogus', 'bogus'], { kind: 'agreed', verdict: 'bogus', labels: 3 }],
    [['real', 'bogus', 'unsure'], { kind: 'to-adjudicate', labels: 3 }],
    [['real', 'unsure', 'unsure'], { kind: 'to-adjudicate', labels: 3 }],
  ])('%j is %j', (verdicts, expected) => {
    expect(decideConsensus(curationOf(...verdicts), DEFAULT_CONSENSUS_CONFIG)).toEqual(expected);
  });

  test('a posterior above 0.95 retires what labels leave disputed, but not before two labels', () => {
    const posterior = { real: 0.97, bogus: 0.03 };
    expect(decideConsensus(curationOf('real', 'bogus'), DEFAULT_CONSENSUS_CONFIG, posterior)).toEqual({
      kind: 'retired',
      verdict: 'real',
      probability: 0.97,
    });
    expect(decideConsensus(curationOf('real'), DEFAULT_CONSENSUS_CONFIG, posterior).kind).toBe('waiting');
    const atLimit = { real: 0.95, bogus: 0.05 };
    expect(decideConsensus(curationOf('real', 'bogus'), DEFAULT_CONSENSUS_CONFIG, atLimit).kind).toBe(
      'disputed',
    );
  });

  test('an adjudication is the last word', () => {
    const adjudicated: CandidateCuration = {
      ...curationOf('real', 'bogus', 'unsure'),
      adjudication: {
        kind: 'adjudication',
        id: 'a',
        candidateId: 'c',
        curator: 'chief',
        at: '',
        clock: '9',
        verdict: 'bogus',
      },
    };
    const consensus = decideConsensus(adjudicated, DEFAULT_CONSENSUS_CONFIG);
    expect(consensus).toEqual({ kind: 'adjudicated', verdict: 'bogus', curator: 'chief' });
    expect(wantsLabel(consensus)).toBe(false);
  });
});

describe("a curator's queue", () => {
  const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);
  const config = { goldFraction: 0.05, repeatFraction: 0.03 };

  test('has all the work in its order, with the wanted parts of gold and repeats among it', () => {
    const queue = assignQueue(ids('w', 920), ids('g', 500), ids('j', 500), config, 1);
    const of = (purpose: string) => queue.filter((one) => one.purpose === purpose);
    expect(of('work').map(({ candidateId }) => candidateId)).toEqual(ids('w', 920));
    expect(Math.abs(of('gold').length - 50)).toBeLessThanOrEqual(1);
    expect(Math.abs(of('repeat').length - 30)).toBeLessThanOrEqual(1);
    expect(of('repeat')[0]?.candidateId).toMatch(/^j/);
    expect(queue[0]?.purpose).toBe('work');
  });

  test('is the same for the same seed and shows nothing twice', () => {
    const make = (seed: number) => assignQueue(ids('w', 200), ids('w', 20), ids('w', 9), config, seed);
    expect(make(4)).toEqual(make(4));
    expect(new Set(make(4).map(({ candidateId }) => candidateId)).size).toBe(make(4).length);
  });

  test('has no controls where there are none, and nothing where there is no work', () => {
    expect(assignQueue(ids('w', 10), [], [], config, 2)).toHaveLength(10);
    expect(assignQueue([], [], [], config, 2)).toEqual([]);
  });
});
