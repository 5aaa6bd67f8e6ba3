import { type LineEnds, type LineView, lookAside, meanLevel, measurePiece, type Piece } from './line-view.ts';

/** By how much a trail must exceed the lines beside it: in sigma of theirs, and over the level of nine tenths of them. */
export interface Excess {
  readonly sigma: number;
  readonly ratio: number;
}

/** Least significance of what is left of a trail without its brightest quarter. */
const MIN_REST_SNR = 3.5;
/** ...which must also hold this fraction of the level: a few stars on a line do not. */
const MIN_REST_FRACTION = 0.25;
/** A trail without gaps: all but a quarter of its pieces are above this fraction of its level. */
const MIN_EVEN = 0.4;
/** Stars are about one FWHM long; of a trail's bright pieces this fraction is in longer runs, of so many FWHM. */
const RUN_FWHM = 2.5;
const MIN_IN_RUNS = 0.6;
/** Lines beside a trail, on either side, that tell what any line has. */
const CONTROLS = 12;
/** No trail is wider, to either side; what is are the wings of bright stars. */
const MAX_HALF_WIDTH_PX = 20;
const MAX_WIDTH_FWHM = 4;
/** ...unless it is this long, FWHM: a satellite out of focus. */
const LONG_FWHM = 100;
/** ...but those of a trail whose every pixel stands out like this, sigma. */
const BRIGHT_LEVEL = 2;
/** What stands for the pixels at one distance from the ridge: their 70th percentile. */
const PROFILE_RANK = 0.7;
/** The mask ends where the profile has fallen to this, sigma of a pixel of sky. */
const EDGE_LEVEL = 0.3;

/** Tell a trail, be it dashed or tumbling, from stars on a line: its light is in long runs, and not in a few of them. */
export function isUnbroken(pieces: readonly Piece[], level: number, fwhmPx: number): boolean {
  const seen = pieces.filter(({ error }) => Number.isFinite(error));
  const ranked = [...seen].sort((a, b) => a.level - b.level);
  const rest = meanLevel(ranked.slice(0, Math.max(1, Math.floor(0.75 * ranked.length))));
  if (rest.mean < MIN_REST_SNR * rest.error || rest.mean < MIN_REST_FRACTION * level) return false;
  const bright = ranked[Math.floor(0.75 * (ranked.length - 1))]!.level / 2;
  let inRuns = 0;
  let total = 0;
  let run = 0;
  const close = (): void => {
    total += run;
    if (run >= RUN_FWHM * fwhmPx) inRuns += run;
    run = 0;
  };
  for (const { level: own, error, from, to } of pieces) {
    if (!Number.isFinite(error)) continue;
    if (own > bright) run += to - from;
    else close();
  }
  close();
  return inRuns >= MIN_IN_RUNS * total;
}

/** Tell whether a quarter of the pieces at most is much fainter than the whole: nothing but stars has gaps and is short. */
export function isEven(pieces: readonly Piece[], level: number): boolean {
  const levels = pieces
    .flatMap((piece) => (Number.isFinite(piece.error) ? [piece.level] : []))
    .sort((a, b) => a - b);
  return levels[levels.length >> 2]! > MIN_EVEN * level;
}

/** How far to either side the profile stands out, px; nothing where it never falls: a band, or an edge. */
export function measureHalfWidth(
  view: LineView,
  ends: LineEnds,
  level: number,
  fwhmPx: number,
): number | undefined {
  const length = Math.hypot(ends.x1 - ends.x0, ends.y1 - ends.y0);
  const ux = (ends.x1 - ends.x0) / length;
  const uy = (ends.y1 - ends.y0) / length;
  const values = new Float32Array(Math.floor(length) + 1);
  const profile = (offset: number): number | undefined => {
    let n = 0;
    for (let t = 0; t <= length; t++) {
      const seen = lookAside(view, ends.x0 + t * ux, ends.y0 + t * uy, ux, uy, offset);
      if (!Number.isNaN(seen)) values[n++] = seen;
    }
    // Not the mean, for the stars on the way, nor the median, for trails that are dark half of the time.
    return n < length / 8 ? undefined : values.subarray(0, n).sort()[Math.floor(PROFILE_RANK * (n - 1))]!;
  };
  if (profile(0) === undefined) return undefined;
  const error = 1.4 / Math.sqrt(length);
  let half = Math.max(2, Math.round(fwhmPx / 2));
  for (const side of [1, -1]) {
    const far = [2, 3, 4, 5].flatMap((k) => profile(side * (MAX_HALF_WIDTH_PX + k)) ?? []);
    if (far.length === 0) continue;
    const ground = far.reduce((sum, value) => sum + value, 0) / far.length;
    let last = 0;
    for (let reach = 1; reach <= MAX_HALF_WIDTH_PX; reach++) {
      const here = profile(side * reach);
      // Beyond the border, or on a bad row, nothing is known: what is further out tells.
      if (here === undefined) continue;
      if (here - ground < Math.max(EDGE_LEVEL, 2 * error)) break;
      last = reach;
    }
    if (last === MAX_HALF_WIDTH_PX && level < BRIGHT_LEVEL) return undefined;
    half = Math.max(half, last + 1);
  }
  const isShort = length < LONG_FWHM * fwhmPx;
  return isShort && half > MAX_WIDTH_FWHM * fwhmPx && level < BRIGHT_LEVEL ? undefined : half;
}

/**
 * Tell whether a line stands out from those beside it, at the same angle and as long: in a crowd any line has stars on
 * it, and how much that comes to is seen there.
 *
 */
export function isSingular(
  view: LineView,
  ends: LineEnds,
  level: number,
  halfWidth: number,
  core: number,
  fwhmPx: number,
  excess: Excess,
): boolean {
  const length = Math.hypot(ends.x1 - ends.x0, ends.y1 - ends.y0);
  const ux = (ends.x1 - ends.x0) / length;
  const uy = (ends.y1 - ends.y0) / length;
  const step = Math.min(halfWidth, 2 * fwhmPx) + 2 * fwhmPx;
  const others: number[] = [];
  for (let k = 1; k <= CONTROLS; k++) {
    for (const offset of [k * step, -k * step]) {
      const moved = { ...ends, x0: ends.x0 - offset * uy, y0: ends.y0 + offset * ux };
      const { level: other, error } = measurePiece(view, moved, ux, uy, 0, length, core, fwhmPx);
      // Mostly outside the image there is little to compare with.
      if (error * error * length * (2 * core + 1) < 4) others.push(Math.abs(other));
    }
  }
  if (others.length < 6) return false;
  others.sort((a, b) => a - b);
  // Half of the deviates of a normal scatter are within 0.67 sigma.
  const scatter = others[others.length >> 1]! / 0.6745;
  return level > excess.sigma * scatter && level > excess.ratio * others[Math.floor(0.9 * others.length)]!;
}

/** Tell rows, columns and borders of the detector from trails. */
export function isDetectors(
  { width, height }: LineView,
  { x0, y0, x1, y1 }: LineEnds,
  fwhmPx: number,
): boolean {
  const rim = 1.3 * fwhmPx;
  for (const [from, to, last, length] of [
    [x0, x1, width - 1, height],
    [y0, y1, height - 1, width],
  ] as const) {
    if (Math.max(from, to) < rim || Math.min(from, to) > last - rim) return true;
    // A satellite is seldom that well aligned, a row of the detector always.
    if (Math.abs(from - to) < 1.5 && Math.hypot(x1 - x0, y1 - y0) < 0.75 * length) return true;
  }
  return false;
}
