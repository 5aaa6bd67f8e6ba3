import { useEffect } from 'react';
import { useFieldView } from './field-view.ts';

/**
 * Shortest time one image is shown while blinking, ms.
 *
 * A flash is a pair of changes and three a second are safe (WCAG 2.3.1): 170 ms would do; this leaves a margin of two.
 */
export const SHORTEST_BLINK_MS = 340;

/** Periods to choose from, ms. */
export const BLINK_PERIODS_MS: readonly number[] = [340, 500, 1000, 2000];

/** Keep a period above the limit, whatever is asked. */
export function safePeriod(periodMs: number): number {
  return Math.max(SHORTEST_BLINK_MS, periodMs);
}

/** Blink with the next longer (1) or shorter (-1) period; the longest and the shortest stay. */
export function changePeriod(by: 1 | -1): void {
  useFieldView.setState(({ blinkPeriodMs }) => {
    const at = BLINK_PERIODS_MS.indexOf(blinkPeriodMs) + by;
    return { blinkPeriodMs: BLINK_PERIODS_MS[at] ?? blinkPeriodMs };
  });
}

/** Start or stop blinking; for people who want less motion it makes one step instead. */
export function toggleBlink(): void {
  if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) {
    stepBlink();
    return;
  }
  useFieldView.setState(({ isBlinking }) => ({ isBlinking: !isBlinking, isSwapped: false }));
}

/** Show the other image, or the first again. */
export function stepBlink(): void {
  useFieldView.setState(({ isSwapped }) => ({ isBlinking: false, isSwapped: !isSwapped }));
}

/** Swap the images of the active pane as long as blinking is on. */
export function useBlinking(): void {
  const isBlinking = useFieldView((view) => view.isBlinking);
  const periodMs = useFieldView((view) => view.blinkPeriodMs);
  useEffect(() => {
    if (!isBlinking) return;
    const swap = (): void => useFieldView.setState(({ isSwapped }) => ({ isSwapped: !isSwapped }));
    const timer = setInterval(swap, safePeriod(periodMs));
    return () => clearInterval(timer);
  }, [isBlinking, periodMs]);
}
