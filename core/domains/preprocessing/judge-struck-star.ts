import { MaskBit } from '../observations/index.ts';
import { BRIGHT_SIGMA, cutPlace, findPeaks, type Place, type StruckView } from './cut-struck-patch.ts';
import { type FittedStar, fitScene, type SceneFit } from './fit-scene.ts';
import type { StarShape } from './measure-star-shape.ts';

/** How cosmic rays on top of stars are told from the stars. */
export interface StruckStarConfig {
  /** Search them: what L.A.Cosmic cannot tell from stars is held against a model of the stars (default true). */
  readonly isSearched: boolean;
  /** Least significance of a hit above all stars, sigma (default 3.9), more where stars differ in shape. */
  readonly threshold: number;
  /** Pixels that touch one are hits with this significance (default 3). */
  readonly neighbourThreshold: number;
  /** By how much a hit must explain the pixels better than another star, difference of chi^2 (default 16). */
  readonly advantage: number;
}

/** The defaults of `findStruckStars`. */
export const DEFAULT_STRUCK_STARS: StruckStarConfig = {
  isSearched: true,
  threshold: 3.9,
  neighbourThreshold: 3,
  advantage: 16,
};

/** A pixel that a cosmic ray hit on top of a source, and what would be there without it, e- above the sky. */
export interface StruckPixel {
  readonly at: number;
  readonly lightE: number;
}

/** So many pixels are given up on trial: two rays in a core spoil the fit by which they would be seen. */
const TRIAL_PX = 3;
/** Around a peak of that many sigma more pixels shine than a hit has. */
const SURE_SIGMA = 100;
/** A hit is no more of a patch than this, fraction. */
const MAX_STRUCK = 0.3;
/** Pixels this close to full ones, where charge runs along, may hold some of it, px. */
const BLED_PX = 1;
/** Where even without the hit the pixels are that far from the model, nobody knows what is there; beside full ones less. */
const MAX_EXCESS = 4;
const MAX_EXCESS_FULL = 2;
/** Struck pixels from this number on, px and per square of the FWHM, with axes closer than this ratio, are a star. */
const BROAD_PX = 2;
const BROAD_FWHM = 0.5;
const LEAST_ROUND = 0.5;
const PIXEL_VARIANCE = 1 / 12;
/** Pixels brighter than the stars that the shape is known from by this factor, or than full ones by that, are not judged. */
const MAX_BRIGHTER = 1.5;
const NEARLY_FULL = 0.8;
/** A pixel that is given up costs as much as a pull of three; a star has more freedom, and costs twice that. */
const COST = 9;
const STAR_COST = 18;
/** Stars fainter than this when the hit is left out were the hit, sigma. */
const GHOST_SIGMA = 3;
/** Pixels beside struck ones are with them if they stand that far above the fit, sigma. */
const GROW_SIGMA = 2;
/** A star that far from struck pixels is another one, px. */
const ASIDE_PX = 1;
/** Where pixels are closer to the model than its errors say, these are halved, to this at least. */
const CLOSE = 0.7;
const LEAST_SCALE = 0.5;
/** On a saturated star's flanks, where all is smooth, they are this part of it, or half as much. */
const FLANK_SCALE = 0.5;

/**
 * Judge sharp pixels that touch: which of the pixels around them did a cosmic ray hit?
 *
 * The stars around them and a smooth surface are fitted to all pixels of a patch but those that stand above the fit.
 * These are a hit if they are significant, with the noise of the fit and of the stars' shape, if the rest of the patch
 * is as foreseen, and if no further star explains them.
 *
 * @param pixels y * width + x, none of them masked or hit.
 */
