import { afterEach, expect, test, vi } from 'vitest';
import { whenLater } from './when-later.ts';

const DAY_MS = 86_400_000;

afterEach(() => void vi.useRealTimers());

test('a moment further away than a timer waits is waited for all the same, unless it is let go of', () => {
  vi.useFakeTimers();
  let told = 0;
  const tell = (): void => void told++;
  whenLater(90 * DAY_MS, tell);
  const stop = whenLater(90 * DAY_MS, tell);
  vi.advanceTimersByTime(60 * DAY_MS);
  stop();
  vi.advanceTimersByTime(30 * DAY_MS - 1);
  expect(told).toBe(0);
  vi.advanceTimersByTime(1);
  expect(told).toBe(1);
});

test('a moment that is past comes next', () => {
  vi.useFakeTimers();
  let told = 0;
  whenLater(-5, () => void told++);
  vi.advanceTimersByTime(1);
  expect(told).toBe(1);
});
