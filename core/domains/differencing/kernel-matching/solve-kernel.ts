import { AstridError } from '../../../utils/index.ts';
import type { KernelConfig } from '../config.ts';
import type { KernelMetrics } from '../model.ts';
import { median } from '../robust-statistics.ts';
import { factorCholesky, solveFactored } from '../solve-linear.ts';
import { largestGain } from './largest-gain.ts';
import { evaluateLegendre, type MatchingKernel } from './matching-kernel.ts';
import { affordableDegree } from './plan-kernel.ts';

/**
 * Scalar products over one stamp of everything that the fit is made of.
 *
 * In this order: the sharp image convolved with each basis function, ones (the background), the broad image.
 */
export interface StampMoments {
  readonly x: number;
  readonly y: number;
  /** (count, count), symmetric, count = functions + 2. */
  readonly products: Float64Array;
  /** One over the expected noise. */
  readonly weight: number;
}

/** The functions of which a kernel is a sum: the first has unit sum, all others zero sum. */
export interface KernelBasis {
  /** Odd side, px. */
  readonly size: number;
  readonly functions: readonly Float64Array[];
  /** Quadratic form (functions, functions) to be kept small, and its weight relative to the normal matrix. */
  readonly penalty?: { readonly form: Float64Array; readonly weight: number } | undefined;
}

export interface FittedKernel {
  readonly kernel: MatchingKernel;
  readonly metrics: KernelMetrics;
}

/** Part of each diagonal element that is added to it, so that the matrix always has a factor. */
const RIDGE = 1e-9;
const ROUNDS = 4;
/** A stamp goes if it leaves so many times what the median of its peers leaves, and also this many sigma more. */
const WORST_RATIO = 3;
const WORST_SIGMA = 4;
/** So many brighter and so many fainter stamps are a stamp's peers. */
const PEERS = 12;

/**
 * Fit a kernel and a background that vary over the image to all stamps together, and throw out stamps that do not fit.
 *
 * The kernel's sum is constant over the image: how the flux ratio varies was divided out before. Over one stamp
 * kernel and background are constant, so each stamp enters by its products alone.
 *
 * @throws differencing/kernel-not-solvable
 * @see Alard 2000, A&AS 144, 363, eq. 6-10 (spatial variation, constant sum)
 */
export function solveKernel(
  stamps: readonly StampMoments[],
  basis: KernelBasis,
  image: {
    readonly name: string;
    readonly width: number;
    readonly height: number;
    readonly convolved: 'science' | 'template';
  },
  config: KernelConfig,
): FittedKernel {
  let used = stamps;
  for (let round = 1; ; round++) {
    const unknowns = listUnknowns(
      basis.functions.length,
      affordableDegree(config.degree, used.length),
      affordableDegree(config.backgroundDegree, used.length),
    );
    const { coefficients, measureCondition } = solveOnce(used, basis, unknowns, image);
    const misfits = used.map((stamp) => misfit(stamp, coefficients, unknowns, image));
    const odd = findOdd(misfits, used.map(lightOf));
    const kept = used.filter((_, k) => !odd[k]);
    if (round < ROUNDS && kept.length < used.length && kept.length >= config.minStamps) {
      used = kept;
      continue;
    }
    const kernel = assembleKernel(coefficients, unknowns, basis, image);
    return {
      kernel,
      metrics: {
        convolved: image.convolved,
        stampsUsed: used.length,
        stampsRejected: stamps.length - used.length,
        conditionNumber: measureCondition(),
        sum: coefficients[0],
        largestGain: largestGain(kernel),
        misfit: median(brighterHalf(used.map(lightOf), misfits)),
      },
    };
  }
}

/** Which function and which spatial term each unknown belongs to. */
interface Unknowns {
  readonly functionOf: Int32Array;
  readonly termOf: Int32Array;
  readonly degree: number;
  readonly backgroundDegree: number;
}

function listUnknowns(functions: number, degree: number, backgroundDegree: number): Unknowns {
  const terms = ((degree + 1) * (degree + 2)) / 2;
  const backgroundTerms = ((backgroundDegree + 1) * (backgroundDegree + 2)) / 2;
  const functionOf = [0];
  const termOf = [0];
  for (let i = 1; i < functions; i++) {
    for (let t = 0; t < terms; t++) {
      functionOf.push(i);
      termOf.push(t);
    }
  }
  for (let t = 0; t < backgroundTerms; t++) {
    functionOf.push(functions);
    termOf.push(t);
  }
  return {
    functionOf: Int32Array.from(functionOf),
    termOf: Int32Array.from(termOf),
    degree,
    backgroundDegree,
  };
}

