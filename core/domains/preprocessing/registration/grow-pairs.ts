import type { NearestFinder, StarPositions } from './find-nearest.ts';
import { evaluatePlaneAt, fitPlane } from './fit-plane.ts';
import {
  type IndexPairs,
  pairStars,
  pick,
  radiusOfChance,
  type VerifiedAlignment,
} from './verify-alignment.ts';

/** With so many pairs a polynomial has found all there are. */
const FEW_PAIRS = 400;
/** Pairs that tell where a star beside them lies. */
const NEIGHBOURS = 8;
const OUTWARD_ROUNDS = 8;

/**
 * Pair all stars, from those that verified the alignment: the map gains orders and the tolerance shrinks with the
 * scatter as pairs come in, so that distortion is followed outwards.
 */
export function growPairs(
  verified: VerifiedAlignment,
  science: StarPositions,
  template: NearestFinder,
): IndexPairs {
  let map = verified.map;
  // A map of few stars is off where there are none, but must not reach for strangers.
  const loosest = Math.max(1.5 * verified.tolerancePx, Math.min(8, radiusOfChance(0.02, template)));
  let tolerancePx = loosest;
  let pairs = verified.pairs;
  for (let round = 0; round < 10; round++) {
    const before = pairs;
    pairs = pairStars(map, science, template, () => tolerancePx).pairs;
    // The same pairs have the same map and scatter, and so the next round as well.
    if (round > 0 && isSame(before, pairs)) break;
    const count = pairs.science.length;
    const order = count >= 60 ? 3 : count >= 30 ? 2 : 1;
    const points = pick(science, template, pairs);
    const fitted = count >= 6 ? fitPlane(points, order) : undefined;
    if (fitted === undefined) break;
    map = fitted;
    const mapped = evaluatePlaneAt(map, points.x, points.y);
    const distances = Array.from(mapped.x, (x, k) =>
      Math.hypot(x - points.u[k]!, mapped.y[k]! - points.v[k]!),
    );
    // The median of a two-dimensional normal scatter is 1.18 sigma; four sigma keep what belongs.
    const scatter = distances.toSorted((a, b) => a - b)[distances.length >> 1]! / 1.18;
    tolerancePx = Math.min(loosest, Math.max(1, 4 * scatter));
  }
  return pairs.science.length < FEW_PAIRS ? growOutwards(pairs, science, template, loosest) : pairs;
}

function isSame(a: IndexPairs, b: IndexPairs): boolean {
  return (
    a.science.length === b.science.length &&
    a.science.every((star, k) => star === b.science[k] && a.template[k] === b.template[k])
  );
}

/**
 * Pair the stars that lie beyond the pairs, each by an affine map of the pairs nearest to it.
 *
 * A polynomial of few stars runs away where there are none, just where a lens bends most: there it would find nothing,
 * and be sure of itself.
 */
function growOutwards(
  start: IndexPairs,
  science: StarPositions,
  template: NearestFinder,
  tolerancePx: number,
): IndexPairs {
  const partners = new Map(start.science.map((star, k) => [star, start.template[k]!]));
  const taken = new Set(start.template);
  for (let round = 0; round < OUTWARD_ROUNDS && partners.size >= NEIGHBOURS; round++) {
    const known = [...partners];
    const points = pick(science, template, {
      science: known.map(([star]) => star),
      template: known.map(([, other]) => other),
    });
    const found: [number, number][] = [];
    for (let k = 0; k < science.x.length; k++) {
      if (partners.has(k)) continue;
      const [x, y] = [science.x[k]!, science.y[k]!];
      const nearest = Array.from(points.x.keys())
        .sort((a, b) => squareFrom(points, a, x, y) - squareFrom(points, b, x, y))
        .slice(0, NEIGHBOURS);
      const take = (values: Float64Array): Float64Array => Float64Array.from(nearest, (at) => values[at]!);
      const local = { x: take(points.x), y: take(points.y), u: take(points.u), v: take(points.v) };
      const plane = fitPlane(local, 1);
      if (plane === undefined) continue;
      const at = evaluatePlaneAt(plane, Float64Array.of(x), Float64Array.of(y));
      const other = template.nearest(at.x[0]!, at.y[0]!, tolerancePx);
      if (other >= 0 && !taken.has(other)) {
        taken.add(other);
        found.push([k, other]);
      }
    }
    for (const [star, other] of found) partners.set(star, other);
    if (found.length === 0) break;
  }
  const pairs = [...partners].sort((a, b) => a[0] - b[0]);
  return { science: pairs.map(([star]) => star), template: pairs.map(([, other]) => other) };
}

function squareFrom({ x, y }: StarPositions, k: number, x0: number, y0: number): number {
  return (x[k]! - x0) ** 2 + (y[k]! - y0) ** 2;
}
