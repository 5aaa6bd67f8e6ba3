import { useCallback, useRef, useState } from 'react';
import type { QueueItem } from '../../../core/api/contract/index.ts';
import { sourceOf, useFieldPlanes } from '../../api/field-planes.ts';
import { useField } from '../../api/queries.ts';
import { type Triplet, useTriplet } from '../../api/triplets.ts';
import {
  CutoutImage,
  type Display,
  describeLimitsMode,
  fillPane,
  fitWhole,
  ImagePane,
  type ImageSource,
  type Limits,
  type Marker,
  type PaneContent,
  useIsCardTrusted,
} from '../../viewer/index.ts';
import type { Look } from './looks.ts';

const COLUMNS = ['science', 'template', 'difference'] as const;
type Column = (typeof COLUMNS)[number];

const NAMES: Readonly<Record<Column, string>> = {
  science: 'Science',
  template: 'Template',
  difference: 'Difference',
};

/** Cutouts across a context pane, unless whole pixels need more room or leave some. */
const CONTEXT_REACH = 4;

/** The triplet, large: six to twelve screen pixels for each of its own. */
export function TripletPanes({
  tripletSha256,
  look,
  isPeeking,
}: {
  readonly tripletSha256: string;
  readonly look: Look;
  /** Science shows the template: the eye sees what changed. */
  readonly isPeeking: boolean;
}) {
  const state = useTriplet(tripletSha256);
  const shownIn = (column: Column): Column => (isPeeking && column === 'science' ? 'template' : column);
  return (
    <div className="triplet">
      {COLUMNS.map((column) => (
        <CutoutPane
          key={column}
          shown={shownIn(column)}
          isSwapped={shownIn(column) !== column}
          triplet={state.kind === 'ready' ? state.triplet : undefined}
          failure={state.kind === 'failed' ? state.message : undefined}
          look={look}
        />
      ))}
    </div>
  );
}

function CutoutPane({
  shown,
  isSwapped,
  triplet,
  failure,
  look,
}: {
  readonly shown: Column;
  readonly isSwapped: boolean;
  readonly triplet: Triplet | undefined;
  readonly failure: string | undefined;
  readonly look: Look;
}) {
  const surface = useRef<HTMLDivElement>(null);
  const isTrusted = useIsCardTrusted();
  const source = triplet?.[shown];
  const display = displayOf(look, shown);
  const limits = shown !== 'difference' && look.sharesLimits ? triplet?.sharedLimits : undefined;
  const read = useCallback((): PaneContent => {
    if (source === undefined) return {};
    const camera = fitWhole(source, deviceSize(surface.current!));
    return { image: { source, camera, display, limits } };
  }, [source, display, limits]);
  return (
    <ImagePane label={`${NAMES[shown]} cutout`} className="cutout-pane" ref={surface} read={read}>
      {!isTrusted && source !== undefined && (
        <PaintedCutout source={source} display={display} limits={limits} />
      )}
      <div className="pane-caption">
        <span className={isSwapped ? 'pane-swapped' : ''}>{NAMES[shown]}</span>
        <span>
          {describeLimitsMode(display.limits)} {display.stretch}
        </span>
      </div>
      {failure !== undefined && shown === 'science' && (
        <p className="pane-notice" role="alert">
          {failure} Your labels are on disk; the next candidates are not affected.
        </p>
      )}
    </ImagePane>
  );
}

/** The same cutout by the processor, where there is no graphics card to rely on. */
function PaintedCutout({
  source,
  display,
  limits,
}: {
  readonly source: ImageSource;
  readonly display: Display;
  readonly limits: Limits | undefined;
}) {
  const [side, setSide] = useState(0);
  const measure = useCallback((element: HTMLDivElement | null) => {
    if (element !== null) setSide(Math.min(element.clientWidth, element.clientHeight));
  }, []);
  return (
    <div className="painted-cutout" ref={measure}>
      {side > 0 && <CutoutImage cutouts={[{ source, display, limits }]} count={1} side={side} />}
    </div>
  );
}

/** Where the candidate lies in its field. */
export function ContextPane({ item, look }: { readonly item: QueueItem; readonly look: Look }) {
  const field = useField(item.runId).data;
  const planes = useFieldPlanes(field);
  const surface = useRef<HTMLDivElement>(null);
  const source = sourceOf(planes.science);
  const { xPx: x, yPx: y } = item;
  const display = look.cutout;
  const read = useCallback((): PaneContent => {
    if (source === undefined) return {};
    const { width, height } = deviceSize(surface.current!);
    // A whole zoom, as that of the cutouts: every pixel has the same size, and none is a mean.
    const zoom = Math.max(1, Math.floor(Math.min(width, height) / (63 * CONTEXT_REACH)));
    const marker: Marker = { id: 'here', x, y, shape: 'ring', tone: 'plain', isSelected: true };
    const camera = fillPane({ x, y, zoom }, source, { width, height });
    return { image: { source, camera, display }, markers: [marker] };
  }, [source, display, x, y]);
  return (
    <ImagePane label="Science image around the candidate" className="context-pane" ref={surface} read={read}>
      <div className="pane-caption">
        <span>around</span>
      </div>
      {planes.science?.state.kind === 'failed' && (
        <p className="pane-notice">The field’s image could not be read.</p>
      )}
    </ImagePane>
  );
}

function displayOf(look: Look, shown: Column): Display {
  return shown === 'difference' ? look.difference : look.cutout;
}

/** Its bounds and not its own lengths: those do not know how large everything is drawn. */
function deviceSize(element: HTMLElement): { width: number; height: number } {
  const ratio = window.devicePixelRatio;
  const { width, height } = element.getBoundingClientRect();
  // A whole zoom that fits to a fraction of a pixel fits.
  return { width: width * ratio + 0.01, height: height * ratio + 0.01 };
}
