import { AstridError } from '../../../utils/index.ts';
import { MaskBit } from '../../observations/index.ts';
import type { PixelMap, PlaneMap, Source } from '../model.ts';
import { createNearestFinder, type NearestFinder, type StarPositions } from './find-nearest.ts';
import { growPairs } from './grow-pairs.ts';
import { mapPixels } from './map-pixels.ts';
import { type Proposal, proposeByQuads, proposeByTriangles } from './propose-alignments.ts';
import {
  type AlignmentLimits,
  createTrial,
  type IndexPairs,
  type VerifiedAlignment,
  verifyProposal,
  weighAlignment,
} from './verify-alignment.ts';

/** How stars of two images are recognised. */
export interface MatchConfig {
  /** Fewest stars on each image, and fewest that must match. Default 6. */
  readonly minStars: number;
  /** log10 of the odds against chance, all tries counted, at which a match is believed. Default 6. */
  readonly minLog10Odds: number;
  /** Stars, brightest first, on which an alignment is judged. Default 200. */
  readonly judgedStars: number;
  /** Most stars of each image that are paired at the end. Default 4000. */
  readonly maxStars: number;
  /** Template pixels a science pixel, least and greatest. Default [0.45, 2.2]. */
  readonly scaleRange: readonly [number, number];
  /** Largest ratio of the scales along two directions. Default 1.15. */
  readonly maxAxisRatio: number;
  /** How far off the headers' coordinates may be, px; beyond, the stars' figures are used. Default 300. */
  readonly guessTolerancePx: number;
  /** Proposals tried of each search before giving up. Default 200 000. */
  readonly maxProposals: number;
}

/** The defaults of `matchStars`. */
export const DEFAULT_MATCH: MatchConfig = {
  minStars: 6,
  minLog10Odds: 6,
  judgedStars: 200,
  maxStars: 4000,
  scaleRange: [0.45, 2.2],
  maxAxisRatio: 1.15,
  guessTolerancePx: 300,
  maxProposals: 200_000,
};

/** Stars recognised on both images. */
export interface StarMatch {
  /** How the alignment was found. */
  readonly method: 'guess' | 'quads' | 'triangles';
  /** Indices into the two source lists, one-to-one, brightest science source first. */
  readonly pairs: IndexPairs;
  /** log10 of the odds against chance, the number of tries taken off. */
  readonly log10Odds: number;
}

/** Stars of the brightest that a likeness of triangles is first tried on. */
const TRIAL_STARS = 60;

/** Figures of one search: how many of the brightest stars of each list make them. */
interface Search {
  readonly method: 'quads' | 'triangles';
  readonly science: number;
  readonly template: number;
}

/**
 * From the likeliest to the last resort: equal depth first, then one list much longer than the other (a larger or
 * deeper image), then every triangle of the brightest, which needs but a handful of common stars.
 */
const SEARCHES: readonly Search[] = [
  { method: 'quads', science: 60, template: 60 },
  { method: 'triangles', science: 30, template: 30 },
  { method: 'quads', science: 150, template: 150 },
  { method: 'quads', science: 40, template: 120 },
  { method: 'quads', science: 120, template: 40 },
  { method: 'quads', science: 30, template: 300 },
  { method: 'quads', science: 300, template: 30 },
  { method: 'triangles', science: 45, template: 45 },
  { method: 'triangles', science: 20, template: 70 },
  { method: 'triangles', science: 70, template: 20 },
];

/**
 * Recognise the stars of one image on another.
 *
 * With a guess (from two headers) stars are paired by nearness after a common offset is voted for; the guess is
 * believed only when the stars bear it out. Otherwise figures of stars are compared, whatever the shift,
 * rotation, handedness and scale (see `config.scaleRange`). Either way, what decides is the probability that as
 * many stars fall together by chance, times the number of alignments tried: unrelated fields are refused.
 * The same lists always give the same answer.
 *
 * @param science sources, brightest first.
 * @param template sources, brightest first.
 * @param guess where science pixels may lie on the template.
 * @throws preprocessing/too-few-stars, preprocessing/no-overlap
 */
