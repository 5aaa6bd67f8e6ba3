import type { PlaneMap } from '../model.ts';
import type { NearestFinder, StarPositions } from './find-nearest.ts';
import { type Correspondences, evaluatePlaneAt, fitPlane, fitSimilarity, linearPart } from './fit-plane.ts';
import type { Proposal } from './propose-alignments.ts';

/** Stars that go together: indices into the two lists. */
export interface IndexPairs {
  readonly science: readonly number[];
  readonly template: readonly number[];
}

/** An alignment with the stars that speak for it. */
export interface VerifiedAlignment {
  /** Science to template. */
  readonly map: PlaneMap;
  readonly pairs: IndexPairs;
  readonly tolerancePx: number;
  /** log10 of one over the probability that so many stars fall together by chance. */
  readonly log10Odds: number;
}

/** What an alignment must be like. */
export interface AlignmentLimits {
  readonly scaleRange: readonly [number, number];
  /** Largest ratio of the map's two axes: pixels that are not square, refraction. */
  readonly maxAxisRatio: number;
}

/** A figure of three or four stars fits by construction; only what comes on top counts. */
const FREE_PAIRS = 3;
const TOLERANCES_PX = [0.7, 1, 1.5, 2.2, 3.3, 5, 7.5, 11];
/** After so many stars on the template's field a trial without success is given up. */
const EARLY_STARS = 16;
/** log10 of one over the share of wrong proposals that may pass the trial: one in thirty by Chernoff's bound. */
const TRIAL_SURPRISE = 1.4;
/** Chance coincidences allowed where the tolerance is loosest, and in the trial: one star in twenty. */
const LOOSE_CHANCE = 0.05;

/**
 * Make a quick test for proposals: do enough of the brightest stars fall near stars?
 *
 * Hundreds of thousands of proposals are tried, nearly all of them wrong: the template's surroundings are drawn on
 * a raster once, so that a proposal costs one look-up a star.
 *
 * @param count how many of the brightest science stars take part.
 */
export function createTrial(
  science: StarPositions,
  template: NearestFinder,
  { scaleRange }: AlignmentLimits,
  count: number,
): (proposal: Proposal) => boolean {
  const n = Math.min(count, science.x.length);
  const radius = Math.max(2, radiusOfChance(LOOSE_CHANCE, template));
  const cell = radius / 4;
  const raster = drawSurroundings(template, radius, cell);
  const covered = chanceOfCover(raster, template, radius, cell);
  return ({ science: figure, template: other, isFlipped }) => {
    // Plain variables: taking arrays apart costs more than the arithmetic here.
    let xMid = 0;
    let yMid = 0;
    let uMid = 0;
    let vMid = 0;
    for (let k = 0; k < figure.length; k++) {
      xMid += science.x[figure[k]!]! / figure.length;
      yMid += science.y[figure[k]!]! / figure.length;
      uMid += template.x[other[k]!]! / figure.length;
      vMid += template.y[other[k]!]! / figure.length;
    }
    const flip = isFlipped ? -1 : 1;
    let along = 0;
    let across = 0;
    let size = 0;
    for (let k = 0; k < figure.length; k++) {
      const dx = science.x[figure[k]!]! - xMid;
      const dy = flip * (science.y[figure[k]!]! - yMid);
      const du = template.x[other[k]!]! - uMid;
      const dv = template.y[other[k]!]! - vMid;
      along += dx * du + dy * dv;
      across += dx * dv - dy * du;
      size += dx * dx + dy * dy;
    }
    const p = along / size;
    const q = across / size;
    const scale = Math.sqrt(p * p + q * q);
    if (!(scale >= scaleRange[0] && scale <= scaleRange[1])) return false;
    let tried = 0;
    let matched = 0;
    for (let k = 0; k < n; k++) {
      const dx = science.x[k]! - xMid;
      const dy = flip * (science.y[k]! - yMid);
      const column = Math.floor((p * dx - q * dy + uMid - raster.x0) / cell);
      const row = Math.floor((q * dx + p * dy + vMid - raster.y0) / cell);
      if (column < 0 || row < 0 || column >= raster.columns || row >= raster.rows) continue;
      tried++;
      matched += raster.data[row * raster.columns + column]!;
      if (tried === EARLY_STARS && matched <= 1 + EARLY_STARS * covered) return false;
    }
    return log10Surprise(matched - FREE_PAIRS, tried - FREE_PAIRS, covered) >= TRIAL_SURPRISE;
  };
}

