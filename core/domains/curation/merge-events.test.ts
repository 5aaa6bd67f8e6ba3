import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareEvents, foldAll, foldEvents, hideOthers, mergeEvents } from './merge-events.ts';
import type { CurationEvent, LabelEvent } from './model.ts';

const base = (n: number, curator: string, clock = n) => ({
  id: `e${String(n).padStart(4, '0')}`,
  candidateId: 'c',
  curator,
  at: '2026-03-01T00:00:00.000Z',
  clock: clock.toString(16).padStart(12, '0'),
});
const label = (n: number, curator: string, verdict: LabelEvent['verdict'], clock = n): LabelEvent => ({
  ...base(n, curator, clock),
  kind: 'label',
  verdict,
  purpose: 'work',
  scoreVisible: false,
});
const retraction = (n: number, curator: string, of: number): CurationEvent => ({
  ...base(n, curator),
  kind: 'retraction',
  retractsId: base(of, curator).id,
});

// Ids are drawn from few, so that sets overlap and the same id meets with different contents.
const anyEvent: fc.Arbitrary<CurationEvent> = fc
  .record({
    n: fc.nat(11),
    clock: fc.nat(5),
    curator: fc.constantFrom('ann', 'bob'),
    candidate: fc.constantFrom('c', 'd'),
    verdict: fc.constantFrom('real' as const, 'bogus' as const, 'unsure' as const),
    of: fc.nat(11),
    kind: fc.constantFrom('label', 'retraction', 'comment', 'flag', 'reveal', 'adjudication'),
  })
  .map(({ n, clock, curator, candidate, verdict, of, kind }): CurationEvent => {
    const common = { ...base(n, curator, clock), candidateId: candidate };
    switch (kind) {
      case 'label':
        return { ...label(n, curator, verdict, clock), candidateId: candidate };
      case 'retraction':
        return { ...common, kind, retractsId: base(of, curator).id };
      case 'comment':
        return { ...common, kind, text: verdict };
      case 'flag':
        return { ...common, kind, isSet: n % 2 === 0 };
      case 'reveal':
        return { ...common, kind, score: n / 12, modelVersion: 'm' };
      default:
        return { ...common, kind: 'adjudication', verdict };
    }
  });
const anySet = fc.array(anyEvent, { maxLength: 20 });

describe('merging', () => {
  test('is commutative', () =>
    fc.assert(
      fc.property(anySet, anySet, (a, b) => {
        expect(mergeEvents(a, b)).toEqual(mergeEvents(b, a));
      }),
    ));

  test('is associative', () =>
    fc.assert(
      fc.property(anySet, anySet, anySet, (a, b, c) => {
        expect(mergeEvents(mergeEvents(a, b), c)).toEqual(mergeEvents(a, mergeEvents(b, c)));
      }),
    ));

  test('is idempotent', () =>
    fc.assert(
      fc.property(anySet, anySet, (a, b) => {
        const merged = mergeEvents(a, b);
        expect(mergeEvents(merged, merged)).toEqual(merged);
        expect(mergeEvents(merged, a)).toEqual(merged);
      }),
    ));

  test('loses no event: every id of either side is there once', () =>
    fc.assert(
      fc.property(anySet, anySet, (a, b) => {
        const ids = mergeEvents(a, b).map(({ id }) => id);
        expect(new Set(ids)).toEqual(new Set([...a, ...b].map(({ id }) => id)));
        expect(ids.length).toBe(new Set(ids).size);
      }),
    ));
});

describe('what stands', () => {
  test('does not depend on the order in which events arrived', () =>
    fc.assert(
      fc.property(
        anySet.chain((set) => {
          const merged = mergeEvents(set, []);
          return fc.tuple(
            fc.constant(merged),
            fc.shuffledSubarray([...merged], { minLength: merged.length, maxLength: merged.length }),
          );
        }),
        ([merged, shuffled]) => {
          const expected = foldAll(merged);
          const found = foldAll(shuffled);
          for (const [id, curation] of expected) expect(found.get(id)).toEqual(curation);
          expect(found.size).toBe(expected.size);
        },
      ),
    ));

  test("is each curator's newest label; another's stays beside it", () => {
    const { labels } = foldEvents('c', [
      label(1, 'ann', 'real'),
      label(2, 'bob', 'bogus'),
      label(3, 'ann', 'unsure'),
    ]);
    expect(labels.map(({ curator, verdict }) => [curator, verdict])).toEqual([
      ['bob', 'bogus'],
      ['ann', 'unsure'],
    ]);
  });

  test('falls back to the label before when the newest is taken back', () => {
    const { labels } = foldEvents('c', [
      label(1, 'ann', 'real'),
      label(2, 'ann', 'bogus'),
      retraction(3, 'ann', 2),
    ]);
    expect(labels.map(({ verdict }) => verdict)).toEqual(['real']);
  });

  test('stays taken back when the retraction arrives before its label', () => {
    expect(foldEvents('c', [retraction(3, 'ann', 2), label(2, 'ann', 'bogus')]).labels).toEqual([]);
  });

  test("is not touched by another curator's retraction", () => {
    expect(foldEvents('c', [label(1, 'ann', 'real'), retraction(2, 'bob', 1)]).labels).toHaveLength(1);
  });

  test('has flags that are set, comments in order, who saw the score, and the last adjudication', () => {
    const found = foldEvents('c', [
      { ...base(1, 'ann'), kind: 'flag', isSet: true },
      { ...base(2, 'bob'), kind: 'flag', isSet: true },
      { ...base(3, 'bob'), kind: 'flag', isSet: false },
      { ...base(5, 'bob'), kind: 'comment', text: 'second' },
      { ...base(4, 'ann'), kind: 'comment', text: 'first' },
      { ...base(6, 'ann'), kind: 'reveal', score: 0.3, modelVersion: 'm' },
      { ...base(7, 'ann'), kind: 'adjudication', verdict: 'real' },
      { ...base(8, 'bob'), kind: 'adjudication', verdict: 'bogus' },
    ]);
    expect(found.flaggedBy).toEqual(['ann']);
    expect(found.comments.map(({ text }) => text)).toEqual(['first', 'second']);
    expect(found.revealedTo).toEqual(['ann']);
    expect(found.adjudication?.verdict).toBe('bogus');
  });

  test('orders by clock, and by id where two clocks gave the same stamp', () => {
    const same = [label(2, 'ann', 'real', 7), label(1, 'ann', 'bogus', 7)];
    expect([...same].sort(compareEvents).map(({ id }) => id)).toEqual(['e0001', 'e0002']);
    expect(foldEvents('c', same).labels[0]?.verdict).toBe('real');
  });
});

describe("others' words", () => {
  const events: CurationEvent[] = [
    label(1, 'bob', 'bogus'),
    { ...base(2, 'bob'), kind: 'comment', text: 'a ghost' },
    { ...base(3, 'ann'), kind: 'comment', text: 'mine' },
    { ...base(4, 'bob'), kind: 'adjudication', verdict: 'bogus' },
  ];

  test('are hidden before one has judged', () => {
    const seen = hideOthers(foldEvents('c', events), 'ann');
    expect(seen.labels).toEqual([]);
    expect(seen.comments.map(({ text }) => text)).toEqual(['mine']);
    expect(seen.adjudication).toBeUndefined();
  });

  test('are shown after', () => {
    const whole = foldEvents('c', [...events, label(5, 'ann', 'real')]);
    expect(hideOthers(whole, 'ann')).toEqual(whole);
  });
});
