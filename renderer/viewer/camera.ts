import type { Camera, Point, Size } from './model.ts';

/** Closest and farthest a camera goes, device pixels per image pixel. */
export const MIN_ZOOM = 1 / 256;
export const MAX_ZOOM = 64;

/** One notch of the wheel or one press of a zoom key: DS9's factor. */
export const ZOOM_STEP = 1.2;

/**
 * Turn a place in a pane into image coordinates.
 *
 * @param point device pixels from the pane's upper left corner, y down.
 */
export function toImage(camera: Camera, viewport: Size, point: Point): Point {
  return {
    x: camera.x + (point.x - viewport.width / 2) / camera.zoom,
    y: camera.y - (point.y - viewport.height / 2) / camera.zoom,
  };
}

/** Turn image coordinates into a place in a pane: the inverse of `toImage`. */
export function toScreen(camera: Camera, viewport: Size, point: Point): Point {
  return {
    x: viewport.width / 2 + (point.x - camera.x) * camera.zoom,
    y: viewport.height / 2 - (point.y - camera.y) * camera.zoom,
  };
}

/** The pixel that a place lies in: pixel (i, j) reaches from i - 0.5 to i + 0.5. */
export function pixelAt(point: Point): Point {
  return { x: Math.floor(point.x + 0.5), y: Math.floor(point.y + 0.5) };
}

/** Move the image with the hand: a drag of `dx, dy` device pixels, y down. */
export function panBy(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.zoom, y: camera.y + dy / camera.zoom };
}

/** Multiply the zoom and keep the image position under `anchor` (device pixels, y down) where it is. */
export function zoomAt(camera: Camera, viewport: Size, anchor: Point, factor: number): Camera {
  const zoom = clampZoom(camera.zoom * factor);
  const fixed = toImage(camera, viewport, anchor);
  return {
    x: fixed.x - (anchor.x - viewport.width / 2) / zoom,
    y: fixed.y + (anchor.y - viewport.height / 2) / zoom,
    zoom,
  };
}

/** Set the zoom and keep the middle of the pane where it is. */
export function withZoom(camera: Camera, zoom: number): Camera {
  return { ...camera, zoom: clampZoom(zoom) };
}

/** Show a whole image, as large as fits. */
export function fitCamera(image: Size, viewport: Size): Camera {
  const zoom = Math.min(viewport.width / image.width, viewport.height / image.height);
  return { ...centreOf(image), zoom: clampZoom(zoom) };
}

/** Show a whole image at the largest whole zoom that fits, so that every pixel has the same size. */
export function fitWhole(image: Size, viewport: Size): Camera {
  const camera = fitCamera(image, viewport);
  return camera.zoom >= 1 ? { ...camera, zoom: Math.floor(camera.zoom) } : camera;
}

/** Keep the middle of the pane on the image, so that the image cannot be lost. */
export function keepOnImage(camera: Camera, image: Size): Camera {
  return {
    ...camera,
    x: clamp(camera.x, -0.5, image.width - 0.5),
    y: clamp(camera.y, -0.5, image.height - 0.5),
  };
}

/** Move the camera as little as it takes to fill the pane with image; an image that is smaller is centred. */
export function fillPane(camera: Camera, image: Size, viewport: Size): Camera {
  const middle = (at: number, size: number, shown: number): number =>
    shown >= size ? (size - 1) / 2 : clamp(at, shown / 2 - 0.5, size - 0.5 - shown / 2);
  return {
    ...camera,
    x: middle(camera.x, image.width, viewport.width / camera.zoom),
    y: middle(camera.y, image.height, viewport.height / camera.zoom),
  };
}

/** The rectangle of the image that a pane shows, in image coordinates: left, bottom, right, top. */
export function visibleBox(
  camera: Camera,
  viewport: Size,
): { left: number; bottom: number; right: number; top: number } {
  const halfWidth = viewport.width / 2 / camera.zoom;
  const halfHeight = viewport.height / 2 / camera.zoom;
  return {
    left: camera.x - halfWidth,
    bottom: camera.y - halfHeight,
    right: camera.x + halfWidth,
    top: camera.y + halfHeight,
  };
}

/** Which level of the pyramid a zoom reads: the coarsest whose pixels are not larger than the screen's. */
export function levelFor(zoom: number, levelCount: number): number {
  if (zoom >= 1) return 0;
  return clamp(Math.floor(Math.log2(1 / zoom) + 1e-9), 0, levelCount - 1);
}

/** Write a zoom as astronomers do: `4:1` magnified, `1:4` reduced, `1:1`. */
export function formatZoom(zoom: number): string {
  const ratio = zoom >= 1 ? zoom : 1 / zoom;
  const rounded = ratio < 10 ? Math.round(ratio * 10) / 10 : Math.round(ratio);
  return zoom >= 1 ? `${rounded}:1` : `1:${rounded}`;
}

function centreOf(image: Size): Point {
  return { x: (image.width - 1) / 2, y: (image.height - 1) / 2 };
}

function clampZoom(zoom: number): number {
  return clamp(zoom, MIN_ZOOM, MAX_ZOOM);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