interface ImageSize {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

function solveOnce(
  stamps: readonly StampMoments[],
  basis: KernelBasis,
  unknowns: Unknowns,
  image: ImageSize,
): { readonly coefficients: Float64Array; readonly measureCondition: () => number } {
  const n = unknowns.functionOf.length;
  const { normal, right } = sumStamps(stamps, unknowns, image);
  if (basis.penalty) addPenalty(normal, unknowns, basis.functions.length, basis.penalty);
  const scales = new Float64Array(n);
  for (let a = 0; a < n; a++) scales[a] = 1 / Math.sqrt(Math.max(normal[a * n + a], Number.MIN_VALUE));
  for (let a = 0; a < n; a++) {
    right[a] *= scales[a];
    for (let b = 0; b <= a; b++) {
      const value = normal[a * n + b] * scales[a] * scales[b] * (a === b ? 1 + RIDGE : 1);
      normal[a * n + b] = value;
      normal[b * n + a] = value;
    }
  }
  const factor = factorCholesky(normal, n);
  if (!factor) {
    throw new AstridError(
      'differencing/kernel-not-solvable',
      `The ${stamps.length} star cutouts of ${image.name} do not determine a kernel of ${n} unknowns. ` +
        'Lower differencing.kernel.degree, or use the method "zogy".',
      { stamps: stamps.length, unknowns: n, exposure: image.name },
    );
  }
  const coefficients = solveFactored(factor, right).map((value, a) => value * scales[a]);
  return { coefficients, measureCondition: () => estimateCondition(normal, factor, n) };
}

/**
 * Sum the products of all stamps into the normal matrix (its lower triangle) and the right side.
 *
 * One long pass over a stamp's products for each pair of spatial terms; scattering them to the unknowns comes after.
 */
function sumStamps(stamps: readonly StampMoments[], unknowns: Unknowns, image: ImageSize) {
  const { functionOf, termOf } = unknowns;
  const n = functionOf.length;
  const size = stamps[0].products.length;
  const count = Math.sqrt(size);
  const most = Math.max(unknowns.degree, unknowns.backgroundDegree);
  const terms = ((most + 1) * (most + 2)) / 2;
  const sums = Array.from({ length: terms * terms }, (_, k) =>
    k % terms <= Math.floor(k / terms) ? new Float64Array(size) : new Float64Array(),
  );
  for (const { x, y, products, weight } of stamps) {
    const values = evaluateLegendre(most, x, y, image.width, image.height);
    for (let t = 0; t < terms; t++) {
      for (let u = 0; u <= t; u++) {
        const factor = weight * values[t] * values[u];
        const sum = sums[t * terms + u];
        for (let k = 0; k < size; k++) sum[k] += factor * products[k];
      }
    }
  }
  const normal = new Float64Array(n * n);
  const right = new Float64Array(n);
  for (let a = 0; a < n; a++) {
    const t = termOf[a];
    const row = functionOf[a] * count;
    right[a] = sums[t * terms][row + count - 1];
    for (let b = 0; b <= a; b++) {
      const u = termOf[b];
      normal[a * n + b] = sums[t >= u ? t * terms + u : u * terms + t][row + functionOf[b]];
    }
  }
  return { normal, right };
}

function addPenalty(
  normal: Float64Array,
  { functionOf, termOf }: Unknowns,
  functions: number,
  penalty: { readonly form: Float64Array; readonly weight: number },
): void {
  const n = functionOf.length;
  let formTrace = 0;
  let normalTrace = 0;
  for (let i = 0; i < functions; i++) formTrace += penalty.form[i * functions + i];
  for (let a = 0; a < n; a++) {
    if (functionOf[a] < functions && termOf[a] === 0) normalTrace += normal[a * n + a];
  }
  const weight = (penalty.weight * normalTrace) / formTrace;
  for (let a = 0; a < n; a++) {
    if (functionOf[a] === functions) continue;
    for (let b = 0; b <= a; b++) {
      if (termOf[a] !== termOf[b] || functionOf[b] === functions) continue;
      normal[a * n + b] += weight * penalty.form[functionOf[a] * functions + functionOf[b]];
    }
  }
}

/** Largest over smallest eigenvalue, each by a few steps of the power method. */
function estimateCondition(matrix: Float64Array, factor: Float64Array, n: number): number {
  const start = Float64Array.from({ length: n }, (_, k) => 1 + 0.5 * Math.cos(2.4 * k));
  const grow = (step: (vector: Float64Array) => Float64Array): number => {
    let vector = start;
    let norm = 1;
    for (let round = 0; round < 12; round++) {
      const next = step(vector);
      norm = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
      vector = next.map((value) => value / norm);
    }
    return norm;
  };
  const largest = grow((vector) => {
    const product = new Float64Array(n);
    for (let a = 0; a < n; a++) {
      let sum = 0;
      for (let b = 0; b < n; b++) sum += matrix[a * n + b] * vector[b];
      product[a] = sum;
    }
    return product;
  });
  return largest * grow((vector) => solveFactored(factor, vector));
}

/** Squares that a stamp leaves, in units of its noise. */
function misfit(
  stamp: StampMoments,
  coefficients: Float64Array,
  unknowns: Unknowns,
  image: ImageSize,
): number {
  const count = Math.sqrt(stamp.products.length);
  const most = Math.max(unknowns.degree, unknowns.backgroundDegree);
  const terms = evaluateLegendre(most, stamp.x, stamp.y, image.width, image.height);
  const local = new Float64Array(count);
  coefficients.forEach((value, a) => {
    local[unknowns.functionOf[a]] += value * terms[unknowns.termOf[a]];
  });
  local[count - 1] = -1;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) sum += local[i] * local[j] * stamp.products[i * count + j];
  }
  return sum * stamp.weight;
}

