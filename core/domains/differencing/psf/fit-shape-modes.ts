import { solveCholesky } from '../solve-linear.ts';
import type { StarEvidence } from './fit-corrections.ts';
import { drawMeanPsf, type PsfModel } from './psf-model.ts';
import { countTerms, evaluateTerms } from './psf-polynomial.ts';

const MODES = 3;
/** Stars that deviate by more than this from the fitted variation have no say, sigma. */
const CUT_SIGMA = 4;
const ROUNDS = 5;
/** Noise of a star's size and shape beyond its photons, as a fraction. */
const INTRINSIC = 0.003;

/**
 * Fit how size and shape of the profile change over the image: three numbers a term instead of a table.
 *
 * A handful of stars cannot tell each pixel of the profile how it varies, but they can tell whether the focus or
 * the astigmatism does, and that is nearly all there is to tell.
 *
 * @param constant correction table of the mean profile, (size, size).
 * @param reachPx only pixels within this radius are compared.
 * @returns the constant table and one more for each varying term of a polynomial of this degree.
 */
export function fitShapeModes(
  model: PsfModel,
  constant: Float64Array,
  evidence: readonly StarEvidence[],
  degree: number,
  reachPx: number,
): Float64Array[] {
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
  const tables = Array.from({ length: count }, () => new Float64Array(constant.length));
  tables[0].set(constant);
  for (let t = 0; t < count; t++) {
    for (let m = 0; m < MODES; m++) {
      for (let k = 0; k < constant.length; k++) tables[t][k] += amplitudes[m][t] * modes[m][k];
    }
  }
  return tables;
}

/** Derivatives of the mean profile by the logarithm of its size and by both components of its ellipticity. */
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
    }
  }
  return modes;
}

/** Size and shape of one star relative to the mean profile, by weighted least squares. */
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
  if (!values) return { values: [0, 0, 0], variances: [1e6, 1e6, 1e6] };
  const variances = [0, 1, 2].map((index) => {
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
