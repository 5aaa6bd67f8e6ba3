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
