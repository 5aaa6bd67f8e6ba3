import { useState } from 'react';
import { type FirstDisplay, IMAGE_KINDS } from '../../../core/api/contract/index.ts';
import { useChangeSetting, useSettings } from '../../api/settings.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Menu, type Choice as MenuChoice } from '../../ui/menu.tsx';
import { COLORMAPS, ColormapSample, STRETCHES } from '../../viewer/index.ts';
import { SettingRow } from './setting-row.tsx';

type Kind = (typeof IMAGE_KINDS)[number];
type Limits = FirstDisplay['limits'];

/** What the program does where nothing else was chosen. */
const USUAL: Readonly<Record<Kind, FirstDisplay>> = {
  science: { limits: { kind: 'zscale' }, stretch: 'linear', colormap: 'grey', invert: false },
  template: { limits: { kind: 'zscale' }, stretch: 'linear', colormap: 'grey', invert: false },
  difference: {
    limits: { kind: 'symmetric', sigmas: 5 },
    stretch: 'linear',
    colormap: 'grey',
    invert: false,
  },
  score: {
    limits: { kind: 'symmetric', sigmas: 10 },
    stretch: 'linear',
    colormap: 'diverging',
    invert: false,
  },
};

const LIMITS: readonly MenuChoice<Limits>[] = (
  [
    { kind: 'zscale' },
    { kind: 'minmax' },
    { kind: 'percentile', percent: 99.5 },
    { kind: 'percentile', percent: 99 },
    { kind: 'symmetric', sigmas: 5 },
    { kind: 'symmetric', sigmas: 10 },
    { kind: 'symmetric', sigmas: 20 },
  ] as const
).map((value) => ({ value, label: nameOfLimits(value) }));

/** How each kind of image is shown at first, and how fast images may blink. */
export function ImagesSection() {
  const settings = useSettings();
  const change = useChangeSetting();
  const [isUnlocking, setIsUnlocking] = useState(false);
  const images = settings?.images;
  if (images === undefined) return null;
  const set = (kind: Kind, part: Partial<FirstDisplay>): void =>
    change('images', (was) => ({
      ...was,
      displays: { ...was.displays, [kind]: { ...USUAL[kind], ...was.displays[kind], ...part } },
    }));
  return (
    <>
      {IMAGE_KINDS.map((kind) => {
        const display = images.displays[kind] ?? USUAL[kind];
        return (
          <SettingRow key={kind} name={`${kind} image`}>
            <Menu
              name="limits"
              choices={LIMITS}
              value={nameOfLimits(display.limits)}
              isChosen={(limits) => JSON.stringify(limits) === JSON.stringify(display.limits)}
              onChoose={(limits) => set(kind, { limits })}
            />
            <Menu
              name="stretch"
              choices={STRETCHES.map((value) => ({ value, label: value }))}
              value={display.stretch}
              isChosen={(stretch) => stretch === display.stretch}
              onChoose={(stretch) => set(kind, { stretch })}
            />
            <Menu
              name="map"
              choices={COLORMAPS.map((value) => ({
                value,
                label: value,
                sample: <ColormapSample name={value} />,
              }))}
              value={display.colormap}
              isChosen={(colormap) => colormap === display.colormap}
              onChoose={(colormap) => set(kind, { colormap })}
            />
            <label className="check-field">
              <input
                type="checkbox"
                checked={display.invert}
                onChange={(event) => set(kind, { invert: event.target.checked })}
              />
              invert
            </label>
          </SettingRow>
        );
      })}
      <SettingRow
        name="Blinking"
        note="Three flashes a second are safe for everyone (WCAG 2.3.1): each image stays for at least 0.34 s."
      >
        <label className="check-field">
          <input
            type="checkbox"
            checked={images.isBlinkUnlocked}
            onChange={() =>
              images.isBlinkUnlocked
                ? change('images', (was) => ({ ...was, isBlinkUnlocked: false }))
                : setIsUnlocking(true)
            }
          />
          allow down to 0.125 s
        </label>
      </SettingRow>
      {isUnlocking && (
        <ConfirmDialog
          title="Allow faster blinking?"
          sentence="Flashes faster than three a second can bring on seizures in people with photosensitive epilepsy, also in those who do not know that they have it."
          verb="Allow it"
          onConfirm={() => change('images', (was) => ({ ...was, isBlinkUnlocked: true }))}
          onClose={() => setIsUnlocking(false)}
        />
      )}
    </>
  );
}

function nameOfLimits(limits: Limits): string {
  switch (limits.kind) {
    case 'percentile':
      return `${limits.percent} %`;
    case 'symmetric':
      return `±${limits.sigmas} σ`;
    default:
      return limits.kind;
  }
}
