import { makeMaskPlane, makePlane } from '../../../kernels/index.ts';
import { type Box, UNUSABLE } from '../../observations/index.ts';
import type { Difference, ScienceResponse } from '../model.ts';
import { type GridWeights, makeGridWeights } from './make-grid-weights.ts';

/** One engine's difference and the cells of the image that it is taken for. */
export interface BlendPart {
  readonly difference: Difference;
  /** Indices into the grid's cells, row by row. */
  readonly cells: readonly number[];
}

/** Half the width over which one difference passes into the other, px. */
const RAMP_PX = 16;
/** Pixels with more than this score do not tell how the noise of two differences goes together, sigma. */
const QUIET = 4;
const SAMPLES = 100_000;

/**
 * Join the differences that several engines made of one pair.
 *
 * Each has unit noise of its own. At the borders of cells one passes linearly into the other; as both hold nearly the
 * same noise, the sum's variance takes their measured correlation into account, so that S_corr has unit noise there too
 * and no seam.
 *
 * @param parts the first is the champion: flux ratio, image PSFs, metrics and grade are its.
 * @param columns, rows edges of the grid's cells, px: first 0, last the image's size.
 */
export function blendDifferences(
  parts: readonly BlendPart[],
  columns: readonly number[],
  rows: readonly number[],
): Difference {
  const champion = parts[0].difference;
  const { width, height } = champion.difference;
  const owner = new Int32Array((columns.length - 1) * (rows.length - 1));
  parts.forEach(({ cells }, part) => {
    for (const cell of cells) owner[cell] = part;
  });
  const scoreCorrelation = correlate(parts, ({ score }, k) => score.data[k]);
  const pixelCorrelation = correlate(
    parts,
    ({ difference, variance }, k) => difference.data[k] / Math.sqrt(variance.data[k]),
  );
  const across = makeGridWeights(columns, RAMP_PX);
  const along = makeGridWeights(rows, RAMP_PX);
  const plane = () => makePlane(width, height);
  const out = {
    difference: plane(),
    variance: plane(),
    score: plane(),
    flux: plane(),
    fluxErr: plane(),
    mask: makeMaskPlane(width, height),
  };
  const weights = new Float64Array(parts.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const k = y * width + x;
      weighParts(weights, owner, across, along, x, y);
      const single = weights.indexOf(1);
      if (single >= 0) {
        const { difference: one } = parts[single];
        out.difference.data[k] = one.difference.data[k];
        out.variance.data[k] = one.variance.data[k];
        out.score.data[k] = one.score.data[k];
        out.flux.data[k] = one.flux.data[k];
        out.fluxErr.data[k] = one.fluxErr.data[k];
        out.mask.data[k] = one.mask.data[k];
        continue;
      }
      let change = 0;
      let flux = 0;
      parts.forEach(({ difference }, p) => {
        change += weights[p] * difference.difference.data[k];
        flux += weights[p] * difference.flux.data[k];
        if (weights[p] > 0) out.mask.data[k] |= difference.mask.data[k];
      });
      out.difference.data[k] = change;
      out.variance.data[k] = jointVariance(weights, pixelCorrelation, (p) =>
        Math.sqrt(parts[p].difference.variance.data[k]),
      );
      out.fluxErr.data[k] = Math.sqrt(
        jointVariance(weights, scoreCorrelation, (p) => parts[p].difference.fluxErr.data[k]),
      );
      out.score.data[k] = flux / out.fluxErr.data[k];
      out.flux.data[k] = out.score.data[k] * out.fluxErr.data[k];
    }
  }
  const boxes = parts.map(({ cells }) => cells.map((cell) => boxOf(cell, columns, rows)));
  return {
    ...champion,
    ...out,
    psf: {
      ...champion.psf,
      patches: parts.flatMap(({ difference }, p) =>
        p === 0 ? [] : boxes[p].map((box) => ({ ...box, psf: difference.psf })),
      ),
    },
    responses: parts.flatMap(({ difference }, p) =>
      difference.responses.flatMap((response) => boxes[p].flatMap((box) => cropResponse(response, box))),
    ),
  };
}

