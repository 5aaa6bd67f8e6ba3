import { mapPixels, type PixelMap } from '../../core/domains/preprocessing/index.ts';
import { fitPlane } from '../../core/domains/preprocessing/registration/fit-plane.ts';
import { makeMaskPlane, makePlane } from '../../core/kernels/index.ts';
import type { DistortedPair, View } from './distorted-pair.ts';

/** Lattice points on both images: science x and y, and the template's. */
function latticeOf({
  science,
  template,
  truth,
}: DistortedPair): (readonly [number, number, number, number])[] {
  const nodes = 41;
  return Array.from({ length: nodes ** 2 }, (_, k) => {
    const x = ((k % nodes) / (nodes - 1)) * (science.width - 1);
    const y = (Math.floor(k / nodes) / (nodes - 1)) * (science.height - 1);
    return [x, y, ...truth(x, y)] as const;
  }).filter(([, , u, v]) => u > -0.5 && v > -0.5 && u < template.width - 0.5 && v < template.height - 0.5);
}

/** Two-dimensional rms of a map over the lattice of science pixels that truly fall on the template, px. */
export function measureError(map: PixelMap, pair: DistortedPair): number {
  const points = latticeOf(pair);
  const mapped = mapPixels(
    map,
    Float64Array.from(points, ([x]) => x),
    Float64Array.from(points, ([, y]) => y),
  );
  const squares = points.map(([, , u, v], k) => (mapped.x[k]! - u) ** 2 + (mapped.y[k]! - v) ** 2);
  return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length);
}

/** Error of the best polynomial that the true pairs and their errors allow, its order chosen by the truth. */
export function fitBestPolynomial(pair: DistortedPair): { readonly bestPx: number; readonly common: number } {
  const { science, template } = pair;
  const placeOf = new Map(template.stars.flatMap((star, k) => (star < 0 ? [] : [[star, k] as const])));
  const pairs = science.stars.flatMap((star, k) => {
    const other = placeOf.get(star);
    return star < 0 || other === undefined ? [] : [[science.sources[k]!, template.sources[other]!] as const];
  });
  const points = {
    x: Float64Array.from(pairs, ([from]) => from.xPx),
    y: Float64Array.from(pairs, ([from]) => from.yPx),
    u: Float64Array.from(pairs, ([, to]) => to.xPx),
    v: Float64Array.from(pairs, ([, to]) => to.yPx),
  };
  const weights = Float64Array.from(
    pairs,
    ([from, to]) => 1 / ((from.fwhmPx / from.snr) ** 2 + (to.fwhmPx / to.snr) ** 2 + 0.03 ** 2),
  );
  let bestPx = Number.POSITIVE_INFINITY;
  for (let order = 1; order <= 6; order++) {
    const plane = fitPlane(points, order, weights);
    if (plane !== undefined) bestPx = Math.min(bestPx, measureError({ kind: 'polynomial', plane }, pair));
  }
  return { bestPx, common: pairs.length };
}

/** Source lists as an exposure; registering reads no pixel. */
export function toExposure(name: string, { width, height, sources, wcs }: View) {
  return {
    name,
    header: [],
    facts: { gainEPerAdu: 1, readNoiseE: 5, notes: [] },
    wcs,
    science: makePlane(width, height),
    variance: makePlane(1, 1),
    mask: makeMaskPlane(1, 1),
    backgroundE: 100,
    backgroundRmsE: 10,
    fwhmPx: 3,
    sources,
    metrics: {},
    notes: [],
  };
}
