import type { MaskPlane, Plane, Scratch } from '../../kernels/index.ts';
import { UNUSABLE } from '../observations/index.ts';
import type { LineEnds, LineView } from './line-view.ts';
import type { Streak } from './mask-streaks.ts';
import type { ExtractedSource } from './measure-source.ts';
import { traceLine } from './trace-line.ts';
import { findLines } from './transform-lines.ts';

/** A pixel counts for no more than this, sigma: a star on the way is no trail. */
const CLIP_SIGMA = 3;
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
export function findFaintTrails(view: LineView, fwhmPx: number, minLength: number): readonly Streak[] {
  const shorter = Math.min(view.width, view.height);
  const bin = Math.max(
    1,
    Math.round(0.6 * fwhmPx),
    Math.ceil(Math.max(view.width, view.height) / MAX_BINNED_PX),
  );
  if (shorter < 8 * bin) return [];
  const binned = binView(view, bin);
  const full = (position: number): number => (position + 0.5) * bin - 0.5;
  const trails: Streak[] = [];
  let isGrowing = true;
  for (let round = 0; round < MAX_ROUNDS && isGrowing; round++) {
    isGrowing = false;
    let rejected = 0;
    const before = { ...binned, data: binned.data.slice() };
    for (const piece of findLines(binned, Math.max(8, (MIN_PIECE * minLength) / bin), MIN_SNR)) {
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
 * @param length of what is looked for, px.
 */
export function findBrightLines(
  view: LineView,
  fwhmPx: number,
  length: number,
  found: readonly Streak[],
): readonly LineEnds[] {
  const bin = Math.max(
    1,
    Math.round(0.6 * fwhmPx),
    Math.ceil(Math.max(view.width, view.height) / MAX_BINNED_PX),
  );
  if (Math.min(view.width, view.height) < 8 * bin) return [];
  const binned = binView(view, bin);
  for (const trail of found) blankAlong(binned, trail, trail.halfWidth + 2 * bin, bin);
  const full = (position: number): number => (position + 0.5) * bin - 0.5;
  const least = Math.max(8, (MIN_PIECE * length) / bin);
  const lines: LineEnds[] = [];
  const before = { ...binned, data: binned.data.slice() };
  for (const piece of findLines(binned, least, MIN_SNR)) {
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
  const { width, height, data } = science;
  const values = scratch.plane(width, height).data;
  const usable = scratch.bytes(data.length);
  const scale = 1 / rms;
  for (let i = 0; i < values.length; i++) {
    const value = data[i]!;
    const isUsable = value - value === 0 && (mask.data[i]! & UNUSABLE) === 0;
    usable[i] = isUsable ? 1 : 0;
    values[i] = isUsable ? Math.min(CLIP_SIGMA, Math.max(-CLIP_SIGMA, value * scale)) : 0;
  }
  const blank = (at: number): void => {
    usable[at] = 0;
    values[at] = 0;
  };
  for (const { aPx, bPx, peakE, xPx, yPx, isophote } of sources) {
    const isSaturated = isophote.pixels.some((at) => (mask.data[at]! & UNUSABLE) !== 0);
    if (!isSaturated && (aPx > ROUND_RATIO * bPx || peakE < BRIGHT_SIGMA * rms)) continue;
    // Trails that cross, and stars on them, make one footprint that is wide but mostly empty.
    if (isSaturated && aPx > LONG_RATIO * bPx) continue;
    if (isophote.pixels.length < MIN_FILL * 4 * Math.PI * aPx * bPx) continue;
    const reach = Math.ceil(fwhmPx * (1 + WING_FWHM * Math.log10(Math.max(1, peakE / (BRIGHT_SIGMA * rms)))));
    const rim = Math.max(reach, Math.sqrt(isophote.pixels.length / Math.PI) + fwhmPx / 2);
    // Not the whole footprint: a trail that runs through a bright star's light is part of it.
    const whole = Math.ceil(rim);
    for (let dy = -whole; dy <= whole; dy++) {
      for (let dx = -whole; dx <= whole; dx++) {
        const x = Math.round(xPx) + dx;
        const y = Math.round(yPx) + dy;
        if (dx * dx + dy * dy <= rim * rim && x >= 0 && y >= 0 && x < width && y < height)
          blank(y * width + x);
      }
    }
  }
  return { width, height, values, usable };
}

/** Means of boxes times the root of their size: unit noise; the field's own mean is taken off. */
function binView(view: LineView, bin: number): Plane {
  const width = Math.floor(view.width / bin);
  const height = Math.floor(view.height / bin);
  const data = new Float32Array(width * height);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < view.values.length; i++) {
    sum += view.values[i]!;
    count += view.usable[i]!;
  }
  const mean = count > 0 ? sum / count : 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let total = 0;
      for (let j = 0; j < bin; j++) {
        const from = (y * bin + j) * view.width + x * bin;
        for (let i = from; i < from + bin; i++) if (view.usable[i] !== 0) total += view.values[i]! - mean;
      }
      data[y * width + x] = total / bin;
    }
  }
  return { width, height, data };
}

/** Take a line out of the binned image. */
function blankAlong(binned: Plane, line: LineEnds, reachPx: number, bin: number): void {
  const length = Math.hypot(line.x1 - line.x0, line.y1 - line.y0);
  const ux = (line.x1 - line.x0) / length;
  const uy = (line.y1 - line.y0) / length;
  for (let y = 0; y < binned.height; y++) {
    for (let x = 0; x < binned.width; x++) {
      const dx = (x + 0.5) * bin - 0.5 - line.x0;
      const dy = (y + 0.5) * bin - 0.5 - line.y0;
      if (Math.abs(dy * ux - dx * uy) > reachPx) continue;
      const along = dx * ux + dy * uy;
      if (along >= -2 * bin && along <= length + 2 * bin) binned.data[y * binned.width + x] = 0;
    }
  }
}