export function judgePixels(
  view: StruckView,
  pixels: Int32Array,
  shape: StarShape,
  config: StruckStarConfig,
): readonly StruckPixel[] {
  const place = cutPlace(view, pixels, shape.fwhmPx);
  if (place === undefined || pixels.some((at) => view.science.data[at]! > brightest(view, shape))) return [];
  const stars = findPeaks(view, place, shape);
  const verdicts: Verdict[] = [];
  const plain = judge(place, undefined, stars, shape, config);
  const start = plain?.top ?? sharpest(place);
  const others = stars.filter((star) => Math.hypot(star.x - place.x[start]!, star.y - place.y[start]!) > 1.5);
  // What is sharp is no star's, is on top of a star, or is a star itself and no hit.
  const own = stars.find((star) => !others.includes(star));
  if (plain !== undefined) {
    const isBright = own === undefined || own.peak > BRIGHT_SIGMA * place.rms;
    if (isBright && plain.struck.length === 0 && plain.fit.chi2 < 1.3 * plain.fit.used) return [];
    verdicts.push(plain);
  }
  const isSure = own === undefined || own.peak > SURE_SIGMA * place.rms;
  for (const peaks of isSure ? [stars] : [stars, others]) {
    const budget = verdicts.reduce(
      (limit, verdict) => Math.min(limit, cost(verdict)),
      Number.POSITIVE_INFINITY,
    );
    const verdict = judge(place, start, peaks, shape, config, budget);
    if (verdict !== undefined) verdicts.push(verdict);
  }
  const [best] = verdicts.sort((a, b) => cost(a) - cost(b));
  if (
    best === undefined ||
    best.struck.length === 0 ||
    best.fit.excess > (stars.some(({ isFull }) => isFull) ? MAX_EXCESS_FULL : MAX_EXCESS)
  )
    return [];
  const isOutOfCharge = (i: number): boolean =>
    !mayHoldCharge(view, place.at[i]!) && pullOf(place, best.fit, i, false) > config.threshold;
  const found = splitGroups(place, growStruck(place, best)).filter(
    (group) =>
      group.some(isOutOfCharge) &&
      !isBroad(place, best, group, shape.fwhmPx) &&
      !isStar(place, best, group, shape, config),
  );
  return found.flat().map((i) => ({ at: place.at[i]!, lightE: best.fit.model[i]! }));
}

/** Tell whether charge that bled may have reached a pixel: beyond full ones it fills another one in part. */
function mayHoldCharge({ mask, bleeds }: StruckView, at: number): boolean {
  const { width, height, data } = mask;
  const x = at % width;
  const y = Math.floor(at / width);
  for (let d = -BLED_PX; d <= BLED_PX; d++) {
    if (bleeds.columns && y + d >= 0 && y + d < height && (data[at + d * width]! & MaskBit.SAT) !== 0)
      return true;
    if (bleeds.rows && x + d >= 0 && x + d < width && (data[at + d]! & MaskBit.SAT) !== 0) return true;
  }
  return false;
}

/** Tell whether struck pixels are as many as a star's and in no line: no track is. */
function isBroad(
  { x, y, values }: Place,
  { fit }: Verdict,
  group: readonly number[],
  fwhmPx: number,
): boolean {
  if (group.length < BROAD_PX + BROAD_FWHM * fwhmPx * fwhmPx) return false;
  let weight = 0;
  let mx = 0;
  let my = 0;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const i of group) {
    const light = Math.max(0, values[i]! - fit.model[i]!);
    weight += light;
    mx += light * x[i]!;
    my += light * y[i]!;
    xx += light * x[i]! * x[i]!;
    xy += light * x[i]! * y[i]!;
    yy += light * y[i]! * y[i]!;
  }
  xx = xx / weight - (mx / weight) ** 2 + PIXEL_VARIANCE;
  yy = yy / weight - (my / weight) ** 2 + PIXEL_VARIANCE;
  xy = xy / weight - (mx * my) / weight ** 2;
  const half = Math.sqrt(((xx - yy) / 2) ** 2 + xy * xy);
  return (xx + yy) / 2 - half > LEAST_ROUND ** 2 * ((xx + yy) / 2 + half);
}

