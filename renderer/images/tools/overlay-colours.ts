import { type Theme, useTheme } from '../../ui/theme.ts';
import type { OverlayColours } from './paint-overlay.ts';

let known: { readonly theme: Theme; readonly colours: OverlayColours } | undefined;

/** Colours of what lies over images, as the theme has them now. */
export function overlayColours(): OverlayColours {
  const { theme } = useTheme.getState();
  if (known?.theme === theme) return known.colours;
  const style = getComputedStyle(document.documentElement);
  const read = (token: string): string => style.getPropertyValue(token).trim();
  const colours = {
    plain: read('--on-image'),
    dim: read('--on-image-dim'),
    accent: read('--on-image-accent'),
    ok: read('--on-image-ok'),
    warn: read('--on-image-warn'),
    error: read('--on-image-error'),
    onlyRed: theme === 'night',
  };
  known = { theme, colours };
  return colours;
}
