import { addressOf } from './arena.ts';
import { kernelModule } from './load-module.ts';
import { requireSameSize } from './run-bands.ts';
import type { Spectrum } from './spectrum.ts';

/** What the filters need to know of noise. */
export interface FilterOptions {
  /** Variance of the white noise of both images. */
  readonly scienceVariance: number;
  readonly templateVariance: number;
  /** Spectrum of the noise's correlation (its real part counts); absent for white noise. */
  readonly noise?: Spectrum | undefined;
  /** The noise's power is taken to be at least this. */
  readonly leastPower: number;
  /** Below this the transforms of the point-spread functions are led to this number, the same in both. */
  readonly floor: number;
  /** Factor under the root of the difference's filters. */
  readonly scale: number;
}

/** Filters to multiply with the science and the template's spectrum. */
export interface FilterSpectra {
  /** conj(pn) |pr|^2 / (den w) and conj(pr) |pn|^2 / (den w), den = vn |pr|^2 + vr |pn|^2. */
  readonly scoreScience: Spectrum;
  readonly scoreTemplate: Spectrum;
  /** pr sqrt(scale / (den w)) and pn sqrt(scale / (den w)). */
  readonly differenceScience: Spectrum;
  readonly differenceTemplate: Spectrum;
}

/**
 * Make the filters of proper image subtraction from the transforms of two point-spread functions, in one pass.
 *
 * All spectra lie in an arena. `pn` and `pr` are overwritten by what they are after being led to the floor:
 * both gain floor * exp(-(|pn|^2 + |pr|^2) / (2 floor^2)), which is smooth in frequency, hence short in the image.
 *
 * @throws RangeError when sizes differ or a spectrum lies outside the arena.
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 13 and 28-29
 */
export function makeSubtractionFilters(
  pn: Spectrum,
  pr: Spectrum,
  options: FilterOptions,
  out: FilterSpectra,
): void {
  const { noise } = options;
  const { scoreScience, scoreTemplate, differenceScience, differenceTemplate } = out;
  for (const other of [pr, ...Object.values(out), ...(noise ? [noise] : [])]) requireSameSize(pn, other);
  kernelModule().makeFilters(
    inArena(pn),
    inArena(pr),
    noise ? inArena(noise) : 0,
    options.leastPower,
    options.scienceVariance,
    options.templateVariance,
    options.floor,
    options.scale,
    inArena(scoreScience),
    inArena(scoreTemplate),
    inArena(differenceScience),
    inArena(differenceTemplate),
    (pn.width / 2 + 1) * pn.height,
  );
}

function inArena({ data }: Spectrum): number {
  const address = addressOf(data);
  if (address === undefined) throw new RangeError('This kernel works on spectra of an arena alone.');
  return address;
}
