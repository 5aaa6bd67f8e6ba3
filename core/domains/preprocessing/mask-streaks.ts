import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { withScratch } from '../../kernels/index.ts';
import { MaskBit, UNUSABLE } from '../observations/index.ts';
import { binView, findBrightLines, findFaintTrails, makeLineView } from './find-faint-trails.ts';
import { lengthOf } from './line-view.ts';
import type { ExtractedSource } from './measure-source.ts';
import type { Source } from './model.ts';
import { traceLine } from './trace-line.ts';

/** How trails of satellites, aircraft and meteors are recognised. */
export interface StreakConfig {
  /** Least length, in FWHM (default 12) and px (default 30). */
  readonly minLengthFwhm: number;
  readonly minLengthPx: number;
  /** Least ratio of the axes of a footprint that starts a trail (default 5). */
  readonly minElongation: number;
  /** Least ratio of median to brightest along the trail: a galaxy seen edge-on is peaked (default 0.4). */
  readonly minEvenness: number;
}

/** The defaults of `maskStreaks`. */
export const DEFAULT_STREAKS: StreakConfig = {
  minLengthFwhm: 12,
  minLengthPx: 30,
  minElongation: 5,
  minEvenness: 0.4,
};

/** A trail on the image: from end to end, and how far to either side it reaches, px. */
export interface Streak {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly halfWidth: number;
}

/** A footprint with more than this of its pixels masked starts no trail. */
const MAX_SPOILED = 0.2;
/** By how much a trail that starts from a footprint must exceed the lines beside it. */
const EXCESS = { sigma: 3.5, ratio: 1.4 };
/** A trail that ends this near the border goes on to it, px. */
const BORDER_PX = 30;
/** Trails that start from no footprint must be this many times as long: shorter lines are galaxies and pairs of stars. */
const FAINT_LENGTHS = 2.5;
/** The wings of a bright trail look like lines beside it, this many half widths out. */
const HALO_WIDTHS = 3;
/** Length of the pieces in which a trail is followed, px. */
const PIECE_PX = 12;
/** Lower quartile over upper quartile within a piece: near one for a trail, near zero for a row of stars. */
const MIN_CONTINUITY = 0.45;
/** A trail may vanish behind this many pieces (a star, a cloud) and go on. */
const MAX_GAP = 3;
const MAX_HALF_WIDTH_PX = 15;
/** Beyond its edge by this much, the level must have dropped to this fraction of the trail's. */
const BESIDE_PX = 4;
const MAX_BESIDE = 0.3;

/**
 * Find straight trails from elongated footprints, follow them to their ends and mark them STREAK.
 *
 * @param science e-, background-subtracted.
 * @param minLevel least median level along a trail, e-: the noise, several times that in a crowd.
 * @param sources of an extraction without deblending, which would cut trails into stars.
 * @param fwhmPx of point sources.
 */
export function maskStreaks(
  science: Plane,
  minLevel: number,
  mask: MaskPlane,
  sources: readonly ExtractedSource[],
  fwhmPx: number,
  config: StreakConfig = DEFAULT_STREAKS,
  rms = minLevel,
): readonly Streak[] {
  if (!(rms > 0)) return [];
  const fwhm = Math.max(1, fwhmPx);
  const minLength = Math.max(config.minLengthPx, config.minLengthFwhm * fwhm);
  const streaks = withScratch((scratch) => {
    const view = makeLineView(science, rms, mask, sources, fwhm, scratch);
    const binned = binView(view, fwhm, minLength);
    const found: Streak[] = [
      ...(binned ? findFaintTrails(view, binned, fwhm, FAINT_LENGTHS * minLength) : []),
    ];
    for (const source of sources) {
      if (source.aPx < config.minElongation * source.bPx) continue;
      // A line of even brightness is sqrt(12) times as long as its rms; half of it is enough to start from.
      if (Math.sqrt(12) * source.aPx < minLength / 2) continue;
      if (isSpoiled(source, mask)) continue;
      if (isKnown(found, source)) continue;
      const streak = followTrail(science, minLevel, source, minLength, config.minEvenness);
      if (streak === undefined || traceLine(view, streak, 2, fwhm, minLength, EXCESS) === undefined) continue;
      found.push(streak);
    }
    for (const line of binned ? findBrightLines(binned, fwhm, found) : []) {
      const start = {
        xPx: (line.x0 + line.x1) / 2,
        yPx: (line.y0 + line.y1) / 2,
        thetaRad: Math.atan2(line.y1 - line.y0, line.x1 - line.x0),
        aPx: lengthOf(line) / Math.sqrt(12),
      };
      if (isKnown(found, start, HALO_WIDTHS)) continue;
      const streak = followTrail(science, minLevel, start, minLength, config.minEvenness);
      if (streak === undefined || traceLine(view, streak, 2, fwhm, minLength, EXCESS) === undefined) continue;
      found.push(streak);
    }
    return found;
  });
  const whole = streaks.map((streak) => extendToBorder(streak, science.width, science.height));
  for (const streak of whole) markStreak(mask, streak);
  return whole;
}