/** Share of places near the stars, but not at them, that are covered: the chance of a cluster is that of its core. */
function chanceOfCover(
  { data, columns, rows, x0, y0 }: Raster,
  { x, y }: NearestFinder,
  radius: number,
  cell: number,
): number {
  let covered = 0;
  let tried = 0;
  for (let side = 0; side < 8; side++) {
    const [dx, dy] = [
      3 * radius * Math.cos((side * Math.PI) / 4),
      3 * radius * Math.sin((side * Math.PI) / 4),
    ];
    for (let k = 0; k < x.length; k++) {
      const column = Math.floor((x[k]! + dx - x0) / cell);
      const row = Math.floor((y[k]! + dy - y0) / cell);
      if (column < 0 || row < 0 || column >= columns || row >= rows) continue;
      tried++;
      covered += data[row * columns + column]!;
    }
  }
  return covered / Math.max(1, tried);
}

interface Raster {
  readonly data: Uint8Array;
  readonly columns: number;
  readonly rows: number;
  readonly x0: number;
  readonly y0: number;
}

/** Cells within `radius` of a star are 1, others 0. */
function drawSurroundings(template: NearestFinder, radius: number, cell: number): Raster {
  const [x0, y0] = [template.xMin - radius, template.yMin - radius];
  const columns = Math.ceil((template.xMax - template.xMin + 2 * radius) / cell) + 1;
  const rows = Math.ceil((template.yMax - template.yMin + 2 * radius) / cell) + 1;
  const data = new Uint8Array(columns * rows);
  const reach = Math.ceil(radius / cell);
  for (let k = 0; k < template.x.length; k++) {
    const column = Math.floor((template.x[k]! - x0) / cell);
    const row = Math.floor((template.y[k]! - y0) / cell);
    for (let j = Math.max(0, row - reach); j <= Math.min(rows - 1, row + reach); j++)
      for (let i = Math.max(0, column - reach); i <= Math.min(columns - 1, column + reach); i++)
        if ((i - column) ** 2 + (j - row) ** 2 <= reach * reach) data[j * columns + i] = 1;
  }
  return { data, columns, rows, x0, y0 };
}

/**
 * Verify a proposal that passed its trial, by pairing stars outwards from it.
 *
 * The first map, from three or four stars, is uncertain far from them: the tolerance grows with the distance, up
 * to where one star in twenty would meet another by chance. Stars found so refine the map, and the tolerance
 * shrinks; then the most telling tolerance decides.
 *
 * @param science stars, brightest first.
 * @returns `undefined` when the proposal is not worth more than chance.
 */
export function verifyProposal(
  proposal: Proposal,
  science: StarPositions,
  template: NearestFinder,
  limits: AlignmentLimits,
): VerifiedAlignment | undefined {
  let map = fitSimilarity(pick(science, template, proposal), proposal.isFlipped);
  if (map === undefined) return undefined;
  const { xMid, yMid } = map;
  const loosest = radiusOfChance(LOOSE_CHANCE, template);
  for (const growth of [0.01, 0.004, 0.002, 0.001]) {
    const tolerance = (x: number, y: number): number =>
      Math.min(loosest, 2 + growth * Math.hypot(x - xMid, y - yMid));
    const { pairs, tried, expected } = pairStars(map, science, template, tolerance);
    const surplus = log10Surprise(pairs.science.length - FREE_PAIRS, tried - FREE_PAIRS, expected / tried);
    if (!(surplus >= TRIAL_SURPRISE)) return undefined;
    const refined = fitPairs(science, template, pairs, proposal.isFlipped);
    if (refined === undefined || !isSound(refined, limits)) return undefined;
    map = refined;
  }
  return weighAlignment(map, science, template, limits);
}

