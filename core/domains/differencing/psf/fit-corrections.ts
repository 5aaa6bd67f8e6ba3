import { solveCholesky } from '../solve-linear.ts';
import type { StarFit, StarStamp } from './fit-star.ts';
import { drawPsf, evaluateCorrections, type PsfModel } from './psf-model.ts';
import { countTerms, evaluateTerms } from './psf-polynomial.ts';
import { shiftStamp } from './shift-stamp.ts';

/** What one star says of the correction table: wanted values and their weights, on the profile's own grid. */
export interface StarEvidence {
  readonly x: number;
  readonly y: number;
  readonly wanted: Float64Array;
  /** 1 / variance; 0 where the star has no good pixel. */
  readonly weight: Float64Array;
}

const CLIP_SIGMA = 4;
const CLIP_ROUNDS = 3;

/**
 * Compare one star with the model and write down which correction would make it agree.
 *
 * @param stamp the star alone; same size as the model.
 */
export function collectEvidence(
  model: PsfModel,
  stamp: StarStamp,
  fit: StarFit,
  modelError: number,
): StarEvidence {
  const { size } = model;
  const profile = drawPsf(model, fit.x, fit.y, size);
  const residual = new Float64Array(size * size);
  const bad = new Float64Array(size * size);
  for (let k = 0; k < residual.length; k++) {
    if (stamp.variance[k] === Number.POSITIVE_INFINITY) bad[k] = 1;
    else residual[k] = (stamp.data[k] - fit.background) / fit.flux - profile[k];
  }
  const dx = fit.x - stamp.xMid;
  const dy = fit.y - stamp.yMid;
  const wanted = new Float64Array(size * size);
  const known = new Float64Array(size * size);
  const badShare = new Float64Array(size * size);
  shiftStamp(residual, size, -dx, -dy, wanted);
  shiftStamp(bad, size, -dx, -dy, badShare);
  evaluateCorrections(model, fit.x, fit.y, known);
  const weight = new Float64Array(size * size);
  for (let k = 0; k < wanted.length; k++) {
    wanted[k] += known[k];
    // A grid point leans on its neighbours through the interpolation; one bad pixel of weight 0.05 spoils it.
    if (bad[k] === 0 && Math.abs(badShare[k]) < 0.05) {
      weight[k] = 1 / (stamp.variance[k] / fit.flux ** 2 + (modelError * profile[k]) ** 2);
    }
  }
  return { x: fit.x, y: fit.y, wanted, weight };
}

/**
 * Fit a polynomial in the position to each pixel of the correction table.
 *
 * Pixels of single stars that disagree by more than four sigma (neighbours nobody detected, cosmic rays) are
 * left out. What cannot be told from noise is shrunk ring by ring, and beyond 2.5 FWHM the table fades into
 * the Moffat's wings.
 *
 * @returns one stamp (size, size) for each polynomial term.
 * @see James & Stein 1961 (shrinkage)
 */
export function fitCorrections(
  model: PsfModel,
  evidence: readonly StarEvidence[],
  degree: number,
): Float64Array[] {
  const pixels = model.size * model.size;
  const count = countTerms(degree);
  const terms = evidence.map((star) =>
    evaluateTerms(degree, star.x, star.y, model.imageWidth, model.imageHeight),
  );
  const tables = Array.from({ length: count }, () => new Float64Array(pixels));
  const errors = Array.from({ length: count }, () => new Float64Array(pixels));
  const half = (model.size - 1) / 2;
  const reach = 3.5 * model.fwhmPx;
  for (let k = 0; k < pixels; k++) {
    const radius = Math.hypot((k % model.size) - half, Math.floor(k / model.size) - half);
    if (radius > reach) continue;
    const solution = fitPixel(evidence, terms, k, count);
    if (!solution) continue;
    for (let t = 0; t < count; t++) {
      tables[t][k] = solution.values[t];
      errors[t][k] = solution.variances[t];
    }
  }
  for (let t = 0; t < count; t++) shrinkRings(tables[t], errors[t], model);
  return tables;
}

function fitPixel(
  evidence: readonly StarEvidence[],
  terms: readonly Float64Array[],
  pixel: number,
  count: number,
): { values: Float64Array; variances: Float64Array } | undefined {
  const kept = new Uint8Array(evidence.length).fill(1);
  let values: Float64Array | undefined;
  let variances = new Float64Array(count);
  for (let round = 0; round < CLIP_ROUNDS; round++) {
    const normal = new Float64Array(count * count);
    const right = new Float64Array(count);
    for (let s = 0; s < evidence.length; s++) {
      const weight = evidence[s].weight[pixel];
      if (kept[s] === 0 || weight === 0) continue;
      const term = terms[s];
      for (let a = 0; a < count; a++) {
        right[a] += weight * term[a] * evidence[s].wanted[pixel];
        for (let b = 0; b < count; b++) normal[a * count + b] += weight * term[a] * term[b];
      }
    }
    const solved = solveCholesky(normal, right);
    if (!solved) return values && { values, variances };
    values = solved;
    variances = invertDiagonal(normal, count);
    if (round === CLIP_ROUNDS - 1) break;
    const pulls: number[] = evidence.map((star, s) =>
      star.weight[pixel] > 0
        ? (star.wanted[pixel] - dot(terms[s], solved)) * Math.sqrt(star.weight[pixel])
        : Number.NaN,
    );
    const sizes = pulls.filter((pull) => !Number.isNaN(pull)).map(Math.abs);
    sizes.sort((a, b) => a - b);
    const sigma = Math.max(1, 1.4826 * sizes[sizes.length >> 1]);
    pulls.forEach((pull, s) => {
      kept[s] = Math.abs(pull) <= CLIP_SIGMA * sigma ? 1 : 0;
    });
  }
  return values && { values, variances };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

function invertDiagonal(normal: Float64Array, count: number): Float64Array<ArrayBuffer> {
  const diagonal = new Float64Array(count);
  for (let a = 0; a < count; a++) {
    const unit = new Float64Array(count);
    unit[a] = 1;
    diagonal[a] = solveCholesky(normal, unit)?.[a] ?? 0;
  }
  return diagonal;
}

function shrinkRings(table: Float64Array, variance: Float64Array, model: PsfModel): void {
  const half = (model.size - 1) / 2;
  const rings = Math.ceil(half * Math.SQRT2) + 1;
  const power = new Float64Array(rings);
  const noise = new Float64Array(rings);
  const radiusOf = (k: number) => Math.hypot((k % model.size) - half, Math.floor(k / model.size) - half);
  for (let k = 0; k < table.length; k++) {
    const ring = Math.round(radiusOf(k));
    power[ring] += table[k] ** 2;
    noise[ring] += variance[k];
  }
  for (let k = 0; k < table.length; k++) {
    const radius = radiusOf(k);
    const ring = Math.round(radius);
    const keep = power[ring] > 0 ? Math.max(0, 1 - noise[ring] / power[ring]) : 0;
    table[k] *= keep * fade(radius, 2.5 * model.fwhmPx, 3.5 * model.fwhmPx);
  }
}

/** Fall smoothly from one at `from` to zero at `to`. */
export function fade(radius: number, from: number, to: number): number {
  if (radius <= from) return 1;
  if (radius >= to) return 0;
  return 0.5 * (1 + Math.cos((Math.PI * (radius - from)) / (to - from)));
}
