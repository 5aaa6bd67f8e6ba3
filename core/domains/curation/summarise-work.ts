import type { Verdict } from './model.ts';

/** A decision, as far as pace is concerned. */
export interface Decision {
  readonly curator: string;
  /** Unix time, ms. */
  readonly atMs: number;
  /** Absent where it is not for whoever asks to know yet. */
  readonly verdict: Verdict | undefined;
  readonly decisionMs?: number | undefined;
}

/** Time at work from which a pace is told, ms. */
const PACE_MS = 30_000;

/** What one curator did. */
export interface CuratorWork {
  readonly curator: string;
  readonly labels: number;
  readonly real: number;
  readonly bogus: number;
  readonly unsure: number;
  /** Median time a candidate was on screen, ms. */
  readonly medianDecisionMs?: number | undefined;
  /** Time at work, hours: gaps between decisions, but for pauses. */
  readonly activeHours: number;
  /** Absent before half a minute at work: a pace of seconds, or of labels that came in a file, says nothing. */
  readonly labelsPerHour?: number | undefined;
  readonly lastAtMs: number;
}

/** Longer than this between two decisions is a pause. */
const PAUSE_MS = 5 * 60_000;

/** Summarise what each curator did, who did most first. */
export function summariseWork(decisions: readonly Decision[]): readonly CuratorWork[] {
  const byCurator = new Map<string, Decision[]>();
  for (const decision of decisions) {
    const own = byCurator.get(decision.curator);
    if (own === undefined) byCurator.set(decision.curator, [decision]);
    else own.push(decision);
  }
  return [...byCurator]
    .map(([curator, own]): CuratorWork => {
      const times = own.map(({ atMs }) => atMs).sort((a, b) => a - b);
      const gaps = times.slice(1).map((time, k) => time - times[k]!);
      const activeMs = gaps.filter((gap) => gap <= PAUSE_MS).reduce((sum, gap) => sum + gap, 0);
      const worked = gaps.filter((gap) => gap <= PAUSE_MS).length;
      const count = (verdict: Verdict): number => own.filter((one) => one.verdict === verdict).length;
      return {
        curator,
        labels: own.length,
        real: count('real'),
        bogus: count('bogus'),
        unsure: count('unsure'),
        medianDecisionMs: medianOf(
          own.flatMap(({ decisionMs }) => (decisionMs === undefined ? [] : [decisionMs])),
        ),
        activeHours: activeMs / 3_600_000,
        // Of n decisions in a row n - 1 have a gap before them.
        labelsPerHour: activeMs >= PACE_MS ? (worked * 3_600_000) / activeMs : undefined,
        lastAtMs: times.at(-1)!,
      };
    })
    .sort((a, b) => b.labels - a.labels || (a.curator < b.curator ? -1 : 1));
}

/** Count decisions of each day, UTC, oldest first; days without any between them are 0. */
export function countByDay(
  decisions: readonly Pick<Decision, 'atMs'>[],
): readonly { readonly day: string; readonly labels: number }[] {
  const dayOf = (ms: number): number => Math.floor(ms / 86_400_000);
  const counts = new Map<number, number>();
  for (const { atMs } of decisions) counts.set(dayOf(atMs), (counts.get(dayOf(atMs)) ?? 0) + 1);
  if (counts.size === 0) return [];
  const [first, last] = [Math.min(...counts.keys()), Math.max(...counts.keys())];
  // Years apart the days between tell nothing: those with work alone are listed then.
  const days =
    last - first < 400
      ? Array.from({ length: last - first + 1 }, (_, k) => first + k)
      : [...counts.keys()].sort((a, b) => a - b);
  return days.map((day) => ({
    day: new Date(day * 86_400_000).toISOString().slice(0, 10),
    labels: counts.get(day) ?? 0,
  }));
}

function medianOf(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