/**
 * Weigh an alignment: refine it at several tolerances and keep the one that chance explains worst.
 *
 * The chance of one coincidence is taken from the stars' mean density and, because stars cluster, from how many
 * fall together when the same alignment is shifted by a few tolerances to eight sides: the greater counts.
 */
export function weighAlignment(
  start: PlaneMap,
  science: StarPositions,
  template: NearestFinder,
  limits: AlignmentLimits,
): VerifiedAlignment | undefined {
  const loosest = radiusOfChance(LOOSE_CHANCE, template);
  const [a, b, c, d] = linearPart(start);
  const isFlipped = a * d - b * c < 0;
  let best: VerifiedAlignment | undefined;
  let map = start;
  for (const tolerancePx of TOLERANCES_PX.filter((value) => value <= Math.max(loosest, 1)).reverse()) {
    const found = pairStars(map, science, template, () => tolerancePx);
    const refined = fitPairs(science, template, found.pairs, isFlipped);
    if (refined === undefined || !isSound(refined, limits)) continue;
    map = refined;
    const { pairs, tried } = pairStars(map, science, template, () => tolerancePx);
    const matched = pairs.science.length;
    const chance = chanceOfOne(tolerancePx, template);
    let log10Odds = log10Surprise(matched - FREE_PAIRS, tried - FREE_PAIRS, chance);
    if (log10Odds <= (best?.log10Odds ?? 0)) continue;
    const shifted = shiftedChance(map, science, template, tolerancePx);
    log10Odds = log10Surprise(matched - FREE_PAIRS, tried - FREE_PAIRS, Math.max(chance, shifted));
    if (log10Odds > (best?.log10Odds ?? 0)) best = { map, pairs, tolerancePx, log10Odds };
  }
  return best;
}

/**
 * Pair each mapped star with its nearest template star within a tolerance, each template star once.
 *
 * @returns the pairs, how many stars fell on the template's field, and how many pairs chance would give.
 */
export function pairStars(
  map: PlaneMap,
  science: StarPositions,
  template: NearestFinder,
  tolerance: (x: number, y: number) => number,
): { readonly pairs: IndexPairs; readonly tried: number; readonly expected: number } {
  const mapped = evaluatePlaneAt(map, science.x, science.y);
  const taken = new Map<number, { star: number; square: number }>();
  let tried = 0;
  let expected = 0;
  for (let k = 0; k < mapped.x.length; k++) {
    const x = mapped.x[k]!;
    const y = mapped.y[k]!;
    const radius = tolerance(science.x[k]!, science.y[k]!);
    // The outermost star may be mapped a little outside of itself.
    if (x < template.xMin - radius || x > template.xMax + radius) continue;
    if (y < template.yMin - radius || y > template.yMax + radius) continue;
    tried++;
    expected += chanceOfOne(radius, template);
    const found = template.nearest(x, y, radius);
    if (found < 0) continue;
    const square = (template.x[found]! - x) ** 2 + (template.y[found]! - y) ** 2;
    const rival = taken.get(found);
    if (rival === undefined || square < rival.square) taken.set(found, { star: k, square });
  }
  const entries = [...taken].sort((first, second) => first[1].star - second[1].star);
  return {
    pairs: { science: entries.map(([, { star }]) => star), template: entries.map(([found]) => found) },
    tried,
    expected,
  };
}

/** Gather the positions of pairs. */
export function pick(science: StarPositions, template: StarPositions, pairs: IndexPairs): Correspondences {
  return {
    x: gather(science.x, pairs.science),
    y: gather(science.y, pairs.science),
    u: gather(template.x, pairs.template),
    v: gather(template.y, pairs.template),
  };
}