/** Misfits of the brighter half of the stamps. */
function brighterHalf(light: readonly number[], misfits: readonly number[]): readonly number[] {
  const middle = median(light);
  return misfits.filter((_, k) => light[k] >= middle);
}

/** Squares of the broad image. */
function lightOf({ products }: StampMoments): number {
  return products[products.length - 1];
}

/**
 * Tell which stamps leave much more than stamps as bright as they are.
 *
 * No kernel is exact, and what it lacks shows in units of noise only in bright stars: judged by the faint ones, the
 * best stars of all would be thrown out.
 *
 * @param light squares of the light that each stamp holds, e-^2.
 */
function findOdd(misfits: readonly number[], light: readonly number[]): readonly boolean[] {
  const order = misfits.map((_, k) => k).sort((a, b) => light[b] - light[a]);
  const odd = new Array<boolean>(misfits.length).fill(false);
  order.forEach((k, rank) => {
    const from = Math.max(0, Math.min(rank - PEERS, order.length - 2 * PEERS - 1));
    const peers = order.slice(from, from + 2 * PEERS + 1).map((other) => misfits[other]);
    const middle = median(peers);
    const spread = 1.4826 * median(peers.map((other) => Math.abs(other - middle)));
    odd[k] = misfits[k] > WORST_RATIO * middle && misfits[k] > middle + WORST_SIGMA * spread;
  });
  return odd;
}

function assembleKernel(
  coefficients: Float64Array,
  { functionOf, termOf, degree, backgroundDegree }: Unknowns,
  { functions, size }: KernelBasis,
  image: ImageSize & { readonly convolved: 'science' | 'template' },
): MatchingKernel {
  const terms = Array.from(
    { length: ((degree + 1) * (degree + 2)) / 2 },
    () => new Float64Array(size * size),
  );
  const background: number[] = [];
  coefficients.forEach((value, a) => {
    const stamp = functions[functionOf[a]];
    if (!stamp) {
      background.push(value);
      return;
    }
    const term = terms[termOf[a]];
    for (let k = 0; k < stamp.length; k++) term[k] += value * stamp[k];
  });
  return {
    convolved: image.convolved,
    size,
    degree,
    imageWidth: image.width,
    imageHeight: image.height,
    terms: terms.map((term) => Float32Array.from(term)),
    backgroundDegree,
    background,
  };
}
