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
  /** Squared flux, e-^2. */
  readonly weight: number;
  /** Mean of (residual^2 - noise^2) at each distance, e-^2; NaN where nothing could be measured. */
  readonly excess: readonly number[];
}

/**
 * Measure how well this pair's own stars subtract, at and around them.
 *
 * PSF errors (in the core and in the wings), flat-field errors and unequal colours all leave residuals in
 * proportion to a star's flux; a detection near a star has to stand out from them. Bright stars weigh most.
 * The star that contributes most is left out, so that one variable star does not hide itself.
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
    const usable = stars.filter((star) => Number.isFinite(star.excess[k]!));
    // What a star's core error becomes at a distance if only its own PSF carries it there.
    const fade = Math.exp(-0.5 * (distance / 0.6) ** 2);
    const lowest = config.minStarError * fade;
    if (usable.length < MIN_STARS) return 2 * lowest;
    return clamp(jackknifeRms(usable, k), lowest, config.maxStarError);
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
  const excess = Array.from({ length: STEPS }, (_, k) => {
    const radius = k * STEP_FWHM * psf.fwhmPx;
    const angles = k === 0 ? 1 : ANGLES;
    let sum = 0;
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
      sum += interpolate(flux, x, y) ** 2 - interpolate(fluxErr, x, y) ** 2;
      count++;
    }
    return count > 0 ? sum / count : Number.NaN;
  });
  return { weight: (star.fluxE * fluxRatio) ** 2, excess };
}

/** Flux-weighted rms fraction without the star that raises it most. */
function jackknifeRms(stars: readonly StarResiduals[], k: number): number {
  const weight = stars.reduce((sum, star) => sum + star.weight, 0);
  const excess = stars.reduce((sum, star) => sum + star.excess[k]!, 0);
  let lowest = Number.POSITIVE_INFINITY;
  for (const star of stars) {
    lowest = Math.min(lowest, (excess - star.excess[k]!) / Math.max(weight - star.weight, 1e-9));
  }
  return Math.sqrt(Math.max(0, lowest));
}
