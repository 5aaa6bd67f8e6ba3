import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { selectMedian } from '../../kernels/index.ts';
import { UNUSABLE } from '../observations/index.ts';
import type { Source } from './model.ts';
import { solveNormalEquations } from './registration/solve-normal-equations.ts';
import type { StarSelectionConfig } from './select-stars.ts';
import { selectStars } from './select-stars.ts';

/**
 * What a star of peak 1 looks like on the pixels, and how well that is known.
 *
 * An elliptical Moffat of the pixels' own values, (1 + xx dx^2 + 2 xy dx dy + yy dy^2)^-beta, and on a grid of half
 * pixels what stars have beyond it.
 */
export interface StarShape {
  readonly fwhmPx: number;
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
  readonly beta: number;
  /** (2 reach + 1)^2 values at half pixels, the middle one at the star's centre. */
  readonly correction: Float64Array;
  /** How badly each of them is known, as a fraction of the root of the star's light there. */
  readonly doubt: Float64Array;
  readonly reach: number;
  /** Scatter of xx, xy and yy from star to star, as a fraction of their mean: the PSF changes over the image. */
  readonly variety: number;
  /** How far stars are from all that, as a fraction of their light, by rings of half a FWHM. */
  readonly errors: Float64Array;
  /** How many stars told it, and the peak of the brightest, e-. */
  readonly stars: number;
  readonly brightestE: number;
}

/** A star's value and its derivatives: to its place (two) and to its shape (three), in this order. */
export const STAR_TERMS = 6;

/** Most stars that are measured, and fewest that say something. */
const MAX_STARS = 50;
const MIN_STARS = 12;
/** Half the side of a star's stamp, FWHM and px. */
const STAMP_FWHM = 1.5;
const MIN_STAMP_PX = 4;
const MAX_STAMP_PX = 11;
const ROUNDS = 3;
/** Moffat exponents: real ones are between 2 and 5; a Gaussian has none. */
const FIRST_BETA = 3;
const MIN_BETA = 1.3;
const MAX_BETA = 12;
/** How far a star's own shape may be from the others', as a fraction; its exponent, absolute. */
const PRIOR_SHAPE = 0.3;
const PRIOR_BETA = 1;
/** Errors below the first are not believed; the second is taken where nothing is known. */
const LEAST_ERROR = 0.01;
const UNKNOWN_ERROR = 0.1;
/** Stars that are further from the model within a FWHM, as those that a jump of the telescope doubled, have no shape. */
const MAX_ERROR = 0.1;
const LEAST_VARIETY = 0.03;
const UNKNOWN_VARIETY = 0.15;
const RINGS = 6;
/** Least error of a star's light, as a fraction of the root of it. */
const PEAK_ERROR = 0.002;
/** What stars may have beyond their Moffats, as a fraction of the root of their light, and how it may scatter. */
const CORRECTION = 0.1;
const CORRECTION_SCATTER = 0.03;
/** Noise of pixels that tell the errors, as a fraction of their light; the first with enough of them counts. */
const NOISE_LEVELS = [0.02, 0.05, 0.2] as const;
/** A ring's median wants as many values of each of the fewest stars. */
const MIN_SAMPLES = 4;
const MAD_TO_SIGMA = 1.4826;
/** Unknowns of one star: peak, place, shape, exponent. */
const TERMS = 7;

interface Stamp {
  readonly column: number;
  readonly row: number;
  x: number;
  y: number;
  peak: number;
}

/** Write a star's value and derivatives at an offset from its centre; derivatives are those of the Moffat alone. */
export function evaluateStar(shape: StarShape, dx: number, dy: number, out: Float64Array): void {
  const { xx, xy, yy, beta } = shape;
  const u = 1 + xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy;
  const value = u ** -beta;
  const slope = (-beta * value) / u;
  const mean = (xx + yy) / 2;
  out[0] = value + correctionAt(shape, dx, dy);
  out[1] = -slope * 2 * (xx * dx + xy * dy);
  out[2] = -slope * 2 * (xy * dx + yy * dy);
  out[3] = slope * mean * dx * dx;
  out[4] = slope * mean * 2 * dx * dy;
  out[5] = slope * mean * dy * dy;
}

