import { useMemo } from 'react';
import { type Camera, type Size, toScreen } from '../viewer/index.ts';

/** An arrow over an image: from a place by an offset, both in image pixels. */
export interface Vector {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

/**
 * Arrows and dots over an image that keep their strokes at any zoom.
 *
 * One transformation moves all of them: what they are made of is written once, not for every camera.
 *
 * @param magnification how many times longer than true arrows are drawn.
 * @param size of the pane, CSS pixels.
 */
export function VectorOverlay({
  vectors,
  dots,
  magnification = 1,
  className,
  camera,
  size,
}: {
  readonly vectors?: readonly Vector[] | undefined;
  readonly dots?: readonly { readonly x: number; readonly y: number }[] | undefined;
  readonly magnification?: number | undefined;
  readonly className: string;
  readonly camera: Camera | undefined;
  readonly size: Size | undefined;
}) {
  const lines = useMemo(
    () =>
      (vectors ?? [])
        .map(({ x, y, dx, dy }) => `M${x} ${y}l${dx * magnification} ${dy * magnification}`)
        .join(''),
    [vectors, magnification],
  );
  // A stroke of no length with round ends is a dot of the stroke's width.
  const points = useMemo(() => (dots ?? []).map(({ x, y }) => `M${x} ${y}h0`).join(''), [dots]);
  if (camera === undefined || size === undefined) return null;
  return (
    <svg className={`vector-overlay ${className}`} aria-hidden="true">
      <g transform={`matrix(${matrixOf(camera, size).join(' ')})`}>
        <path className="vector-halo" d={lines} />
        <path className="vector-line" d={lines} />
        <path className="vector-dot" d={points} />
      </g>
    </svg>
  );
}

/** The matrix from image pixels to the pane's CSS pixels, as SVG writes it. */
function matrixOf(camera: Camera, size: Size): readonly number[] {
  const ratio = window.devicePixelRatio;
  const viewport = { width: size.width * ratio, height: size.height * ratio };
  const at = (x: number, y: number) => toScreen(camera, viewport, { x, y });
  const [origin, right, up] = [at(0, 0), at(1, 0), at(0, 1)];
  return [right.x - origin.x, right.y - origin.y, up.x - origin.x, up.y - origin.y, origin.x, origin.y].map(
    (value) => value / ratio,
  );
}
