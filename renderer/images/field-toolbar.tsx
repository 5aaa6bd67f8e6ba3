import { ActionButton } from '../ui/action-button.tsx';
import type { Action } from '../ui/keys/dispatcher.ts';
import { type Choice, Menu } from '../ui/menu.tsx';
import {
  type Camera,
  COLORMAPS,
  type Colormap,
  ColormapSample,
  describeLimitsMode,
  type LimitsMode,
  STRETCHES,
  type Stretch,
} from '../viewer/index.ts';
import { periodsMs, safePeriod, useBlinkUnlocked } from './blink.ts';
import {
  COMPARISONS,
  type Comparison,
  LIMIT_CHOICES,
  STRETCH_NAMES,
  setDisplay,
  useFieldView,
} from './field-view.ts';
import { LayerMenu } from './layer-menu.tsx';
import { LockMenu } from './lock-menu.tsx';
import type { FieldLayers } from './use-layers.ts';

const LIMITS: readonly Choice<LimitsMode>[] = LIMIT_CHOICES.map(({ mode, chord }) => ({
  value: mode,
  label: describeLimitsMode(mode),
  chord,
}));
const CURVES: readonly Choice<Stretch>[] = STRETCHES.map((stretch) => ({
  value: stretch,
  label: STRETCH_NAMES[stretch],
}));
const MAPS: readonly Choice<Colormap>[] = COLORMAPS.map((name) => ({
  value: name,
  label: name,
  sample: <ColormapSample name={name} />,
}));

const COMPARISON_NAMES: Readonly<Record<Comparison, string>> = {
  none: 'not at all',
  blink: 'blink',
  fade: 'fade',
  swipe: 'swipe a curtain',
};

/** How the active image is shown, and how the panes stand. */
export function FieldToolbar({
  actions,
  camera,
  isSingle = false,
  over,
}: {
  readonly actions: Readonly<
    Record<
      'layout' | 'invert' | 'blink' | 'fade' | 'swipe' | 'layers' | 'locks' | 'fit' | 'oneToOne' | 'neutral',
      Action
    >
  >;
  readonly camera: () => Camera | undefined;
  /** One image alone: there is nothing to compare it with. */
  readonly isSingle?: boolean | undefined;
  /** What may lie over the images, and what the screen marks on them; absent where nothing does. */
  readonly over?:
    | {
        readonly layers: FieldLayers;
        readonly marked: { readonly name: string; readonly count: number };
      }
    | undefined;
}) {
  const view = useFieldView();
  const display = view.displays[view.active];
  const isUnlocked = useBlinkUnlocked();
  const periodMs = safePeriod(view.blinkPeriodMs, isUnlocked);
  const isNeutral = display.contrast === 1 && display.bias === 0.5;
  return (
    <div className="field-toolbar" role="toolbar" aria-label={`How the ${view.active} image is shown`}>
      {!isSingle && (
        <>
          <ActionButton action={actions.layout}>
            <span className="dim">panes</span> <span className="menu-value">{view.layout}</span>
          </ActionButton>
          <span className="top-rule" />
        </>
      )}
      <Menu
        name="limits"
        chord="A"
        choices={LIMITS}
        value={describeLimitsMode(display.limits)}
        isChosen={(mode) => JSON.stringify(mode) === JSON.stringify(display.limits)}
        onChoose={(limits) => setDisplay({ limits })}
      />
      <Menu
        name="stretch"
        chord="E"
        choices={CURVES}
        value={display.stretch}
        isChosen={(stretch) => stretch === display.stretch}
        onChoose={(stretch) => setDisplay({ stretch })}
      />
      <Menu
        name="map"
        chord="Q"
        choices={MAPS}
        value={display.colormap}
        isChosen={(colormap) => colormap === display.colormap}
        onChoose={(colormap) => setDisplay({ colormap })}
      />
      <ActionButton action={actions.invert} isPressed={display.invert} />
      <ActionButton action={{ ...actions.neutral, isEnabled: !isNeutral }}>
        <span className="dim">contrast</span>{' '}
        <span className="menu-value">{display.contrast.toFixed(1)}</span>
        <span className="dim">bias</span> <span className="menu-value">{display.bias.toFixed(2)}</span>
      </ActionButton>
      {!isSingle && (
        <>
          <span className="top-rule" />
          <Menu
            name="compare"
            chord={actions.blink.keys[0]}
            choices={COMPARISONS.map((way) => ({
              value: way,
              label: COMPARISON_NAMES[way],
              chord: way === 'none' ? undefined : actions[way].keys[0],
            }))}
            value={view.comparison}
            isChosen={(way) => way === view.comparison}
            onChoose={(way) => {
              if (way !== view.comparison) actions[way === 'none' ? (view.comparison as 'blink') : way].run();
            }}
          />
          <Menu
            name="every"
            chord=">"
            choices={periodsMs(isUnlocked).map((ms) => ({ value: ms, label: periodName(ms) }))}
            value={periodName(periodMs)}
            isChosen={(ms) => ms === periodMs}
            onChoose={(blinkPeriodMs) => useFieldView.setState({ blinkPeriodMs })}
          />
          <span className="top-rule" />
          {over && <LayerMenu toggle={actions.layers} layers={over.layers} marked={over.marked} />}
          <LockMenu toggle={actions.locks} camera={camera} />
        </>
      )}
      <ActionButton action={actions.fit} />
      <ActionButton action={actions.oneToOne} />
    </div>
  );
}

function periodName(ms: number): string {
  return `${(ms / 1000).toFixed(ms % 1000 === 0 ? 0 : 2)} s`;
}
