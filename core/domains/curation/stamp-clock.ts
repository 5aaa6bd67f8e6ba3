/** Digits of the two parts of a stamp: milliseconds since 1970 and a counter, both hexadecimal. */
const MS_DIGITS = 12;
const COUNTER_DIGITS = 4;
const COUNTER_LIMIT = 16 ** COUNTER_DIGITS;

/**
 * Take the next stamp of a hybrid logical clock: it follows `newest`, and real time where that is ahead.
 *
 * Stamps are text whose order is the order of events: what a machine records after seeing another's event sorts
 * after it, whatever the two clocks on the wall say.
 *
 * @param newest the newest stamp seen here, of any machine; empty before the first.
 * @see Kulkarni et al. 2014, "Logical Physical Clocks", OPODIS, algorithm of figure 5 with send and receive as one.
 */
export function stampClock(newest: string, nowMs: number): string {
  const seenMs = newest === '' ? -1 : Number.parseInt(newest.slice(0, MS_DIGITS), 16);
  const seenCounter = newest === '' ? 0 : Number.parseInt(newest.slice(MS_DIGITS + 1), 16);
  const realMs = Math.max(0, Math.floor(nowMs));
  if (realMs > seenMs) return writeStamp(realMs, 0);
  return seenCounter + 1 < COUNTER_LIMIT
    ? writeStamp(seenMs, seenCounter + 1)
    : // 65,536 events in one millisecond that is ahead of the wall: the clock goes on by itself.
      writeStamp(seenMs + 1, 0);
}

function writeStamp(ms: number, counter: number): string {
  return `${ms.toString(16).padStart(MS_DIGITS, '0')}-${counter.toString(16).padStart(COUNTER_DIGITS, '0')}`;
}
