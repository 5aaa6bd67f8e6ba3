import { selectInPlace } from '../robust-statistics.ts';
import { solveCholesky } from '../solve-linear.ts';
import type { StarEvidence } from './collect-evidence.ts';
import type { ShapeVariation } from './fit-shape-modes.ts';
import { measureWings } from './measure-wings.ts';
import { drawMoffat } from './moffat.ts';
import type { PsfModel } from './psf-model.ts';
import { countTerms, evaluateTerms } from './psf-polynomial.ts';
import { fade, shrinkRings } from './shrink-rings.ts';

const CLIP_SIGMA = 3;
const CLIP_ROUNDS = 2;
/** The table counts fully up to here and no more beyond, FWHM. */
const FADE_FROM = 3.25;
const FADE_TO = 4;
/** From here on the light of neighbours that nobody detected matters beside a star's own, FWHM. */
const WINGS_FROM = 1.5;

/**
 * Fit a polynomial in the position to each pixel of the correction table.
 *
 * Pixels of single stars that disagree by more than three sigma (neighbours nobody detected, cosmic rays) are
 * left out. What cannot be told from noise is shrunk ring by ring, and far out the table fades into the
 * Moffat's wings, as bright as they were measured where it begins to.
 *
 * @param reachPx where the table ends; at most 4 FWHM.
 * @param shapes how size and shape vary: what cannot be told from noise follows them. Wings that did not grow with the core
 * would take a star's light from it, a percent and more in the corners of a field.
 * @returns one stamp (size, size) for each polynomial term.
 */
export function fitCorrections(
  model: PsfModel,
  evidence: readonly StarEvidence[],
  degree: number,
  reachPx = FADE_TO * model.fwhmPx,
  shapes?: ShapeVariation,
): Float64Array[] {
  const pixels = model.size * model.size;
  const count = countTerms(degree);
  const terms = new Float64Array(evidence.length * count);
  evidence.forEach((star, s) => {
    terms.set(evaluateTerms(degree, star.x, star.y, model.imageWidth, model.imageHeight), s * count);
  });
  const tables = Array.from({ length: count }, () => new Float64Array(pixels));
  const errors = Array.from({ length: count }, () => new Float64Array(pixels));
  const half = (model.size - 1) / 2;
  const wanted = new Float64Array(evidence.length);
  const weight = new Float64Array(evidence.length);
  const pulls = new Float64Array(evidence.length);
  const distances = new Float64Array(evidence.length);
  for (let k = 0; k < pixels; k++) {
    const radius = Math.hypot((k % model.size) - half, Math.floor(k / model.size) - half);
    if (radius > reachPx) continue;
    for (let s = 0; s < evidence.length; s++) {
      wanted[s] = evidence[s].wanted[k];
      weight[s] = evidence[s].weight[k];
    }
    const normal = fitClipped(wanted, weight, terms, count, pulls, distances);
    if (!normal) continue;
    const values = solveCholesky(normal.matrix, normal.right);
    if (!values) continue;
    const inverse = invert(normal.matrix, count);
    const isWing = radius > WINGS_FROM * model.fwhmPx;
    const spread =
      degree > 0 && isWing ? jackknife(wanted, weight, terms, values, inverse, count) : undefined;
    for (let t = 0; t < count; t++) {
      tables[t][k] = values[t];
      const formal = inverse[t * count + t];
      errors[t][k] = t > 0 && spread ? Math.max(formal, spread[t]) : formal;
    }
  }
  const analytic = new Float64Array(pixels);
  drawMoffat(model.moffat, 0, 0, analytic, model.size);
  for (let t = 0; t < count; t++) {
    if (t > 0 && shapes) shrinkTowards(tables[t], errors[t], shapes.tables[t], shapes.misfits[t], model.size);
    else shrinkRings(tables[t], errors[t], model.size);
    const wings = measureWings(model.moffat, tables[t], model.size, model.fwhmPx);
    for (let k = 0; k < pixels; k++) {
      const radius = Math.hypot((k % model.size) - half, Math.floor(k / model.size) - half);
      const own = fade(radius, FADE_FROM * model.fwhmPx, FADE_TO * model.fwhmPx);
      tables[t][k] = own * tables[t][k] + (1 - own) * wings * analytic[k];
    }
  }
  return tables;
}

