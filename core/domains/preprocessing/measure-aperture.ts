import type { Measurable } from './measurable.ts';
import { mirrorPixel, NOBODY, varianceAt } from './measurable.ts';

/** A sum over an aperture. */
export interface ApertureSum {
  /** Unit of the image. */
  readonly flux: number;
  readonly fluxErr: number;
  /** Area of the aperture on the image, px^2. */
  readonly areaPx: number;
  /** Fraction of the aperture that is on the image and the source's own, 0..1. */
  readonly usableFraction: number;
  /** Fraction of what is on the image that belongs to neighbours or must not be used, 0..1. */
  readonly foreignFraction: number;
}

/** Half a pixel's diagonal, px, with a margin for rounding. */
const HALF_DIAGONAL = 0.7072;

/**
 * Sum an image over a circle, weighting each pixel by the exact area of it that is inside.
 *
 * @param radius px, positive.
 * @param own number of the source in `source.owners`.
 */
export function measureAperture(
  source: Measurable,
  x: number,
  y: number,
  radius: number,
  own = NOBODY,
): ApertureSum {
  const { width, height } = source.image;
  const x0 = Math.max(0, Math.floor(x - radius));
  const x1 = Math.min(width - 1, Math.ceil(x + radius));
  const y0 = Math.max(0, Math.floor(y - radius));
  const y1 = Math.min(height - 1, Math.ceil(y + radius));
  const outer = (radius + HALF_DIAGONAL) ** 2;
  const inner = Math.max(0, radius - HALF_DIAGONAL) ** 2;
  const sum = startSum();
  const overlaps = roomForRow(x1 - x0 + 1);
  for (let py = y0; py <= y1; py++) {
    const dy = py - y;
    for (let px = x0; px <= x1; px++) {
      const dx = px - x;
      const distance = dx * dx + dy * dy;
      let overlap = 0;
      if (distance < inner) overlap = 1;
      else if (distance < outer) overlap = circleOverlap(dx - 0.5, dx + 0.5, dy - 0.5, dy + 0.5, radius);
      overlaps[px - x0] = overlap;
    }
    addRow(sum, source, own, x, y, x0, py, overlaps, x1 - x0 + 1);
  }
  return finishSum(sum, Math.PI * radius * radius);
}

/** An ellipse r^2 = cxx dx^2 + cyy dy^2 + cxy dx dy. */
export interface EllipseShape {
  readonly cxx: number;
  readonly cyy: number;
  readonly cxy: number;
}

/** Half the width and height of the box around an ellipse of size 1. */
export function ellipseReach(shape: EllipseShape): { readonly x: number; readonly y: number } {
  const discriminant = shape.cxx * shape.cyy - (shape.cxy * shape.cxy) / 4;
  return { x: Math.sqrt(shape.cyy / discriminant), y: Math.sqrt(shape.cxx / discriminant) };
}

/**
 * Sum an image over an ellipse; pixels on its rim are sampled `subpixels` x `subpixels` times.
 *
 * @param scale the ellipse's size in units of its own r.
 * @param subpixels 1 takes a pixel in or out by its centre; 0 weights pixels by the exact area that is inside.
 */
export function measureEllipse(
  source: Measurable,
  x: number,
  y: number,
  shape: EllipseShape,
  scale: number,
  subpixels = 5,
  own = NOBODY,
): ApertureSum {
  const { width, height } = source.image;
  const { cxx, cyy, cxy } = shape;
  const reach = ellipseReach(shape);
  // A pixel whose centre is out may still reach in.
  const half = subpixels === 0 ? 0.5 : 0;
  const x0 = Math.max(0, Math.floor(x - scale * reach.x - half));
  const x1 = Math.min(width - 1, Math.ceil(x + scale * reach.x + half));
  const y0 = Math.max(0, Math.floor(y - scale * reach.y - half));
  const y1 = Math.min(height - 1, Math.ceil(y + scale * reach.y + half));
  // How far a pixel reaches from its centre along its diagonal, or its outermost samples do, measured along the short
  // axis, in units of r.
  const steepest = Math.sqrt((cxx + cyy + Math.sqrt((cxx - cyy) ** 2 + cxy * cxy)) / 2);
  const margin = HALF_DIAGONAL * steepest * (subpixels === 0 ? 1 : 1 - 1 / subpixels);
  const outer = (scale + margin) ** 2;
  const inner = scale > margin ? (scale - margin) ** 2 : 0;
  const sum = startSum();
  const samples = roomForSamples(subpixels);
  const overlaps = roomForRow(x1 - x0 + 1);
  for (let py = y0; py <= y1; py++) {
    const dy = py - y;
    sampleRow(samples, dy, cyy);
    // Where cxx dx^2 + cxy dy dx + cyy dy^2 reaches the outer limit; a pixel more, for rounding.
    const middle = (-cxy * dy) / (2 * cxx);
    const spread = Math.sqrt(Math.max(0, middle * middle - (cyy * dy * dy - outer) / cxx)) + 1;
    const first = Math.max(x0, Math.floor(x + middle - spread));
    const count = Math.min(x1, Math.ceil(x + middle + spread)) - first + 1;
    for (let k = 0; k < count; k++) {
      const dx = first + k - x;
      const distance = cxx * dx * dx + cyy * dy * dy + cxy * dx * dy;
      let overlap = 0;
      if (distance < inner) overlap = 1;
      else if (distance < outer) {
        overlap =
          subpixels === 0
            ? ellipseOverlap(dx, dy, shape, scale)
            : countInside(samples, dx, shape, scale) / (subpixels * subpixels);
      }
      overlaps[k] = overlap;
    }
    addRow(sum, source, own, x, y, first, py, overlaps, count);
  }
  const area = (Math.PI * scale * scale) / Math.sqrt(cxx * cyy - (cxy * cxy) / 4);
  return finishSum(sum, area);
}

