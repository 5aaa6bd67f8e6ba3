import {
  type Arena,
  type FilterSpectra,
  goodFftSize,
  irfft2,
  makeSubtractionFilters,
  type Plane,
  rfft2OfStamp,
  type Spectrum,
  withArena,
} from '../../../kernels/index.ts';
import { cutWrapped } from '../tiles/cut-wrapped.ts';
import { LEAST_POWER } from '../tiles/noise-power.ts';
import type { NoiseCorrelation } from './measure-correlation.ts';

/** What the filters of one subtraction are made from. */
export interface FilterInput {
  /** Stars of one electron, odd stamps, centred. */
  readonly sciencePsf: Plane;
  readonly templatePsf: Plane;
  /** Background noise per pixel, e- on the science scale, white. */
  readonly scienceSigma: number;
  readonly templateSigma: number;
  /** Correlation of the difference's noise as measured without this correction; absent for white noise. */
  readonly correlation?: NoiseCorrelation | undefined;
}

/** What follows from the point-spread functions and the noise alone, besides the filters themselves. */
export interface FilterSummary {
  /** The filters' kernels squared in the image, odd stamps: they carry the variance. */
  readonly squaredKernels: { readonly [Name in keyof FilterSpectra]: Plane };
  /** Score of a point source of one electron (F_S), which is also the variance of the score on empty sky. */
  readonly fluxScale: number;
  /** Score of a uniform sky of one electron. */
  readonly skyScale: number;
  /** True variances over those that the squared kernels give for white noise. */
  readonly scoreVarianceFactor: number;
  readonly differenceVarianceFactor: number;
  /** A star of one electron in the difference image, (size, size). */
  readonly differencePsf: Float64Array;
  readonly differencePsfSize: number;
  /** Middles of the kernels that act on the science image, as far as a tile's border reaches. */
  readonly scienceScoreKernel: Float64Array;
  readonly scienceDifferenceKernel: Float64Array;
}

/**
 * Below this part of a PSF's sum its transform is measurement noise.
 *
 * There the ratio of the two PSFs has no meaning, and an unfiltered one would smear every hot pixel over the
 * whole tile; both are led to the same small real number instead, so that the images are just added up.
 */
const PSF_FLOOR = 3e-4;

/** A grid of so many sizes of the larger point-spread function holds the kernels: their squares to 1e-5 of their sums. */
const KERNEL_STAMPS = 2;

/**
 * Say what the filters are made with that turn two images into the difference and the score: those of the score (k_n, k_r)
 * and of the difference, which is on the science flux scale.
 *
 * Flux scales are equal (the template was brought to the science scale), so F_n = F_r = 1.
 * The paper takes the noise as white. Where the images were resampled or stacked before, the difference's noise
 * has a spectrum W of its own: the difference is divided by sqrt(W) and the score by W, which keeps the first white and
 * the second a matched filter.
 *
 * @returns with the noise's correlation as a stamp, not yet transformed.
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 13 (difference), 28-29 (k_n, k_r)
 */
export function describeFilters(input: FilterInput) {
  return {
    scienceVariance: input.scienceSigma ** 2,
    templateVariance: input.templateSigma ** 2,
    noise: input.correlation && correlationStamp(input.correlation),
    leastPower: LEAST_POWER,
    floor: PSF_FLOOR,
    scale: scaleOf(input),
  };
}

/**
 * Work out what else follows from the filters, on a small grid: kernels are hardly longer than the point-spread
 * functions, and a grid that holds them tells all of them.
 *
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 14 (P_D), 41-43 (F_S)
 */