/** The light up to which pixels are judged: where full ones are known, up to nearly that. */
function brightest({ saturated }: StruckView, { brightestE }: StarShape): number {
  const full = saturated.reduce((least, { peak }) => Math.min(least, peak), Number.POSITIVE_INFINITY);
  return Math.max(MAX_BRIGHTER * brightestE, full < Number.POSITIVE_INFINITY ? NEARLY_FULL * full : 0);
}

/** The struck pixels and those that touch them and stand above the fit in a lesser way. */
function growStruck(place: Place, { fit, struck }: Verdict): readonly number[] {
  const known = new Set(struck);
  const all = new Set(struck);
  for (let i = 0; i < place.at.length; i++) {
    if (place.isUsable[i] === 0 || known.has(i) || !touchesAny(place, i, known)) continue;
    if (pullOf(place, fit, i, false) > GROW_SIGMA) all.add(i);
  }
  return [...all];
}

/** Part the struck pixels of a patch into those that touch. */
function splitGroups(place: Place, struck: readonly number[]): readonly (readonly number[])[] {
  const groups: Set<number>[] = [];
  for (const i of struck) {
    const near = groups.filter((group) => touchesAny(place, i, group));
    const joined = new Set<number>([i, ...near.flatMap((group) => [...group])]);
    for (const group of near) groups.splice(groups.indexOf(group), 1);
    groups.push(joined);
  }
  return groups.map((group) => [...group]);
}

interface Verdict {
  readonly fit: SceneFit;
  readonly stars: readonly FittedStar[];
  readonly errorScale: number;
  /** Pixels of the patch that stand above the fit. */
  readonly struck: readonly number[];
  /** The pixel that stood furthest above the first fit. */
  readonly top: number;
}

/** Pixels that are given up cost as much as they would with a pull of three. */
function cost({ fit, struck, stars }: Verdict): number {
  return fit.chi2 + COST * struck.length + STAR_COST * stars.length;
}

/** Fit, give up the pixel that stands out most, fit again, until none does or it costs more than `budget`. */
function judge(
  place: Place,
  start: number | undefined,
  peaks: readonly FittedStar[],
  shape: StarShape,
  config: StruckStarConfig,
  budget = Number.POSITIVE_INFINITY,
): Verdict | undefined {
  const isUsed = place.isUsable.slice();
  const struck = new Set<number>();
  let stars: readonly FittedStar[] = peaks.map((star) => ({ ...star }));
  const isBeside = new Uint8Array(place.at.length);
  const isAsked = place.isSharp.slice();
  const giveUp = (i: number): void => {
    struck.add(i);
    isUsed[i] = 0;
    markBeside(place, i, isBeside, isAsked);
  };
  if (start !== undefined) giveUp(start);
  const most = MAX_STRUCK * place.at.length;
  const isFlank = peaks.some(({ isFull }) => isFull);
  const leastScale = isFlank ? FLANK_SCALE / 2 : LEAST_SCALE;
  let errorScale = isFlank ? FLANK_SCALE : 1;
  let top = -1;
  for (;;) {
    const fit = fitScene(place, isUsed, isAsked, stars, shape, errorScale);
    if (fit === undefined || !(fit.excess < Number.POSITIVE_INFINITY)) return undefined;
    if (fit.close < CLOSE && errorScale > leastScale) {
      errorScale /= 2;
      continue;
    }
    let next = -1;
    let highest = 0;
    for (let i = 0; i < place.at.length; i++) {
      if (isUsed[i] === 0 || isAsked[i] === 0) continue;
      const least = isBeside[i] !== 0 ? config.neighbourThreshold : config.threshold;
      const over = pullOf(place, fit, i, true) / least;
      if (over > highest) {
        highest = over;
        next = i;
      }
    }
    if (top < 0) top = next;
    // On trial, what is far from the fit may be why it fits badly.
    if (start !== undefined && struck.size < TRIAL_PX) highest *= Math.sqrt(fit.excess);
    if (next < 0 || highest < 1) {
      const real = stars.filter((star) => star.peak > GHOST_SIGMA * place.rms);
      if (struck.size > 0 && real.length < stars.length) {
        // What was taken for a star was the hit.
        stars = real;
        continue;
      }
      const significant = [...struck].filter((i) => pullOf(place, fit, i, false) > config.neighbourThreshold);
      const isHit = significant.some((i) => pullOf(place, fit, i, false) > config.threshold);
      return {
        fit,
        stars,
        errorScale,
        struck: isHit ? significant : [],
        top: top < 0 ? sharpest(place) : top,
      };
    }
    giveUp(next);
    if (struck.size > most || COST * struck.size > budget) return undefined;
  }
}

