import { type ReactNode, type RefObject, useCallback, useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Candidate } from '../../core/api/contract/index.ts';
import { type FieldPlanes, sourceOf } from '../api/field-planes.ts';
import {
  type Camera,
  type Display,
  findMarker,
  ImagePane,
  type ImageSource,
  keepOnImage,
  type Marker,
  type OverImage,
  type PaneContent,
  type PaneGestures,
  type Size,
} from '../viewer/index.ts';
import { fadeAt } from './blink.ts';
import { ComparisonControls } from './comparison-controls.tsx';
import { type FieldView, NOT_COMPARED, overIn, type PaneKind, shownIn, useFieldView } from './field-view.ts';
import { chooseInLayers, findInLayers, useLayers } from './layers.ts';
import { cameraIn, changeDisplay } from './locks.ts';
import { moveCamera } from './move-panes.ts';
import { cameraOf, fittedCamera, sizeOf } from './pane-camera.ts';
import { Caption, MirrorCursor, NAMES, PaneNotice, ValueUnderCursor } from './pane-words.tsx';
import { ToolOverlay } from './tools/tool-overlay.tsx';
import type { PaneTools } from './tools/use-tools.ts';
import { useSurfaceSize } from './use-surface-size.ts';

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
