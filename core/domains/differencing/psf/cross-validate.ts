import type { ProfilePress } from '../../../kernels/index.ts';
import type { PsfConfig } from '../config.ts';
import { median } from '../robust-statistics.ts';
import type { StarEvidence } from './collect-evidence.ts';
import { fitCorrections } from './fit-corrections.ts';
import { fitMoffat } from './fit-moffat.ts';
import { fitShapeModes, measureShapes, type ShapeVariation, type StarShapes } from './fit-shape-modes.ts';
import { fitStar, type StarFit, type StarStamp } from './fit-star.ts';
import { judgeStar, type StarVerdict } from './judge-star.ts';
import { cutStar, type Scene, type SceneStar, starsOf } from './model-scene.ts';
import { drawPsf, type PsfModel } from './psf-model.ts';

/** How the corrections to the Moffat vary over the image. */
export interface Variation {
  /** `none`: no corrections at all; `modes`: size and shape vary; `pixels`: each pixel of the table varies. */
  readonly kind: 'none' | 'modes' | 'pixels';
  readonly degree: number;
}

/** How well a profile predicts stars that had no say in it. */
export interface HeldOut {
  readonly variation: Variation;
  /** Median reduced chi^2 within 1.5 FWHM. */
  readonly chi2: number;
  /** What noise does not explain, as a fraction of a star's own light (rms over its profile). */
  readonly mismatch: number;
}

/** Only the table's inner part is needed to judge stars within 1.5 FWHM, FWHM. */
const JUDGED_FWHM = 2;
/**
 * More freedom must predict held-out stars better by so many errors of that very difference: held-out stars charge for
 * freedom already, so that this only decides ties.
 */
const CERTAIN_SIGMA = 0.5;
/** A star that moved no farther when it was fitted anew has its place, px. */
const SHORT_WAY_PX = 0.004;
/** The worst tenth of the stars (blends, variable shapes) must not decide for the rest. */
const TYPICAL = 0.9;
/** Stars needed before size and shape may vary linearly, quadratically. */
const STARS_FOR_MODES = [4, 20] as const;

const PURE_MOFFAT: Variation = { kind: 'none', degree: 0 };

/** List the variations that so many stars may be asked for, simplest first. */
export function listVariations(stars: number, config: PsfConfig): readonly Variation[] {
  const list: Variation[] = [PURE_MOFFAT, { kind: 'pixels', degree: 0 }];
  if (stars >= STARS_FOR_MODES[0]) list.push({ kind: 'modes', degree: 1 });
  if (stars >= STARS_FOR_MODES[1]) list.push({ kind: 'modes', degree: 2 });
  if (stars > config.starsForLinear) list.push({ kind: 'pixels', degree: 1 });
  if (stars > config.starsForQuadratic) list.push({ kind: 'pixels', degree: 2 });
  return list;
}

/** What the fits of several variations to the same stars have in common, each made when it is first asked for. */
export interface StartedFits {
  fitConstant(): Float64Array;
  fitShapes(degree: number): ShapeVariation;
}

/** @param reachPx where tables of corrections end. */
export function startFits(model: PsfModel, evidence: readonly StarEvidence[], reachPx?: number): StartedFits {
  let constant: Float64Array | undefined;
  let shapes: StarShapes | undefined;
  const byDegree = new Map<number, ShapeVariation>();
  const fitConstant = () => {
    constant ??= fitCorrections(model, evidence, 0, reachPx)[0];
    return constant;
  };
  const fitShapes = (degree: number) => {
    shapes ??= measureShapes(model, fitConstant(), evidence, JUDGED_FWHM * model.fwhmPx);
    const variation = byDegree.get(degree) ?? fitShapeModes(model, shapes, evidence, degree);
    byDegree.set(degree, variation);
    return variation;
  };
  return { fitConstant, fitShapes };
}

/**
 * Fit the corrections that a variation allows.
 *
 * @param start what is known already of these stars.
 * @param reachPx where tables of corrections end.
 */
