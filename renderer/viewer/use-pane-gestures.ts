import { type RefObject, useEffect, useRef } from 'react';
import { contrastBiasAt } from './apply-display.ts';
import { panBy, toImage, ZOOM_STEP, zoomAt } from './camera.ts';
import type { Camera, Point, Size } from './model.ts';

/** A press of the left button on an image. */
export interface PanePress {
  readonly place: Point;
  /** Ten screen pixels in image pixels. */
  readonly reach: number;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** Something that has been taken with the hand and follows it until the button is lifted. */
export interface PaneGrab {
  move(place: Point, keys: { readonly shiftKey: boolean }): void;
  /** @param isClick the hand has not moved. */
  end(place: Point, isClick: boolean): void;
  cancel(): void;
}

/** What hands do over an image, and what it is told. Places are image coordinates. */
export interface PaneGestures {
  camera(): Camera | undefined;
  setCamera(camera: Camera): void;
  /** The pointer is over this place, or has left. */
  onHover?: ((place: Point | undefined) => void) | undefined;
  /** Given, it may take a press from the pane, which then neither pans nor picks. */
  onGrab?: ((press: PanePress) => PaneGrab | undefined) | undefined;
  /** A click that was not a drag; `reach` is ten screen pixels in image pixels. */
  onPick?: ((place: Point, reach: number) => void) | undefined;
  /** A drag with the right button: contrast and bias, absolute in the pane. */
  onContrastBias?: ((values: { contrast: number; bias: number }) => void) | undefined;
}

/** Screen pixels that a hand may shake during a click. */
const CLICK_SLACK = 4;
const PICK_REACH = 10;

/** One notch of a mouse wheel, as browsers report it in pixels and in lines. */
const NOTCH_PX = 100;
const NOTCH_LINES = 3;

/** Left drag pans, wheel zooms at the pointer, middle click centres, right drag sets contrast and bias. */
export function usePaneGestures(
  surface: RefObject<HTMLElement | null>,
  gestures: PaneGestures | undefined,
): void {
  const latest = useRef(gestures);
  latest.current = gestures;
  const isActive = gestures !== undefined;
  useEffect(() => {
    const element = surface.current;
    if (element === null || !isActive) return;
    return listen(element, () => latest.current!);
  }, [surface, isActive]);
}

function listen(element: HTMLElement, gestures: () => PaneGestures): () => void {
  let drag:
    | {
        readonly button: number;
        readonly start: Point;
        readonly grab: PaneGrab | undefined;
        last: Point;
        isClick: boolean;
      }
    | undefined;
  const abort = new AbortController();
  const { signal } = abort;

  const measure = (event: MouseEvent): { at: Point; viewport: Size; ratio: number } => {
    const rect = element.getBoundingClientRect();
    const ratio = window.devicePixelRatio;
    return {
      at: { x: (event.clientX - rect.left) * ratio, y: (event.clientY - rect.top) * ratio },
      viewport: { width: rect.width * ratio, height: rect.height * ratio },
      ratio,
    };
  };
  const placeOf = (event: MouseEvent): Point | undefined => {
    const camera = gestures().camera();
    const { at, viewport } = measure(event);
    return camera && toImage(camera, viewport, at);
  };

  const grabOf = (event: PointerEvent): PaneGrab | undefined => {
    const target = gestures();
    const camera = target.camera();
    const place = placeOf(event);
    if (event.button !== 0 || camera === undefined || place === undefined) return undefined;
    const reach = (PICK_REACH * window.devicePixelRatio) / camera.zoom;
    return target.onGrab?.({ place, reach, altKey: event.altKey, shiftKey: event.shiftKey });
  };

  element.addEventListener(
    'pointerdown',
    (event) => {
      const at = { x: event.clientX, y: event.clientY };
      drag = { button: event.button, start: at, grab: grabOf(event), last: at, isClick: true };
      element.setPointerCapture(event.pointerId);
      // The middle button would start the browser's own scrolling.
      if (event.button === 1) event.preventDefault();
    },
    { signal },
  );
  element.addEventListener(
    'pointermove',
    (event) => {
      const target = gestures();
      const camera = target.camera();
      if (drag !== undefined && camera !== undefined) {
        const { at, viewport, ratio } = measure(event);
        const moved = Math.hypot(event.clientX - drag.start.x, event.clientY - drag.start.y);
        if (moved > CLICK_SLACK) drag.isClick = false;
        if (drag.grab !== undefined) {
          const place = placeOf(event);
          if (!drag.isClick && place !== undefined) drag.grab.move(place, event);
        } else if (!drag.isClick && drag.button === 0) {
          const dx = (event.clientX - drag.last.x) * ratio;
          const dy = (event.clientY - drag.last.y) * ratio;
          target.setCamera(panBy(camera, dx, dy));
          drag.last = { x: event.clientX, y: event.clientY };
        }
        if (!drag.isClick && drag.button === 2)
          target.onContrastBias?.(contrastBiasAt(at.x / viewport.width, at.y / viewport.height));
      }
      target.onHover?.(placeOf(event));
    },
    { signal },
  );
  element.addEventListener(
    'pointerup',
    (event) => {
      const target = gestures();
      const camera = target.camera();
      const place = placeOf(event);
      if (drag?.grab !== undefined) {
        if (place === undefined) drag.grab.cancel();
        else drag.grab.end(place, drag.isClick);
      } else if (drag?.isClick && camera !== undefined && place !== undefined) {
        if (drag.button === 0) target.onPick?.(place, (PICK_REACH * window.devicePixelRatio) / camera.zoom);
        if (drag.button === 1) target.setCamera({ ...camera, x: place.x, y: place.y });
      }
      drag = undefined;
    },
    { signal },
  );
  element.addEventListener(
    'pointercancel',
    () => {
      drag?.grab?.cancel();
      drag = undefined;
    },
    { signal },
  );
  element.addEventListener('pointerleave', () => gestures().onHover?.(undefined), { signal });
  element.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const target = gestures();
      const camera = target.camera();
      if (camera === undefined) return;
      const { at, viewport } = measure(event);
      const notches =
        event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY / NOTCH_LINES : event.deltaY / NOTCH_PX;
      target.setCamera(zoomAt(camera, viewport, at, ZOOM_STEP ** -notches));
      target.onHover?.(placeOf(event));
    },
    { signal, passive: false },
  );
  return () => abort.abort();
}
