import { type ReactNode, type RefObject, useCallback, useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Candidate } from '../../core/api/contract/index.ts';
import { type FieldPlane, type FieldPlanes, sourceOf, valueAt } from '../api/field-planes.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { formatPixel, formatRange, formatUnit } from '../ui/format.ts';
import type { Action } from '../ui/keys/dispatcher.ts';
import { useActions } from '../ui/keys/use-actions.ts';
import {
  type Camera,
  type Display,
  describeLimitsMode,
  findMarker,
  fitCamera,
  formatZoom,
  ImagePane,
  type ImageSource,
  keepOnImage,
  type Marker,
  type OverImage,
  type PaneContent,
  type PaneGestures,
  pixelAt,
  resolveLimits,
  type Size,
  toScreen,
  useViewer,
} from '../viewer/index.ts';
import { fadeAt } from './blink.ts';
import { ComparisonControls } from './comparison-controls.tsx';
import { type FieldView, NOT_COMPARED, overIn, type PaneKind, shownIn, useFieldView } from './field-view.ts';
import { chooseInLayers, findInLayers, useLayers } from './layers.ts';
import { cameraIn, changeDisplay } from './locks.ts';
import { moveCamera } from './move-panes.ts';
import { ToolOverlay } from './tools/tool-overlay.tsx';
import type { PaneTools } from './tools/use-tools.ts';
import { useSurfaceSize } from './use-surface-size.ts';

/** Names of images, as captions. */
export const NAMES: Readonly<Record<PaneKind, string>> = {
  science: 'Science',
  template: 'Template',
  difference: 'Difference',
  score: 'Score image',
};

/** One of the linked images. */
export function FieldPane({
  kind,
  planes,
  candidates,
  markers,
  tools,
  onPick,
  whyMissing,
  badge,
  overlay,
  title,
}: {
  readonly kind: PaneKind;
  readonly planes: FieldPlanes;
  readonly candidates: readonly Candidate[];
  readonly markers: readonly Marker[];
  readonly tools?: PaneTools | undefined;
  readonly onPick: (id: string) => void;
  /** Said where the run has no such image. */
  readonly whyMissing?: string | undefined;
  /** Said of the image beside its name. */
  readonly badge?: string | undefined;
  /** Drawn over the image, below its captions. */
  readonly overlay?: ((look: PaneLook) => ReactNode) | undefined;
  /** What the image is called where it is not one of a run. */
  readonly title?: string | undefined;
}) {
  const surface = useRef<HTMLDivElement>(null);
  const isActive = useFieldView((view) => view.active === kind);
  const shown = useFieldView((view) => shownIn(view, kind));
  const over = useFieldView((view) => overIn(view, kind));
  const plane = planes[shown];
  const source = sourceOf(plane);
  const overSource = over && sourceOf(planes[over]);

  const read = useCallback((): PaneContent => {
    const view = useFieldView.getState();
    const camera = cameraOf(view, planes, surface, kind);
    if (source === undefined || camera === undefined) return {};
    const { mask, maskBits, lists, chosen } = useLayers.getState();
    return {
      image: { source, camera, display: view.displays[shown] },
      over: over && overSource && lay(view, overSource, view.displays[over]),
      mask: mask && { source: mask, bits: maskBits },
      layers: chosen === undefined ? lists : [...lists, chosen.list],
      markers: view.hasMarkers ? markers : undefined,
    };
  }, [source, shown, over, overSource, planes, markers, kind]);

  const gestures: PaneGestures = {
    camera: () => cameraOf(useFieldView.getState(), planes, surface, kind),
    setCamera: (camera) => {
      const image = sizeOf(planes);
      moveCamera(
        kind,
        image === undefined ? camera : keepOnImage(camera, image),
        fittedCamera(planes, surface),
      );
    },
    onHover: (at) => {
      if (useFieldView.getState().isFrozen) return;
      useFieldView.setState({ cursor: at && { at, pane: kind } });
    },
    onGrab: (press) => {
      const grab = tools?.onGrab(press);
      if (grab !== undefined) activate(kind);
      return grab;
    },
    onPick: (place, reach) => {
      activate(kind);
      if (tools?.onPick(kind, place)) return;
      const marker = findMarker(markers, place, reach);
      if (marker !== undefined) onPick(marker.id);
      chooseInLayers(marker === undefined ? findInLayers(place, reach) : undefined);
    },
    onContrastBias: (values) =>
      useFieldView.setState(({ displays, locks }) => ({
        displays: changeDisplay(displays, kind, values, locks),
      })),
  };

  return (
    <ImagePane
      label={title ?? `${NAMES[shown]} image with ${candidates.length} candidates marked`}
      className={isActive ? 'field-pane field-pane-active' : 'field-pane'}
      ref={surface}
      read={read}
      listen={over === undefined ? listenToView : listenToComparison}
      gestures={source === undefined ? undefined : gestures}
    >
      {overlay !== undefined && source !== undefined && (
        <PaneOverlay kind={kind} camera={gestures.camera} surface={surface} overlay={overlay} />
      )}
      {tools && (
        <ToolOverlay
          kind={kind}
          surface={surface}
          camera={gestures.camera}
          place={tools.place}
          image={sizeOf(planes)}
        />
      )}
      <Caption
        kind={kind}
        shown={shown}
        title={title}
        plane={plane}
        planes={planes}
        surface={surface}
        badge={badge}
      />
      <PaneNotice plane={plane} name={title ?? NAMES[shown]} whyMissing={whyMissing} />
      <MirrorCursor kind={kind} camera={gestures.camera} surface={surface} />
      <ValueUnderCursor plane={plane} />
      {over !== undefined && <ComparisonControls partner={NAMES[over]} />}
    </ImagePane>
  );
}