export function summariseFilters(input: FilterInput, side: number): FilterSummary {
  return withArena((arena) => {
    const { filters, pn, noise } = makeAll(arena, input, side, side);
    const means = { signal: 0, whiteSignal: 0, inverse: 0 };
    const psf = arena.spectrum(side, side);
    const spectrum = psf.data;
    const n = pn.data;
    const k = filters.scoreScience.data;
    const d = filters.differenceScience.data;
    const power = noise?.data;
    const rowLength = side + 2;
    for (let i = 0; i < n.length; i += 2) {
      const column = (i % rowLength) / 2;
      // Columns 0 and side / 2 stand for themselves, all others also for their mirror.
      const share = column === 0 || column === side / 2 ? 1 : 2;
      const w = power ? Math.max(LEAST_POWER, power[i]) : 1;
      const signal = share * (k[i] * n[i] - k[i + 1] * n[i + 1]);
      means.signal += signal;
      means.whiteSignal += signal / w;
      means.inverse += share / w;
      spectrum[i] = d[i] * n[i] - d[i + 1] * n[i + 1];
      spectrum[i + 1] = d[i] * n[i + 1] + d[i + 1] * n[i];
    }
    const area = side * side;
    const room = arena.plane(side, side);
    const size = Math.max(input.sciencePsf.width, input.templatePsf.width);
    const middle = (kernel: Plane) => cutWrapped(kernel, Math.min(2 * size + 1, side - 1));
    const squared = (filter: Spectrum) => squareStamp(irfft2(filter, room));
    // Of the science image both the kernels and their squares are wanted.
    const scoreKernel = irfft2(filters.scoreScience, room);
    const [scienceScoreKernel, scoreScience] = [middle(scoreKernel), squareStamp(scoreKernel)];
    const differenceKernel = irfft2(filters.differenceScience, room);
    const [scienceDifferenceKernel, differenceScience] = [
      middle(differenceKernel),
      squareStamp(differenceKernel),
    ];
    return {
      squaredKernels: {
        scoreScience,
        scoreTemplate: squared(filters.scoreTemplate),
        differenceScience,
        differenceTemplate: squared(filters.differenceTemplate),
      },
      fluxScale: means.signal / area,
      skyScale: 1 / scaleOf(input),
      scoreVarianceFactor: means.signal / means.whiteSignal,
      differenceVarianceFactor: area / means.inverse,
      differencePsf: cutWrapped(irfft2(psf, room), size),
      differencePsfSize: size,
      scienceScoreKernel,
      scienceDifferenceKernel,
    };
  });
}

/** Give the side of a grid that holds the kernels of these filters. */
export function kernelGrid({ sciencePsf, templatePsf }: FilterInput, width: number, height: number): number {
  const wanted = goodFftSize(KERNEL_STAMPS * Math.max(sciencePsf.width, templatePsf.width) + 2);
  return Math.min(wanted, width, height);
}

function makeAll(arena: Arena, input: FilterInput, width: number, height: number) {
  const spectrum = () => arena.spectrum(width, height);
  const pn = rfft2OfStamp(input.sciencePsf, width, height, spectrum());
  const pr = rfft2OfStamp(input.templatePsf, width, height, spectrum());
  const options = describeFilters(input);
  // A correlation is symmetric, so its transform is real.
  const noise = options.noise && rfft2OfStamp(options.noise, width, height, spectrum());
  const filters: FilterSpectra = {
    scoreScience: spectrum(),
    scoreTemplate: spectrum(),
    differenceScience: spectrum(),
    differenceTemplate: spectrum(),
  };
  makeSubtractionFilters(pn, pr, { ...options, noise }, filters);
  return { filters, pn, noise };
}

/** Variance of the sky's noise in both images together, at the largest scales. */
function scaleOf({ scienceSigma, templateSigma, correlation }: FilterInput): number {
  const atZero = correlation ? correlation.values.reduce((sum, value) => sum + value, 0) : 1;
  return (scienceSigma ** 2 + templateSigma ** 2) * Math.max(LEAST_POWER, atZero);
}

function correlationStamp({ maxLag, values }: NoiseCorrelation): Plane {
  const side = 2 * maxLag + 1;
  return { width: side, height: side, data: Float32Array.from(values) };
}

/** Cut a kernel that is wrapped around the first pixel out of its grid, squared; odd sides. */
function squareStamp(kernel: Plane): Plane {
  const side = kernel.width - 1 + (kernel.width % 2);
  const data = new Float32Array(side * side);
  const stamp = cutWrapped(kernel, side);
  for (let k = 0; k < data.length; k++) data[k] = stamp[k] ** 2;
  return { width: side, height: side, data };
}
