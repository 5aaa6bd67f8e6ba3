import { type RefObject, useEffect, useRef } from 'react';
import { useTheme } from '../../ui/theme.ts';
import type { Camera, Size, SkyGrid } from '../../viewer/index.ts';
import { type PaneKind, useFieldView } from '../field-view.ts';
import type { ImageFrame } from './image-frame.ts';
import { makeScene } from './make-scene.ts';
import { overlayColours } from './overlay-colours.ts';
import { paintOverlay } from './paint-overlay.ts';
import { currentHistory, useRegionStore } from './region-store.ts';
import { useTools } from './tools-view.ts';

/** Where a field lies, for what is drawn over its images. */
export interface OverlayPlace {
  readonly frame: ImageFrame;
  readonly sky: SkyGrid | undefined;
}

/**
 * What lies over one image: regions, grid, contours, rulers.
 *
 * It is painted when something of it changes, outside React: a drag repaints a canvas and renders nothing.
 */
export function ToolOverlay({
  kind,
  surface,
  camera,
  place,
  image,
}: {
  readonly kind: PaneKind;
  readonly surface: RefObject<HTMLElement | null>;
  readonly camera: () => Camera | undefined;
  readonly place: OverlayPlace;
  readonly image: Size | undefined;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(camera);
  latest.current = camera;
  const size = useRef(image);
  size.current = image;
  const again = useRef<() => void>(undefined);
  useEffect(() => {
    const element = canvas.current!;
    const context = element.getContext('2d');
    const box = surface.current;
    if (context === null || box === null) return;
    let frame = 0;
    const paint = (): void => {
      frame = 0;
      const look = latest.current();
      const ratio = window.devicePixelRatio;
      const viewport = {
        width: Math.round(box.clientWidth * ratio),
        height: Math.round(box.clientHeight * ratio),
      };
      if (element.width !== viewport.width) element.width = viewport.width;
      if (element.height !== viewport.height) element.height = viewport.height;
      context.clearRect(0, 0, viewport.width, viewport.height);
      if (look === undefined) return;
      const view = { camera: look, viewport, ratio };
      const tools = useTools.getState();
      const document = currentHistory().present;
      const hasMarks = useFieldView.getState().active === kind;
      paintOverlay(
        context,
        view,
        makeScene({ view, tools, document, hasMarks, image: size.current, ...place }),
        overlayColours(),
      );
    };
    const repaint = (): void => {
      if (frame === 0) frame = requestAnimationFrame(paint);
    };
    again.current = repaint;
    const resizes = new ResizeObserver(repaint);
    resizes.observe(box);
    const stops = [
      useFieldView.subscribe((now, before) => {
        if (now.cursor === before.cursor) repaint();
      }),
      useTools.subscribe(repaint),
      useRegionStore.subscribe(repaint),
      useTheme.subscribe(repaint),
    ];
    repaint();
    return () => {
      cancelAnimationFrame(frame);
      resizes.disconnect();
      for (const stop of stops) stop();
    };
  }, [surface, kind, place]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: that the pixels have come is the reason to paint again
  useEffect(() => again.current?.(), [image?.width, image?.height]);
  return <canvas ref={canvas} className="tool-overlay" />;
}
