import { UNUSABLE } from '../observations/index.ts';
import type { Source } from '../preprocessing/index.ts';
import type { DetectionConfig } from './config.ts';
import type { SourceIndex } from './index-sources.ts';
import { interpolate } from './measure-position.ts';
import { clamp } from './measure-shape.ts';
import type { DetectionInput } from './model.ts';

/** How badly stars subtract: error of the PSF flux as a fraction of a star's flux, against distance from it. */
export interface StarErrorProfile {
  /** Spacing of the distances, FWHM; the first is 0. */
  readonly stepFwhm: number;
  readonly fractions: readonly number[];
}

const STEP_FWHM = 0.5;
const STEPS = 9;
const MAX_STARS = 60;
const MIN_STARS = 5;
const MIN_STAR_SNR = 50;
const ANGLES = 8;

interface StarResiduals {
  /** Flux, e-: what a star's testimony weighs. */
  readonly weight: number;
  /** Mean squared residual and noise at each distance, fractions of the flux; NaN where nothing could be measured. */
  readonly residual: readonly number[];
  readonly noise: readonly number[];
}

/**
 * Measure how well this pair's own stars subtract, at and around them.
 *
 * PSF errors (in the core and in the wings), flat-field errors and unequal colours all leave residuals in
 * proportion to a star's flux; a detection near a star has to stand out from them. Bright stars weigh most,
 * and the weighted median does not mind a minority of variable stars.
 */
export function measureStarError(
  input: DetectionInput,
  templateSources: SourceIndex,
  config: DetectionConfig,
): StarErrorProfile {
  const { template } = input;
  const stars = template.sources
    .filter(
      (star) => star.snr >= MIN_STAR_SNR && (star.maskBits & UNUSABLE) === 0 && (star.flags & 0b1100) === 0,
    )
    .sort((a, b) => b.fluxE - a.fluxE)
    .slice(0, MAX_STARS)
    .map((star) => measureResiduals(input, templateSources, star));
  const fractions = Array.from({ length: STEPS }, (_, k) => {
    const distance = k * STEP_FWHM;
    const usable = stars.filter((star) => Number.isFinite(star.residual[k]!));
    // What a star's core error becomes at a distance if only its own PSF carries it there.
    const fade = Math.exp(-0.5 * (distance / 0.6) ** 2);
    const lowest = config.minStarError * fade;
    if (usable.length < MIN_STARS) return 2 * lowest;
    return clamp(robustRms(usable, k), lowest, config.maxStarError);
  });
  return { stepFwhm: STEP_FWHM, fractions };
}

/** Read a profile at a distance, linearly; 0 beyond its end. */
export function starErrorAt(profile: StarErrorProfile, distanceFwhm: number): number {
  const k = distanceFwhm / profile.stepFwhm;
  const below = Math.floor(k);
  if (!(below < profile.fractions.length - 1)) return 0;
  const f = k - below;
  return profile.fractions[below]! * (1 - f) + profile.fractions[below + 1]! * f;
}

function measureResiduals(input: DetectionInput, sources: SourceIndex, star: Source): StarResiduals {
  const { flux, fluxErr, mask, psf, fluxRatio } = input.difference;
  const total = star.fluxE * fluxRatio;
  const residual: number[] = [];
  const noise: number[] = [];
  for (let k = 0; k < STEPS; k++) {
    const radius = k * STEP_FWHM * psf.fwhmPx;
    const angles = k === 0 ? 1 : ANGLES;
    let squares = 0;
    let noises = 0;
    let count = 0;
    for (let a = 0; a < angles; a++) {
      const x = star.xPx + radius * Math.cos((2 * Math.PI * a) / angles);
      const y = star.yPx + radius * Math.sin((2 * Math.PI * a) / angles);
      const column = Math.round(x);
      const row = Math.round(y);
      if (column < 0 || row < 0 || column >= flux.width || row >= flux.height) continue;
      if ((mask.data[row * flux.width + column]! & UNUSABLE) !== 0) continue;
      const nearest = sources.nearest(x, y, psf.fwhmPx);
      if (nearest && nearest.source !== star && nearest.source.fluxE > 0.1 * star.fluxE) continue;
      squares += (interpolate(flux, x, y) / total) ** 2;
      noises += (interpolate(fluxErr, x, y) / total) ** 2;
      count++;
    }
    residual.push(squares / count);
    noise.push(noises / count);
  }
  return { weight: total, residual, noise };
}

// Median over mean of chi^2 with one degree of freedom, and with the four or so that eight angles have.
const MEDIAN_OF_ONE = 0.455;
const MEDIAN_OF_FOUR = 0.84;

/** Robust rms of the residual fraction beyond noise. */
function robustRms(stars: readonly StarResiduals[], k: number): number {
  const squares = weightedMedian(stars, (star) => star.residual[k]!);
  const noise = weightedMedian(stars, (star) => star.noise[k]!);
  return Math.sqrt(Math.max(0, squares / (k === 0 ? MEDIAN_OF_ONE : MEDIAN_OF_FOUR) - noise));
}

function weightedMedian(stars: readonly StarResiduals[], value: (star: StarResiduals) => number): number {
  const sorted = [...stars].sort((a, b) => value(a) - value(b));
  const half = sorted.reduce((sum, star) => sum + star.weight, 0) / 2;
  let passed = 0;
  for (const star of sorted) {
    passed += star.weight;
    if (passed >= half) return value(star);
  }
  return 0;
}
