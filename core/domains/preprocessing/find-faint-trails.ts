import type { MaskPlane, Plane, Scratch } from '../../kernels/index.ts';
import { listUnusable, sumBoxes } from '../../kernels/index.ts';
import { UNUSABLE } from '../observations/index.ts';
import { CLIP_SIGMA, type LineEnds, type LineView } from './line-view.ts';
import type { Streak } from './mask-streaks.ts';
import { bitsOf } from './measurable.ts';
import type { ExtractedSource } from './measure-source.ts';
import { traceLine } from './trace-line.ts';
import { findLines, type LinePiece } from './transform-lines.ts';

/** Round sources this bright are taken out; fainter ones may be bits of a trail. */
const ROUND_RATIO = 2.5;
/** A footprint with saturated pixels is taken out too, unless it is this long: a trail over a star. */
const LONG_RATIO = 3;
const BRIGHT_SIGMA = 6;
/** A disc fills the ellipse of its moments; what fills less than this of it is not round. */
const MIN_FILL = 0.6;
/** Their wings are taken out with them up to this far, FWHM for each factor of ten in brightness. */
const WING_FWHM = 0.7;
/** The side of the binned image, at most, px: what makes the search's cost that of a small image. */
const MAX_BINNED_PX = 512;
/** Least boxes along a side. */
const LEAST_BOXES = 8;
/** Least significance of the sum along a piece. */
const MIN_SNR = 5.5;
/** Shortest piece that is looked at, in least lengths of a trail. */
const MIN_PIECE = 0.6;
/** A piece that has lost more than this of its light to others is not looked at. */
const KEPT_LIGHT = 0.6;
/** No frame has more trails than this; so many false ones are looked at in each round of the search. */
const MAX_TRAILS = 16;
const MAX_REJECTED = 10;
const MAX_ROUNDS = 3;
/** Bright lines have this mean in sigma, clipped as they are; no more of them are looked at. */
const BRIGHT_LEVEL = 1.8;
const MAX_BRIGHT_LINES = 24;
/** By how much such a line must exceed those beside it. */
const EXCESS = { sigma: 6, ratio: 2 };

/**
 * Find straight trails by sums along all lines: also those whose every pixel is lost in the noise, and broken ones.
 *
 * @param minLength of a trail, px.
 * @returns the brightest first.
 */
export function findFaintTrails(
  view: LineView,
  { bin, plane, pieces }: BinnedView,
  fwhmPx: number,
  minLength: number,
): readonly Streak[] {
  const binned = { ...plane, data: plane.data.slice() };
  const full = (position: number): number => (position + 0.5) * bin - 0.5;
  const least = leastPiece(minLength, bin);
  const trails: Streak[] = [];
  let isGrowing = true;
  for (let round = 0; round < MAX_ROUNDS && isGrowing; round++) {
    isGrowing = false;
    let rejected = 0;
    const before = { ...binned, data: binned.data.slice() };
    const found =
      round === 0 ? pieces.filter(({ length }) => length >= least) : findLines(binned, least, MIN_SNR);
    for (const piece of found) {
      if (trails.length >= MAX_TRAILS || rejected >= MAX_REJECTED) break;
      // What was found or rejected a moment ago also made this piece stand out.
      if (sumAlong(binned, piece) < KEPT_LIGHT * sumAlong(before, piece)) continue;
      const ends = { x0: full(piece.x0), y0: full(piece.y0), x1: full(piece.x1), y1: full(piece.y1) };
      const trail = traceLine(view, ends, 2.5 * bin, fwhmPx, minLength, EXCESS);
      blankAlong(binned, ends, Math.max(1.5 * bin, fwhmPx), bin);
      if (trail === undefined) {
        rejected++;
        continue;
      }
      isGrowing = true;
      trails.push(trail);
      blankAlong(binned, trail, trail.halfWidth + 2 * bin, bin);
    }
  }
  return trails;
}

/**
 * Find lines too short for `findFaintTrails` whose every pixel stands out, for somebody else to judge: a bright trail
 * over a star shares its footprint, which then is no longer long and narrow.
 *
 * @param found trails that are known.
 */
export function findBrightLines(
  { bin, plane, minLength, pieces }: BinnedView,
  fwhmPx: number,
  found: readonly Streak[],
): readonly LineEnds[] {
  const binned = { ...plane, data: plane.data.slice() };
  for (const trail of found) blankAlong(binned, trail, trail.halfWidth + 2 * bin, bin);
  const full = (position: number): number => (position + 0.5) * bin - 0.5;
  const lines: LineEnds[] = [];
  const before = { ...binned, data: binned.data.slice() };
  const all = found.length === 0 ? pieces : findLines(binned, leastPiece(minLength, bin), MIN_SNR);
  for (const piece of all) {
    if (lines.length >= MAX_BRIGHT_LINES) break;
    const sum = sumAlong(binned, piece);
    const pixels = Math.max(Math.abs(piece.x1 - piece.x0), Math.abs(piece.y1 - piece.y0)) + 1;
    if (sum < BRIGHT_LEVEL * bin * pixels || sum < KEPT_LIGHT * sumAlong(before, piece)) continue;
    const ends = { x0: full(piece.x0), y0: full(piece.y0), x1: full(piece.x1), y1: full(piece.y1) };
    blankAlong(binned, ends, Math.max(1.5 * bin, fwhmPx), bin);
    lines.push(ends);
  }
  return lines;
}

/** The shortest piece that is looked at for lines of some length, px of the binned image. */
function leastPiece(lengthPx: number, bin: number): number {
  return Math.max(8, (MIN_PIECE * lengthPx) / bin);
}