/** `Float64Array.from` walks an iterator, at several times the cost. */
function gather(values: Float64Array, indices: readonly number[]): Float64Array {
  const gathered = new Float64Array(indices.length);
  for (let at = 0; at < indices.length; at++) gathered[at] = values[indices[at]!]!;
  return gathered;
}

/** An affine map where the stars allow it, else a similarity; the farthest outliers are left out of a second fit. */
function fitPairs(
  science: StarPositions,
  template: StarPositions,
  pairs: IndexPairs,
  isFlipped: boolean,
): PlaneMap | undefined {
  const solve = (points: Correspondences): PlaneMap | undefined =>
    points.x.length >= 6 ? fitPlane(points, 1) : fitSimilarity(points, isFlipped);
  const all = pick(science, template, pairs);
  const first = all.x.length >= 3 ? solve(all) : undefined;
  if (first === undefined) return undefined;
  const mapped = evaluatePlaneAt(first, all.x, all.y);
  const distances = Array.from(mapped.x, (x, k) => Math.hypot(x - all.u[k]!, mapped.y[k]! - all.v[k]!));
  const limit = Math.max(0.3, 3 * distances.toSorted((p, q) => p - q)[distances.length >> 1]!);
  const kept = distances.flatMap((distance, k) => (distance <= limit ? [k] : []));
  const take = (values: readonly number[]): number[] => kept.map((k) => values[k]!);
  return (
    solve(pick(science, template, { science: take(pairs.science), template: take(pairs.template) })) ?? first
  );
}

function isSound(map: PlaneMap, { scaleRange, maxAxisRatio }: AlignmentLimits): boolean {
  const [a, b, c, d] = linearPart(map);
  const scale = Math.sqrt(Math.abs(a * d - b * c));
  // Singular values of a 2 x 2 matrix from its trace of squares and determinant.
  const squares = a * a + b * b + c * c + d * d;
  const sum = Math.sqrt(squares + 2 * scale * scale);
  const difference = Math.sqrt(Math.max(0, squares - 2 * scale * scale));
  const axisRatio = (sum + difference) / (sum - difference);
  return scale >= scaleRange[0] && scale <= scaleRange[1] && axisRatio <= maxAxisRatio;
}

/** Chernoff's bound on log10 of 1 / P(at least `matched` of `tried` by a chance of `chance` each). */
function log10Surprise(matched: number, tried: number, chance: number): number {
  if (matched <= 0 || tried <= 0) return 0;
  const share = Math.min(1, matched / tried);
  if (share <= chance) return 0;
  const miss = share < 1 ? (1 - share) * Math.log((1 - share) / (1 - chance)) : 0;
  return (tried * (share * Math.log(share / chance) + miss)) / Math.LN10;
}

function chanceOfOne(radius: number, { density }: NearestFinder): number {
  return -Math.expm1(-Math.PI * density * radius * radius);
}

function shiftedChance(
  map: PlaneMap,
  science: StarPositions,
  template: NearestFinder,
  tolerance: number,
): number {
  const reach = 4 * tolerance + 6;
  let matched = 0;
  let tried = 0;
  for (let side = 0; side < 8; side++) {
    const angle = (side * Math.PI) / 4;
    const [dx, dy] = [reach * Math.cos(angle), reach * Math.sin(angle)];
    const shifted: PlaneMap = {
      ...map,
      xCoefficients: [map.xCoefficients[0]! + dx, ...map.xCoefficients.slice(1)],
      yCoefficients: [map.yCoefficients[0]! + dy, ...map.yCoefficients.slice(1)],
    };
    const found = pairStars(shifted, science, template, () => tolerance);
    matched += found.pairs.science.length;
    tried += found.tried;
  }
  // One or two are what the mean density gives now and then.
  return matched < 3 ? 0 : Math.min(0.999, matched / tried);
}

/** Radius within which a point has a star by such a chance. */
export function radiusOfChance(chance: number, { density }: NearestFinder): number {
  return Math.sqrt(-Math.log1p(-chance) / (Math.PI * density));
}