/** The error of the light of a star of peak 1 at an offset from its centre, where that light is `light`. */
export function errorAt(shape: StarShape, dx: number, dy: number, light: number): number {
  const { errors, fwhmPx, doubt, reach } = shape;
  const ring = Math.floor((2 * Math.sqrt(dx * dx + dy * dy)) / fwhmPx);
  const [column, row] = [Math.round(2 * dx) + reach, Math.round(2 * dy) + reach];
  const side = 2 * reach + 1;
  const isKnown = column >= 0 && row >= 0 && column < side && row < side;
  const known = isKnown ? doubt[row * side + column]! : 0;
  const own = errors[Math.min(errors.length - 1, ring)]! * light;
  return Math.sqrt(own * own + Math.max(PEAK_ERROR, known) ** 2 * light);
}

function correctionAt({ correction, reach }: StarShape, dx: number, dy: number): number {
  const x = 2 * dx + reach;
  const y = 2 * dy + reach;
  const column = Math.floor(x);
  const row = Math.floor(y);
  const side = 2 * reach + 1;
  if (column < 0 || row < 0 || column >= side - 1 || row >= side - 1) return 0;
  const [fx, fy] = [x - column, y - row];
  const at = row * side + column;
  return (
    (1 - fy) * ((1 - fx) * correction[at]! + fx * correction[at + 1]!) +
    fy * ((1 - fx) * correction[at + side]! + fx * correction[at + side + 1]!)
  );
}

/**
 * Measure what stars look like, from isolated ones.
 *
 * Each star is fitted by a Moffat of its own, held to the others'; medians over all stars are the shape, so that a
 * pair or a galaxy among them does no harm.
 *
 * @param science e-, background-subtracted; `rms` its noise.
 * @param hits 1 where a cosmic ray was found.
 * @param sources that no cosmic ray was found in.
 * @param fwhmPx of point sources, from `measureSeeing`.
 * @returns `undefined` where there are too few stars to know, or their cores are no one shape.
 */
export function measureStarShape(
  science: Plane,
  rms: number,
  mask: MaskPlane,
  hits: Uint8Array,
  sources: readonly Source[],
  fwhmPx: number,
  selection: StarSelectionConfig,
): StarShape | undefined {
  const half = Math.min(MAX_STAMP_PX, Math.max(MIN_STAMP_PX, Math.ceil(STAMP_FWHM * fwhmPx)));
  const curvature = (4 * (2 ** (1 / FIRST_BETA) - 1)) / fwhmPx ** 2;
  const reach = 2 * half;
  let shape: StarShape = {
    fwhmPx,
    xx: curvature,
    xy: 0,
    yy: curvature,
    beta: FIRST_BETA,
    correction: new Float64Array((2 * reach + 1) ** 2),
    doubt: new Float64Array((2 * reach + 1) ** 2),
    reach,
    variety: UNKNOWN_VARIETY,
    errors: new Float64Array(RINGS).fill(UNKNOWN_ERROR),
    stars: 0,
    brightestE: 0,
  };
  const stamps: Stamp[] = [];
  for (const star of selectStars(sources, fwhmPx, { ...selection, maxStars: 2 * MAX_STARS })) {
    const stamp = cutStamp(science, mask, hits, star, half);
    if (stamp !== undefined) stamps.push(stamp);
    if (stamps.length === MAX_STARS) break;
  }
  if (stamps.length < MIN_STARS) return undefined;
  let fits: readonly Float64Array[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0)
      shape = {
        ...shape,
        ...applyStep(
          shape,
          [3, 4, 5, 6].map((k) => medianOf(fits, k)),
        ),
      };
    fits = stamps.map((stamp) => fitStamp(science, rms, stamp, half, shape));
  }
  const scatter = Math.max(...[3, 4, 5].map((k) => scatterOf(fits, k)));
  const variety = Math.min(UNKNOWN_VARIETY, Math.max(LEAST_VARIETY, 1.5 * scatter));
  const shapeOfAll = describeRest(science, rms, stamps, fits, half, {
    ...shape,
    variety,
    stars: stamps.length,
    brightestE: Math.max(...stamps.map(({ peak }) => peak)),
  });
  return Math.max(shapeOfAll.errors[0]!, shapeOfAll.errors[1]!) < MAX_ERROR ? shapeOfAll : undefined;
}

