import { convolveSeparable, makePlane } from '../../../kernels/index.ts';
import type { Task } from '../../../utils/index.ts';
import type { ImageSource } from '../../observations/index.ts';
import { cutStamps, type FitKernelInput, fitInMemory, type Stamp } from '../kernel-matching/cut-stamps.ts';
import { type FittedKernel, type StampMoments, solveKernel } from '../kernel-matching/solve-kernel.ts';
import { type GaussianBasis, makeGaussianBasis, type SeparableFunction } from './make-gaussian-basis.ts';

/** Fits a kernel of Gaussians on a thread. */
export const fitAlardLuptonTask: Task<FitKernelInput<ImageSource>, FittedKernel> = {
  name: 'differencing.fit-alard-lupton',
  run: (input, context) => fitInMemory(fitAlardLupton, input, context),
};

/**
 * Fit a kernel of Gaussians times polynomials that turns the sharper image into the broader one.
 *
 * @throws differencing/too-few-stamps, differencing/kernel-not-solvable
 * @see Alard & Lupton 1998, ApJ 503, 325; Alard 2000, A&AS 144, 363
 */
export function fitAlardLupton(input: FitKernelInput): FittedKernel {
  const { plan, config, name } = input;
  const { width, height } = input.science.science;
  const gaussians = makeGaussianBasis(plan);
  const stamps = cutStamps(input, gaussians.half);
  const moments = gatherMoments(stamps, gaussians, plan.stampHalfPx);
  const basis = { size: 2 * gaussians.half + 1, functions: drawFunctions(gaussians) };
  return solveKernel(moments, basis, { name, width, height, convolved: plan.convolved }, config);
}

/** Stamps are convolved together, but no more of them than fit into so many pixels: every function makes one copy. */
const BATCH_PIXELS = 300_000;

/** Take the scalar products of all stamps, batch by batch. */
function gatherMoments(
  stamps: readonly Stamp[],
  gaussians: GaussianBasis,
  stampHalf: number,
): readonly StampMoments[] {
  const wide = 2 * (stampHalf + gaussians.half) + 1;
  const batch = Math.max(1, Math.floor(BATCH_PIXELS / (wide * wide)));
  const moments: StampMoments[] = [];
  for (let from = 0; from < stamps.length; from += batch) {
    moments.push(...gatherBatch(stamps.slice(from, from + batch), gaussians, stampHalf));
  }
  return moments;
}

/** Convolve stamps, side by side in one plane, with every function, and take their scalar products. */
function gatherBatch(
  stamps: readonly Stamp[],
  { half, functions }: GaussianBasis,
  stampHalf: number,
): readonly StampMoments[] {
  const wide = 2 * (stampHalf + half) + 1;
  const side = 2 * stampHalf + 1;
  const columns = Math.ceil(Math.sqrt(stamps.length));
  const mosaic = makePlane(columns * wide, Math.ceil(stamps.length / columns) * wide);
  const cornerOf = (s: number) => Math.floor(s / columns) * wide * mosaic.width + (s % columns) * wide;
  stamps.forEach(({ sharp }, s) => {
    for (let j = 0; j < wide; j++) {
      const from = cornerOf(s) + j * mosaic.width;
      for (let i = 0; i < wide; i++) mosaic.data[from + i] = sharp[j * wide + i];
    }
  });
  const convolved = functions.map(({ kx, ky }) => convolveSeparable(mosaic, kx, ky).data);
  const count = functions.length + 2;
  const pixels = side * side;
  const rows = Array.from({ length: count }, () => new Float64Array(pixels));
  rows[count - 2].fill(1);
  return stamps.map(({ x, y, broad, noise }, s) => {
    const inner = cornerOf(s) + half * mosaic.width + half;
    functions.forEach(({ sum }, f) => {
      const row = rows[f];
      const first = rows[0];
      for (let j = 0; j < side; j++) {
        const from = inner + j * mosaic.width;
        for (let i = 0; i < side; i++) {
          const k = j * side + i;
          const value = convolved[f][from + i];
          row[k] = f === 0 ? value : value - sum * first[k];
        }
      }
    });
    rows[count - 1].set(broad);
    const products = new Float64Array(count * count);
    for (let a = 0; a < count; a++) {
      for (let b = 0; b <= a; b++) {
        const value = dot(rows[a], rows[b]);
        products[a * count + b] = value;
        products[b * count + a] = value;
      }
    }
    return { x, y, products, weight: 1 / noise };
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  // Four sums at once keep the adder busy; their order is fixed.
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < a.length; k += 4) {
    s0 += a[k] * b[k];
    s1 += a[k + 1] * b[k + 1];
    s2 += a[k + 2] * b[k + 2];
    s3 += a[k + 3] * b[k + 3];
  }
  for (; k < a.length; k++) s0 += a[k] * b[k];
  return s0 + s1 + (s2 + s3);
}

/** The functions as stamps: the first of unit sum, the others of zero sum. */
function drawFunctions({ half, functions }: GaussianBasis): readonly Float64Array[] {
  const first = drawProduct(functions[0], half);
  return functions.map((one, f) => {
    const stamp = drawProduct(one, half);
    return f === 0 ? stamp : stamp.map((value, k) => value - one.sum * first[k]);
  });
}

function drawProduct({ kx, ky }: SeparableFunction, half: number): Float64Array {
  const size = 2 * half + 1;
  return Float64Array.from({ length: size * size }, (_, k) => kx[k % size] * ky[Math.floor(k / size)]);
}
