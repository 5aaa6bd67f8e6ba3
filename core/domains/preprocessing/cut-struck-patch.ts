import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { MaskBit, UNUSABLE } from '../observations/index.ts';
import type { FittedStar, Patch } from './fit-scene.ts';
import { evaluateStar, STAR_TERMS, type StarShape } from './measure-star-shape.ts';

/** An image and what is known of it. */
export interface StruckView {
  /** e-, background-subtracted; `rms` its noise. */
  readonly science: Plane;
  readonly rms: number;
  readonly mask: MaskPlane;
  /** 1 where a cosmic ray is known. */
  readonly hits: Uint8Array;
  readonly saturated: readonly Saturated[];
  /** Whether charge of full pixels may have run along columns, and along rows. */
  readonly bleeds: { readonly columns: boolean; readonly rows: boolean };
}

/** A star with full pixels: its middle, how far these reach, and the brightest of them, e-. */
export interface Saturated {
  readonly x: number;
  readonly y: number;
  readonly radiusPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly peak: number;
}

/** A star this bright has a shape of its own, and is no hit that a star fits, sigma. */
export const BRIGHT_SIGMA = 30;
/** Radius of the patch that is modelled, FWHM and px. */
const PATCH_FWHM = 1.5;
const MIN_PATCH_PX = 4;
const MAX_PATCH_PX = 8;
/** Stars this far beyond a patch shine into it, FWHM; most of them that are fitted. */
const BEYOND_FWHM = 1.5;
const MAX_STARS = 4;
/** Stars whose light at the patch's edge is less than this are left to the surface, sigma. */
const FAINT_SIGMA = 0.7;
/** Peaks closer than this are one star, FWHM. */
const CLOSEST_FWHM = 0.7;
/** A patch of which less is usable, within the image and not masked, is not judged, fraction. */
const MIN_USABLE = 0.5;
const MIN_PRESENT = 0.7;

/** A patch, where its pixels are in the image and which of them may be used. */
export interface Place extends Patch {
  readonly at: Int32Array;
  readonly isUsable: Uint8Array;
  readonly isSharp: Uint8Array;
  readonly column: number;
  readonly row: number;
}

const terms = new Float64Array(STAR_TERMS);

/** Cut a patch around sharp pixels; nothing where too little of it is usable. */
export function cutPlace(view: StruckView, pixels: Int32Array, fwhmPx: number): Place | undefined {
  const { science, rms, mask, hits } = view;
  const { width, height, data } = science;
  let column = 0;
  let row = 0;
  for (const at of pixels) {
    column += at % width;
    row += Math.floor(at / width);
  }
  column = Math.round(column / pixels.length);
  row = Math.round(row / pixels.length);
  let extent = 0;
  for (const at of pixels)
    extent = Math.max(extent, Math.hypot((at % width) - column, Math.floor(at / width) - row));
  const wanted = Math.max(MIN_PATCH_PX, Math.round(PATCH_FWHM * fwhmPx), Math.ceil(extent) + 2);
  const radius = Math.min(MAX_PATCH_PX, wanted);
  const list: number[] = [];
  for (let y = Math.max(0, row - radius); y <= Math.min(height - 1, row + radius); y++) {
    for (let x = Math.max(0, column - radius); x <= Math.min(width - 1, column + radius); x++) {
      if ((x - column) ** 2 + (y - row) ** 2 <= (radius + 0.5) ** 2) list.push(y * width + x);
    }
  }
  const n = list.length;
  const at = Int32Array.from(list);
  const isUsable = new Uint8Array(n);
  const isSharp = new Uint8Array(n);
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  const values = new Float64Array(n);
  let usable = 0;
  let full = 0;
  let sharp = 0;
  for (let i = 0; i < n; i++) {
    const from = at[i]!;
    const value = data[from]!;
    isUsable[i] = hits[from] === 0 && (mask.data[from]! & UNUSABLE) === 0 && value - value === 0 ? 1 : 0;
    isSharp[i] = pixels.includes(from) ? 1 : 0;
    usable += isUsable[i]!;
    if ((mask.data[from]! & MaskBit.SAT) !== 0) full++;
    sharp += isSharp[i]!;
    x[i] = (from % width) - column;
    y[i] = Math.floor(from / width) - row;
    values[i] = value;
  }
  const area = Math.PI * radius * radius;
  if (usable < MIN_USABLE * area || usable + full < MIN_PRESENT * area || sharp === 0) return undefined;
  return { at, isUsable, isSharp, x, y, values, rms, radiusPx: radius, column, row };
}

/** Find the peaks of stars in and around a patch, brightest first; saturated ones where their middle is. */
export function findPeaks(
  view: StruckView,
  { column, row, radiusPx }: Place,
  shape: StarShape,
): readonly FittedStar[] {
  const { science, rms, mask, hits } = view;
  const { width, height, data } = science;
  const { fwhmPx } = shape;
  const reach = Math.ceil(radiusPx + BEYOND_FWHM * fwhmPx);
  const valueAt = (x: number, y: number): number => {
    if (x < 0 || y < 0 || x >= width || y >= height) return Number.NEGATIVE_INFINITY;
    const at = y * width + x;
    return hits[at] !== 0 ? Number.NEGATIVE_INFINITY : data[at]!;
  };
  const peaks: FittedStar[] = [];
  for (const full of view.saturated) {
    const dx = full.x - column;
    const dy = full.y - row;
    if (Math.hypot(dx, dy) < reach + BEYOND_FWHM * fwhmPx + full.radiusPx)
      peaks.push({ x: dx, y: dy, peak: full.peak, terms: 6, isFull: true });
  }
  for (let y = row - reach; y <= row + reach; y++) {
    for (let x = column - reach; x <= column + reach; x++) {
      const value = valueAt(x, y);
      if (!(value > 5 * rms) || (mask.data[y * width + x]! & UNUSABLE) !== 0) continue;
      let isPeak = true;
      for (let dy = -1; dy <= 1 && isPeak; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const other = valueAt(x + dx, y + dy);
          if (other > value || (other === value && (dy < 0 || (dy === 0 && dx < 0)))) isPeak = false;
        }
      }
      if (isPeak)
        peaks.push({
          x: x - column,
          y: y - row,
          peak: value,
          terms: value > BRIGHT_SIGMA * rms ? 6 : 3,
          isFull: false,
        });
    }
  }
  peaks.sort((a, b) => b.peak - a.peak);
  const stars: FittedStar[] = [];
  for (const peak of peaks) {
    if (stars.length === MAX_STARS) break;
    if (stars.some((star) => Math.hypot(star.x - peak.x, star.y - peak.y) < CLOSEST_FWHM * fwhmPx)) continue;
    evaluateStar(shape, Math.max(0, Math.hypot(peak.x, peak.y) - radiusPx), 0, terms);
    if (peak.peak * terms[0]! > FAINT_SIGMA * rms) stars.push(peak);
  }
  return stars;
}
