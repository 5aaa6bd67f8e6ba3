import { useEffect, useRef } from 'react';
import { useKeptView } from '../api/session.ts';
import { useSettings } from '../api/settings.ts';
import { COLORMAPS, type Display, STRETCHES } from '../viewer/index.ts';
import { PANES, useFieldView } from './field-view.ts';

/** What belongs to taste and not to one field. */
const KEPT = ['layout', 'active', 'locks', 'hasMarkers', 'displays', 'blinksAll', 'blinkPeriodMs'] as const;

/** Show images as the settings say where a person has not chosen otherwise, and as they were left. */
export function useKeptFieldView(): void {
  const settings = useSettings();
  const first = settings?.images.displays;
  const hasSession = settings?.session.screens.field !== undefined;
  const before = useRef<typeof first>(undefined);
  useEffect(() => {
    if (first === undefined) return;
    const known = before.current;
    before.current = first;
    // How images were left goes before how they are shown at first; a changed setting goes before both.
    if (known === undefined && hasSession) return;
    const changed = PANES.filter(
      (kind) => first[kind] !== undefined && JSON.stringify(first[kind]) !== JSON.stringify(known?.[kind]),
    );
    if (changed.length === 0) return;
    useFieldView.setState(({ displays }) => ({
      displays: {
        ...displays,
        ...Object.fromEntries(
          changed.map((kind): [string, Display] => {
            const { limits, stretch, colormap, invert } = first[kind]!;
            return [
              kind,
              {
                ...displays[kind],
                limits,
                invert,
                stretch: STRETCHES.find((name) => name === stretch) ?? displays[kind].stretch,
                colormap: COLORMAPS.find((name) => name === colormap) ?? displays[kind].colormap,
              },
            ];
          }),
        ),
      },
    }));
  }, [first, hasSession]);
  useKeptView('field', useFieldView, KEPT);
}