/** Tell whether a place is on one of the trails, or within so many of their half widths. */
function isKnown(found: readonly Streak[], { xPx, yPx }: Pick<Source, 'xPx' | 'yPx'>, widths = 1): boolean {
  return found.some((streak) => distanceToStreak(streak, xPx, yPx) < widths * streak.halfWidth + 2);
}

/** Let a trail that ends near the image's border leave it. */
function extendToBorder(streak: Streak, width: number, height: number): Streak {
  const { x0, y0, x1, y1, halfWidth } = streak;
  const length = Math.hypot(x1 - x0, y1 - y0);
  const ux = (x1 - x0) / length;
  const uy = (y1 - y0) / length;
  const reach = BORDER_PX + 2 * halfWidth;
  const leaves = (x: number, y: number): boolean => x < 0 || y < 0 || x > width - 1 || y > height - 1;
  const start = leaves(x0 - reach * ux, y0 - reach * uy) ? 2 * reach : 0;
  const end = leaves(x1 + reach * ux, y1 + reach * uy) ? 2 * reach : 0;
  return {
    x0: x0 - start * ux,
    y0: y0 - start * uy,
    x1: x1 + end * ux,
    y1: y1 + end * uy,
    halfWidth,
  };
}

/** Tell whether a footprint is mostly a defect: a bad column, charge that bled. */
function isSpoiled(source: ExtractedSource, mask: MaskPlane): boolean {
  const { pixels } = source.isophote;
  let spoiled = 0;
  for (const at of pixels) if ((mask.data[at]! & UNUSABLE) !== 0) spoiled++;
  return spoiled > MAX_SPOILED * pixels.length;
}

function followTrail(
  science: Plane,
  minLevel: number,
  source: Pick<Source, 'xPx' | 'yPx' | 'thetaRad' | 'aPx'>,
  minLength: number,
  minEvenness: number,
): Streak | undefined {
  let line = { x: source.xPx, y: source.yPx, angle: source.thetaRad };
  const inner = Math.max(PIECE_PX, Math.floor(Math.sqrt(3) * source.aPx));
  for (let round = 0; round < 3; round++) line = straighten(science, line, inner, 4);
  const forward = followOneWay(science, minLevel, line, 1);
  const backward = followOneWay(science, minLevel, line, -1);
  const length = forward.end + backward.end;
  if (length < minLength) return undefined;
  const breaks = [...forward.continuity, ...backward.continuity].sort((a, b) => a - b);
  if (breaks[breaks.length >> 1]! < MIN_CONTINUITY) return undefined;
  const levels = [...forward.levels, ...backward.levels].sort((a, b) => a - b);
  // The ends are partly filled and stars lie on the way: compare robust numbers.
  const median = levels[levels.length >> 1]!;
  const bright = levels[Math.floor(0.9 * (levels.length - 1))]!;
  if (median < minEvenness * bright) return undefined;
  const halfWidth = measureHalfWidth(science, minLevel, line, forward.end, backward.end);
  // A band, or a chain in a crowd, has no dark on both sides.
  if (halfWidth >= MAX_HALF_WIDTH_PX) return undefined;
  const beside = levelAlong(science, line, forward.end, backward.end, halfWidth + BESIDE_PX);
  if (beside > MAX_BESIDE * median) return undefined;
  const cos = Math.cos(line.angle);
  const sin = Math.sin(line.angle);
  return {
    x0: line.x - backward.end * cos,
    y0: line.y - backward.end * sin,
    x1: line.x + forward.end * cos,
    y1: line.y + forward.end * sin,
    halfWidth,
  };
}

interface Line {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
}

