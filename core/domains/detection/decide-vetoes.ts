import { MaskBit, UNUSABLE } from '../observations/index.ts';
import type { DetectionConfig } from './config.ts';
import type { FeatureRecord } from './features.ts';
import type { Veto } from './model.ts';

/** What the vetoes look at beside the features. */
export interface VetoFacts {
  /** Mask bits under the centroid and the peak: difference, science, template together and apart. */
  readonly centreBits: number;
  readonly templateCentreBits: number;
  readonly footprintLengthPx: number;
  readonly fwhmPx: number;
  /** PSF flux of the template over that of the science image. */
  readonly templateOverScience: number;
}

/**
 * Decide which rules say that a detection is not a change in the sky.
 *
 * Each rule names a mechanism with its own signature; a point source of one sign that is significant against
 * noise and against the pair's own subtraction errors passes them all, on whatever it lies.
 */
export function decideVetoes(
  features: FeatureRecord,
  facts: VetoFacts,
  config: DetectionConfig,
): readonly Veto[] {
  const vetoes: Veto[] = [];
  const veto = (rule: string, reason: string): void => {
    vetoes.push({ rule, reason });
  };
  if (features.edgeDistance < config.edgePx) {
    veto('edge', `${features.edgeDistance.toFixed(1)} px from the edge of an image`);
  }
  const bits = facts.centreBits & UNUSABLE & ~MaskBit.EDGE & ~MaskBit.NO_DATA;
  // A new source may saturate by itself; a star that saturates is in the template too.
  const isNewAndSaturated =
    bits === MaskBit.SAT &&
    (facts.templateCentreBits & MaskBit.SAT) === 0 &&
    facts.templateOverScience < 0.05;
  if (bits !== 0 && !isNewAndSaturated) veto('masked', `its centre is masked: ${nameBits(bits)}`);
  else if (features.maskedFraction > 0.5) {
    veto('masked', `${(100 * features.maskedFraction).toFixed(0)} % of its pixels are masked`);
  }
  // Noise alone has an opposite peak of two to three sigma within 2 FWHM.
  if (
    features.dipoleRatio >= config.dipoleRatio &&
    features.dipoleRatio * features.scorr >= config.dipoleSigma
  ) {
    veto('dipole', `an opposite lobe has ${features.dipoleRatio.toFixed(2)} of its significance`);
  } else if (features.snr > 8 && features.negativeFraction >= config.negativeFraction) {
    veto(
      'ring',
      `${(100 * features.negativeFraction).toFixed(0)} % of the light around has the opposite sign`,
    );
  }
  if (isSharp(features, config)) {
    veto(
      'sharp',
      `sharper than the PSF: ${features.sharpness.toFixed(2)} of its significance is in one pixel`,
    );
  }
  if (features.snr > 12 && features.fwhmRatio > config.maxFwhmRatio) {
    veto('extended', `${features.fwhmRatio.toFixed(1)} times as wide as the PSF`);
  }
  if (features.footprintElongation > config.streakElongation && facts.footprintLengthPx > 6 * facts.fwhmPx) {
    veto('streak', `part of a streak ${facts.footprintLengthPx.toFixed(0)} px long`);
  }
  if (features.streakScore > 0 && features.scorr < 4 * features.streakScore + 5) {
    veto(
      'streak',
      `on a straight track whose score is ${features.streakScore.toFixed(1)} sigma also between peaks`,
    );
  }
  const isErrorLimited = features.robustSnr < 0.75 * features.snr;
  if (features.robustSnr < (isErrorLimited ? config.minRobustSnrOnStars : config.minRobustSnr)) {
    veto(
      'star-residual',
      `${features.robustSnr.toFixed(1)} sigma of how stars subtract here (${(100 * features.sourceFluxRatio).toFixed(1)} % of the nearest)`,
    );
  }
  const beneathSnr = Math.max(1, Math.min(features.templateSnr, features.scienceSnr));
  if (features.saturationDistance < 4 * facts.fwhmPx && features.snr < config.wingError * beneathSnr) {
    const percent = ((100 * features.snr) / beneathSnr).toFixed(0);
    veto('saturated-wing', `${percent} % of the wing of a saturated star, whose PSF nobody knows that well`);
  }
  if (features.localScoreRms > 1.3 && features.scorr < config.minLocalSnr * features.localScoreRms) {
    veto(
      'noisy',
      `${(features.scorr / features.localScoreRms).toFixed(1)} sigma of the score's own rms around`,
    );
  }
  if (features.fitResidual > config.maxFitResidual && features.fitChi2 > config.maxFitChi2) {
    veto('not-a-point', `the PSF leaves ${(100 * features.fitResidual).toFixed(0)} % of its light`);
  } else if (features.pointPreference < -0.1) {
    veto('misfit-star', 'a star that moved, blurred or changed scale fits better than a point source');
  }
  return vetoes;
}

/** A cosmic ray that reaches the threshold of a matched filter has most of its light in one pixel. */
function isSharp(features: FeatureRecord, config: DetectionConfig): boolean {
  const excess = features.snr * features.sharpness;
  if (excess > 4 && features.sharpness > config.sharpness) return true;
  // Noise makes one pixel of a faint source stick out by up to three sigma, but not the whole source small.
  if (excess > 3 && features.fwhmRatio < config.minFwhmRatio) return true;
  return features.snr > 8 && features.fwhmRatio < config.minFwhmRatio;
}

/** Name the bits of a mask, for people. */
export function nameBits(bits: number): string {
  const names = Object.entries(MaskBit)
    .filter(([, bit]) => (bits & bit) !== 0)
    .map(([name]) => name);
  return names.join(', ');
}
