import { create } from 'zustand';

export const THEMES = ['dark', 'light', 'night'] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = 'astrid.theme';

/** The colours of the window, and those to return to from the night. */
export const useTheme = create<{ readonly theme: Theme; readonly day: 'dark' | 'light' }>(() => {
  const stored = localStorage.getItem(STORAGE_KEY);
  const theme = THEMES.find((name) => name === stored) ?? 'dark';
  apply(theme);
  return { theme, day: theme === 'light' ? 'light' : 'dark' };
});

/** Change the colours; they are the same after a restart. */
export function setTheme(theme: Theme): void {
  localStorage.setItem(STORAGE_KEY, theme);
  apply(theme);
  useTheme.setState(theme === 'night' ? { theme } : { theme, day: theme });
}

/** Go into the night, or back to where one came from. */
export function toggleNight(): void {
  const { theme, day } = useTheme.getState();
  setTheme(theme === 'night' ? day : 'night');
}

/** Read a colour of the theme as red, green, blue, 0..1. */
export function readColour(token: string): [number, number, number] {
  const written = getComputedStyle(document.documentElement).getPropertyValue(token).trim().slice(1);
  // The build may write #000000 as #000.
  const hex = written.length === 3 ? written.replace(/./g, '$&$&') : written;
  const value = Number.parseInt(hex, 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

function apply(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}
