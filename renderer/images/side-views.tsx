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
  toImage,
  toScreen,
  visibleBox,
} from '../viewer/index.ts';
import { PANES, shownIn, useFieldView } from './field-view.ts';
import { moveCamera } from './move-panes.ts';
import { cameraOf, fittedCamera, sizeOf } from './pane-camera.ts';

/** Screen pixels per image pixel in the magnifier. */
const MAGNIFICATION = 8;

/** Side of both squares, CSS pixels. */
const SIDE = 149;

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
  const { percent } = useScale();
  const surface = useRef<HTMLDivElement>(null);
  const image = sizeOf(planes);
  const display = view.displays[view.active];
  const source = sourceOf(planes[view.active]) ?? PANES.map((kind) => sourceOf(planes[kind])).find(Boolean);
  const read = useCallback((): PaneContent => {
    if (source === undefined) return {};
    return { image: { source, camera: fitPanner(source, percent), display } };
  }, [source, display, percent]);
  const small = { width: SIDE, height: SIDE };
  const whole = image && fitCamera(image, small);
  return (
    <ImagePane
      label="Panner: the whole field"
      className="side-view"
      ref={surface}
      read={read}
      gestures={
        image && {
          camera: () => fitPanner(image, percent),
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
      {image && whole && <ViewFrame planes={planes} paneSurface={paneSurface} whole={whole} />}
      {image && sky && (
        <Compass sky={sky} centre={toImage(fitCamera(image, small), small, { x: SIDE / 2, y: SIDE / 2 })} />
      )}
    </ImagePane>
  );
}

/** The camera that shows a whole image in the panner: its pixels are those of the screen, as hands are measured. */
function fitPanner(image: Size, percent: number): Camera {
  const side = SIDE * window.devicePixelRatio * (percent / 100);
  return fitCamera(image, { width: side, height: side });
}

function ViewFrame({
  planes,
  paneSurface,
  whole,
}: {
  readonly planes: FieldPlanes;
  readonly paneSurface: { readonly current: HTMLElement | null };
  readonly whole: { readonly x: number; readonly y: number; readonly zoom: number };
}) {
  const view = useFieldView();
  const camera = cameraOf(view, planes, paneSurface);
  const rect = paneSurface.current?.getBoundingClientRect();
  if (view.camera === undefined || camera === undefined || rect === undefined) return null;
  const ratio = window.devicePixelRatio;
  const box = visibleBox(camera, { width: rect.width * ratio, height: rect.height * ratio });
  const small = { width: SIDE, height: SIDE };
  const upperLeft = toScreen(whole, small, { x: box.left, y: box.top });
  const lowerRight = toScreen(whole, small, { x: box.right, y: box.bottom });
  return (
    <span
      className="panner-frame"
      aria-hidden="true"
      style={{
        left: upperLeft.x,
        top: upperLeft.y,
        width: Math.max(4, lowerRight.x - upperLeft.x),
        height: Math.max(4, lowerRight.y - upperLeft.y),
      }}
    />
  );
}

function Compass({
  sky,
  centre,
}: {
  readonly sky: SkyLattice;
  readonly centre: { readonly x: number; readonly y: number };
}) {
  const compass = compassAt(sky, centre.x, centre.y);
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