/** Share of each part at a pixel; they sum to one. */
function weighParts(
  weights: Float64Array,
  owner: Int32Array,
  across: GridWeights,
  along: GridWeights,
  x: number,
  y: number,
): void {
  weights.fill(0);
  const columnCount = across.count;
  for (let j = 0; j < 2; j++) {
    const wy = j === 0 ? along.weight[y] : 1 - along.weight[y];
    if (wy === 0) continue;
    for (let i = 0; i < 2; i++) {
      const wx = i === 0 ? across.weight[x] : 1 - across.weight[x];
      if (wx === 0) continue;
      const cell = (along.first[y] + j) * columnCount + across.first[x] + i;
      weights[owner[cell]] += wx * wy;
    }
  }
  // Four quarters of one part are that part, whatever rounding says.
  for (let p = 0; p < weights.length; p++) if (weights[p] > 1 - 1e-9) weights[p] = 1;
}

/** Variance of a weighted sum of correlated numbers. */
function jointVariance(
  weights: Float64Array,
  correlation: readonly (readonly number[])[],
  sigmaOf: (part: number) => number,
): number {
  let sum = 0;
  for (let p = 0; p < weights.length; p++) {
    for (let q = 0; q < weights.length; q++) {
      if (weights[p] === 0 || weights[q] === 0) continue;
      sum += weights[p] * weights[q] * correlation[p][q] * sigmaOf(p) * sigmaOf(q);
    }
  }
  return sum;
}

/** Measure how the noise of every two parts goes together, on quiet sky. */
function correlate(
  parts: readonly BlendPart[],
  pullOf: (difference: Difference, k: number) => number,
): readonly (readonly number[])[] {
  const { mask } = parts[0].difference;
  const step = Math.max(1, Math.floor(mask.data.length / SAMPLES)) | 1;
  return parts.map((a) =>
    parts.map((b) => {
      if (a === b) return 1;
      let count = 0;
      let meanA = 0;
      let meanB = 0;
      let ab = 0;
      let aa = 0;
      let bb = 0;
      for (let k = 0; k < mask.data.length; k += step) {
        const bits = a.difference.mask.data[k] | b.difference.mask.data[k];
        const pa = pullOf(a.difference, k);
        const pb = pullOf(b.difference, k);
        if ((bits & UNUSABLE) !== 0 || !(Math.abs(pa) < QUIET) || !(Math.abs(pb) < QUIET)) continue;
        count++;
        const fromA = pa - meanA;
        const fromB = pb - meanB;
        meanA += fromA / count;
        meanB += fromB / count;
        ab += fromA * (pb - meanB);
        aa += fromA * (pa - meanA);
        bb += fromB * (pb - meanB);
      }
      return aa > 0 && bb > 0 ? Math.max(0, ab / Math.sqrt(aa * bb)) : 0;
    }),
  );
}

function boxOf(cell: number, columns: readonly number[], rows: readonly number[]): Box {
  const i = cell % (columns.length - 1);
  const j = Math.floor(cell / (columns.length - 1));
  return {
    x: columns[i],
    y: rows[j],
    width: columns[i + 1] - columns[i],
    height: rows[j + 1] - rows[j],
  };
}

/** The part of a response that lies in a box, if any. */
function cropResponse(response: ScienceResponse, box: Box): readonly ScienceResponse[] {
  const x = Math.max(response.x, box.x);
  const y = Math.max(response.y, box.y);
  const width = Math.min(response.x + response.width, box.x + box.width) - x;
  const height = Math.min(response.y + response.height, box.y + box.height) - y;
  return width > 0 && height > 0 ? [{ ...response, x, y, width, height }] : [];
}