/** Where a pane looks, for what is drawn over it. */
export interface PaneLook {
  readonly camera: Camera | undefined;
  /** CSS pixels. */
  readonly size: Size | undefined;
}

/** What lies over a pane and moves with its camera. */
function PaneOverlay({
  kind,
  camera,
  surface,
  overlay,
}: {
  readonly kind: PaneKind;
  readonly camera: () => Camera | undefined;
  readonly surface: RefObject<HTMLElement | null>;
  readonly overlay: (look: PaneLook) => ReactNode;
}) {
  useFieldView(useShallow((view) => cameraIn(view, kind)));
  const size = useSurfaceSize(surface);
  return overlay({ camera: camera(), size });
}

/** The camera of a pane: the one set by hand, else the one that fits the image into this surface. */
export function cameraOf(
  view: Pick<FieldView, 'camera' | 'own' | 'locks' | 'active'>,
  planes: FieldPlanes,
  surface: RefObject<HTMLElement | null>,
  kind: PaneKind = view.active,
): Camera | undefined {
  const camera = cameraIn(view, kind);
  if (camera !== undefined) return camera;
  return fittedCamera(planes, surface);
}

/** The camera that fits the image into a surface. */
export function fittedCamera(
  planes: FieldPlanes,
  surface: RefObject<HTMLElement | null>,
): Camera | undefined {
  const image = sizeOf(planes);
  const rect = surface.current?.getBoundingClientRect();
  if (image === undefined || rect === undefined) return undefined;
  const ratio = window.devicePixelRatio;
  return fitCamera(image, { width: rect.width * ratio, height: rect.height * ratio });
}

/** The size of the field's grid: that of the first image that has arrived. */
export function sizeOf(planes: FieldPlanes): Size | undefined {
  return (
    sourceOf(planes.science) ??
    sourceOf(planes.template) ??
    sourceOf(planes.difference) ??
    sourceOf(planes.score)
  );
}

/** Four strokes that leave the pixel in view. */
const CROSS = 'M-12 0H-4M4 0H12M0 -12V-4M0 4V12';

/** Draw again when the view or the layers change, but not for the cursor, which lies over the image. */
function listenToView(redraw: () => void): () => void {
  const stopView = useFieldView.subscribe((now, before) => {
    if (now.cursor === before.cursor) redraw();
  });
  const stopLayers = useLayers.subscribe(redraw);
  return () => {
    stopView();
    stopLayers();
  };
}

/** The same, and in every frame while a fade comes and goes by itself. */
function listenToComparison(redraw: () => void): () => void {
  let frame = 0;
  const turn = (): void => {
    const { comparison, fadeFraction } = useFieldView.getState();
    if (comparison === 'fade' && fadeFraction === undefined) redraw();
    frame = requestAnimationFrame(turn);
  };
  turn();
  const stop = listenToView(redraw);
  return () => {
    cancelAnimationFrame(frame);
    stop();
  };
}

/** Make a pane the one that keys speak to; comparing goes on there only when it was there before. */
function activate(kind: PaneKind): void {
  useFieldView.setState((view) => (view.active === kind ? {} : { ...NOT_COMPARED, active: kind }));
}

