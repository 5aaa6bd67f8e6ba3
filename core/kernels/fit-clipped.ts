import { allocate, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';

/** Fits side by side: see `fitClipped` in the assembly. */
const LANES = 4;
/** Fits whose values are gathered at a time: with hundreds of places they stay in the second-level cache. */
const TOGETHER = 32;

/** What one place says of many numbers. */
export interface WeighedValues {
  /** Finite, also where it has no weight. */
  readonly wanted: Float64Array;
  /** 1 / variance; 0 where it says nothing. */
  readonly weight: Float64Array;
}

/** Polynomials, one after the other. */
export interface ClippedFits {
  /** 1 where there were values enough; all else is to be ignored elsewhere. */
  readonly isFit: Uint8Array;
  /** `count` coefficients each. */
  readonly values: Float64Array;
  /** Their variances, as the weights have them. */
  readonly formal: Float64Array;
  /**
   * Their variances from what each value would change the fit by leaving it, if asked for, else zeros.
   *
   * @see MacKinnon & White 1985, Journal of Econometrics 29, 305, HC3
   */
  readonly spread: Float64Array;
}

/**
 * Fit polynomials to values at the same places, one for each index, without values that are off by more than three sigma.
 *
 * Weighted least squares by Cholesky's method; twice outliers lose their say, by the larger of a sigma and what the middle
 * one of all is off by. A value's own part of its fit counts as 0.9 at most where variances are told from leavings.
 *
 * @param places what each says.
 * @param indices which of their numbers are fitted.
 * @param terms of the polynomial, `count` rows of one for each place.
 */
export function fitClipped(
  places: readonly WeighedValues[],
  indices: Int32Array,
  terms: Float64Array,
  count: number,
  hasSpread: boolean,
): ClippedFits {
  const stars = places.length;
  const total = indices.length;
  if (terms.length !== count * stars)
    throw new RangeError(`${count} terms at ${stars} places are not ${terms.length}.`);
  const isFit = new Uint8Array(total);
  const [values, formal, spread] = [0, 1, 2].map(() => new Float64Array(count * total)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const resultDoubles = LANES * (1 + 3 * count);
  withArena(() => {
    const module = kernelModule();
    const pairs = (count * (count + 1)) / 2;
    const each = TOGETHER * stars;
    const room = module.clippedRoom(count, stars);
    const lengths = [each, each, count * stars, pairs * stars, room, (TOGETHER / LANES) * resultDoubles];
    const starts: number[] = [];
    let sum = 0;
    for (const length of lengths) {
      starts.push(sum);
      // In whole vectors.
      sum += 2 * Math.ceil(length / 2);
    }
    const base = allocate(8 * sum);
    const doubles = new Float64Array(module.memory.buffer, base, sum);
    const [atWanted, atWeights, atTerms, atProducts, atRoom, atResults] = starts as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    doubles.set(terms, atTerms);
    for (let a = 0, row = atProducts; a < count; a++) {
      for (let b = 0; b <= a; b++, row += stars) {
        for (let s = 0; s < stars; s++) doubles[row + s] = terms[a * stars + s]! * terms[b * stars + s]!;
      }
    }
    const at = (index: number): number => base + 8 * index;
    for (let first = 0; first < total; first += TOGETHER) {
      const taken = Math.min(TOGETHER, total - first);
      const groups = Math.ceil(taken / LANES);
      // What is left of the last group is fitted too, to nothing.
      if (taken < groups * LANES) doubles.fill(0, atWeights, atWeights + groups * LANES * stars);
      // Place by place: what one says of neighbouring numbers lies together.
      for (let s = 0; s < stars; s++) {
        const { wanted, weight } = places[s]!;
        for (let i = 0; i < taken; i++) {
          const to = (i - (i % LANES)) * stars + s * LANES + (i % LANES);
          doubles[atWanted + to] = wanted[indices[first + i]!]!;
          doubles[atWeights + to] = weight[indices[first + i]!]!;
        }
      }
      module.fitClipped(
        at(atWanted),
        at(atWeights),
        groups,
        stars,
        at(atTerms),
        at(atProducts),
        count,
        hasSpread ? 1 : 0,
        at(atRoom),
        at(atResults),
      );
      for (let i = 0; i < taken; i++) {
        const from = atResults + Math.floor(i / LANES) * resultDoubles + (i % LANES);
        isFit[first + i] = doubles[from]!;
        for (let t = 0; t < count; t++) {
          const to = (first + i) * count + t;
          values[to] = doubles[from + LANES * (1 + t)]!;
          formal[to] = doubles[from + LANES * (1 + count + t)]!;
          if (hasSpread) spread[to] = doubles[from + LANES * (1 + 2 * count + t)]!;
        }
      }
    }
  });
  return { isFit, values, formal, spread };
}
