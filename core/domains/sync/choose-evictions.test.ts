import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseEvictions, type LocalBlob } from './choose-evictions.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 1000 * HOUR_MS;
const blob = (sha256: string, bytes: number, hoursAgo: number, isKept = false): LocalBlob => ({
  sha256,
  bytes,
  usedAtMs: NOW_MS - hoursAgo * HOUR_MS,
  isKept,
});

describe('which local bytes make room', () => {
  it('those that nobody looked at for longest', () => {
    const blobs = [blob('a', 10, 1), blob('b', 10, 3), blob('c', 10, 2)];
    const { evicted, localBytes } = chooseEvictions(blobs, 15, NOW_MS);
    expect(localBytes).toBe(30);
    expect(evicted.map(({ sha256 }) => sha256)).toEqual(['b', 'c']);
    expect(chooseEvictions(blobs, undefined, NOW_MS).evicted).toEqual([]);
  });

  it('never what is kept, and never what is on a screen now', () => {
    const blobs = [blob('a', 10, 9, true), blob('b', 10, 0), blob('c', 10, 5)];
    const plan = chooseEvictions(blobs, 0, NOW_MS);
    expect(plan.evicted.map(({ sha256 }) => sha256)).toEqual(['c']);
    expect(plan.keptBytes).toBe(10);
  });

  it('never more than is needed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ bytes: fc.nat(100), hours: fc.nat(50), isKept: fc.boolean() })),
        fc.nat(2000),
        (raw, limit) => {
          const blobs = raw.map(({ bytes, hours, isKept }, n) => blob(String(n), bytes, hours + 1, isKept));
          const { evicted, localBytes } = chooseEvictions(blobs, limit, NOW_MS);
          const gone = evicted.reduce((sum, { bytes }) => sum + bytes, 0);
          const last = evicted.at(-1);
          if (last !== undefined) expect(localBytes - gone + last.bytes).toBeGreaterThan(limit);
          if (localBytes - gone > limit)
            expect(blobs.filter(({ isKept }) => !isKept).length).toBe(evicted.length);
        },
      ),
    );
  });
});
