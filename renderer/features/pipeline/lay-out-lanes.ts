import type { Execution } from '../../../core/api/contract/index.ts';

/** An execution as a bar: where it begins and how long it is, as shares of the width. */
export interface Bar {
  readonly execution: Execution;
  readonly left: number;
  readonly width: number;
}

/** What one worker did. */
export interface Lane {
  readonly worker: string;
  readonly bars: readonly Bar[];
  /** Share of the time shown in which it worked. */
  readonly busy: number;
}

/** A moment on the axis. */
export interface Tick {
  readonly left: number;
  readonly label: string;
}

const STEPS_MS = [1, 2, 5, 10, 30, 60, 120, 360].map((minutes) => minutes * 60_000);

/**
 * Lay out what workers did as lanes with time to the right.
 *
 * @param endMs the right edge; the left edge is `spanMs` before.
 * @returns the lanes of workers that did something in that time, the one that began last first.
 */
export function layOutLanes(
  executions: readonly Execution[],
  endMs: number,
  spanMs: number,
): readonly Lane[] {
  const startMs = endMs - spanMs;
  const lanes = new Map<string, Bar[]>();
  for (const execution of executions) {
    const from = Date.parse(execution.startedAt);
    const to = execution.finishedAt === undefined ? endMs : Date.parse(execution.finishedAt);
    if (to < startMs || from > endMs) continue;
    const left = Math.max(0, (from - startMs) / spanMs);
    const bar = { execution, left, width: Math.min(1, (to - startMs) / spanMs) - left };
    const worker = execution.worker ?? 'before workers were written down';
    lanes.set(worker, [...(lanes.get(worker) ?? []), bar]);
  }
  return [...lanes].map(([worker, bars]) => ({
    worker,
    bars,
    busy: bars.reduce((sum, { width }) => sum + width, 0),
  }));
}

/** The right edge of the lanes: now while something runs, else when the last thing ended. */
export function endOfLanes(executions: readonly Execution[], nowMs: number): number {
  if (executions.some(({ status }) => status === 'running') || executions.length === 0) return nowMs;
  return Math.max(...executions.map(({ finishedAt, startedAt }) => Date.parse(finishedAt ?? startedAt)));
}

/** Whole moments on the axis, six to twelve of them. */
export function ticksOf(endMs: number, spanMs: number): readonly Tick[] {
  const step = STEPS_MS.find((candidate) => spanMs / candidate <= 12) ?? STEPS_MS.at(-1)!;
  const ticks: Tick[] = [];
  for (let at = Math.ceil((endMs - spanMs) / step) * step; at <= endMs; at += step)
    ticks.push({ left: (at - endMs + spanMs) / spanMs, label: new Date(at).toISOString().slice(11, 16) });
  return ticks;
}