/** Shrink a varying table towards what is expected of it, in place, and take off what its stars' fluxes were off by. */
function shrinkTowards(
  table: Float64Array,
  variance: Float64Array,
  expected: Float64Array,
  misfit: Float64Array,
  size: number,
): void {
  for (let k = 0; k < table.length; k++) table[k] = variance[k] > 0 ? table[k] - expected[k] - misfit[k] : 0;
  shrinkRings(table, variance, size);
  for (let k = 0; k < table.length; k++) table[k] += expected[k];
}

interface NormalEquations {
  readonly matrix: Float64Array;
  readonly right: Float64Array;
}

/** Set up the normal equations of one pixel, without the stars that disagree; their weights become zero. */
function fitClipped(
  wanted: Float64Array,
  weight: Float64Array,
  terms: Float64Array,
  count: number,
  pulls: Float64Array,
  distances: Float64Array,
): NormalEquations | undefined {
  for (let round = 0; ; round++) {
    const matrix = new Float64Array(count * count);
    const right = new Float64Array(count);
    let used = 0;
    for (let s = 0; s < wanted.length; s++) {
      const w = weight[s];
      if (w === 0) continue;
      used++;
      const first = s * count;
      for (let a = 0; a < count; a++) {
        const wa = w * terms[first + a];
        right[a] += wa * wanted[s];
        for (let b = 0; b <= a; b++) matrix[a * count + b] += wa * terms[first + b];
      }
    }
    if (used < 2 * count) return undefined;
    for (let a = 0; a < count; a++)
      for (let b = a + 1; b < count; b++) matrix[a * count + b] = matrix[b * count + a];
    if (round === CLIP_ROUNDS) return { matrix, right };
    const values = solveCholesky(matrix, right);
    if (!values) return undefined;
    used = 0;
    for (let s = 0; s < wanted.length; s++) {
      if (weight[s] === 0) continue;
      let predicted = 0;
      for (let a = 0; a < count; a++) predicted += terms[s * count + a] * values[a];
      distances[s] = Math.abs(wanted[s] - predicted) * Math.sqrt(weight[s]);
      pulls[used++] = distances[s];
    }
    const sigma = Math.max(1, 1.4826 * selectInPlace(pulls, used >> 1, used));
    let dropped = 0;
    for (let s = 0; s < wanted.length; s++) {
      if (weight[s] === 0) continue;
      if (distances[s] > CLIP_SIGMA * sigma) {
        weight[s] = 0;
        dropped++;
      }
    }
    if (dropped === 0) return { matrix, right };
  }
}

/** Invert a symmetric matrix; zeros where it cannot be. */
function invert(matrix: Float64Array, count: number): Float64Array {
  const inverse = new Float64Array(count * count);
  for (let t = 0; t < count; t++) {
    const unit = new Float64Array(count);
    unit[t] = 1;
    const column = solveCholesky(matrix, unit);
    if (column) inverse.set(column, t * count);
  }
  return inverse;
}

/** A star's own part of its fitted value counts as no more than this. */
const MOST_LEVERAGE = 0.9;

/**
 * Tell the variances of a fit from what each star would change by leaving.
 *
 * How wings vary is told by a few bright stars, each with neighbours that nobody detected: the noise of their pixels
 * knows nothing of those, and a star alone at its rim of the field bends a slope until it shows no residual either. What
 * all stars have in common has no rim.
 *
 * @see MacKinnon & White 1985, Journal of Econometrics 29, 305, HC3
 */
function jackknife(
  wanted: Float64Array,
  weight: Float64Array,
  terms: Float64Array,
  values: Float64Array,
  inverse: Float64Array,
  count: number,
): Float64Array {
  const variances = new Float64Array(count);
  const step = new Float64Array(count);
  for (let s = 0; s < wanted.length; s++) {
    if (weight[s] === 0) continue;
    let predicted = 0;
    let leverage = 0;
    for (let a = 0; a < count; a++) {
      const term = terms[s * count + a];
      predicted += term * values[a];
      step[a] = 0;
      for (let b = 0; b < count; b++) step[a] += inverse[a * count + b] * terms[s * count + b];
      leverage += term * step[a];
    }
    const own = Math.min(MOST_LEVERAGE, weight[s] * leverage);
    const pull = (weight[s] * (wanted[s] - predicted)) / (1 - own);
    for (let a = 0; a < count; a++) variances[a] += (step[a] * pull) ** 2;
  }
  return variances;
}