function applyStep(
  { xx, xy, yy, beta }: StarShape,
  [dxx, dxy, dyy, dBeta]: readonly number[],
): Partial<StarShape> {
  const mean = (xx + yy) / 2;
  const limit = (step: number): number => mean * Math.min(0.5, Math.max(-0.5, step));
  return {
    xx: Math.max(0.3 * xx, xx + limit(dxx!)),
    xy: xy + limit(dxy!),
    yy: Math.max(0.3 * yy, yy + limit(dyy!)),
    beta: Math.min(MAX_BETA, Math.max(MIN_BETA, beta + dBeta!)),
  };
}

function cutStamp(
  { width, height, data }: Plane,
  mask: MaskPlane,
  hits: Uint8Array,
  star: Source,
  half: number,
): Stamp | undefined {
  const column = Math.round(star.xPx);
  const row = Math.round(star.yPx);
  if (column < half || row < half || column >= width - half || row >= height - half) return undefined;
  for (let y = row - half; y <= row + half; y++) {
    for (let x = column - half; x <= column + half; x++) {
      const at = y * width + x;
      if ((mask.data[at]! & UNUSABLE) !== 0 || hits[at] !== 0 || !Number.isFinite(data[at]!))
        return undefined;
    }
  }
  const peak = data[row * width + column]!;
  return peak > 0 ? { column, row, x: star.xPx, y: star.yPx, peak } : undefined;
}

/** One step of Newton's on a star of its own shape; moves it, and returns the step as fractions of the shared shape. */
function fitStamp(science: Plane, rms: number, stamp: Stamp, half: number, shape: StarShape): Float64Array {
  const matrix = new Float64Array(TERMS * TERMS);
  const right = new Float64Array(TERMS);
  const terms = new Float64Array(TERMS);
  const { peak, column, row } = stamp;
  const { width, data } = science;
  for (let py = row - half; py <= row + half; py++) {
    const dy = py - stamp.y;
    for (let px = column - half; px <= column + half; px++) {
      const dx = px - stamp.x;
      evaluateStar(shape, dx, dy, terms);
      const u = 1 + shape.xx * dx * dx + 2 * shape.xy * dx * dy + shape.yy * dy * dy;
      terms[6] = -Math.log(u) * terms[0]!;
      const light = peak * terms[0]!;
      const residual = data[py * width + px]! - light;
      // Far from the model is a neighbour: it counts little.
      const weight = 1 / (rms * rms + Math.max(0, light) + (0.03 * light) ** 2 + 0.1 * residual * residual);
      for (let i = 0; i < TERMS; i++) {
        const scaled = weight * peak * terms[i]!;
        right[i]! += scaled * residual;
        for (let j = 0; j <= i; j++) matrix[i * TERMS + j]! += scaled * peak * terms[j]!;
      }
    }
  }
  for (let k = 3; k < TERMS; k++) matrix[k * TERMS + k]! += (k === 6 ? PRIOR_BETA : PRIOR_SHAPE) ** -2;
  const [step] = solveNormalEquations(matrix, TERMS, [right]) ?? [new Float64Array(TERMS)];
  stamp.peak = Math.max(0.2 * peak, peak * (1 + step![0]!));
  stamp.x += Math.min(0.5, Math.max(-0.5, step![1]!));
  stamp.y += Math.min(0.5, Math.max(-0.5, step![2]!));
  return step!;
}