export function fitVariation(
  model: PsfModel,
  evidence: readonly StarEvidence[],
  { kind, degree }: Variation,
  start: StartedFits,
  reachPx?: number,
): PsfModel {
  if (kind === 'none') return { ...model, degree: 0, corrections: [] };
  if (degree === 0) return { ...model, degree, corrections: [start.fitConstant()] };
  const shapes = start.fitShapes(degree);
  const corrections =
    kind === 'modes' ? shapes.tables : fitCorrections(model, evidence, degree, reachPx, shapes);
  return { ...model, degree, corrections };
}

/**
 * Choose the variation that predicts held-out stars best; ties go to the simpler.
 *
 * @param evidence one for each of the scene's profile stars, in their order.
 */
export function chooseVariation(scene: Scene, evidence: readonly StarEvidence[], config: PsfConfig): HeldOut {
  const { model } = scene;
  const indices = starsOf(scene, 'profile');
  const variations = listVariations(evidence.length, config);
  const verdicts = variations.map((): StarVerdict[] => []);
  const reach = JUDGED_FWHM * model.fwhmPx;
  forFolds(evidence.length, config.folds, (heldOut, isHeldOut) => {
    const taught = evidence.filter((_, k) => !isHeldOut(k));
    const start = startFits(model, taught, reach);
    const stamps = heldOut.map((k) => cutJudged(scene, indices[k]));
    variations.forEach((variation, v) => {
      const trial = fitVariation(model, taught, variation, start, reach);
      heldOut.forEach((k, i) => {
        verdicts[v].push(judgeHeldOut(scene, stamps[i], scene.stars[indices[k]], trial, config));
      });
    });
  });
  let best = 0;
  for (let v = 1; v < variations.length; v++) if (isBetter(verdicts[v], verdicts[best])) best = v;
  return summarise(verdicts[best], variations[best]);
}

/**
 * Tell whether a profile predicts the same stars better than another, surely.
 *
 * Their differences are small beside what stars differ by among themselves, but the same for all.
 *
 * @see Breiman et al. 1984, Classification and Regression Trees, section 3.4.3 (the rule of one standard error)
 */
function isBetter(verdicts: readonly StarVerdict[], others: readonly StarVerdict[]): boolean {
  const gains = verdicts
    .map((verdict, k) => [verdict.chi2, others[k].chi2] as const)
    .filter(([own, other]) => own > 0 && other > 0 && Number.isFinite(own + other))
    .sort((a, b) => Math.min(...a) - Math.min(...b))
    .map(([own, other]) => Math.log(other / own));
  const typical = gains.slice(0, Math.max(1, Math.ceil(TYPICAL * gains.length)));
  const mean = typical.reduce((sum, gain) => sum + gain, 0) / typical.length;
  const power = typical.reduce((sum, gain) => sum + (gain - mean) ** 2, 0);
  return mean > CERTAIN_SIGMA * Math.sqrt(power / (typical.length * Math.max(1, typical.length - 1)));
}

/** Judge a pure Moffat by refitting it without each star in turn. */
export function judgeMoffat(scene: Scene, config: PsfConfig): HeldOut {
  const { model, noise } = scene;
  const indices = starsOf(scene, 'profile');
  // A single star can only be judged by itself.
  if (indices.length < 2)
    return summarise(
      indices.map((k) => judgeHeldOut(scene, cutJudged(scene, k), scene.stars[k], model, config)),
      PURE_MOFFAT,
    );
  const options = { radius: 3 * model.fwhmPx, modelError: config.modelError, backgroundSigma: 0.03 * noise };
  const verdicts: StarVerdict[] = [];
  const isWhole = (i: number): boolean => scene.stars[indices[i]].coreRadius === 0;
  // The wings of a saturated star prove less than a whole star.
  const canJudge = indices.some((_, i) => isWhole(i)) ? isWhole : () => true;
  forFolds(indices.length, indices.length, (heldOut, isHeldOut) => {
    if (!heldOut.some(canJudge)) return;
    const taught = indices.filter((_, i) => !isHeldOut(i));
    const { moffat } = fitMoffat(
      taught.map((k) => cutStar(scene, k)),
      taught.map((k) => scene.stars[k]),
      model.moffat,
      options,
    );
    const trial = { ...model, moffat };
    for (const i of heldOut) {
      const k = indices[i];
      verdicts.push(judgeHeldOut(scene, cutJudged(scene, k), scene.stars[k], trial, config));
    }
  });
  return summarise(verdicts, PURE_MOFFAT);
}

