import { create } from 'zustand';

/** Sizes that keys step through, percent. */
export const SCALES = [80, 90, 100, 110, 125, 150, 175, 200] as const;

const STORAGE_KEY = 'astrid.scale';

/** How large everything but pixels is drawn, percent. */
export const useScale = create<{ readonly percent: number }>(() => {
  const percent = clamp(Number(localStorage.getItem(STORAGE_KEY) ?? 100));
  apply(percent);
  return { percent };
});

/** Change the size of everything but pixels; it is the same after a restart. */
export function setScale(wanted: number): void {
  const percent = clamp(wanted);
  if (percent === useScale.getState().percent) return;
  localStorage.setItem(STORAGE_KEY, String(percent));
  apply(percent);
  useScale.setState({ percent });
}

/** Go to the next larger or smaller size. */
export function stepScale(direction: 1 | -1): void {
  const { percent } = useScale.getState();
  const next =
    direction > 0
      ? SCALES.find((scale) => scale > percent)
      : SCALES.toReversed().find((scale) => scale < percent);
  setScale(next ?? percent);
}

function clamp(percent: number): number {
  return Number.isFinite(percent) ? Math.min(200, Math.max(80, Math.round(percent))) : 100;
}

function apply(percent: number): void {
  document.documentElement.style.setProperty('zoom', String(percent / 100));
  // Lengths of the window itself are not zoomed: what is measured by them divides by this.
  document.documentElement.style.setProperty('--scale', String(percent / 100));
}
