import { Choice } from '../../ui/choice.tsx';
import { SCALES, setScale, useScale } from '../../ui/scale.ts';
import { setTheme, THEMES, useTheme } from '../../ui/theme.ts';
import { SettingRow } from './setting-row.tsx';

const THEME_NAMES = { dark: 'Dark', light: 'Light', night: 'Night red' } as const;

/** How the window looks. */
export function AppearanceSection() {
  const { theme } = useTheme();
  const { percent } = useScale();
  return (
    <>
      <SettingRow
        name="Theme"
        note="Night red emits no blue or green, images included. F9 goes there and back."
      >
        <Choice
          name="Theme"
          values={THEMES.map((value) => ({ value, label: THEME_NAMES[value] }))}
          value={theme}
          onChoose={setTheme}
        />
      </SettingRow>
      <SettingRow name="Size" note="Of everything but pixels. Ctrl and + or -, Ctrl and 0 for the usual one.">
        <Choice
          name="Size"
          values={SCALES.map((value) => ({ value, label: `${value} %` }))}
          value={percent as (typeof SCALES)[number]}
          onChoose={setScale}
        />
      </SettingRow>
    </>
  );
}
