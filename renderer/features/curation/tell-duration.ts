/** From the request to the answer that the label is on disk. */
export const LABEL_ON_DISK = 'astrid:label-on-disk';

/** From the answer to the frame that shows the next candidate. */
export const NEXT_CANDIDATE = 'astrid:next-candidate';

/**
 * Tell whoever observes the window's timings how long something took until now; nothing is kept.
 *
 * @param start on the clock of `performance.now`.
 */
export function tellDuration(name: typeof LABEL_ON_DISK | typeof NEXT_CANDIDATE, start: number): void {
  performance.measure(name, { start });
  performance.clearMeasures(name);
}
