import { describe, expect, test } from 'vitest';
import { createRateLimiter, rateHeaders } from './limit-rate.ts';

function open(perSecond: number, burst: number) {
  const clock = { ms: 0 };
  return { clock, limiter: createRateLimiter({ perSecond, burst }, () => clock.ms) };
}

describe('a limit', () => {
  test('lets a burst through, then as many as fill up again, and never more than the burst', () => {
    const { clock, limiter } = open(2, 5);
    const through = (): number => {
      let count = 0;
      while (limiter.take('a').isAllowed) count++;
      return count;
    };
    expect(through()).toBe(5);
    expect(limiter.take('a')).toEqual({ isAllowed: false, remaining: 0, retryAfterS: 1, resetS: 3 });
    clock.ms = 1000;
    expect(through()).toBe(2);
    clock.ms = 3_600_000;
    expect(through()).toBe(5);
  });

  test('is of each name by itself', () => {
    const { limiter } = open(1, 1);
    expect(limiter.take('a').isAllowed).toBe(true);
    expect(limiter.take('a').isAllowed).toBe(false);
    expect(limiter.take('b').isAllowed).toBe(true);
  });

  test('looked at takes nothing, and is paid for afterwards where much was begun at once', () => {
    const { clock, limiter } = open(1, 3);
    for (let n = 0; n < 9; n++) expect(limiter.look('a').isAllowed).toBe(true);
    for (let n = 0; n < 9; n++) limiter.charge('a');
    expect(limiter.look('a')).toMatchObject({ isAllowed: false, retryAfterS: 7 });
    clock.ms = 6999;
    expect(limiter.look('a').isAllowed).toBe(false);
    clock.ms = 7000;
    expect(limiter.look('a').isAllowed).toBe(true);
  });

  test('remembers no more names than it can hold, those heard of last', () => {
    const { limiter } = open(1, 2);
    for (let n = 0; n < 10_000; n++) limiter.take(`name ${n}`);
    limiter.take('name 0');
    limiter.take('one more');
    expect(limiter.look('name 0').remaining).toBe(0);
    expect(limiter.look('name 1').remaining).toBe(2);
  });

  test('is told in headers', () => {
    const { limiter } = open(2, 4);
    expect(rateHeaders('principal', limiter.rate, limiter.take('a'))).toEqual({
      'ratelimit-policy': '"principal";q=4;w=2',
      ratelimit: '"principal";r=3;t=1',
    });
    for (let n = 0; n < 3; n++) limiter.take('a');
    expect(rateHeaders('principal', limiter.rate, limiter.take('a'))).toMatchObject({ 'retry-after': '1' });
  });
});
