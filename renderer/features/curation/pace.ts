import { useEffect, useState } from 'react';

/** Pauses longer than this are not work, ms. */
const LONGEST_PAUSE_MS = 60_000;

/** Decisions that the pace looks back on. */
const WINDOW = 50;

/**
 * How many candidates an hour a person judges, from when the last labels were saved.
 *
 * @param savedAt moments, ms, ascending.
 * @returns `undefined` before there are three.
 */
export function pacePerHour(savedAt: readonly number[]): number | undefined {
  const recent = savedAt.slice(-WINDOW);
  if (recent.length < 3) return undefined;
  let workMs = 0;
  for (let i = 1; i < recent.length; i++) workMs += Math.min(LONGEST_PAUSE_MS, recent[i]! - recent[i - 1]!);
  return workMs > 0 ? ((recent.length - 1) * 3_600_000) / workMs : undefined;
}

/** Say how long the rest will take at a pace: `8 min`, `2 h 05`. */
export function formatRest(left: number, perHour: number): string {
  const minutes = Math.ceil((left * 60) / perHour);
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}

/** Work without a pause that is enough for eyes, ms. */
const BREAK_AFTER_MS = 45 * 60_000;

/** A pause that counts as a break, ms. */
const BREAK_MS = 5 * 60_000;

/**
 * Tell whether somebody has labelled for 45 minutes without a break.
 *
 * @param savedAt moments of decisions, ms, ascending.
 */
export function isBreakDue(savedAt: readonly number[], now: number): boolean {
  const last = savedAt.at(-1);
  if (last === undefined || now - last > BREAK_MS) return false;
  let start = last;
  for (let i = savedAt.length - 2; i >= 0 && start - savedAt[i]! <= BREAK_MS; i--) start = savedAt[i]!;
  return now - start >= BREAK_AFTER_MS;
}

/** `isBreakDue`, looked at twice a minute. */
export function useBreakDue(savedAt: readonly number[], isWanted: boolean): boolean {
  const [isDue, setIsDue] = useState(false);
  useEffect(() => {
    const look = (): void => setIsDue(isWanted && isBreakDue(savedAt, performance.now()));
    look();
    const timer = setInterval(look, 30_000);
    return () => clearInterval(timer);
  }, [savedAt, isWanted]);
  return isDue;
}