/** Where pixels are sampled along either axis, and what of the ellipse's terms does not change from sample to sample. */
interface Samples {
  readonly offsets: Float64Array;
  readonly y: Float64Array;
  readonly yy: Float64Array;
  readonly xx: Float64Array;
  readonly xy: Float64Array;
}

let lastRoom: Samples | undefined;

function roomForSamples(subpixels: number): Samples {
  if (lastRoom?.offsets.length === subpixels) return lastRoom;
  const offsets = Float64Array.from({ length: subpixels }, (_, i) => (i + 0.5) / subpixels);
  const [y, yy, xx, xy] = [offsets.slice(), offsets.slice(), offsets.slice(), offsets.slice()];
  lastRoom = { offsets, y, yy, xx, xy };
  return lastRoom;
}

function sampleRow({ offsets, y, yy }: Samples, dy: number, cyy: number): void {
  for (let j = 0; j < offsets.length; j++) {
    const sy = dy + offsets[j]! - 0.5;
    y[j] = sy;
    yy[j] = cyy * sy * sy;
  }
}

/** How many samples of the pixel at dx from the centre, of the row that was sampled, are inside. */
function countInside(
  { offsets, y, yy, xx, xy }: Samples,
  dx: number,
  { cxx, cxy }: EllipseShape,
  scale: number,
): number {
  const limit = scale * scale;
  const count = offsets.length;
  for (let i = 0; i < count; i++) {
    const sx = dx + offsets[i]! - 0.5;
    xx[i] = cxx * sx * sx;
    xy[i] = cxy * sx;
  }
  let inside = 0;
  for (let j = 0; j < count; j++) {
    const sy = y[j]!;
    const own = yy[j]!;
    // Without a branch, which would be guessed wrongly at every other pixel of the rim.
    for (let i = 0; i < count; i++) inside += Number(xx[i]! + own + xy[i]! * sy < limit);
  }
  return inside;
}

/** Area that an ellipse of a size shares with the pixel at (dx, dy) from its centre. */
export function ellipseOverlap(
  dx: number,
  dy: number,
  { cxx, cyy, cxy }: EllipseShape,
  scale: number,
): number {
  // u = sqrt(cxx) dx + cxy / (2 sqrt(cxx)) dy, v = w dy make a circle of the ellipse and a parallelogram of the pixel.
  const uPerX = Math.sqrt(cxx) / scale;
  const uPerY = cxy / (2 * Math.sqrt(cxx)) / scale;
  const vPerY = Math.sqrt(cyy - (cxy * cxy) / (4 * cxx)) / scale;
  let area = 0;
  for (let corner = 0; corner < 4; corner++) {
    const x0 = dx + (corner === 0 || corner === 3 ? -0.5 : 0.5);
    const y0 = dy + (corner < 2 ? -0.5 : 0.5);
    const x1 = dx + (corner < 2 ? 0.5 : -0.5);
    const y1 = dy + (corner === 0 || corner === 3 ? -0.5 : 0.5);
    area += sectorOverlap(uPerX * x0 + uPerY * y0, vPerY * y0, uPerX * x1 + uPerY * y1, vPerY * y1);
  }
  return Math.min(1, Math.max(0, area / (uPerX * vPerY)));
}

