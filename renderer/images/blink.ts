import { useEffect } from 'react';
import { useSettings } from '../api/settings.ts';
import { announce } from '../ui/announce.ts';
import { type Comparison, NOT_COMPARED, useFieldView } from './field-view.ts';

/**
 * Shortest time one image is shown while blinking, ms, unless a person has unlocked faster ones.
 *
 * A flash is a pair of changes and three a second are safe (WCAG 2.3.1): 170 ms would do; this leaves a margin of two.
 */
export const SHORTEST_BLINK_MS = 340;

/** Periods to choose from, ms; the first two only where they are unlocked. */
const PERIODS_MS: readonly number[] = [125, 250, 340, 500, 1000, 2000];

/** One way of a fade from the image to its partner and back, ms: DS9's two seconds for one way. */
export const FADE_MS = 4000;

/** Periods that may be chosen. */
export function periodsMs(isUnlocked: boolean): readonly number[] {
  return isUnlocked ? PERIODS_MS : PERIODS_MS.filter((ms) => ms >= SHORTEST_BLINK_MS);
}

/** Keep a period above the limit, whatever is asked. */
export function safePeriod(periodMs: number, isUnlocked: boolean): number {
  return Math.max(isUnlocked ? PERIODS_MS[0]! : SHORTEST_BLINK_MS, periodMs);
}

/** Whether this person has unlocked blinking faster than is safe for everyone. */
export function useBlinkUnlocked(): boolean {
  return useSettings()?.images.isBlinkUnlocked ?? false;
}

/** Blink with the next longer (1) or shorter (-1) period; the longest and the shortest stay. */
export function changePeriod(by: 1 | -1, isUnlocked: boolean): void {
  useFieldView.setState(({ blinkPeriodMs }) => {
    const periods = periodsMs(isUnlocked);
    const at = periods.indexOf(safePeriod(blinkPeriodMs, isUnlocked)) + by;
    return { blinkPeriodMs: periods[at] ?? blinkPeriodMs };
  });
}

/** Start or stop blinking; for people who want less motion it makes one step instead. */
export function toggleBlink(): void {
  if (wantsLessMotion()) stepBlink(1);
  else toggleComparison('blink');
}

/** Show the next image of those that blink, or the one before. */
export function stepBlink(by: 1 | -1): void {
  useFieldView.setState(({ blinkStep }) => ({ ...NOT_COMPARED, blinkStep: blinkStep + by }));
}

/** Begin to compare in one way, or end it. For people who want less motion a fade waits for their hand. */
export function toggleComparison(way: Exclude<Comparison, 'none'>): void {
  const isOn = useFieldView.getState().comparison === way;
  const fadeFraction = way === 'fade' && wantsLessMotion() ? 0.5 : undefined;
  useFieldView.setState(isOn ? NOT_COMPARED : { ...NOT_COMPARED, comparison: way, fadeFraction });
  announce(isOn ? `${way} off` : `${way} on`);
}

/** How much of the partner is seen at a moment: set by hand, or coming and going evenly. */
export function fadeAt(fraction: number | undefined, nowMs: number): number {
  if (fraction !== undefined) return fraction;
  const phase = (nowMs % FADE_MS) / FADE_MS;
  return phase < 0.5 ? 2 * phase : 2 - 2 * phase;
}

/** Go from image to image in the active pane as long as blinking is on. */
export function useBlinking(): void {
  const isBlinking = useFieldView((view) => view.comparison === 'blink');
  const periodMs = useFieldView((view) => view.blinkPeriodMs);
  const isUnlocked = useBlinkUnlocked();
  useEffect(() => {
    if (!isBlinking) return;
    // Counted from the last change, not from a clock: after a late one no other follows sooner.
    let timer: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      timer = setTimeout(
        () => {
          useFieldView.setState(({ blinkStep }) => ({ blinkStep: blinkStep + 1 }));
          wait();
        },
        safePeriod(periodMs, isUnlocked),
      );
    };
    wait();
    return () => clearTimeout(timer);
  }, [isBlinking, periodMs, isUnlocked]);
}

function wantsLessMotion(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}
