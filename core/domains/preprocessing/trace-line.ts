import { type Excess, isDetectors, isEven, isSingular, isUnbroken, measureHalfWidth } from './judge-trail.ts';
import {
  type LineEnds,
  type LineView,
  lengthOf,
  lookAside,
  meanLevel,
  measurePiece,
  type Piece,
} from './line-view.ts';
import type { Streak } from './mask-streaks.ts';

/** The core of a trail reaches this far to either side of its ridge, FWHM. */
const CORE_FWHM = 0.5;
/** Pieces are this many sigma bright where the trail allows it, and no shorter than this many FWHM. */
const PIECE_SIGMA = 3;
const MIN_PIECE_FWHM = 0.6;
const MAX_PIECE_PX = 64;
/** A piece belongs to the trail above this fraction of its level. */
const END_FRACTION = 0.3;
/** Least significance of a whole trail. */
const MIN_SNR = 7;
/** A trail may be dark for a while if it is this many times as long as the shortest. */
const BROKEN_LENGTHS = 3;
/** Rounds in which a trail grows along its better direction, and how far its ends are moved in each, px. */
const MAX_ROUNDS = 4;
const ADJUST_PX = 3;
/** A finer step makes no difference, px; light is sampled at this many places along a line. */
const MIN_STEP_PX = 0.2;
const LIGHT_SAMPLES = 200;
/** What crosses a corner from border to border may be this much shorter. */
const CHORD = 0.5;
const TOUCH_PX = 4;

/**
 * Follow a line that stands out from end to end, and tell whether it is a trail.
 *
 * @param excess by how much it must exceed the lines beside it.
 * @param reachPx how far its ends may be from their true places across the line.
 * @returns nothing where it is a chain of stars, an edge, a row or column of the detector, or too short.
 */
export function traceLine(
  view: LineView,
  ends: LineEnds,
  reachPx: number,
  fwhmPx: number,
  minLength: number,
  excess: Excess,
): Streak | undefined {
  const core = Math.max(1, Math.round(CORE_FWHM * fwhmPx));
  let found = measureTrail(view, adjustEnds(view, ends, reachPx, core), core, fwhmPx);
  let length = 0;
  for (let round = 0; round < MAX_ROUNDS && found !== undefined; round++) {
    // The longer a trail, the better it tells its direction, and so where it goes on.
    const better = measureTrail(view, adjustEnds(view, found.ends, ADJUST_PX, core), core, fwhmPx);
    if (better === undefined) break;
    found = better;
    if (lengthOf(found.ends) < 1.05 * length) break;
    length = lengthOf(found.ends);
  }
  if (found === undefined) return undefined;
  const { ends: trail, pieces, level } = found;
  length = lengthOf(trail);
  const least =
    touchesBorder(view, trail.x0, trail.y0) && touchesBorder(view, trail.x1, trail.y1) ? CHORD : 1;
  if (length < least * minLength || !isUnbroken(pieces, level, fwhmPx)) return undefined;
  if (length < BROKEN_LENGTHS * minLength && !isEven(pieces, level)) return undefined;
  if (isDetectors(view, trail, fwhmPx)) return undefined;
  const halfWidth = measureHalfWidth(view, trail, level, fwhmPx);
  if (halfWidth === undefined || !isSingular(view, trail, level, halfWidth, core, fwhmPx, excess))
    return undefined;
  return { ...trail, halfWidth };
}

function touchesBorder({ width, height }: LineView, x: number, y: number): boolean {
  return Math.min(x, y, width - 1 - x, height - 1 - y) < TOUCH_PX;
}

/** Move both ends across the line to where most light is along it. */
function adjustEnds(view: LineView, ends: LineEnds, reachPx: number, core: number): LineEnds {
  let best = ends;
  for (const step of [reachPx / 3, reachPx / 9, reachPx / 27]) {
    if (step < MIN_STEP_PX) break;
    const from = best;
    const length = Math.hypot(from.x1 - from.x0, from.y1 - from.y0);
    const nx = -(from.y1 - from.y0) / length;
    const ny = (from.x1 - from.x0) / length;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = -3; i <= 3; i++) {
      for (let j = -3; j <= 3; j++) {
        const line = {
          x0: from.x0 + i * step * nx,
          y0: from.y0 + i * step * ny,
          x1: from.x1 + j * step * nx,
          y1: from.y1 + j * step * ny,
        };
        const light = lightAlong(view, line, core);
        if (light > most) {
          most = light;
          best = line;
        }
      }
    }
  }
  return best;
}

