import { DEFAULT_SHAPE_CONFIG, type ShapeConfig } from './shape/config.ts';

/** What counts as a detection, and which detections are not worth a person's time. */
export interface DetectionConfig {
  /** Threshold on |S_corr|, sigma. Default 5. */
  readonly thresholdSigma: number;
  /** Growth of footprints before they merge, px. Default 2. */
  readonly growPx: number;
  /** A peak fainter than this fraction of a stronger one within 3 FWHM is part of its wings. Default 0.04. */
  readonly wingFraction: number;
  /** Depth of the saddle between two peaks, as a fraction of the fainter, that makes them two. Default 0.15. */
  readonly saddleFraction: number;
  /** Most detections kept of one difference, strongest first. Default 2000. */
  readonly maxDetections: number;
  /** Veto nearer than this to an edge, px. Default 6. */
  readonly edgePx: number;
  /** Veto if the opposite lobe within 1.6 FWHM has this fraction of the score. Default 0.5. */
  readonly dipoleRatio: number;
  /** ... and at least this significance of its own, sigma. Default 3.5. */
  readonly dipoleSigma: number;
  /** Veto if this share of the significant light nearby has the opposite sign. Default 0.4. */
  readonly negativeFraction: number;
  /** Veto a brightest pixel this many times `snr` above the fitted PSF, in sigma (and 4 sigma at least). Default 0.3. */
  readonly sharpness: number;
  /** Veto a source this many times smaller than the PSF (size ratio). Default 0.6. */
  readonly minFwhmRatio: number;
  /** Veto a source this many times larger than the PSF. Default 2.2. */
  readonly maxFwhmRatio: number;
  /** Veto footprints this much longer than wide, if also longer than 6 FWHM. Default 4. */
  readonly streakElongation: number;
  /** Significance that must remain when the pair's own subtraction error on stars counts as noise. Default 4. */
  readonly minRobustSnr: number;
  /** The same where that error outweighs the noise. Default 5.5. */
  readonly minRobustSnrOnStars: number;
  /** Veto within 4 FWHM of a saturated pixel what is less than this fraction of the light there. Default 0.25. */
  readonly wingError: number;
  /** Bounds of that subtraction error, as a fraction of a star's flux. Default 0.003 to 0.05. */
  readonly minStarError: number;
  readonly maxStarError: number;
  /** Significance that must remain against the score image's own rms around. Default 4. */
  readonly minLocalSnr: number;
  /** Residual of the PSF fit beyond noise, as a fraction of the light, that is not a point source. Default 0.45. */
  readonly maxFitResidual: number;
  /** ... and at least this reduced chi^2: noise on 70 pixels reaches 1.85 in one of a million. Default 1.85. */
  readonly maxFitChi2: number;
  /** How dipoles and trails are fitted. */
  readonly shape: ShapeConfig;
}

export const DEFAULT_DETECTION_CONFIG: DetectionConfig = {
  thresholdSigma: 5,
  growPx: 2,
  wingFraction: 0.04,
  saddleFraction: 0.15,
  maxDetections: 2000,
  edgePx: 6,
  dipoleRatio: 0.5,
  dipoleSigma: 3.5,
  negativeFraction: 0.4,
  sharpness: 0.3,
  minFwhmRatio: 0.6,
  maxFwhmRatio: 2.2,
  streakElongation: 4,
  minRobustSnr: 4,
  minRobustSnrOnStars: 5.5,
  wingError: 0.25,
  minStarError: 0.003,
  maxStarError: 0.05,
  minLocalSnr: 4,
  maxFitResidual: 0.45,
  maxFitChi2: 1.85,
  shape: DEFAULT_SHAPE_CONFIG,
};