export function matchStars(
  science: readonly Source[],
  template: readonly Source[],
  config: MatchConfig = DEFAULT_MATCH,
  guess?: PixelMap,
): StarMatch {
  const scienceChosen = chooseStars(science).slice(0, config.maxStars);
  const templateChosen = chooseStars(template).slice(0, config.maxStars);
  if (Math.min(scienceChosen.length, templateChosen.length) < config.minStars)
    throw new AstridError(
      'preprocessing/too-few-stars',
      `Too few stars to match: ${scienceChosen.length} on the science image and ${templateChosen.length} on the template, ` +
        `${config.minStars} are needed on each. Lower the detection threshold, or use exposures with sky coordinates.`,
      { science: scienceChosen.length, template: templateChosen.length, needed: config.minStars },
    );
  const scienceStars = positionsOf(science, scienceChosen);
  const templateStars = positionsOf(template, templateChosen);

  const guessed = guess && matchByGuess(scienceStars, templateStars, config, guess);
  const { found, tried, bestLog10Odds } =
    guessed !== undefined
      ? { found: guessed, tried: 1, bestLog10Odds: guessed.log10Odds }
      : matchByFigures(scienceStars, templateStars, config);
  if (found === undefined)
    throw new AstridError(
      'preprocessing/no-overlap',
      `The ${scienceChosen.length} stars of the science image and the ${templateChosen.length} of the template do not ` +
        'match at any shift, rotation, scale or handedness: they show different fields, or too little of the same. ' +
        'Choose a template of this field.',
      { science: scienceChosen.length, template: templateChosen.length, tried, bestLog10Odds },
    );
  return {
    method: found.method,
    log10Odds: found.log10Odds,
    pairs: {
      science: found.pairs.science.map((k) => scienceChosen[k]!),
      template: found.pairs.template.map((k) => templateChosen[k]!),
    },
  };
}

/** Leave out what is certainly no star: streaks, sources cut by an edge. Returns indices, brightest first. */
function chooseStars(sources: readonly Source[]): number[] {
  const cut = MaskBit.EDGE | MaskBit.NO_DATA | MaskBit.CR | MaskBit.STREAK;
  return sources
    .map((_, k) => k)
    .filter((k) => {
      const source = sources[k]!;
      return (
        Number.isFinite(source.xPx + source.yPx) &&
        (source.maskBits & cut) === 0 &&
        source.bPx > 0.35 * source.aPx &&
        source.fluxE > 0
      );
    })
    .sort((a, b) => sources[b]!.fluxE - sources[a]!.fluxE);
}

function positionsOf(sources: readonly Source[], chosen: readonly number[]): StarPositions {
  return {
    x: Float64Array.from(chosen, (k) => sources[k]!.xPx),
    y: Float64Array.from(chosen, (k) => sources[k]!.yPx),
  };
}

/**
 * Vote for the offset between guessed and true places, wider and wider, and verify what the vote says.
 *
 * @returns `undefined` when the stars do not bear the guess out.
 */
function matchByGuess(
  science: StarPositions,
  template: StarPositions,
  config: MatchConfig,
  guess: PixelMap,
): StarMatch | undefined {
  const guessed = mapPixels(guess, science.x, science.y);
  const kept = Array.from(guessed.x.keys()).filter((k) => Number.isFinite(guessed.x[k]! + guessed.y[k]!));
  const placed: StarPositions = {
    x: Float64Array.from(kept, (k) => guessed.x[k]!),
    y: Float64Array.from(kept, (k) => guessed.y[k]!),
  };
  const limits: AlignmentLimits = { scaleRange: [0.9, 1.1], maxAxisRatio: config.maxAxisRatio };
  const finder = createNearestFinder(head(template, config.judgedStars));
  const judged = head(placed, config.judgedStars);
  let tried = 0;
  for (let reach = 4; ; reach *= 3) {
    const reachPx = Math.min(reach, config.guessTolerancePx);
    const [dx, dy] = voteOffset(judged, finder, reachPx);
    tried++;
    const start: PlaneMap = {
      order: 1,
      xMid: 0,
      yMid: 0,
      scalePx: 1,
      xCoefficients: [dx, 1, 0],
      yCoefficients: [dy, 0, 1],
    };
    const verified = weighAlignment(start, judged, finder, limits);
    // A vote over all pairs of stars has tried about that many offsets.
    const log10Odds = (verified?.log10Odds ?? 0) - Math.log10(tried * judged.x.length * finder.x.length);
    if (verified !== undefined && isBelieved(verified, log10Odds, config)) {
      const pairs = growPairs(verified, placed, createNearestFinder(template));
      return {
        method: 'guess',
        log10Odds,
        pairs: { science: pairs.science.map((k) => kept[k]!), template: pairs.template },
      };
    }
    if (reachPx >= config.guessTolerancePx) return undefined;
  }
}

