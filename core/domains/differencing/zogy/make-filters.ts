import {
  cutKernel,
  goodFftSize,
  irfft2,
  makeSpectrum,
  multiplySpectra,
  type Plane,
  rfft2OfStamp,
  type Spectrum,
  type SubtractionKernels,
} from '../../../kernels/index.ts';
import { cutWrapped } from '../tiles/cut-wrapped.ts';
import { noisePower } from '../tiles/noise-power.ts';
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

/** Filters that turn two images into the difference and the score, and what follows from them. */
export interface ZogyFilters {
  /** k_n, k_r, d_n, d_r as kernels in the image, odd stamps of one side, centred. */
  readonly kernels: SubtractionKernels;
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
 * the difference's kernels short; what is left of a star in it is 5e-4 of its peak.
 */
const DIFFERENCE_FLOOR = 1e-3;
/** In the score such frequencies count for nothing, and stars leave nothing in any case. */
const SCORE_FLOOR = 3e-4;

/** Kernels end at so many radii of the larger point-spread function: the score's are that function times one of 1.2 radii. */
const REACH_RADII = 2.2;
/** This part of a kernel's length is left as it is. */
const WHOLE_PART = 0.75;

/** What whitens the difference ends here: correlations are measured up to 6 px. */
const WHITENING_REACH_PX = 6;

/** A grid of so many sizes of the larger point-spread function holds the kernels. */
const KERNEL_STAMPS = 2;

/** Give the distance beyond which the kernels for point-spread functions of these sizes are zero, px. */
export function kernelReach(sizes: readonly number[]): number {
  const radius = radiusOf(sizes);
  return Math.max(Math.ceil(REACH_RADII * radius), radius + WHITENING_REACH_PX);
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
 * around it and on nothing else: not on the size of what is transformed at once. Those of the score are
 * h P_r and h P_n with h = conj(P_n P_r) / (den W): h is cut, and a constant star leaves nothing whatever was cut off. With the
 * broad wings of real profiles the score is that of the paper to 0.01 of its noise, rms, of simulated ones to 3e-4.
 *
 * @param width, height of what will be filtered; the grid is no larger.
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 13 (difference), 14 (P_D), 28-29 (k_n, k_r), 41-43 (F_S)
 */
export function makeZogyFilters(input: FilterInput, width: number, height: number): ZogyFilters {
  const sizes = [input.sciencePsf.width, input.templatePsf.width];
  const size = Math.max(...sizes);
  const radius = radiusOf(sizes);
  const whole = kernelReach(sizes);
  const side = Math.min(goodFftSize(Math.max(KERNEL_STAMPS * size, 2 * whole) + 2), width, height);
  const reach = Math.min(whole, side / 2 - 1);
  const pn = rfft2OfStamp(input.sciencePsf, side, side);
  const pr = rfft2OfStamp(input.templatePsf, side, side);
  const noise = input.correlation && noisePower(input.correlation, side, side);
  const ideal = makeIdeal(input, pn, pr, noise);
  const transform = (kernel: Plane) => rfft2OfStamp(kernel, side, side);
  const ofScore = whole - radius;
  const h = transform(cutKernel(irfft2(ideal.h), Math.min(reach, ofScore), WHOLE_PART * ofScore));
  const whitening = noise && makeWhitening(noise, side);
  const difference = (filter: Spectrum) => {
    const longest = whitening ? whole - WHITENING_REACH_PX : whole;
    const spectrum = transform(cutKernel(irfft2(filter), Math.min(reach, longest), radius));
    return whitening ? multiplySpectra(spectrum, whitening, spectrum) : spectrum;
  };
  const filters = {
    scoreScience: multiplySpectra(h, pr),
    scoreTemplate: multiplySpectra(h, pn),
    differenceScience: difference(ideal.differenceScience),
    differenceTemplate: difference(ideal.differenceTemplate),
  };
  const sums = sumOver(input, filters, pn, noise);
  const [kn, dn] = [filters.scoreScience.data[0], filters.differenceScience.data[0]];
  const cut = (filter: Spectrum) => cutKernel(irfft2(filter), reach);
  const moved = (filter: Spectrum) => cut(turn(filter, input.shiftX, input.shiftY));
  return {
    kernels: {
      scoreScience: cut(filters.scoreScience),
      scoreTemplate: moved(filters.scoreTemplate),
      differenceScience: cut(filters.differenceScience),
      differenceTemplate: moved(filters.differenceTemplate),
    },
    fluxScale: sums.signal / side ** 2,
    skyScale: kn / dn,
    scoreVarianceFactor: sums.scorePower / sums.scoreWhite,
    differenceVarianceFactor: sums.differencePower / sums.differenceWhite,
    differencePsf: cutWrapped(irfft2(multiplySpectra(filters.differenceScience, pn)), size),
    differencePsfSize: size,
  };
}

/** Make the filters as the paper has them, of any length: h, and d_n and d_r for white noise. */
function makeIdeal(
  { scienceSigma, templateSigma }: FilterInput,
  pn: Spectrum,
  pr: Spectrum,
  noise: Float32Array | undefined,
) {
  const make = () => makeSpectrum(pn.width, pn.height);
  const [h, differenceScience, differenceTemplate] = [make(), make(), make()];
  const [vn, vr] = [scienceSigma ** 2, templateSigma ** 2];
  const [n, r] = [pn.data, pr.data];
  for (let i = 0; i < n.length; i += 2) {
    const power = n[i] ** 2 + n[i + 1] ** 2 + r[i] ** 2 + r[i + 1] ** 2;
    const low = liftTo(SCORE_FLOOR, power);
    const [hn, hr] = [n[i] + low, r[i] + low];
    const w = noise ? noise[i / 2] : 1;
    const ofScore = 1 / (w * (vn * (hr * hr + r[i + 1] ** 2) + vr * (hn * hn + n[i + 1] ** 2)));
    h.data[i] = ofScore * (hn * hr - n[i + 1] * r[i + 1]);
    h.data[i + 1] = -ofScore * (hn * r[i + 1] + n[i + 1] * hr);
    const lift = liftTo(DIFFERENCE_FLOOR, power);
    const [dn, dr] = [n[i] + lift, r[i] + lift];
    const den = vn * (dr * dr + r[i + 1] ** 2) + vr * (dn * dn + n[i + 1] ** 2);
    const ofDifference = Math.sqrt((vn + vr) / den);
    differenceScience.data[i] = ofDifference * dr;
    differenceScience.data[i + 1] = ofDifference * r[i + 1];
    differenceTemplate.data[i] = ofDifference * dn;
    differenceTemplate.data[i + 1] = ofDifference * n[i + 1];
  }
  return { h, differenceScience, differenceTemplate };
}

/** What leads both profiles to a floor where their power vanishes: smooth in frequency, hence short in the image. */
function liftTo(floor: number, power: number): number {
  return floor * Math.exp(-power / (2 * floor ** 2));
}

/** Make 1 / sqrt(W), 1 at the largest scales, as the spectrum of a kernel that ends at `WHITENING_REACH_PX`. */
function makeWhitening(noise: Float32Array, side: number): Spectrum {
  const spectrum = makeSpectrum(side, side);
  for (let k = 0; k < noise.length; k++) spectrum.data[2 * k] = 1 / Math.sqrt(noise[k]);
  const reach = Math.min(WHITENING_REACH_PX, side / 2 - 1);
  const whitening = rfft2OfStamp(cutKernel(irfft2(spectrum), reach, reach / 2), side, side);
  const scale = 1 / whitening.data[0];
  for (let k = 0; k < whitening.data.length; k++) whitening.data[k] *= scale;
  return whitening;
}

/** Sum over all frequencies what a star gives in the score, and the noise of score and difference: as it is, and were it white. */
function sumOver(
  { scienceSigma, templateSigma }: FilterInput,
  {
    scoreScience,
    scoreTemplate,
    differenceScience,
    differenceTemplate,
  }: Record<keyof SubtractionKernels, Spectrum>,
  pn: Spectrum,
  noise: Float32Array | undefined,
) {
  const sums = { signal: 0, scorePower: 0, scoreWhite: 0, differencePower: 0, differenceWhite: 0 };
  const [vn, vr] = [scienceSigma ** 2, templateSigma ** 2];
  const n = pn.data;
  const { width } = pn;
  const squared = ({ data }: Spectrum, i: number) => data[i] ** 2 + data[i + 1] ** 2;
  for (let i = 0; i < n.length; i += 2) {
    const column = (i % (width + 2)) / 2;
    // Columns 0 and width / 2 stand for themselves, all others also for their mirror.
    const share = column === 0 || column === width / 2 ? 1 : 2;
    const power = share * (noise ? noise[i / 2] : 1);
    const k = scoreScience.data;
    sums.signal += share * (k[i] * n[i] - k[i + 1] * n[i + 1]);
    const score = vn * squared(scoreScience, i) + vr * squared(scoreTemplate, i);
    const difference = vn * squared(differenceScience, i) + vr * squared(differenceTemplate, i);
    sums.scorePower += power * score;
    sums.scoreWhite += share * score;
    sums.differencePower += power * difference;
    sums.differenceWhite += share * difference;
  }
  return sums;
}

/** Turn the phases of a spectrum so that its plane moves by (dx, dy) px, in place. */
function turn(spectrum: Spectrum, dx: number, dy: number): Spectrum {
  const { data, width, height } = spectrum;
  if (dx === 0 && dy === 0) return spectrum;
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
  return spectrum;
}
