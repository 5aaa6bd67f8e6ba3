import { selectInPlace } from '../robust-statistics.ts';
import { factorCholesky, solveFactored } from '../solve-linear.ts';
import type { PsfModel } from './psf-model.ts';
import { countTerms, evaluateTerms } from './psf-polynomial.ts';

const CLIP_SIGMA = 3;
const CLIP_ROUNDS = 2;
/** From the median of absolute deviations to a standard deviation. */
const TO_SIGMA = 1.4826;
/** A star's own part of its fitted value counts as no more than this. */
const MOST_LEVERAGE = 0.9;

/** Polynomials fitted again and again to values at the same places. */
export interface ClippedFit {
  /** Terms of the polynomial. */
  readonly count: number;
  /** Coefficients after `solve`. */
  readonly values: Float64Array;
  /** Their variances after `solve`, as the weights have them. */
  readonly formal: Float64Array;
  /** Their variances after `jackknife`. */
  readonly spread: Float64Array;
  /**
   * Fit the values, each with its weight, without those that are off by more than three sigma: their weights become zero.
   *
   * @returns whether there are values enough.
   */
  solve(values: Float64Array, weights: Float64Array): boolean;
  /**
   * Tell the variances of the fit, made just now, from what each star would change by leaving.
   *
   * How wings vary is told by a few bright stars, each with neighbours that nobody detected: the noise of their pixels
   * knows nothing of those, and a star alone at its rim of the field bends a slope until it shows no residual either.
   * What all stars have in common has no rim.
   *
   * @see MacKinnon & White 1985, Journal of Econometrics 29, 305, HC3
   */
  jackknife(values: Float64Array, weights: Float64Array): void;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Prepare to fit polynomials of a degree to values at these places of the model's image. */
export function prepareClippedFit(model: PsfModel, places: readonly Place[], degree: number): ClippedFit {
  const stars = places.length;
  const count = countTerms(degree);
  const pairs = (count * (count + 1)) / 2;
  // Term by term and pair by pair: a sum over the stars runs along its row.
  const terms = new Float64Array(count * stars);
  places.forEach((place, s) => {
    const own = evaluateTerms(degree, place.x, place.y, model.imageWidth, model.imageHeight);
    for (let a = 0; a < count; a++) terms[a * stars + s] = own[a];
  });
  const products = new Float64Array(pairs * stars);
  for (let a = 0, row = 0; a < count; a++) {
    for (let b = 0; b <= a; b++, row++) {
      for (let s = 0; s < stars; s++) products[row * stars + s] = terms[a * stars + s] * terms[b * stars + s];
    }
  }
  const matrix = new Float64Array(count * count);
  const right = new Float64Array(count);
  const lower = new Float64Array(count * count);
  const inverse = new Float64Array(count * count);
  const weighted = new Float64Array(stars);
  const predicted = new Float64Array(stars);
  const pulls = new Float64Array(stars);
  const values = new Float64Array(count);
  const formal = new Float64Array(count);
  const spread = new Float64Array(count);
  const unit = new Float64Array(count);

  /** Sum a weight times the products of all pairs of terms into a symmetric matrix. */
  const sumPairs = (weights: Float64Array, into: Float64Array): void => {
    for (let a = 0, row = 0; a < count; a++) {
      for (let b = 0; b <= a; b++, row++) {
        const sum = sumProducts(weights, products, row * stars, stars);
        into[a * count + b] = sum;
        into[b * count + a] = sum;
      }
    }
  };
  const predict = (): void => {
    predicted.fill(0);
    for (let a = 0; a < count; a++) {
      const value = values[a];
      for (let s = 0, k = a * stars; s < stars; s++, k++) predicted[s] += value * terms[k];
    }
  };
  const invert = (): void => {
    for (let t = 0; t < count; t++) {
      unit.fill(0);
      unit[t] = 1;
      solveFactored(lower, unit, unit);
      inverse.set(unit, t * count);
      formal[t] = unit[t];
    }
  };

  const solve = (wanted: Float64Array, weights: Float64Array): boolean => {
    let used = 0;
    for (let s = 0; s < stars; s++) {
      weighted[s] = weights[s] * wanted[s];
      if (weights[s] !== 0) used++;
    }
    sumPairs(weights, matrix);
    for (let a = 0; a < count; a++) right[a] = sumProducts(weighted, terms, a * stars, stars);
    for (let round = 0; ; round++) {
      if (used < 2 * count || !factorCholesky(matrix, count, lower)) return false;
      solveFactored(lower, right, values);
      if (round === CLIP_ROUNDS) break;
      predict();
      let n = 0;
      let small = 0;
      for (let s = 0; s < stars; s++) {
        if (weights[s] === 0) continue;
        const pull = Math.abs(wanted[s] - predicted[s]) * Math.sqrt(weights[s]);
        pulls[n++] = pull;
        if (TO_SIGMA * pull <= 1) small++;
      }
      // Where most are small there is no need to know how small the middle one is.
      const isQuiet = small > used >> 1;
      const scatter = isQuiet ? 1 : Math.max(1, TO_SIGMA * selectInPlace(pulls, used >> 1, used));
      const most = CLIP_SIGMA * scatter;
      for (let s = 0; s < stars; s++) {
        const w = weights[s];
        if (w === 0 || Math.abs(wanted[s] - predicted[s]) * Math.sqrt(w) <= most) continue;
        weights[s] = 0;
        n--;
      }
      if (n === used) break;
      used = n;
      for (let s = 0; s < stars; s++) weighted[s] = weights[s] * wanted[s];
      sumPairs(weights, matrix);
      for (let a = 0; a < count; a++) right[a] = sumProducts(weighted, terms, a * stars, stars);
    }
    invert();
    return true;
  };

  const jackknife = (wanted: Float64Array, weights: Float64Array): void => {
    predict();
    // Leverages: the inverse's elements times the products of the terms.
    const leverage = pulls.fill(0);
    for (let a = 0, row = 0; a < count; a++) {
      for (let b = 0; b <= a; b++, row++) {
        const factor = (a === b ? 1 : 2) * inverse[a * count + b];
        for (let s = 0, k = row * stars; s < stars; s++, k++) leverage[s] += factor * products[k];
      }
    }
    for (let s = 0; s < stars; s++) {
      const own = Math.min(MOST_LEVERAGE, weights[s] * leverage[s]);
      weighted[s] = ((weights[s] * (wanted[s] - predicted[s])) / (1 - own)) ** 2;
    }
    sumPairs(weighted, matrix);
    for (let t = 0; t < count; t++) {
      let variance = 0;
      for (let a = 0; a < count; a++) {
        for (let b = 0; b < count; b++) {
          variance += inverse[t * count + a] * matrix[a * count + b] * inverse[t * count + b];
        }
      }
      spread[t] = variance;
    }
  };

  return { count, values, formal, spread, solve, jackknife };
}

/** Sum the products of numbers with those of a row; four sums at a time do not wait for each other. */
function sumProducts(numbers: Float64Array, rows: Float64Array, from: number, count: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let s = 0;
  let k = from;
  for (; s + 3 < count; s += 4, k += 4) {
    a += numbers[s] * rows[k];
    b += numbers[s + 1] * rows[k + 1];
    c += numbers[s + 2] * rows[k + 2];
    d += numbers[s + 3] * rows[k + 3];
  }
  for (; s < count; s++, k++) a += numbers[s] * rows[k];
  return a + b + (c + d);
}