/** The offset that most pairs of stars share: the fullest block of two by two cells, and the mean of its offsets. */
function voteOffset(science: StarPositions, template: StarPositions, reachPx: number): [number, number] {
  const cellPx = Math.max(1, reachPx / 100);
  const cells = 2 * Math.ceil(reachPx / cellPx) + 2;
  const counts = new Int32Array(cells * cells);
  const sums = [new Float64Array(cells * cells), new Float64Array(cells * cells)] as const;
  for (let k = 0; k < science.x.length; k++)
    for (let m = 0; m < template.x.length; m++) {
      const dx = template.x[m]! - science.x[k]!;
      const dy = template.y[m]! - science.y[k]!;
      if (dx * dx + dy * dy > reachPx * reachPx) continue;
      const at = Math.floor((dy + reachPx) / cellPx) * cells + Math.floor((dx + reachPx) / cellPx);
      counts[at]! += 1;
      sums[0][at]! += dx;
      sums[1][at]! += dy;
    }
  const blockOf = (values: Int32Array | Float64Array, at: number): number =>
    values[at]! + values[at + 1]! + values[at + cells]! + values[at + cells + 1]!;
  let [best, most] = [0, 0];
  for (let at = 0; at + cells + 1 < counts.length; at++) {
    const count = blockOf(counts, at);
    if (count > most) [best, most] = [at, count];
  }
  return most === 0 ? [0, 0] : [blockOf(sums[0], best) / most, blockOf(sums[1], best) / most];
}

function matchByFigures(
  science: StarPositions,
  template: StarPositions,
  config: MatchConfig,
): { found: StarMatch | undefined; tried: number; bestLog10Odds: number } {
  const limits: AlignmentLimits = { scaleRange: config.scaleRange, maxAxisRatio: config.maxAxisRatio };
  const finders = new Map<number, NearestFinder>();
  const finderOf = (count: number): NearestFinder => {
    const made = finders.get(count) ?? createNearestFinder(head(template, count));
    finders.set(count, made);
    return made;
  };
  let tried = 0;
  let bestLog10Odds = 0;
  const done = new Set<string>();
  for (const search of SEARCHES) {
    const scienceHead = head(science, search.science);
    const templateHead = head(template, search.template);
    const key = `${search.method} ${scienceHead.x.length} ${templateHead.x.length}`;
    if (done.has(key)) continue;
    done.add(key);
    const propose = search.method === 'quads' ? proposeByQuads : proposeByTriangles;
    const proposals: readonly Proposal[] = propose(scienceHead, templateHead, config);
    // Where one list is longer because its image is larger, only a part of it can fall on the other.
    const ratio = search.template / search.science;
    const tryOn = head(science, Math.round(config.judgedStars * Math.max(1, 1 / ratio)));
    const finder = finderOf(Math.round(config.judgedStars * Math.max(1, ratio)));
    // Likenesses of quads are few: they are tried on all stars at once.
    const trialStars = search.method === 'quads' ? tryOn.x.length : TRIAL_STARS * Math.max(1, 1 / ratio);
    const isWorthIt = createTrial(tryOn, finder, limits, trialStars);
    for (const proposal of proposals) {
      tried++;
      if (!isWorthIt(proposal)) continue;
      const verified = verifyProposal(proposal, tryOn, finder, limits);
      if (verified === undefined) continue;
      const log10Odds = verified.log10Odds - Math.log10(proposals.length + tried);
      bestLog10Odds = Math.max(bestLog10Odds, log10Odds);
      if (!isBelieved(verified, log10Odds, config)) continue;
      const pairs = growPairs(verified, science, createNearestFinder(template));
      return { found: { method: search.method, log10Odds, pairs }, tried, bestLog10Odds };
    }
  }
  return { found: undefined, tried, bestLog10Odds };
}

function isBelieved(verified: VerifiedAlignment, log10Odds: number, config: MatchConfig): boolean {
  return log10Odds >= config.minLog10Odds && verified.pairs.science.length >= config.minStars;
}

function head({ x, y }: StarPositions, count: number): StarPositions {
  return { x: x.subarray(0, count), y: y.subarray(0, count) };
}