/** Measure what stars have beyond their Moffats, and how far they are from that. */
function describeRest(
  science: Plane,
  rms: number,
  stamps: readonly Stamp[],
  fits: readonly Float64Array[],
  half: number,
  shape: StarShape,
): StarShape {
  const side = 2 * shape.reach + 1;
  const weights = new Float64Array(side * side);
  const sums = new Float64Array(side * side);
  const rest: number[] = [];
  const cellOf: number[] = [];
  const light: number[] = [];
  const variance: number[] = [];
  const ringOf: number[] = [];
  const terms = new Float64Array(TERMS);
  stamps.forEach((stamp, n) => {
    const fit = fits[n]!;
    for (let py = stamp.row - half; py <= stamp.row + half; py++) {
      const dy = py - stamp.y;
      for (let px = stamp.column - half; px <= stamp.column + half; px++) {
        const dx = px - stamp.x;
        evaluateStar(shape, dx, dy, terms);
        let model = terms[0]!;
        for (let k = 3; k < STAR_TERMS; k++) model += fit[k]! * terms[k]!;
        const cell = (Math.round(2 * dy) + shape.reach) * side + Math.round(2 * dx) + shape.reach;
        cellOf.push(cell);
        rest.push(science.data[py * science.width + px]! / stamp.peak - model);
        light.push(Math.max(1e-3, model));
        variance.push((rms * rms) / stamp.peak ** 2 + Math.max(0, model) / stamp.peak);
        ringOf.push(Math.floor((2 * Math.hypot(dx, dy)) / shape.fwhmPx));
      }
    }
  });
  // Bright stars say more of it; what few or faint ones say is held to zero, and a neighbour's light clipped.
  for (let i = 0; i < rest.length; i++) {
    const expected = CORRECTION * CORRECTION * light[i]!;
    const limit = 3 * Math.sqrt(variance[i]! + expected);
    const weight = expected / (variance[i]! + (CORRECTION_SCATTER * light[i]!) ** 2);
    weights[cellOf[i]!]! += weight;
    sums[cellOf[i]!]! += weight * Math.min(limit, Math.max(-limit, rest[i]!));
  }
  const correction = sums.map((sum, cell) => sum / (weights[cell]! + 1));
  const doubt = weights.map((weight) => CORRECTION / Math.sqrt(weight + 1));
  const errors = Float64Array.from({ length: RINGS }, (_, ring) => {
    // Of the pixels that photons leave the most to say.
    for (const most of NOISE_LEVELS) {
      const scatter: number[] = [];
      const noise: number[] = [];
      ringOf.forEach((own, i) => {
        if (own !== ring || variance[i]! > (most * light[i]!) ** 2) return;
        scatter.push(Math.abs(rest[i]! - correction[cellOf[i]!]!) / light[i]!);
        noise.push(variance[i]! / light[i]! ** 2);
      });
      if (scatter.length < MIN_SAMPLES * MIN_STARS) continue;
      const beyond = (MAD_TO_SIGMA * median(scatter)) ** 2 - median(noise);
      return Math.max(LEAST_ERROR, Math.sqrt(Math.max(0, beyond)));
    }
    return UNKNOWN_ERROR;
  });
  return { ...shape, correction, doubt, errors };
}

function median(values: readonly number[]): number {
  return selectMedian(Float32Array.from(values));
}

function medianOf(fits: readonly Float64Array[], k: number): number {
  return median(fits.map((fit) => fit[k]!));
}

function scatterOf(fits: readonly Float64Array[], k: number): number {
  const middle = medianOf(fits, k);
  return MAD_TO_SIGMA * median(fits.map((fit) => Math.abs(fit[k]! - middle)));
}