/** Fit the line to the light across it. */
function straighten(science: Plane, line: Line, reach: number, across: number): Line {
  const cos = Math.cos(line.angle);
  const sin = Math.sin(line.angle);
  let n = 0;
  let st = 0;
  let so = 0;
  let stt = 0;
  let sto = 0;
  for (let t = -reach; t <= reach; t += 2) {
    let light = 0;
    let moment = 0;
    for (let o = -across; o <= across; o++) {
      const value = Math.max(0, sampleAt(science, line.x + t * cos - o * sin, line.y + t * sin + o * cos));
      light += value;
      moment += value * o;
    }
    if (!(light > 0)) continue;
    const offset = moment / light;
    n++;
    st += t;
    so += offset;
    stt += t * t;
    sto += t * offset;
  }
  const determinant = n * stt - st * st;
  if (n < 4 || !(determinant > 0)) return line;
  const slope = (n * sto - st * so) / determinant;
  const intercept = (so - slope * st) / n;
  return { x: line.x - intercept * sin, y: line.y + intercept * cos, angle: line.angle + Math.atan(slope) };
}

/** Go along the line until the light ends; distances in px from the line's origin. */
function followOneWay(
  science: Plane,
  minLevel: number,
  line: Line,
  direction: 1 | -1,
): { readonly end: number; readonly levels: readonly number[]; readonly continuity: readonly number[] } {
  const cos = Math.cos(line.angle) * direction;
  const sin = Math.sin(line.angle) * direction;
  const levels: number[] = [];
  const continuity: number[] = [];
  let end = 0;
  let gap = 0;
  for (let t = 0; gap <= MAX_GAP; t += PIECE_PX) {
    const x = line.x + t * cos;
    const y = line.y + t * sin;
    if (x < 0 || y < 0 || x >= science.width || y >= science.height) break;
    const values: number[] = [];
    for (let s = 0; s < PIECE_PX; s++) {
      let best = 0;
      for (let o = -1; o <= 1; o++) {
        best += sampleAt(science, x + s * cos - o * sin, y + s * sin + o * cos) / 3;
      }
      values.push(best);
    }
    // The lower quartile: a trail is unbroken, a chain of stars is not.
    const level = values.sort((a, b) => a - b)[PIECE_PX >> 2]!;
    if (level > minLevel) {
      end = t + PIECE_PX;
      gap = 0;
      levels.push(level);
      continuity.push(level / values[PIECE_PX - 1 - (PIECE_PX >> 2)]!);
    } else {
      gap++;
    }
  }
  return { end, levels, continuity };
}

/** How far to either side the trail's median profile stands out of the noise, px. */
function measureHalfWidth(
  science: Plane,
  minLevel: number,
  line: Line,
  forward: number,
  backward: number,
): number {
  const least = (4 * minLevel) / Math.sqrt(forward + backward);
  let width = 2;
  for (let o = 1; o <= MAX_HALF_WIDTH_PX; o++) {
    if (levelAlong(science, line, forward, backward, o) < least) break;
    width = o + 1;
  }
  return width;
}

/** Median level along the line, shifted to both sides by an offset. */
function levelAlong(science: Plane, line: Line, forward: number, backward: number, offset: number): number {
  const cos = Math.cos(line.angle);
  const sin = Math.sin(line.angle);
  const values: number[] = [];
  for (let t = -backward; t <= forward; t += 2) {
    for (const side of [offset, -offset]) {
      values.push(sampleAt(science, line.x + t * cos - side * sin, line.y + t * sin + side * cos));
    }
  }
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** The nearest pixel's value, 0 beyond the border. */
function sampleAt(plane: Plane, x: number, y: number): number {
  const px = Math.round(x);
  const py = Math.round(y);
  if (px < 0 || py < 0 || px >= plane.width || py >= plane.height) return 0;
  const value = plane.data[py * plane.width + px]!;
  return value - value === 0 ? value : 0;
}

function distanceToStreak(streak: Streak, x: number, y: number): number {
  const dx = streak.x1 - streak.x0;
  const dy = streak.y1 - streak.y0;
  const along = ((x - streak.x0) * dx + (y - streak.y0) * dy) / (dx * dx + dy * dy);
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - streak.x0 - t * dx, y - streak.y0 - t * dy);
}

function markStreak(mask: MaskPlane, streak: Streak): void {
  const reach = streak.halfWidth;
  const x0 = Math.max(0, Math.floor(Math.min(streak.x0, streak.x1) - reach));
  const x1 = Math.min(mask.width - 1, Math.ceil(Math.max(streak.x0, streak.x1) + reach));
  const y0 = Math.max(0, Math.floor(Math.min(streak.y0, streak.y1) - reach));
  const y1 = Math.min(mask.height - 1, Math.ceil(Math.max(streak.y0, streak.y1) + reach));
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      if (distanceToStreak(streak, x, y) <= reach) mask.data[y * mask.width + x]! |= MaskBit.STREAK;
    }
  }
}
