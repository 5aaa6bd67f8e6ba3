import { useEffect, useRef } from 'react';
import type { Night } from '../../../core/api/contract/index.ts';
import { formatCount } from '../../ui/format.ts';
import './nights-strip.css';

/** Nights of the calendar, the newest at the right: how many fields each has, and how far they are. */
export function NightsStrip({
  nights,
  chosen,
  onChoose,
}: {
  readonly nights: readonly Night[];
  /** Date of the night that the list is kept to. */
  readonly chosen: string | undefined;
  readonly onChoose: (date: string | undefined) => void;
}) {
  const strip = useRef<HTMLElement>(null);
  const newest = nights[0]?.date;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new night is what makes it scroll
  useEffect(() => {
    strip.current?.scrollTo({ left: strip.current.scrollWidth });
  }, [newest]);
  const most = Math.max(1, ...nights.map(({ runs }) => runs));
  return (
    <nav className="nights" ref={strip} aria-label="Nights" data-region="nights">
      {nights.toReversed().map((night, i, all) => (
        <button
          key={night.date}
          type="button"
          className="night"
          aria-pressed={night.date === chosen}
          data-gap={i > 0 && gapDays(all[i - 1]!.date, night.date) > 1 ? '' : undefined}
          title={describeNight(night)}
          onClick={() => onChoose(night.date === chosen ? undefined : night.date)}
        >
          <span className="mono">{night.date.slice(5)}</span>
          <span className="night-bar" aria-hidden="true">
            <span className="night-done" style={{ width: `${(100 * night.done) / most}%` }} />
            <span className="night-failed" style={{ width: `${(100 * night.failed) / most}%` }} />
            <span
              className="night-rest"
              style={{ width: `${(100 * (night.runs - night.done - night.failed)) / most}%` }}
            />
          </span>
          <span className="number dim">{formatCount(night.runs)}</span>
        </button>
      ))}
    </nav>
  );
}

function describeNight({ date, runs, done, failed, candidates }: Night): string {
  const parts = [`Night of ${date}`, `${runs} ${runs === 1 ? 'field' : 'fields'}`, `${done} done`];
  if (failed > 0) parts.push(`${failed} failed`);
  return [...parts, `${candidates} candidates`].join(', ');
}

function gapDays(before: string, after: string): number {
  return (Date.parse(after) - Date.parse(before)) / 86_400_000;
}
