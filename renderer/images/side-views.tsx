import { useCallback, useRef } from 'react';
import type { SkyLattice } from '../../core/api/contract/index.ts';
import { type FieldPlanes, sourceOf } from '../api/field-planes.ts';
import { useScale } from '../ui/scale.ts';
import {
  type Camera,
  compassAt,
  fitCamera,
  ImagePane,
  keepOnImage,
  type PaneContent,
  pixelAt,
  type Size,
  toScreen,
  visibleBox,
} from '../viewer/index.ts';
import { PANES, shownIn, useFieldView } from './field-view.ts';
import { moveCamera } from './move-panes.ts';
import { cameraOf, fittedCamera, sizeOf } from './pane-camera.ts';
import { useSurfaceSize } from './use-surface-size.ts';

/** Screen pixels per image pixel in the magnifier. */
const MAGNIFICATION = 8;

/** What is under the cursor, large; with a box around its pixel. */
export function Magnifier({ planes }: { readonly planes: FieldPlanes }) {
  const view = useFieldView();
  const { cursor } = view;
  const kind = shownIn(view, cursor === undefined || cursor.pane === 'keys' ? view.active : cursor.pane);
  const source = sourceOf(planes[kind]);
  const display = view.displays[kind];
  const read = useCallback((): PaneContent => {
    if (source === undefined || cursor === undefined) return {};
    const zoom = MAGNIFICATION * window.devicePixelRatio;
    return { image: { source, camera: { ...pixelAt(cursor.at), zoom }, display } };
  }, [source, cursor, display]);
  return (
    <ImagePane label="Magnifier" className="side-view" read={read}>
      {cursor !== undefined && source !== undefined && <span className="magnifier-box" aria-hidden="true" />}
    </ImagePane>
  );
}

/** The whole image with the part in view, and where north and east are. */
export function Panner({
  planes,
  sky,
  paneSurface,
}: {
  readonly planes: FieldPlanes;
  readonly sky: SkyLattice | undefined;
  /** A pane whose size the part in view has. */
  readonly paneSurface: { readonly current: HTMLElement | null };
}) {
  const view = useFieldView();
  const surface = useRef<HTMLDivElement>(null);
  const size = useSurfaceSize(surface);
  const image = sizeOf(planes);
  const display = view.displays[view.active];
  const source = sourceOf(planes[view.active]) ?? PANES.map((kind) => sourceOf(planes[kind])).find(Boolean);
  const read = useCallback((): PaneContent => {
    if (source === undefined) return {};
    return { image: { source, camera: fitInto(surface.current!, source), display } };
  }, [source, display]);
  return (
    <ImagePane
      label="Panner: the whole field"
      className="side-view"
      ref={surface}
      read={read}
      gestures={
        image && {
          camera: () => fitInto(surface.current!, image),
          setCamera: () => undefined,
          onPick: (place) => {
            const now = cameraOf(view, planes, paneSurface);
            if (now === undefined) return;
            const there = keepOnImage({ ...now, ...place }, image);
            moveCamera(view.active, there, fittedCamera(planes, paneSurface));
          },
        }
      }
    >
      {image && size && <ViewFrame planes={planes} paneSurface={paneSurface} image={image} size={size} />}
      {image && sky && <Compass sky={sky} image={image} />}
    </ImagePane>
  );
}

/** The camera that shows a whole image in the panner. */
function fitInto(surface: HTMLElement, image: Size): Camera {
  const { width, height } = surface.getBoundingClientRect();
  const ratio = window.devicePixelRatio;
  return fitCamera(image, { width: width * ratio, height: height * ratio });
}

function ViewFrame({
  planes,
  paneSurface,
  image,
  size,
}: {
  readonly planes: FieldPlanes;
  readonly paneSurface: { readonly current: HTMLElement | null };
  readonly image: Size;
  /** Of the panner, pixels of the screen; the frame's own lengths are those of the page. */
  readonly size: Size;
}) {
  const view = useFieldView();
  const { percent } = useScale();
  const camera = cameraOf(view, planes, paneSurface);
  const rect = paneSurface.current?.getBoundingClientRect();
  if (view.camera === undefined || camera === undefined || rect === undefined) return null;
  const ratio = window.devicePixelRatio;
  const box = visibleBox(camera, { width: rect.width * ratio, height: rect.height * ratio });
  const whole = fitCamera(image, size);
  const upperLeft = toScreen(whole, size, { x: box.left, y: box.top });
  const lowerRight = toScreen(whole, size, { x: box.right, y: box.bottom });
  const scale = percent / 100;
  return (
    <span
      className="panner-frame"
      aria-hidden="true"
      style={{
        left: upperLeft.x / scale,
        top: upperLeft.y / scale,
        width: Math.max(4, (lowerRight.x - upperLeft.x) / scale),
        height: Math.max(4, (lowerRight.y - upperLeft.y) / scale),
      }}
    />
  );
}

function Compass({ sky, image }: { readonly sky: SkyLattice; readonly image: Size }) {
  const compass = compassAt(sky, (image.width - 1) / 2, (image.height - 1) / 2);
  if (compass === undefined) return null;
  const arm = (direction: readonly [number, number], length: number) => ({
    x: 24 + direction[0] * length,
    y: 24 - direction[1] * length,
  });
  return (
    <svg
      className="compass"
      width="48"
      height="48"
      viewBox="0 0 48 48"
      role="img"
      aria-label="North and east"
    >
      {(['north', 'east'] as const).map((name) => {
        const tip = arm(compass[name], 11);
        const letter = arm(compass[name], 17);
        return (
          <g key={name}>
            <line x1="24" y1="24" x2={tip.x} y2={tip.y} />
            <text x={letter.x} y={letter.y}>
              {name === 'north' ? 'N' : 'E'}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