/** An image over the one of a pane, as the comparison wants it now. */
function lay(
  view: Pick<FieldView, 'comparison' | 'fadeFraction' | 'curtainFraction'>,
  source: ImageSource,
  display: Display,
): OverImage {
  return view.comparison === 'fade'
    ? { source, display, opacity: fadeAt(view.fadeFraction, performance.now()), from: 0 }
    : { source, display, opacity: 1, from: view.curtainFraction };
}

/** The cursor as the other panes show it; on all of them when keys have moved it. */
function MirrorCursor({
  kind,
  camera,
  surface,
}: {
  readonly kind: PaneKind;
  readonly camera: () => Camera | undefined;
  readonly surface: RefObject<HTMLElement | null>;
}) {
  const cursor = useFieldView((view) => view.cursor);
  const isWanted = useFieldView((view) => view.locks.cursor === 'all');
  useFieldView(useShallow((view) => cameraIn(view, kind)));
  const look = camera();
  const element = surface.current;
  if (!isWanted || cursor === undefined || cursor.pane === kind || look === undefined || element === null)
    return null;
  const ratio = window.devicePixelRatio;
  const viewport = { width: element.clientWidth * ratio, height: element.clientHeight * ratio };
  const { x, y } = toScreen(look, viewport, pixelAt(cursor.at));
  return (
    <svg
      className="mirror-cursor"
      width="25"
      height="25"
      viewBox="-12.5 -12.5 25 25"
      style={{ transform: `translate(${x / ratio - 12.5}px, ${y / ratio - 12.5}px)` }}
      aria-hidden="true"
    >
      <path className="mirror-halo" d={CROSS} />
      <path d={CROSS} />
    </svg>
  );
}

function Caption({
  kind,
  shown,
  title,
  plane,
  planes,
  surface,
  badge,
}: {
  readonly kind: PaneKind;
  readonly shown: PaneKind;
  readonly badge: string | undefined;
  readonly title: string | undefined;
  readonly plane: FieldPlane | undefined;
  readonly planes: FieldPlanes;
  readonly surface: RefObject<HTMLElement | null>;
}) {
  const display = useFieldView((view) => view.displays[shown]);
  const zoom = useFieldView((view) => cameraOf(view, planes, surface, kind)?.zoom);
  const source = sourceOf(plane);
  const limits = source && resolveLimits(display.limits, source.statistics);
  return (
    <div className="pane-caption">
      <span className={shown === kind ? '' : 'pane-swapped'}>{title ?? NAMES[shown]}</span>
      {limits && (
        <span className="mono">
          {formatRange(limits.lo, limits.hi)} {plane && formatUnit(plane.unit)}
        </span>
      )}
      {limits && <span>{describeLimitsMode(display.limits)}</span>}
      {zoom !== undefined && source && <span className="mono">{formatZoom(zoom)}</span>}
      {badge !== undefined && source && <span className="pane-badge">{badge}</span>}
    </div>
  );
}

function PaneNotice({
  plane,
  name,
  whyMissing,
}: {
  readonly plane: FieldPlane | undefined;
  readonly name: string;
  readonly whyMissing: string | undefined;
}) {
  const { planes } = useViewer();
  if (plane === undefined)
    return (
      <p className="pane-notice">
        {name}: {whyMissing ?? 'this run has no such image.'}
      </p>
    );
  const { state } = plane;
  switch (state.kind) {
    case 'ready':
      return null;
    case 'loading':
      return (
        <p className="pane-notice mono">
          {(state.loadedBytes / 2 ** 20).toFixed(0)} of {(state.totalBytes / 2 ** 20).toFixed(0)} MB
        </p>
      );
    case 'failed':
      return <UnreadPlane name={name} message={state.message} onRetry={() => planes.retry(plane.id)} />;
  }
}

function UnreadPlane({
  name,
  message,
  onRetry,
}: {
  readonly name: string;
  readonly message: string;
  readonly onRetry: () => void;
}) {
  const again: Action = { id: `field.read-${name}`, title: 'Read it again', keys: ['F5'], run: onRetry };
  useActions(`${name} image`, 'screen', [again]);
  return (
    <div className="pane-notice" role="alert">
      {name} could not be read. {message} The labels are not touched.
      <ActionButton action={again} look="outline" />
    </div>
  );
}

function ValueUnderCursor({ plane }: { readonly plane: FieldPlane | undefined }) {
  const cursor = useFieldView((view) => view.cursor);
  if (cursor === undefined) return null;
  const { x, y } = pixelAt(cursor.at);
  const value = valueAt(sourceOf(plane), x, y);
  return value === undefined ? null : <span className="pane-value mono">{formatPixel(value)}</span>;
}
