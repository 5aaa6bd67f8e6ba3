import type { CanvasBox } from './draw-image.ts';
import { hasVisibleGrid } from './image-shaders.ts';
import type { Camera, Size } from './model.ts';

/** Pixels of an image that are coloured once and then repeated. */
export interface MagnifiedPart {
  /** The first pixel, at the lower left. */
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly rows: number;
  /** Where its lower left corner lies in the box, device pixels; below 0 where the box cuts it. */
  readonly left: number;
  readonly bottom: number;
  /** Device pixels of each of its sides. */
  readonly zoom: number;
}

/**
 * Plan to colour each pixel once and to repeat it, instead of asking for every device pixel which it is.
 *
 * Both are the same to the last device pixel where the zoom is whole and nothing is turned; a device pixel shows the
 * image pixel under its middle.
 *
 * @returns `undefined` where it would not be the same, or saves nothing.
 */
export function planMagnified(
  image: Size,
  { x, y, zoom, rotationDeg = 0, isMirrored = false }: Camera,
  box: Pick<CanvasBox, 'width' | 'height'>,
): MagnifiedPart | undefined {
  if (zoom < 2 || !Number.isInteger(zoom) || hasVisibleGrid(zoom)) return undefined;
  if (rotationDeg !== 0 || isMirrored) return undefined;
  const across = planAxis(image.width, x + 0.5, zoom, box.width);
  const up = planAxis(image.height, y + 0.5, zoom, box.height);
  if (across.count <= 0 || up.count <= 0) return undefined;
  return {
    x: across.first,
    y: up.first,
    columns: across.count,
    rows: up.count,
    left: across.start,
    bottom: up.start,
    zoom,
  };
}

/** @param middle what lies in the middle of the box, in pixels from the edge of the image. */
function planAxis(
  size: number,
  middle: number,
  zoom: number,
  length: number,
): { readonly first: number; readonly count: number; readonly start: number } {
  const reach = length / 2 / zoom;
  const first = Math.max(0, Math.floor(middle - reach));
  const end = Math.min(size, Math.ceil(middle + reach));
  return { first, count: end - first, start: Math.ceil(length / 2 + (first - middle) * zoom - 0.5) };
}
