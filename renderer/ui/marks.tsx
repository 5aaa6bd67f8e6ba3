import type { ReactNode } from 'react';

/** Colour of a mark; its shape says the same. */
export type Tone = 'ok' | 'warn' | 'error' | 'dim' | 'accent';

function Mark({
  tone,
  name,
  children,
}: {
  readonly tone: Tone;
  readonly name: string;
  readonly children: ReactNode;
}) {
  return (
    <svg
      className={`mark mark-${tone}`}
      width="14"
      height="14"
      viewBox="0 0 14 14"
      role="img"
      aria-label={name}
    >
      {children}
    </svg>
  );
}

/** Words of verdicts; `undefined` is a candidate that nobody has judged. */
export type VerdictWord = 'real' | 'bogus' | 'unsure' | undefined;

/** A verdict: filled circle, crossed circle, half circle; an empty one for none. */
export function VerdictMark({ verdict }: { readonly verdict: VerdictWord }) {
  switch (verdict) {
    case 'real':
      return (
        <Mark tone="ok" name="real">
          <circle cx="7" cy="7" r="5" fill="currentColor" />
        </Mark>
      );
    case 'bogus':
      return (
        <Mark tone="error" name="bogus">
          <g fill="none" stroke="currentColor" strokeWidth="1.5">
            <circle cx="7" cy="7" r="4.75" />
            <path d="M3.8 3.8 10.2 10.2M10.2 3.8 3.8 10.2" />
          </g>
        </Mark>
      );
    case 'unsure':
      return (
        <Mark tone="warn" name="unsure">
          <circle cx="7" cy="7" r="4.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="M7 2.25A4.75 4.75 0 0 0 7 11.75Z" fill="currentColor" />
        </Mark>
      );
    default:
      return (
        <Mark tone="dim" name="not labelled">
          <circle
            cx="7"
            cy="7"
            r="4.5"
            fill="none"
            stroke="currentColor"
            strokeWidth="1"
            strokeDasharray="2 1.6"
          />
        </Mark>
      );
  }
}

/** A state of a run or stage: ring, turning arc, tick, cross, bar. */
export function StateMark({
  state,
}: {
  readonly state: 'pending' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
}) {
  switch (state) {
    case 'done':
      return (
        <Mark tone="ok" name="done">
          <path d="M2.5 7.5 5.8 10.6 11.5 3.8" fill="none" stroke="currentColor" strokeWidth="1.6" />
        </Mark>
      );
    case 'running':
      return (
        <Mark tone="accent" name="running">
          <g fill="none" stroke="currentColor" strokeWidth="1.6">
            <circle cx="7" cy="7" r="4.7" opacity="0.35" />
            <path d="M7 2.3A4.7 4.7 0 0 1 11.7 7" />
          </g>
        </Mark>
      );
    case 'failed':
      return (
        <Mark tone="error" name="failed">
          <path d="M3 3 11 11M11 3 3 11" fill="none" stroke="currentColor" strokeWidth="1.8" />
        </Mark>
      );
    case 'cancelled':
      return (
        <Mark tone="dim" name="cancelled">
          <path d="M3 7H11" fill="none" stroke="currentColor" strokeWidth="1.8" />
        </Mark>
      );
    default:
      return (
        <Mark tone="dim" name={state}>
          <circle cx="7" cy="7" r="4.5" fill="none" stroke="currentColor" strokeWidth="1" />
        </Mark>
      );
  }
}

/** A grade: disc, triangle, diamond. */
export function GradeMark({ grade }: { readonly grade: 'green' | 'yellow' | 'red' }) {
  switch (grade) {
    case 'green':
      return (
        <Mark tone="ok" name="green">
          <circle cx="7" cy="7" r="4" fill="currentColor" />
        </Mark>
      );
    case 'yellow':
      return (
        <Mark tone="warn" name="yellow">
          <path d="M7 2 12.2 11.5H1.8Z" fill="currentColor" />
        </Mark>
      );
    case 'red':
      return (
        <Mark tone="error" name="red">
          <path d="M7 1.5 12.5 7 7 12.5 1.5 7Z" fill="currentColor" />
        </Mark>
      );
  }
}

/** A finding: tick, triangle, cross. */
export function FindingMark({ state }: { readonly state: 'ok' | 'warning' | 'error' }) {
  if (state === 'ok') return <StateMark state="done" />;
  return state === 'warning' ? <GradeMark grade="yellow" /> : <StateMark state="failed" />;
}
