import { fk4ToIcrs, icrsToFk4, rotate, rotateBack } from './convert-frame.ts';
import { distortPoint, undistortPoint } from './distort-plane.ts';
import type { PixelPosition, SkyPosition, Wcs } from './model.ts';
import { deprojectPoint, projectVector } from './project-sphere.ts';

const RADIAN = Math.PI / 180;

/** Work space of one mapping, so that arrays of points cost no allocation. */
interface Work {
  /** ICRS or native unit vector. */
  readonly vector: Float64Array;
  readonly point: Float64Array;
}

/**
 * Map a pixel to the sky.
 *
 * @param xPx zero-based; fractions and pixels outside the image are welcome.
 * @returns degrees ICRS; both NaN where the projection shows no sky (a corner of an all-sky map).
 */
export function pixelToSky(wcs: Wcs, xPx: number, yPx: number): SkyPosition {
  const work = makeWork();
  if (!pixelToVector(wcs, xPx, yPx, work)) return { raDeg: Number.NaN, decDeg: Number.NaN };
  return { raDeg: rightAscension(work.vector), decDeg: declination(work.vector) };
}

/**
 * Map a place on the sky to a pixel.
 *
 * @returns zero-based position, perhaps outside the image; `undefined` where the projection or its distortion
 *   does not reach (the far side of the sky, for TAN).
 */
export function skyToPixel(wcs: Wcs, raDeg: number, decDeg: number): PixelPosition | undefined {
  const work = makeWork();
  setSky(work.vector, raDeg, decDeg);
  if (!vectorToPixel(wcs, work)) return undefined;
  return { xPx: work.point[0]!, yPx: work.point[1]! };
}

/** Map many pixels to the sky; NaN where there is no sky. The arrays have one length. */
export function pixelsToSky(
  wcs: Wcs,
  xPx: Float64Array,
  yPx: Float64Array,
): { readonly raDeg: Float64Array; readonly decDeg: Float64Array } {
  const raDeg = new Float64Array(xPx.length).fill(Number.NaN);
  const decDeg = new Float64Array(xPx.length).fill(Number.NaN);
  const work = makeWork();
  for (let i = 0; i < xPx.length; i++) {
    if (!pixelToVector(wcs, xPx[i]!, yPx[i]!, work)) continue;
    raDeg[i] = rightAscension(work.vector);
    decDeg[i] = declination(work.vector);
  }
  return { raDeg, decDeg };
}

/** Map many places on the sky to pixels; NaN where the projection does not reach. */
export function skyToPixels(
  wcs: Wcs,
  raDeg: Float64Array,
  decDeg: Float64Array,
): { readonly xPx: Float64Array; readonly yPx: Float64Array } {
  const xPx = new Float64Array(raDeg.length).fill(Number.NaN);
  const yPx = new Float64Array(raDeg.length).fill(Number.NaN);
  const work = makeWork();
  for (let i = 0; i < raDeg.length; i++) {
    setSky(work.vector, raDeg[i]!, decDeg[i]!);
    if (!vectorToPixel(wcs, work)) continue;
    xPx[i] = work.point[0]!;
    yPx[i] = work.point[1]!;
  }
  return { xPx, yPx };
}

/**
 * Map pixels of one image to pixels of another through the sky; NaN where either does not reach.
 *
 * Skips the angles: about twice as fast as `skyToPixels` after `pixelsToSky`.
 */
export function pixelsToPixels(
  from: Wcs,
  to: Wcs,
  xPx: Float64Array,
  yPx: Float64Array,
): { readonly xPx: Float64Array; readonly yPx: Float64Array } {
  const x = new Float64Array(xPx.length).fill(Number.NaN);
  const y = new Float64Array(xPx.length).fill(Number.NaN);
  const work = makeWork();
  for (let i = 0; i < xPx.length; i++) {
    if (!pixelToVector(from, xPx[i]!, yPx[i]!, work) || !vectorToPixel(to, work)) continue;
    x[i] = work.point[0]!;
    y[i] = work.point[1]!;
  }
  return { xPx: x, yPx: y };
}

function makeWork(): Work {
  return { vector: new Float64Array(3), point: new Float64Array(6) };
}

/** Pixel to ICRS unit vector, left in `work.vector`. */
function pixelToVector(wcs: Wcs, xPx: number, yPx: number, { vector, point }: Work): boolean {
  let u = xPx - wcs.xRefPx;
  let v = yPx - wcs.yRefPx;
  if (wcs.pixelDistortion !== undefined) {
    distortPoint(wcs.pixelDistortion, u, v, point);
    u = point[0]!;
    v = point[1]!;
  }
  const [a, b, c, d] = wcs.matrix;
  let x = a * u + b * v;
  let y = c * u + d * v;
  if (wcs.planeDistortion !== undefined) {
    distortPoint(wcs.planeDistortion, x, y, point);
    x = point[0]!;
    y = point[1]!;
  }
  x = (x + wcs.planeOffset[0]) * RADIAN;
  y = (y + wcs.planeOffset[1]) * RADIAN;
  if (!deprojectPoint(wcs, x, y, vector)) return false;
  rotate(wcs.rotation, vector);
  if (wcs.frame === 'FK4') fk4ToIcrs(vector);
  return true;
}

/** ICRS unit vector in `work.vector` to pixel, left in `work.point`. */
function vectorToPixel(wcs: Wcs, { vector, point }: Work): boolean {
  if (wcs.frame === 'FK4') icrsToFk4(vector);
  rotateBack(wcs.rotation, vector);
  if (!projectVector(wcs, vector, point)) return false;
  let x = point[0]! / RADIAN - wcs.planeOffset[0];
  let y = point[1]! / RADIAN - wcs.planeOffset[1];
  if (wcs.planeDistortion !== undefined) {
    if (!undistortPoint(wcs.planeDistortion, x, y, point)) return false;
    x = point[0]!;
    y = point[1]!;
  }
  const [a, b, c, d] = wcs.inverseMatrix;
  let u = a * x + b * y;
  let v = c * x + d * y;
  if (wcs.pixelDistortion !== undefined) {
    if (!undistortPoint(wcs.pixelDistortion, u, v, point)) return false;
    u = point[0]!;
    v = point[1]!;
  }
  point[0] = u + wcs.xRefPx;
  point[1] = v + wcs.yRefPx;
  return true;
}

function setSky(vector: Float64Array, raDeg: number, decDeg: number): void {
  const cosine = Math.cos(decDeg * RADIAN);
  vector[0] = cosine * Math.cos(raDeg * RADIAN);
  vector[1] = cosine * Math.sin(raDeg * RADIAN);
  vector[2] = Math.sin(decDeg * RADIAN);
}

function rightAscension(vector: Float64Array): number {
  const angle = Math.atan2(vector[1]!, vector[0]!) / RADIAN;
  // A tiny negative angle plus 360 rounds to 360.
  const positive = angle < 0 ? angle + 360 : angle;
  return positive >= 360 ? 0 : positive;
}

/** From all three components: an arcsine would lose half its digits near a pole. */
function declination(vector: Float64Array): number {
  return Math.atan2(vector[2]!, Math.hypot(vector[0]!, vector[1]!)) / RADIAN;
}
