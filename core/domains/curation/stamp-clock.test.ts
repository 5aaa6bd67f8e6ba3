import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stampClock } from './stamp-clock.ts';

describe('the clock', () => {
  test('follows real time and counts within a millisecond', () => {
    const first = stampClock('', 1000);
    const second = stampClock(first, 1000);
    const third = stampClock(second, 1001);
    expect([first, second, third]).toEqual(['0000000003e8-0000', '0000000003e8-0001', '0000000003e9-0000']);
  });

  test('never goes back, whatever the clock on the wall does', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 50 }), (walls) => {
        let newest = '';
        for (const wall of walls) {
          const next = stampClock(newest, wall);
          expect(next > newest).toBe(true);
          newest = next;
        }
      }),
    ));

  test("sorts after another machine's stamp that is hours ahead", () => {
    const ahead = stampClock('', 10_000_000);
    expect(stampClock(ahead, 5) > ahead).toBe(true);
  });

  test('goes on when the counter is full', () => {
    expect(stampClock('0000000003e8-ffff', 0)).toBe('0000000003e9-0000');
  });
});
