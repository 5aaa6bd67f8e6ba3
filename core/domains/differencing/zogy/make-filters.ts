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
import { fade } from '../psf/shrink-rings.ts';
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
  /** How far the template is moved first, px. */
  readonly shiftX: number;
  readonly shiftY: number;
}

/** What follows from the point-spread functions and the noise alone. */
export interface ZogyFilters {
  /** The filters as kernels in the image, odd stamps, centred. */
  readonly kernels: { readonly [Name in keyof FilterSpectra]: Plane };
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
}

/**
 * Below this part of a PSF's sum its transform is measurement noise.
 *
 * There the ratio of the two PSFs has no meaning, and an unfiltered one would smear every hot pixel over the
 * whole image; both are led to the same small real number instead, so that the images are just added up. It also keeps
 * the kernels short: what is left of a star by it is 5e-4 of its peak in the difference, 1e-6 in the score.
 */
const PSF_FLOOR = 1e-3;

/** A grid of so many sizes of the larger point-spread function holds the kernels: what folds back is 1e-5 of them. */
const KERNEL_STAMPS = 2;

/** Kernels fade from the radius at which the larger point-spread function ends to so many of it. */
const REACH_RADII = 1.4;

/** Give the distance beyond which the kernels for point-spread functions of these sizes are zero, px. */
export function kernelReach(sizes: readonly number[]): number {
  return Math.ceil(REACH_RADII * radiusOf(sizes));
}

function radiusOf(sizes: readonly number[]): number {
  return (Math.max(...sizes) - 1) / 2;
}

/**
 * Make the filters that turn two images into the difference and the score: those of the score (k_n, k_r) and of the
 * difference, which is on the science flux scale.
 *
 * Flux scales are equal (the template was brought to the science scale), so F_n = F_r = 1.
 * The paper takes the noise as white. Where the images were resampled or stacked before, the difference's noise
 * has a spectrum W of its own: the difference is divided by sqrt(W) and the score by W, which keeps the first white and
 * the second a matched filter.
 *
 * Filters are made on a small grid and cut as kernels of finite length, so that a pixel of the result depends on those
 * around it and on nothing else: not on the size of what is transformed at once. The cut takes 3e-4 off the noise of the
 * difference and 1e-5 off that of the score, rms.
 *
 * @param width, height of what will be filtered; the grid is no larger.
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 13 (difference), 14 (P_D), 28-29 (k_n, k_r), 41-43 (F_S)
 */
export function makeZogyFilters(input: FilterInput, width: number, height: number): ZogyFilters {
  const sizes = [input.sciencePsf.width, input.templatePsf.width];
  const size = Math.max(...sizes);
  const side = Math.min(goodFftSize(KERNEL_STAMPS * size + 2), width, height);
  return withArena((arena) => {
    const { filters, pn, noise } = makeAll(arena, input, side);
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
    const reach = Math.min(kernelReach(sizes), side / 2 - 1);
    const cut = (filter: Spectrum) => cutFading(irfft2(filter, room), radiusOf(sizes), reach);
    turn(filters.scoreTemplate, input.shiftX, input.shiftY);
    turn(filters.differenceTemplate, input.shiftX, input.shiftY);
    return {
      kernels: {
        scoreScience: cut(filters.scoreScience),
        scoreTemplate: cut(filters.scoreTemplate),
        differenceScience: cut(filters.differenceScience),
        differenceTemplate: cut(filters.differenceTemplate),
      },
      fluxScale: means.signal / area,
      skyScale: 1 / scaleOf(input),
      scoreVarianceFactor: means.signal / means.whiteSignal,
      differenceVarianceFactor: area / means.inverse,
      differencePsf: cutWrapped(irfft2(psf, room), size),
      differencePsfSize: size,
    };
  });
}

function makeAll(arena: Arena, input: FilterInput, side: number) {
  const spectrum = () => arena.spectrum(side, side);
  const pn = rfft2OfStamp(input.sciencePsf, side, side, spectrum());
  const pr = rfft2OfStamp(input.templatePsf, side, side, spectrum());
  // A correlation is symmetric, so its transform is real.
  const noise =
    input.correlation && rfft2OfStamp(correlationStamp(input.correlation), side, side, spectrum());
  const filters: FilterSpectra = {
    scoreScience: spectrum(),
    scoreTemplate: spectrum(),
    differenceScience: spectrum(),
    differenceTemplate: spectrum(),
  };
  makeSubtractionFilters(
    pn,
    pr,
    {
      scienceVariance: input.scienceSigma ** 2,
      templateVariance: input.templateSigma ** 2,
      noise,
      leastPower: LEAST_POWER,
      floor: PSF_FLOOR,
      scale: scaleOf(input),
    },
    filters,
  );
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

/** Turn the phases of a spectrum so that its plane moves by (dx, dy) px, in place. */
function turn({ data, width, height }: Spectrum, dx: number, dy: number): void {
  if (dx === 0 && dy === 0) return;
  const columns = width / 2 + 1;
  for (let j = 0; j < height; j++) {
    const v = (j <= height / 2 ? j : j - height) / height;
    for (let i = 0; i < columns; i++) {
      const angle = -2 * Math.PI * ((i / width) * dx + v * dy);
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const at = 2 * (j * columns + i);
      const [re, im] = [data[at], data[at + 1]];
      data[at] = re * cos - im * sin;
      data[at + 1] = re * sin + im * cos;
    }
  }
}

/** Cut a kernel that is wrapped around the first pixel out of its grid, fading to zero at `reach`. */
function cutFading(kernel: Plane, from: number, reach: number): Plane {
  const side = 2 * reach + 1;
  const stamp = Float32Array.from(cutWrapped(kernel, side));
  for (let k = 0; k < stamp.length; k++) {
    stamp[k] *= fade(Math.hypot((k % side) - reach, Math.floor(k / side) - reach), from, reach + 1);
  }
  return { width: side, height: side, data: stamp };
}
