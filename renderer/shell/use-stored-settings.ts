import { useEffect } from 'react';
import { saveSettingsOnLeaving, useChangeSetting, useSettings } from '../api/settings.ts';
import { keepTriplets } from '../api/triplets.ts';
import { useKeys } from '../ui/keys/use-actions.ts';
import { setScale, useScale } from '../ui/scale.ts';
import { setTheme, useTheme } from '../ui/theme.ts';
import { keysByPreset } from './key-presets.ts';

/**
 * Keep the window and the settings on disk true to each other.
 *
 * What the core says goes first; the window's own memory only fills the moment before it has answered.
 */
export function useStoredSettings(): void {
  const settings = useSettings();
  const change = useChangeSetting();
  const keys = useKeys();
  const { theme, scalePercent } = settings?.appearance ?? {};
  const keymap = settings?.keymap;
  const cutoutsMiB = settings?.images.cutoutsMiB;
  useEffect(saveSettingsOnLeaving, []);
  useEffect(() => {
    if (cutoutsMiB !== undefined) keepTriplets(cutoutsMiB * 2 ** 20);
  }, [cutoutsMiB]);
  useEffect(() => {
    if (theme !== undefined && theme !== useTheme.getState().theme) setTheme(theme);
  }, [theme]);
  useEffect(() => {
    if (scalePercent !== undefined) setScale(scalePercent);
  }, [scalePercent]);
  useEffect(() => {
    if (keymap !== undefined) keys.setKeys(keysByPreset(keymap));
  }, [keys, keymap]);
  useEffect(
    () =>
      useTheme.subscribe((now) =>
        change('appearance', (was) => (was.theme === now.theme ? was : { ...was, theme: now.theme })),
      ),
    [change],
  );
  useEffect(
    () =>
      useScale.subscribe(({ percent }) =>
        change('appearance', (was) =>
          was.scalePercent === percent ? was : { ...was, scalePercent: percent },
        ),
      ),
    [change],
  );
}