/** Light along a line, a little more for what is on the ridge than beside it. */
function lightAlong(view: LineView, { x0, y0, x1, y1 }: LineEnds, core: number): number {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const ux = (x1 - x0) / length;
  const uy = (y1 - y0) / length;
  const step = Math.max(1, length / LIGHT_SAMPLES);
  let sum = 0;
  for (let t = 0; t <= length; t += step) {
    for (let o = -core; o <= core; o++) {
      const value = lookAside(view, x0 + t * ux, y0 + t * uy, ux, uy, o);
      if (!Number.isNaN(value)) sum += value * (1 - Math.abs(o) / (core + 1));
    }
  }
  return sum;
}

/** Cut the whole line across the image into pieces and find from where to where the trail goes. */
function measureTrail(
  view: LineView,
  ends: LineEnds,
  core: number,
  fwhmPx: number,
): { readonly ends: LineEnds; readonly pieces: readonly Piece[]; readonly level: number } | undefined {
  const length = Math.hypot(ends.x1 - ends.x0, ends.y1 - ends.y0);
  if (!(length > 0)) return undefined;
  const ux = (ends.x1 - ends.x0) / length;
  const uy = (ends.y1 - ends.y0) / length;
  const [first, last] = clipToImage(view, ends.x0, ends.y0, ux, uy);
  const rough = measurePiece(view, ends, ux, uy, 0, length, core, fwhmPx);
  if (!(rough.level > 0)) return undefined;
  const wanted = (PIECE_SIGMA / rough.level) ** 2 / (2 * core + 1);
  const size = Math.min(MAX_PIECE_PX, Math.max(MIN_PIECE_FWHM * fwhmPx, wanted));
  const count = Math.max(1, Math.round((last - first) / size));
  const step = (last - first) / count;
  const all = Array.from({ length: count }, (_, k) =>
    measurePiece(view, ends, ux, uy, first + k * step, first + (k + 1) * step, core, fwhmPx),
  );
  const [from, to] = brightestStretch(all, END_FRACTION * rough.level);
  const pieces = all.slice(from, to);
  const level = meanLevel(pieces);
  if (pieces.length === 0 || level.mean < MIN_SNR * level.error) return undefined;
  return {
    ends: {
      x0: ends.x0 + pieces[0]!.from * ux,
      y0: ends.y0 + pieces[0]!.from * uy,
      x1: ends.x0 + pieces.at(-1)!.to * ux,
      y1: ends.y0 + pieces.at(-1)!.to * uy,
    },
    pieces,
    level: level.mean,
  };
}

/** Where a line enters and leaves the image, px along it from (x, y). */
function clipToImage(
  { width, height }: LineView,
  x: number,
  y: number,
  ux: number,
  uy: number,
): readonly [number, number] {
  let first = Number.NEGATIVE_INFINITY;
  let last = Number.POSITIVE_INFINITY;
  for (const [at, unit, end] of [
    [x, ux, width - 1],
    [y, uy, height - 1],
  ] as const) {
    if (Math.abs(unit) < 1e-9) continue;
    const a = -at / unit;
    const b = (end - at) / unit;
    first = Math.max(first, Math.min(a, b));
    last = Math.min(last, Math.max(a, b));
  }
  return [first, Math.max(first, last)];
}

/** The stretch of pieces whose excess over `least` adds up to most. */
function brightestStretch(pieces: readonly Piece[], least: number): readonly [number, number] {
  let best = 0;
  let range: readonly [number, number] = [0, 0];
  let sum = 0;
  let from = 0;
  pieces.forEach((piece, k) => {
    // Behind a star or a bad pixel a trail goes on.
    if (Number.isFinite(piece.error)) sum += Math.min(piece.level, 3 * least) - least;
    if (sum <= 0) {
      sum = 0;
      from = k + 1;
    } else if (sum > best) {
      best = sum;
      range = [from, k + 1];
    }
  });
  return range;
}