/** Hold each part of the stars out in turn. */
function forFolds(
  count: number,
  folds: number,
  visit: (heldOut: readonly number[], isHeldOut: (k: number) => boolean) => void,
): void {
  const parts = Math.min(folds, count);
  const all = Array.from({ length: count }, (_, k) => k);
  for (let fold = 0; fold < parts; fold++) {
    const isHeldOut = (k: number) => k % parts === fold;
    visit(all.filter(isHeldOut), isHeldOut);
  }
}

/** Cut out of a star what it is judged by: of a saturated one what surrounds its core. */
function cutJudged(scene: Scene, index: number): StarStamp {
  const reach = scene.stars[index].coreRadius + JUDGED_FWHM * scene.model.fwhmPx;
  return cutStar(scene, index, 2 * Math.ceil(reach) + 1);
}

// Profiles of one star after the other.
let drawn = new Float64Array(0);

function judgeHeldOut(
  { press, noise }: Pick<Scene, 'press' | 'noise'>,
  stamp: StarStamp,
  star: SceneStar,
  model: PsfModel,
  config: PsfConfig,
): StarVerdict {
  const { coreRadius } = star;
  let fit: StarFit = star;
  const pixels = stamp.size * stamp.size;
  if (drawn.length < pixels) drawn = new Float64Array(pixels);
  const room = drawn.subarray(0, pixels);
  let profile: Float64Array = room;
  drawPsf(press, model, fit.x, fit.y, stamp.size, false, profile);
  for (let round = 0; round < 2; round++) {
    const better = fitStar(stamp, profile, fit, {
      radius: coreRadius + 1.75 * model.fwhmPx,
      modelError: config.modelError,
      background: fit.background,
      backgroundSigma: 0.03 * noise,
      fitPosition: true,
    });
    // The stamp cannot follow a star that runs to another pixel.
    if (!better || Math.hypot(better.x - stamp.xMid, better.y - stamp.yMid) > 1) break;
    const way = Math.hypot(better.x - fit.x, better.y - fit.y);
    fit = better;
    profile = drawAt(press, model, fit.x, fit.y, stamp.xMid, stamp.yMid, stamp.size, room);
    // It was fitted with nearly this profile before.
    if (way < SHORT_WAY_PX) break;
  }
  return judgeStar(stamp, profile, fit, coreRadius + 1.5 * model.fwhmPx);
}

/** Draw a star into a stamp whose middle need not be the pixel nearest to it. */
function drawAt(
  press: ProfilePress,
  model: PsfModel,
  x: number,
  y: number,
  xMid: number,
  yMid: number,
  size: number,
  room: Float64Array,
): Float64Array {
  drawPsf(press, model, x, y, size, false, room);
  const dx = Math.round(x) - xMid;
  const dy = Math.round(y) - yMid;
  if (dx === 0 && dy === 0) return room;
  const moved = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const u = i - dx;
      const v = j - dy;
      if (u >= 0 && v >= 0 && u < size && v < size) moved[j * size + i] = room[v * size + u];
    }
  }
  return moved;
}

function summarise(verdicts: readonly StarVerdict[], variation: Variation): HeldOut {
  const chi2 = verdicts.map((verdict) => verdict.chi2);
  const ranked = [...verdicts].sort((a, b) => a.excess / a.power - b.excess / b.power);
  const typical = ranked.slice(0, Math.max(1, Math.ceil(TYPICAL * ranked.length)));
  const excess = typical.reduce((sum, verdict) => sum + verdict.excess, 0);
  const power = typical.reduce((sum, verdict) => sum + verdict.power, 0);
  return {
    variation,
    chi2: median(chi2),
    mismatch: Math.sqrt(Math.max(0, excess / Math.max(power, Number.MIN_VALUE))),
  };
}
