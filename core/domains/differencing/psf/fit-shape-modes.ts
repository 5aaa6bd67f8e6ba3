import { selectInPlace } from '../robust-statistics.ts';
import { factorCholesky, solveFactored } from '../solve-linear.ts';
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

/** Size, shape and flux of stars relative to a mean profile. */
export interface StarShapes {
  /** Correction table of the mean profile. */
  readonly constant: Float64Array;
  /** What each mode changes, (size, size). */
  readonly modes: readonly Float64Array[];
  /** Amplitudes and their variances, star by star. */
  readonly values: Float64Array;
  readonly variances: Float64Array;
}

/**
 * Measure size and shape of each star relative to the mean profile.
 *
 * A star fitted with too small a profile gets too little flux, and that hides half of what its size differs by: its flux is
 * fitted once more with its shape.
 *
 * @param constant correction table of the mean profile, (size, size).
 * @param reachPx only pixels within this radius are compared.
 */
export function measureShapes(
  model: PsfModel,
  constant: Float64Array,
  evidence: readonly StarEvidence[],
  reachPx: number,
): StarShapes {
  const { size } = model;
  const modes = makeModes(model, constant);
  const half = (size - 1) / 2;
  const inside = Int32Array.from(constant.keys()).filter(
    (k) => ((k % size) - half) ** 2 + (Math.floor(k / size) - half) ** 2 <= reachPx * reachPx,
  );
  const values = new Float64Array(evidence.length * MODES);
  const variances = new Float64Array(evidence.length * MODES).fill(1e6);
  evidence.forEach((star, s) => {
    accumulateShape(star, constant, modes, inside);
    if (!factorCholesky(normal, MODES, lower)) return;
    solveFactored(lower, right, right);
    for (let m = 0; m < MODES; m++) {
      values[s * MODES + m] = right[m];
      unit.fill(0);
      unit[m] = 1;
      variances[s * MODES + m] = solveFactored(lower, unit, unit)[m];
    }
  });
  return { constant, modes, values, variances };
}

/**
 * Fit how size and shape of the profile change over the image: three numbers a term instead of a table.
 *
 * A handful of stars cannot tell each pixel of the profile how it varies, but they can tell whether the focus or
 * the astigmatism does, and that is nearly all there is to tell.
 */
export function fitShapeModes(
  model: PsfModel,
  { constant, modes, values, variances }: StarShapes,
  evidence: readonly StarEvidence[],
  degree: number,
): ShapeVariation {
  const count = countTerms(degree);
  const terms = new Float64Array(evidence.length * count);
  evidence.forEach((star, s) => {
    terms.set(evaluateTerms(degree, star.x, star.y, model.imageWidth, model.imageHeight), s * count);
  });
  const amplitudes = modes.map((_, m) =>
    fitPolynomial(
      terms,
      count,
      Float64Array.from(evidence, (_, s) => values[s * MODES + m]),
      Float64Array.from(evidence, (_, s) => variances[s * MODES + m] + INTRINSIC ** 2),
    ),
  );
  const sum = (t: number, first: number, end: number) => {
    const table = new Float64Array(constant.length);
    for (let m = first; m < end; m++) {
      const mode = modes[m];
      const amplitude = amplitudes[m][t];
      for (let k = 0; k < table.length; k++) table[k] += amplitude * mode[k];
    }
    return table;
  };
  const indices = Array.from({ length: count }, (_, t) => t);
  const tables = indices.map((t) => sum(t, 0, SHAPES));
  for (let k = 0; k < constant.length; k++) tables[0][k] += constant[k];
  return { tables, misfits: indices.map((t) => sum(t, SHAPES, MODES)) };
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

// Equations of one star after the other.
const normal = new Float64Array(MODES * MODES);
const right = new Float64Array(MODES);
const lower = new Float64Array(MODES * MODES);
const unit = new Float64Array(MODES);

/** Sum the normal equations of size, shape and flux of one star (lower triangle). */
function accumulateShape(
  { weight, wanted }: StarEvidence,
  constant: Float64Array,
  [grow, stretch, shear, brighten]: readonly Float64Array[],
  inside: Int32Array,
): void {
  let [n00, n10, n11, n20, n21, n22, n30, n31, n32, n33] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  let [r0, r1, r2, r3] = [0, 0, 0, 0];
  for (let i = 0; i < inside.length; i++) {
    const k = inside[i];
    const w = weight[k];
    const off = wanted[k] - constant[k];
    const a = w * grow[k];
    const b = w * stretch[k];
    const c = w * shear[k];
    const d = w * brighten[k];
    n00 += a * grow[k];
    n10 += b * grow[k];
    n11 += b * stretch[k];
    n20 += c * grow[k];
    n21 += c * stretch[k];
    n22 += c * shear[k];
    n30 += d * grow[k];
    n31 += d * stretch[k];
    n32 += d * shear[k];
    n33 += d * brighten[k];
    r0 += a * off;
    r1 += b * off;
    r2 += c * off;
    r3 += d * off;
  }
  normal.set([n00, 0, 0, 0, n10, n11, 0, 0, n20, n21, n22, 0, n30, n31, n32, n33]);
  right.set([r0, r1, r2, r3]);
}

/** Weighted least squares with a biweight: one odd star must not bend the field. */
function fitPolynomial(
  terms: Float64Array,
  count: number,
  values: Float64Array,
  variances: Float64Array,
): Float64Array {
  const coefficients = new Float64Array(count);
  const equations = new Float64Array(count * count);
  const sums = new Float64Array(count);
  const factor = new Float64Array(count * count);
  const pulls = new Float64Array(values.length);
  let scale = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    equations.fill(0);
    for (let t = 1; t < count; t++) equations[t * count + t] = 1 / USUAL_CHANGE ** 2;
    sums.fill(0);
    for (let s = 0; s < values.length; s++) {
      const first = s * count;
      let predicted = 0;
      for (let a = 0; a < count; a++) predicted += terms[first + a] * coefficients[a];
      const pull = Math.abs(values[s] - predicted) / Math.sqrt(variances[s]);
      pulls[s] = pull;
      const relative = pull / (CUT_SIGMA * scale);
      if (!(relative < 1)) continue;
      const weight = (1 - relative * relative) ** 2 / variances[s];
      for (let a = 0; a < count; a++) {
        const weighted = weight * terms[first + a];
        sums[a] += weighted * values[s];
        for (let b = 0; b <= a; b++) equations[a * count + b] += weighted * terms[first + b];
      }
    }
    if (!factorCholesky(equations, count, factor)) break;
    solveFactored(factor, sums, coefficients);
    if (round > 0) scale = Math.max(1, 1.4826 * selectInPlace(pulls, pulls.length >> 1, pulls.length));
    else scale = 1e3;
  }
  return coefficients;
}
