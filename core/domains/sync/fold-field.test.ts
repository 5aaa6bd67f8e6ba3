import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldField, listHeads } from './fold-field.ts';
import type { FieldVersion } from './model.ts';

const version = (
  id: string,
  value: FieldVersion['value'],
  clock: string,
  basedOn: readonly string[] = [],
): FieldVersion => ({ id, value, clock, basedOn });

describe('a field that several people set', () => {
  it('is what was said last by one who knew of what was said before', () => {
    const state = foldField([version('a', 'SN?', '1'), version('b', 'SN Ia', '2', ['a'])]);
    expect(state).toMatchObject({ current: { id: 'b' }, losers: [] });
  });

  it('keeps what was said without knowing of it, and shows the later', () => {
    const state = foldField([
      version('a', 'first', '1'),
      version('b', 'from the mountain', '2', ['a']),
      version('c', 'from the valley', '3', ['a']),
    ]);
    expect(state.current.value).toBe('from the valley');
    expect(state.losers.map(({ value }) => value)).toEqual(['from the mountain']);
  });

  it('is no conflict where both said the same', () => {
    const state = foldField([version('b', { x: 1, y: 2 }, '2'), version('c', { y: 2, x: 1 }, '3')]);
    expect(state.losers).toEqual([]);
  });

  it('is settled by a value that is based on all of them', () => {
    const versions = [version('a', 1, '1'), version('b', 2, '2'), version('c', 3, '3')];
    const settled = [...versions, version('d', 1, '4', listHeads(versions))];
    expect(foldField(settled)).toMatchObject({ current: { id: 'd', value: 1 }, losers: [] });
  });

  it('does not depend on the order in which versions come, nor on how often', () => {
    const histories = fc.array(
      fc.record({
        value: fc.integer({ min: 0, max: 3 }),
        clock: fc.integer({ min: 0, max: 20 }).map(String),
        basedOn: fc.array(fc.nat({ max: 30 }), { maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat()), (raw, stream) => {
        const versions = raw.map(({ value, clock, basedOn }, at) =>
          version(`v${at}`, value, clock, at === 0 ? [] : basedOn.map((base) => `v${base % at}`)),
        );
        const shuffled = [...versions, ...versions]
          .map((one) => [stream.next().value, one] as const)
          .sort(([a], [b]) => a - b)
          .map(([, one]) => one);
        expect(foldField(shuffled)).toEqual(foldField(versions));
      }),
    );
  });
});