/** Sum of the pixels along a line of the plane. */
function sumAlong({ width, data }: Plane, { x0, y0, x1, y1 }: LineEnds): number {
  const steps = Math.max(1, Math.round(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))));
  let sum = 0;
  for (let k = 0; k <= steps; k++) {
    const x = Math.round(x0 + ((x1 - x0) * k) / steps);
    const y = Math.round(y0 + ((y1 - y0) * k) / steps);
    sum += data[y * width + x]!;
  }
  return sum;
}

/**
 * See an image in units of its noise, clipped, without bright round sources and what must not be used.
 *
 * @param science e-, background-subtracted; `rms` its noise, positive.
 * @param sources of an extraction without deblending.
 * @param scratch the view lives in it.
 */
export function makeLineView(
  science: Plane,
  rms: number,
  mask: MaskPlane,
  sources: readonly ExtractedSource[],
  fwhmPx: number,
  scratch: Scratch,
): LineView {
  const { width, height } = science;
  const usable = scratch.bytes(width * height).fill(1);
  for (const at of listUnusable(science, mask, UNUSABLE)) usable[at] = 0;
  for (const { aPx, bPx, peakE, xPx, yPx, isophote } of sources) {
    const isSaturated = (bitsOf(mask, isophote.pixels) & UNUSABLE) !== 0;
    if (!isSaturated && (aPx > ROUND_RATIO * bPx || peakE < BRIGHT_SIGMA * rms)) continue;
    // Trails that cross, and stars on them, make one footprint that is wide but mostly empty.
    if (isSaturated && aPx > LONG_RATIO * bPx) continue;
    if (isophote.pixels.length < MIN_FILL * 4 * Math.PI * aPx * bPx) continue;
    const reach = Math.ceil(fwhmPx * (1 + WING_FWHM * Math.log10(Math.max(1, peakE / (BRIGHT_SIGMA * rms)))));
    const rim = Math.max(reach, Math.sqrt(isophote.pixels.length / Math.PI) + fwhmPx / 2);
    // Not the whole footprint: a trail that runs through a bright star's light is part of it.
    blankDisc(usable, width, height, Math.round(xPx), Math.round(yPx), rim);
  }
  return { width, height, science, scale: 1 / rms, usable };
}

function blankDisc(
  usable: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
  radius: number,
): void {
  const reach = Math.ceil(radius);
  for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
    const half = Math.floor(Math.sqrt(radius * radius - (row - y) ** 2));
    // Not a number beyond the disc.
    const last = row * width + Math.min(width - 1, x + half);
    for (let at = row * width + Math.max(0, x - half); at <= last; at++) usable[at] = 0;
  }
}

/** An image made small. */
export interface BinnedView {
  /** Side of a box, px. */
  readonly bin: number;
  /** Means of boxes times the root of their size: unit noise; the field's own mean is taken off. */
  readonly plane: Plane;
  /** The shortest lines that are looked for, px, and pieces of these and longer ones that stand out, the best first. */
  readonly minLength: number;
  readonly pieces: readonly LinePiece[];
}

/** Make a view so small that a search for lines is cheap, and search it; nothing where it has few boxes along a side. */
export function binView(view: LineView, fwhmPx: number, minLength: number): BinnedView | undefined {
  const longer = Math.max(view.width, view.height);
  const bin = Math.max(1, Math.round(0.6 * fwhmPx), Math.ceil(longer / MAX_BINNED_PX));
  const width = Math.floor(view.width / bin);
  const height = Math.floor(view.height / bin);
  if (Math.min(width, height) < LEAST_BOXES) return undefined;
  const { science, usable, scale } = view;
  const { columns, sums, counts } = sumBoxes(science, usable, { side: bin, scale, limit: CLIP_SIGMA });
  let sum = 0;
  let count = 0;
  for (let box = 0; box < sums.length; box++) {
    sum += sums[box]!;
    count += counts[box]!;
  }
  const mean = count > 0 ? sum / count : 0;
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const box = y * columns + x;
      data[y * width + x] = (sums[box]! - counts[box]! * mean) / bin;
    }
  }
  const plane = { width, height, data };
  return { bin, plane, minLength, pieces: findLines(plane, leastPiece(minLength, bin), MIN_SNR) };
}

/** Take a line out of the binned image. */
function blankAlong(binned: Plane, line: LineEnds, reachPx: number, bin: number): void {
  const length = Math.hypot(line.x1 - line.x0, line.y1 - line.y0);
  const ux = (line.x1 - line.x0) / length;
  const uy = (line.y1 - line.y0) / length;
  const reach = reachPx + 2 * bin;
  const cell = (position: number): number => (position + 0.5) / bin - 0.5;
  const left = Math.max(0, Math.floor(cell(Math.min(line.x0, line.x1) - reach)));
  const right = Math.min(binned.width - 1, Math.ceil(cell(Math.max(line.x0, line.x1) + reach)));
  const top = Math.min(binned.height - 1, Math.ceil(cell(Math.max(line.y0, line.y1) + reach)));
  for (let y = Math.max(0, Math.floor(cell(Math.min(line.y0, line.y1) - reach))); y <= top; y++) {
    for (let x = left; x <= right; x++) {
      const dx = (x + 0.5) * bin - 0.5 - line.x0;
      const dy = (y + 0.5) * bin - 0.5 - line.y0;
      if (Math.abs(dy * ux - dx * uy) > reachPx) continue;
      const along = dx * ux + dy * uy;
      if (along >= -2 * bin && along <= length + 2 * bin) binned.data[y * binned.width + x] = 0;
    }
  }
}
