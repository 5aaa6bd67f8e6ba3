import { MaskBit } from '../observations/index.ts';
import { BRIGHT_SIGMA, cutPlace, findPeaks, type Place, type StruckView } from './cut-struck-patch.ts';
import { type FittedStar, fitScene, type SceneFit } from './fit-scene.ts';
import type { StarShape } from './measure-star-shape.ts';

/** How cosmic rays on top of stars are told from the stars. */
export interface StruckStarConfig {
  /** Search them: what L.A.Cosmic cannot tell from stars is held against a model of the stars (default true). */
  readonly isSearched: boolean;
  /** Least significance of a hit above all stars, sigma (default 4.5). */
  readonly threshold: number;
  /** Pixels that touch one are hits with this significance (default 3). */
  readonly neighbourThreshold: number;
  /** By how much a hit must explain the pixels better than another star, difference of chi^2 (default 16). */
  readonly advantage: number;
}

/** The defaults of `findStruckStars`. */
export const DEFAULT_STRUCK_STARS: StruckStarConfig = {
  isSearched: true,
  threshold: 4.5,
  neighbourThreshold: 3,
  advantage: 16,
};

/** A pixel that a cosmic ray hit on top of a source, and what would be there without it, e- above the sky. */
export interface StruckPixel {
  readonly at: number;
  readonly lightE: number;
}

/** A hit is no more of a patch than this, fraction. */
const MAX_STRUCK = 0.3;
/** Pixels this close to full ones in their column or row may hold their charge, px. */
const BLED_PX = 3;
/** Where even without the hit the pixels are that far from the model, nobody knows what is there. */
const MAX_EXCESS = 4;
/** Struck pixels from this number on, px and per square of the FWHM, with axes closer than this ratio, are a star. */
const BROAD_PX = 2;
const BROAD_FWHM = 0.3;
const LEAST_ROUND = 0.5;
const PIXEL_VARIANCE = 1 / 12;
/** Pixels brighter than the stars that the shape is known from by this factor may be full, and are not judged. */
const MAX_BRIGHTER = 1.5;
/** A pixel that is given up costs as much as a pull of three, and so does a star. */
const COST = 9;
/** Stars fainter than this when the hit is left out were the hit, sigma. */
const GHOST_SIGMA = 3;
/** Where pixels are closer to the model than its errors say, these are made smaller, in halves. */
const CLOSE = 0.5;
const LEAST_SCALE = 0.25;

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
  if (place === undefined || pixels.some((at) => view.science.data[at]! > MAX_BRIGHTER * shape.brightestE))
    return [];
  const stars = findPeaks(view, place, shape);
  const start = sharpest(place);
  const others = stars.filter((star) => Math.hypot(star.x - place.x[start]!, star.y - place.y[start]!) > 1.5);
  // What is sharp is no star's, is on top of a star, or is a star itself and no hit.
  const verdicts: Verdict[] = [];
  const plain = judge(place, undefined, stars, shape, config);
  if (plain !== undefined) {
    const own = stars.length > others.length ? stars.find((star) => !others.includes(star))! : undefined;
    const isBright = own === undefined || own.peak > BRIGHT_SIGMA * place.rms;
    if (isBright && plain.struck.length === 0 && plain.fit.chi2 < 1.3 * plain.fit.used) return [];
    verdicts.push(plain);
  }
  for (const peaks of others.length < stars.length ? [stars, others] : [stars]) {
    const verdict = judge(place, start, peaks, shape, config);
    if (verdict !== undefined) verdicts.push(verdict);
  }
  const [best] = verdicts.sort((a, b) => cost(a) - cost(b));
  if (best === undefined || best.struck.length === 0 || best.fit.excess > MAX_EXCESS) return [];
  const found = splitGroups(place, best.struck).filter(
    (group) =>
      !isBesideSaturated(view, place, group) &&
      !isBroad(place, best, group, shape.fwhmPx) &&
      !isStar(place, best, group, shape, config),
  );
  return found.flat().map((i) => ({ at: place.at[i]!, lightE: best.fit.model[i]! }));
}

/** Tell whether charge that bled may have reached some of the pixels: along columns and rows it goes further. */
function isBesideSaturated({ mask }: StruckView, { at }: Place, group: readonly number[]): boolean {
  const { width, height, data } = mask;
  return group.some((i) => {
    const x = at[i]! % width;
    const y = Math.floor(at[i]! / width);
    for (let dy = -BLED_PX; dy <= BLED_PX; dy++) {
      for (let dx = -BLED_PX; dx <= BLED_PX; dx++) {
        if (dx !== 0 && dy !== 0 && Math.max(Math.abs(dx), Math.abs(dy)) > 1) continue;
        const [px, py] = [x + dx, y + dy];
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        if ((data[py * width + px]! & MaskBit.SAT) !== 0) return true;
      }
    }
    return false;
  });
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
}

/** Pixels that are given up cost as much as they would with a pull of three. */
function cost({ fit, struck, stars }: Verdict): number {
  return fit.chi2 + COST * (struck.length + stars.length);
}

/** Fit, give up the pixel that stands out most, fit again, until none does. */
function judge(
  place: Place,
  start: number | undefined,
  peaks: readonly FittedStar[],
  shape: StarShape,
  config: StruckStarConfig,
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
  let errorScale = 1;
  for (;;) {
    const fit = fitScene(place, isUsed, isAsked, stars, shape, errorScale);
    if (fit === undefined) return undefined;
    if (fit.robust < CLOSE && errorScale > LEAST_SCALE) {
      errorScale /= 2;
      continue;
    }
    let next = -1;
    let highest = 1;
    for (let i = 0; i < place.at.length; i++) {
      if (isUsed[i] === 0 || isAsked[i] === 0) continue;
      const least = isBeside[i] !== 0 ? config.neighbourThreshold : config.threshold;
      const over = pullOf(place, fit, i, true) / least;
      if (over > highest) {
        highest = over;
        next = i;
      }
    }
    if (next < 0) {
      const real = stars.filter((star) => star.peak > GHOST_SIGMA * place.rms);
      if (struck.size > 0 && real.length < stars.length) {
        // What was taken for a star was the hit.
        stars = real;
        continue;
      }
      const significant = [...struck].filter((i) => pullOf(place, fit, i, false) > config.neighbourThreshold);
      const isHit = significant.some((i) => pullOf(place, fit, i, false) > config.threshold);
      return { fit, stars, errorScale, struck: isHit ? significant : [] };
    }
    giveUp(next);
    if (struck.size > most) return undefined;
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
  const star: FittedStar = { x: x / weight, y: y / weight, peak, terms: 3 };
  const all = [...stars.map((own) => ({ ...own })), star];
  const withStar = fitScene(place, isUsed, new Uint8Array(isUsed.length), all, shape, errorScale);
  if (withStar === undefined) return true;
  return withStar.chi2 - fit.chi2 < (config.advantage + 2 * group.length) * fit.excess;
}

function sharpest({ values, isSharp, isUsable }: Place): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (isSharp[i] !== 0 && isUsable[i] !== 0 && (best < 0 || values[i]! > values[best]!)) best = i;
  }
  return best;
}