/** Signed area that the unit circle shares with the triangle of the origin and two points. */
function sectorOverlap(u0: number, v0: number, u1: number, v1: number): number {
  const du = u1 - u0;
  const dv = v1 - v0;
  const square = du * du + dv * dv;
  if (!(square > 0)) return 0;
  // Where the line from one point to the other crosses the circle, as fractions of the way.
  const along = -(u0 * du + v0 * dv) / square;
  const cross = u0 * v1 - u1 * v0;
  const root = Math.sqrt(Math.max(0, square - cross * cross)) / square;
  const enter = Math.min(1, Math.max(0, along - root));
  const leave = Math.min(1, Math.max(0, along + root));
  if (!(leave > enter)) return turnBetween(u0, v0, u1, v1) / 2;
  const inU = u0 + enter * du;
  const inV = v0 + enter * dv;
  const outU = u0 + leave * du;
  const outV = v0 + leave * dv;
  return (turnBetween(u0, v0, inU, inV) + (inU * outV - outU * inV) + turnBetween(outU, outV, u1, v1)) / 2;
}

/** Angle from one direction to another, rad in (-pi, pi]. */
function turnBetween(u0: number, v0: number, u1: number, v1: number): number {
  return Math.atan2(u0 * v1 - u1 * v0, u0 * u1 + v0 * v1);
}

/** Flux, variance, area and usable area so far, in memory that every sum uses again: none may begin before the last ended. */
const sums = new Float64Array(4);

function startSum(): Float64Array {
  return sums.fill(0);
}

/** Room for the overlaps of the pixels of a row, which every call uses again. */
let rowRoom = new Float64Array(256);

function roomForRow(pixels: number): Float64Array {
  if (rowRoom.length < pixels) rowRoom = new Float64Array(2 * pixels);
  return rowRoom;
}

/** Add `count` pixels of a row from `px` on, those that overlap. */
function addRow(
  sum: Float64Array,
  source: Measurable,
  own: number,
  x: number,
  y: number,
  px: number,
  py: number,
  overlaps: Float64Array,
  count: number,
): void {
  const { image, owners } = source;
  const { data } = image;
  const first = py * image.width + px;
  let flux = sum[0]!;
  let variance = sum[1]!;
  let area = sum[2]!;
  let usable = sum[3]!;
  for (let k = 0; k < count; k++) {
    const overlap = overlaps[k]!;
    if (!(overlap > 0)) continue;
    const owner = owners[first + k]!;
    area += overlap;
    if (owner === NOBODY || owner === own) {
      usable += overlap;
      flux += overlap * data[first + k]!;
    } else {
      flux += overlap * mirrorPixel(source, own, x, y, px + k, py);
    }
    variance += overlap * varianceAt(source, first + k);
  }
  sum[0] = flux;
  sum[1] = variance;
  sum[2] = area;
  sum[3] = usable;
}

function finishSum(sum: Float64Array, geometricArea: number): ApertureSum {
  const [flux, variance, area, usable] = [sum[0]!, sum[1]!, sum[2]!, sum[3]!];
  return {
    flux,
    fluxErr: Math.sqrt(Math.max(0, variance)),
    areaPx: area,
    usableFraction: geometricArea > 0 ? Math.min(1, usable / geometricArea) : 0,
    foreignFraction: area > 0 ? 1 - usable / area : 0,
  };
}

/** Area that a circle about the origin shares with the rectangle [x0, x1] x [y0, y1]. */
export function circleOverlap(x0: number, x1: number, y0: number, y1: number, radius: number): number {
  return (
    quadrantOverlap(x1, y1, radius) -
    quadrantOverlap(x0, y1, radius) -
    quadrantOverlap(x1, y0, radius) +
    quadrantOverlap(x0, y0, radius)
  );
}

/** Signed area of circle and rectangle between the origin and (x, y); odd in both. */
function quadrantOverlap(x: number, y: number, radius: number): number {
  const sign = x < 0 !== y < 0 ? -1 : 1;
  const w = Math.min(Math.abs(x), radius);
  const h = Math.min(Math.abs(y), radius);
  const square = radius * radius;
  if (w * w + h * h <= square) return sign * w * h;
  const corner = Math.sqrt(Math.max(0, square - h * h));
  return sign * (corner * h + underArc(w, radius) - underArc(corner, radius));
}

/** The integral of sqrt(r^2 - t^2) from 0 to t. */
function underArc(t: number, radius: number): number {
  const square = radius * radius;
  return 0.5 * (t * Math.sqrt(Math.max(0, square - t * t)) + square * Math.asin(Math.min(1, t / radius)));
}
