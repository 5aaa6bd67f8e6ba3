import { type FieldPlanes, sourceOf } from '../api/field-planes.ts';
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
import { LimitFields } from './limit-fields.tsx';
import { LockMenu } from './lock-menu.tsx';
import type { FieldLayers } from './use-layers.ts';

const LIMITS: readonly Choice<LimitsMode>[] = LIMIT_CHOICES.map(({ mode, action }) => ({
  value: mode,
  label: describeLimitsMode(mode),
  action,
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
  planes,
  isSingle = false,
  over,
}: {
  readonly actions: Readonly<
    Record<
      | 'layout'
      | 'stretch'
      | 'map'
      | 'invert'
      | 'blink'
      | 'fade'
      | 'swipe'
      | 'blinkFaster'
      | 'layers'
      | 'locks'
      | 'fit'
      | 'oneToOne'
      | 'neutral',
      Action
    >
  >;
  readonly camera: () => Camera | undefined;
  readonly planes: FieldPlanes;
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
  const source = sourceOf(planes[view.active]);
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
        isTerse
        action={LIMIT_CHOICES[0]!.action}
        choices={LIMITS}
        value={describeLimitsMode(display.limits)}
        isChosen={(mode) => JSON.stringify(mode) === JSON.stringify(display.limits)}
        onChoose={(limits) => setDisplay({ limits })}
      >
        <LimitFields display={display} source={source} />
      </Menu>
      <Menu
        name="stretch"
        isTerse
        action={actions.stretch}
        choices={CURVES}
        value={display.stretch}
        isChosen={(stretch) => stretch === display.stretch}
        onChoose={(stretch) => setDisplay({ stretch })}
      />
      <Menu
        name="map"
        isTerse
        action={actions.map}
        choices={MAPS}
        value={display.colormap}
        isChosen={(colormap) => colormap === display.colormap}
        onChoose={(colormap) => setDisplay({ colormap })}
      />
      <ActionButton action={actions.invert} isPressed={display.invert} />
      <ActionButton action={{ ...actions.neutral, isEnabled: !isNeutral }}>
        <Word long="contrast" short="c" /> <span className="menu-value">{display.contrast.toFixed(1)}</span>{' '}
        <Word long="bias" short="b" /> <span className="menu-value">{display.bias.toFixed(2)}</span>
      </ActionButton>
      {!isSingle && (
        <>
          <span className="top-rule" />
          <Menu
            name="compare"
            action={actions.blink}
            choices={COMPARISONS.map((way) => ({
              value: way,
              label: COMPARISON_NAMES[way],
              action: way === 'none' ? undefined : actions[way],
            }))}
            value={view.comparison}
            isChosen={(way) => way === view.comparison}
            onChoose={(way) => {
              if (way !== view.comparison) actions[way === 'none' ? (view.comparison as 'blink') : way].run();
            }}
          />
          <Menu
            name="every"
            isTerse
            action={actions.blinkFaster}
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

/** A word that narrow windows shorten to its letter. */
function Word({ long, short }: { readonly long: string; readonly short: string }) {
  return (
    <>
      <span className="dim menu-terse">{long}</span>
      <span className="dim menu-short" aria-hidden="true">
        {short}
      </span>
    </>
  );
}

function periodName(ms: number): string {
  return `${(ms / 1000).toFixed(ms % 1000 === 0 ? 0 : 2)} s`;
}
