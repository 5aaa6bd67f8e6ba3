import type { Plane } from '../../kernels/index.ts';

/** What is beside a trail is measured this far out, FWHM from its edge, over as much. */
const BESIDE_FWHM = 1;

/** A pixel counts for no more than this, sigma: a star on the way is no trail. */
export const CLIP_SIGMA = 3;

/** An image and which pixels of it may be used. */
export interface LineView {
  readonly width: number;
  readonly height: number;
  readonly science: Plane;
  /** One over the image's noise: pixels are seen in units of it, clipped. */
  readonly scale: number;
  /** 1 where a pixel may be used, else 0. */
  readonly usable: Uint8Array;
}

/** The ends of a line, px. */
export interface LineEnds {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** One piece of a line: from `from` to `to` px along it. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  /** Mean above what is beside, in sigma of a pixel; 0 where nothing is usable. */
  readonly level: number;
  /** Its error; infinite where nothing is usable. */
  readonly error: number;
}

/** Length of a line, px. */
export function lengthOf({ x0, y0, x1, y1 }: LineEnds): number {
  return Math.hypot(x1 - x0, y1 - y0);
}

/**
 * Measure a piece of a line: its core against what is beside it.
 *
 * @param ux,uy the line's direction, of unit length; `from` and `to` are px along it from (x0, y0).
 * @param core half its width, px.
 */
export function measurePiece(
  view: LineView,
  { x0, y0 }: LineEnds,
  ux: number,
  uy: number,
  from: number,
  to: number,
  core: number,
  fwhmPx: number,
): Piece {
  const beside = Math.max(2, Math.round(BESIDE_FWHM * fwhmPx));
  const edge = core + Math.max(1, Math.round(fwhmPx / 2));
  let sum = 0;
  let n = 0;
  let besideSum = 0;
  let besideCount = 0;
  for (let t = from + 0.5; t < to; t++) {
    const x = x0 + t * ux;
    const y = y0 + t * uy;
    for (let o = -core; o <= core; o++) {
      const value = lookAside(view, x, y, ux, uy, o);
      if (Number.isNaN(value)) continue;
      sum += value;
      n++;
    }
    for (let o = edge + 1; o <= edge + beside; o++) {
      const one = lookAside(view, x, y, ux, uy, o);
      if (!Number.isNaN(one)) {
        besideSum += one;
        besideCount++;
      }
      const other = lookAside(view, x, y, ux, uy, -o);
      if (!Number.isNaN(other)) {
        besideSum += other;
        besideCount++;
      }
    }
  }
  if (n === 0 || besideCount === 0) return { from, to, level: 0, error: Number.POSITIVE_INFINITY };
  return { from, to, level: sum / n - besideSum / besideCount, error: Math.sqrt(1 / n + 1 / besideCount) };
}

/** Mean of the levels of pieces, weighted by their errors. */
export function meanLevel(pieces: readonly Piece[]): { readonly mean: number; readonly error: number } {
  let weight = 0;
  let sum = 0;
  for (const { level, error } of pieces) {
    if (!Number.isFinite(error)) continue;
    weight += error ** -2;
    sum += level * error ** -2;
  }
  return weight > 0
    ? { mean: sum / weight, error: weight ** -0.5 }
    : { mean: 0, error: Number.POSITIVE_INFINITY };
}

/**
 * See the pixel nearest to a place `aside` px from (x, y) across a line, in units of the noise and clipped; NaN where there
 * is none or it must not be used.
 *
 * @param ux,uy the line's direction, of unit length.
 */
export function lookAside(
  { width, height, science, scale, usable }: LineView,
  x: number,
  y: number,
  ux: number,
  uy: number,
  aside: number,
): number {
  // Not minus zero, which the engine does not expect of a place.
  const px = Math.round(x - aside * uy) | 0;
  const py = Math.round(y + aside * ux) | 0;
  if (px < 0 || py < 0 || px >= width || py >= height || usable[py * width + px] === 0) return Number.NaN;
  const value = Math.fround(science.data[py * width + px]! * scale);
  // Several times as fast as Math.min and Math.max.
  if (value > CLIP_SIGMA) return CLIP_SIGMA;
  if (value < -CLIP_SIGMA) return -CLIP_SIGMA;
  return value;
}
