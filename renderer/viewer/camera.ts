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
  const { x, y } = turnBack(camera, point.x - viewport.width / 2, viewport.height / 2 - point.y);
  return { x: camera.x + x / camera.zoom, y: camera.y + y / camera.zoom };
}

/** Turn image coordinates into a place in a pane: the inverse of `toImage`. */
export function toScreen(camera: Camera, viewport: Size, point: Point): Point {
  const [a, b, c, d] = turnOf(camera);
  const dx = (point.x - camera.x) * camera.zoom;
  const dy = (point.y - camera.y) * camera.zoom;
  return { x: viewport.width / 2 + a * dx + b * dy, y: viewport.height / 2 - (c * dx + d * dy) };
}

/**
 * The matrix (a, b; c, d) that turns directions of the image into directions of the screen, both y up.
 *
 * Its inverse is its transpose. Whole quarter turns are exact, so that pixels stay on their grid.
 */
export function turnOf({
  rotationDeg = 0,
  isMirrored = false,
}: Pick<Camera, 'rotationDeg' | 'isMirrored'>): readonly [number, number, number, number] {
  const quarter = rotationDeg / 90;
  const radians = (rotationDeg * Math.PI) / 180;
  const [cosine, sine] = Number.isInteger(quarter)
    ? ([
        [1, 0],
        [0, 1],
        [-1, 0],
        [0, -1],
      ][((quarter % 4) + 4) % 4] as [number, number])
    : [Math.cos(radians), Math.sin(radians)];
  return isMirrored ? [-cosine, -sine, -sine, cosine] : [cosine, -sine, sine, cosine];
}

/** Turn a direction of the screen into one of the image, both y up. */
function turnBack(camera: Camera, dx: number, dy: number): Point {
  const [a, b, c, d] = turnOf(camera);
  return { x: a * dx + c * dy, y: b * dx + d * dy };
}

/** Turn the image counterclockwise on the screen around the middle of the pane. */
export function rotateBy(camera: Camera, degrees: number): Camera {
  const rotationDeg = ((((camera.rotationDeg ?? 0) + degrees) % 360) + 360) % 360;
  return { ...camera, rotationDeg };
}

/** Exchange left and right of the screen, or its top and bottom, around the middle of the pane. */
export function flip(camera: Camera, axis: 'x' | 'y'): Camera {
  const mirrored = { ...camera, isMirrored: !camera.isMirrored, rotationDeg: -(camera.rotationDeg ?? 0) };
  return rotateBy(mirrored, axis === 'x' ? 0 : 180);
}

/**
 * Turn the image so that north is up, and mirror it if east would lie on the wrong side.
 *
 * @param compass directions of north and east in the image, unit vectors (y up), as `compassAt` gives them.
 */
export function northUp(
  camera: Camera,
  compass: { readonly north: readonly [number, number]; readonly east: readonly [number, number] },
  eastSide: 'left' | 'right',
): Camera {
  const [northX, northY] = compass.north;
  const isEastLeft = northX * compass.east[1] - northY * compass.east[0] > 0;
  const isMirrored = isEastLeft !== (eastSide === 'left');
  const angle = (Math.atan2(northY, isMirrored ? -northX : northX) * 180) / Math.PI;
  return rotateBy({ ...camera, isMirrored, rotationDeg: 0 }, snapToQuarter(90 - angle));
}

/** Within a millionth of a degree a quarter turn is meant: then pixels stay on their grid. */
function snapToQuarter(degrees: number): number {
  const quarters = Math.round(degrees / 90);
  return Math.abs(degrees - 90 * quarters) < 1e-6 ? 90 * quarters : degrees;
}

/** The pixel that a place lies in: pixel (i, j) reaches from i - 0.5 to i + 0.5. */
export function pixelAt(point: Point): Point {
  return { x: Math.floor(point.x + 0.5), y: Math.floor(point.y + 0.5) };
}

/** Move the image with the hand: a drag of `dx, dy` device pixels, y down. */
export function panBy(camera: Camera, dx: number, dy: number): Camera {
  const moved = turnBack(camera, dx, -dy);
  return { ...camera, x: camera.x - moved.x / camera.zoom, y: camera.y - moved.y / camera.zoom };
}

/** Multiply the zoom and keep the image position under `anchor` (device pixels, y down) where it is. */
export function zoomAt(camera: Camera, viewport: Size, anchor: Point, factor: number): Camera {
  const zoom = clampZoom(camera.zoom * factor);
  const fixed = toImage(camera, viewport, anchor);
  const moved = turnBack(camera, anchor.x - viewport.width / 2, viewport.height / 2 - anchor.y);
  return { ...camera, x: fixed.x - moved.x / zoom, y: fixed.y - moved.y / zoom, zoom };
}

/** Set the zoom and keep the middle of the pane where it is. */
export function withZoom(camera: Camera, zoom: number): Camera {
  return { ...camera, zoom: clampZoom(zoom) };
}

/**
 * Show a whole image, as large as fits.
 *
 * @param turn how the image lies on the screen; it is kept.
 */
export function fitCamera(
  image: Size,
  viewport: Size,
  turn: Pick<Camera, 'rotationDeg' | 'isMirrored'> = {},
): Camera {
  const shown = extentOf(image, turn);
  const zoom = Math.min(viewport.width / shown.width, viewport.height / shown.height);
  const { rotationDeg, isMirrored } = turn;
  return { ...centreOf(image), zoom: clampZoom(zoom), rotationDeg, isMirrored };
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
  const shown = extentOf(viewport, camera);
  const middle = (at: number, size: number, part: number): number =>
    part >= size ? (size - 1) / 2 : clamp(at, part / 2 - 0.5, size - 0.5 - part / 2);
  return {
    ...camera,
    x: middle(camera.x, image.width, shown.width / camera.zoom),
    y: middle(camera.y, image.height, shown.height / camera.zoom),
  };
}

/** The upright rectangle of the image that holds all a pane shows, in image coordinates: left, bottom, right, top. */
export function visibleBox(
  camera: Camera,
  viewport: Size,
): { left: number; bottom: number; right: number; top: number } {
  const shown = extentOf(viewport, camera);
  const halfWidth = shown.width / 2 / camera.zoom;
  const halfHeight = shown.height / 2 / camera.zoom;
  return {
    left: camera.x - halfWidth,
    bottom: camera.y - halfHeight,
    right: camera.x + halfWidth,
    top: camera.y + halfHeight,
  };
}

/** The upright rectangle that holds a turned one. */
function extentOf({ width, height }: Size, turn: Pick<Camera, 'rotationDeg' | 'isMirrored'>): Size {
  const [a, b, c, d] = turnOf(turn).map(Math.abs) as [number, number, number, number];
  return { width: a * width + b * height, height: c * width + d * height };
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