function markBeside({ x, y }: Place, other: number, isBeside: Uint8Array, isAsked: Uint8Array): void {
  for (let i = 0; i < x.length; i++) {
    if (Math.abs(x[i]! - x[other]!) > 1 || Math.abs(y[i]! - y[other]!) > 1) continue;
    isBeside[i] = 1;
    isAsked[i] = 1;
  }
}

/** How far a pixel is above the fit, in sigma of both. */
function pullOf({ values }: Place, fit: SceneFit, i: number, isUsed: boolean): number {
  const rest = values[i]! - fit.model[i]!;
  const variance = fit.variance[i]! * fit.excess;
  const spread = Math.min(fit.spread[i]! * fit.excess, isUsed ? 0.98 * variance : Number.POSITIVE_INFINITY);
  // A pixel that was fitted took part of its own surprise away: as if it had not been.
  return isUsed
    ? rest / (Math.sqrt(variance) * Math.sqrt(1 - spread / variance))
    : rest / Math.sqrt(variance + spread);
}

function touchesAny({ x, y }: Place, i: number, others: ReadonlySet<number>): boolean {
  for (const other of others)
    if (Math.abs(x[i]! - x[other]!) <= 1 && Math.abs(y[i]! - y[other]!) <= 1) return true;
  return false;
}

/** Tell whether one more star explains struck pixels about as well. */
function isStar(
  place: Place,
  { fit, stars, struck, errorScale }: Verdict,
  group: readonly number[],
  shape: StarShape,
  config: StruckStarConfig,
): boolean {
  let weight = 0;
  let x = 0;
  let y = 0;
  let peak = 0;
  for (const i of group) {
    const rest = place.values[i]! - fit.model[i]!;
    weight += rest;
    x += rest * place.x[i]!;
    y += rest * place.y[i]!;
    peak = Math.max(peak, rest);
  }
  const isUsed = place.isUsable.slice();
  for (const i of struck) if (!group.includes(i)) isUsed[i] = 0;
  const star: FittedStar = { x: x / weight, y: y / weight, peak, terms: 3, isFull: false };
  const all = [...stars.map((own) => ({ ...own })), star];
  const isAsked = new Uint8Array(isUsed.length);
  const withStar = fitScene(place, isUsed, isAsked, all, shape, errorScale);
  if (withStar === undefined) return true;
  const needed = (config.advantage + 2 * group.length) * fit.excess;
  if (withStar.chi2 - fit.chi2 >= needed) return false;
  const isAside = Math.hypot(star.x - x / weight, star.y - y / weight) > ASIDE_PX;
  if (!isAside || star.peak < GHOST_SIGMA * place.rms || fit.excess > MAX_EXCESS_FULL) return true;
  // It found something else to explain: then the hit may have that star, too.
  for (const i of group) isUsed[i] = 0;
  const withBoth = fitScene(place, isUsed, isAsked, all, shape, errorScale);
  return withBoth === undefined || withStar.chi2 - withBoth.chi2 < needed;
}

function sharpest({ values, isSharp, isUsable }: Place): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (isSharp[i] !== 0 && isUsable[i] !== 0 && (best < 0 || values[i]! > values[best]!)) best = i;
  }
  return best;
}
