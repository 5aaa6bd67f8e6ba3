import {
  type AlignmentLimits,
  createNearestFinder,
  createTrial,
  type PlaneMap,
  proposeByQuads,
  proposeByTriangles,
  type StarPositions,
  verifyProposal,
  weighAlignment,
} from '../../preprocessing/index.ts';
import type { AstrometryConfig } from './config.ts';

/** An alignment of an image with a plane of reference stars. */
export interface FieldMatch {
  /** Image pixels to the plane. */
  readonly map: PlaneMap;
  readonly log10Odds: number;
}

/** What a search tried; `found` only when it was believed. */
export interface FieldSearch {
  readonly found: FieldMatch | undefined;
  readonly tried: number;
  readonly bestLog10Odds: number;
}

/** Figures of one search: so many image stars, and so many times their density of reference stars. */
const SEARCHES = [
  { propose: proposeByQuads, stars: 40, depth: 1 },
  { propose: proposeByQuads, stars: 40, depth: 2 },
  { propose: proposeByQuads, stars: 80, depth: 0.6 },
  { propose: proposeByQuads, stars: 120, depth: 1.2 },
  { propose: proposeByTriangles, stars: 16, depth: 1.2 },
  { propose: proposeByQuads, stars: 25, depth: 4 },
  { propose: proposeByQuads, stars: 150, depth: 0.3 },
] as const;

/** Most reference stars whose figures are made: their number grows with it, and chance with its square. */
const MOST_FIGURED = { quads: 700, triangles: 45 } as const;
const TRIAL_STARS = 60;

/**
 * Recognise an image's stars among reference stars on a plane, whatever the rotation and handedness.
 *
 * Figures of neighbouring stars propose alignments within the limits of scale; each is judged by the probability
 * that so many stars fall together by chance, times the number of alignments tried.
 *
 * @param image positions, brightest first, px.
 * @param plane reference stars, brightest first, in units near to the image's pixels.
 * @param areaRatio area of the plane's stars over that of the image, in the plane's units.
 * @see Lang et al. 2010, AJ 139, 1782
 */
export function matchField(
  image: StarPositions,
  plane: StarPositions,
  areaRatio: number,
  limits: AlignmentLimits,
  config: AstrometryConfig,
): FieldSearch {
  let tried = 0;
  let bestLog10Odds = 0;
  const done = new Set<string>();
  const judged = head(image, config.judgedStars);
  const finder = createNearestFinder(head(plane, Math.round(config.judgedStars * areaRatio * 1.2)));
  for (const { propose, stars, depth } of SEARCHES) {
    const isQuads = propose === proposeByQuads;
    const most = isQuads ? MOST_FIGURED.quads : MOST_FIGURED.triangles;
    const imageHead = head(image, stars);
    const planeHead = head(plane, Math.min(most, Math.ceil(imageHead.x.length * areaRatio * depth)));
    const key = `${isQuads} ${imageHead.x.length} ${planeHead.x.length}`;
    if (done.has(key)) continue;
    done.add(key);
    const proposals = propose(imageHead, planeHead, {
      scaleRange: limits.scaleRange,
      maxProposals: config.maxProposals,
    });
    const isWorthIt = createTrial(judged, finder, limits, TRIAL_STARS);
    for (const proposal of proposals) {
      tried++;
      if (!isWorthIt(proposal)) continue;
      const verified = verifyProposal(proposal, judged, finder, limits);
      if (verified === undefined) continue;
      const log10Odds = verified.log10Odds - Math.log10(proposals.length + tried);
      bestLog10Odds = Math.max(bestLog10Odds, log10Odds);
      if (log10Odds < config.minLog10Odds || verified.pairs.science.length < config.minStars) continue;
      return { found: { map: verified.map, log10Odds }, tried, bestLog10Odds };
    }
  }
  return { found: undefined, tried, bestLog10Odds };
}

/**
 * Ask the stars whether an image lies where its header says.
 *
 * @param plane reference stars at the pixels where the header puts them, brightest first.
 * @returns `undefined` when the stars do not bear it out.
 */
export function confirmField(
  image: StarPositions,
  plane: StarPositions,
  config: AstrometryConfig,
): FieldMatch | undefined {
  const identity: PlaneMap = {
    order: 1,
    xMid: 0,
    yMid: 0,
    scalePx: 1,
    xCoefficients: [0, 1, 0],
    yCoefficients: [0, 0, 1],
  };
  const limits = { scaleRange: [0.97, 1.03] as const, maxAxisRatio: 1.05 };
  const finder = createNearestFinder(head(plane, 2 * config.judgedStars));
  const verified = weighAlignment(identity, head(image, config.judgedStars), finder, limits);
  if (verified === undefined || verified.pairs.science.length < config.minStars) return undefined;
  return verified.log10Odds < config.minLog10Odds ? undefined : verified;
}

function head({ x, y }: StarPositions, count: number): StarPositions {
  return { x: x.subarray(0, count), y: y.subarray(0, count) };
}
