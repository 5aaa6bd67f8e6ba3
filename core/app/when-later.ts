/** Longest that a timer of JavaScript waits, ms. */
const MOST_MS = 2 ** 31 - 1;

/** Call back at a moment, however far away; it keeps no program running. @returns stops it */
export function whenLater(delayMs: number, tell: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer = setTimeout(
      () => (left > MOST_MS ? wait(left - MOST_MS) : tell()),
      Math.min(Math.max(0, left), MOST_MS),
    );
    timer.unref();
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}
