import { solveCholesky } from '../solve-linear.ts';
import type { StarEvidence } from './collect-evidence.ts';
import { drawMeanPsf, type PsfModel } from './psf-model.ts';
import { countTerms, evaluateTerms } from './psf-polynomial.ts';

/** Size and both components of the ellipticity; and the flux of the star itself, which was fitted with the wrong profile. */
const SHAPES = 3;
const MODES = SHAPES + 1;
/** Stars that deviate by more than this from the fitted variation have no say, sigma. */
const CUT_SIGMA = 4;
const ROUNDS = 5;
/** Noise of a star's size and shape beyond its photons, as a fraction. */
const INTRINSIC = 0.003;
/** How much size and shape usually change from the middle of an image to its edge: what a few stars have to overrule. */
const USUAL_CHANGE = 0.05;

/** How size and shape of a profile vary, as tables (size, size), one for each term of a polynomial. */
export interface ShapeVariation {
  /** The constant table, and what each varying term changes. */
  readonly tables: readonly Float64Array[];
  /** What stars have besides, because their fluxes were fitted with a profile of another size. */
  readonly misfits: readonly Float64Array[];
}

/**
 * Fit how size and shape of the profile change over the image: three numbers a term instead of a table.
 *
 * A handful of stars cannot tell each pixel of the profile how it varies, but they can tell whether the focus or
 * the astigmatism does, and that is nearly all there is to tell.
 *
 * A star fitted with too small a profile gets too little flux, and that hides half of what its size differs by: its flux is
 * fitted once more with its shape.
 *
 * @param constant correction table of the mean profile, (size, size).
 * @param reachPx only pixels within this radius are compared.
 */
export function fitShapeModes(
  model: PsfModel,
  constant: Float64Array,
  evidence: readonly StarEvidence[],
  degree: number,
  reachPx: number,
): ShapeVariation {
  const modes = makeModes(model, constant);
  const count = countTerms(degree);
  const shapes = evidence.map((star) => measureShape(star, constant, modes, model.size, reachPx));
  const amplitudes = Array.from({ length: MODES }, (_, m) =>
    fitPolynomial(
      evidence.map((star, s) => ({
        terms: evaluateTerms(degree, star.x, star.y, model.imageWidth, model.imageHeight),
        value: shapes[s].values[m],
        variance: shapes[s].variances[m] + INTRINSIC ** 2,
      })),
      count,
    ),
  );
  const sum = (t: number, first: number, end: number) => {
    const table = new Float64Array(constant.length);
    for (let m = first; m < end; m++) {
      for (let k = 0; k < table.length; k++) table[k] += amplitudes[m][t] * modes[m][k];
    }
    return table;
  };
  const terms = Array.from({ length: count }, (_, t) => t);
  const tables = terms.map((t) => sum(t, 0, SHAPES));
  for (let k = 0; k < constant.length; k++) tables[0][k] += constant[k];
  return { tables, misfits: terms.map((t) => sum(t, SHAPES, MODES)) };
}

/** Derivatives of the mean profile by the logarithm of its size, by both components of its ellipticity, and by the logarithm of its light. */
function makeModes(model: PsfModel, constant: Float64Array): readonly Float64Array[] {
  const { size } = model;
  const half = (size - 1) / 2;
  const mean = drawMeanPsf({ ...model, corrections: [constant] });
  const modes = Array.from({ length: MODES }, () => new Float64Array(size * size));
  for (let j = 1; j < size - 1; j++) {
    for (let i = 1; i < size - 1; i++) {
      const k = j * size + i;
      const u = i - half;
      const v = j - half;
      const dx = (mean[k + 1] - mean[k - 1]) / 2;
      const dy = (mean[k + size] - mean[k - size]) / 2;
      modes[0][k] = -(2 * mean[k] + u * dx + v * dy);
      modes[1][k] = -(u * dx - v * dy);
      modes[2][k] = -(u * dy + v * dx);
      modes[3][k] = mean[k];
    }
  }
  return modes;
}

/** Size, shape and flux of one star relative to the mean profile, by weighted least squares. */
function measureShape(
  star: StarEvidence,
  constant: Float64Array,
  modes: readonly Float64Array[],
  size: number,
  reachPx: number,
): { readonly values: readonly number[]; readonly variances: readonly number[] } {
  const half = (size - 1) / 2;
  const normal = new Float64Array(MODES * MODES);
  const right = new Float64Array(MODES);
  for (let k = 0; k < constant.length; k++) {
    const weight = star.weight[k];
    if (weight === 0) continue;
    const u = (k % size) - half;
    const v = Math.floor(k / size) - half;
    if (u * u + v * v > reachPx * reachPx) continue;
    for (let a = 0; a < MODES; a++) {
      right[a] += weight * modes[a][k] * (star.wanted[k] - constant[k]);
      for (let b = 0; b < MODES; b++) normal[a * MODES + b] += weight * modes[a][k] * modes[b][k];
    }
  }
  const values = solveCholesky(normal, right);
  if (!values) return { values: new Array(MODES).fill(0), variances: new Array(MODES).fill(1e6) };
  const variances = Array.from({ length: MODES }, (_, index) => {
    const unit = new Float64Array(MODES);
    unit[index] = 1;
    return solveCholesky(normal, unit)?.[index] ?? 1e6;
  });
  return { values: Array.from(values), variances };
}

/** Weighted least squares with a biweight: one odd star must not bend the field. */
function fitPolynomial(
  points: readonly { readonly terms: Float64Array; readonly value: number; readonly variance: number }[],
  count: number,
): Float64Array {
  let coefficients = new Float64Array(count);
  let scale = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const normal = new Float64Array(count * count);
    for (let t = 1; t < count; t++) normal[t * count + t] = 1 / USUAL_CHANGE ** 2;
    const right = new Float64Array(count);
    const pulls: number[] = [];
    for (const { terms, value, variance } of points) {
      const predicted = terms.reduce((sum, term, t) => sum + term * coefficients[t], 0);
      const pull = Math.abs(value - predicted) / Math.sqrt(variance);
      pulls.push(pull);
      const relative = pull / (CUT_SIGMA * scale);
      const weight = relative < 1 ? (1 - relative * relative) ** 2 / variance : 0;
      for (let a = 0; a < count; a++) {
        right[a] += weight * terms[a] * value;
        for (let b = 0; b < count; b++) normal[a * count + b] += weight * terms[a] * terms[b];
      }
    }
    const solved = solveCholesky(normal, right);
    if (!solved) break;
    coefficients = Float64Array.from(solved);
    if (round > 0) scale = Math.max(1, 1.4826 * pulls.sort((a, b) => a - b)[pulls.length >> 1]);
    else scale = 1e3;
  }
  return coefficients;
}
