/**
 * Names of a detection's features, in the order in which models read them.
 *
 * New ones go to the end of a new model version; none is renamed. Lengths are in FWHM of the difference's
 * PSF or in px, fluxes relative to the detection's own error or flux.
 */
export const FEATURE_NAMES = [
  /** |flux| / its error. */
  'snr',
  /** |S_corr| at the peak; below `snr` where registration is uncertain. */
  'scorr',
  /** 1 if it faded. */
  'isNegative',
  /** Size over the PSF's size, both from Gaussian-weighted moments. */
  'fwhmRatio',
  /** Major over minor axis of the same moments, divided by the PSF's own. */
  'elongation',
  /** Share of the light beyond 2 sigma, within 1.5 FWHM, that has the opposite sign. */
  'negativeFraction',
  /** Strongest opposite score within 1.6 FWHM over the own score: a dipole's lobes are 1.2 FWHM apart. */
  'dipoleRatio',
  /** Reduced chi^2 of a point source fitted to the difference within 1.5 FWHM. */
  'fitChi2',
  /** Residual of that fit beyond noise, as a fraction of the fitted light. */
  'fitResidual',
  /** chi^2 of a misplaced, misscaled or blurred star minus that of a point source, over the total: -1 star, +1 point. */
  'pointPreference',
  /** Brightest pixel over what a point source of the fitted flux has there. */
  'concentration',
  /** Excess of the brightest pixel over the fit in sigma, over `snr`: large for cosmic rays. */
  'sharpness',
  /** The same on the image where it is bright, before subtraction: residual over fitted peak. */
  'imageSharpness',
  /** Share of unusable pixels within 1.5 FWHM. */
  'maskedFraction',
  /** Distance to the edge of the image or of the template's coverage, px, at most 64. */
  'edgeDistance',
  /** Distance to the nearest saturated pixel of either image, px, at most 64. */
  'saturationDistance',
  /** Distance to the nearest source of either image, FWHM, at most 10. */
  'sourceDistance',
  /** |flux| over the flux of that source. */
  'sourceFluxRatio',
  /** PSF flux of the template here, over the error of the flux. */
  'templateSnr',
  /** PSF flux of the science image here, over the error of the flux. */
  'scienceSnr',
  /** |flux| over the template's PSF flux here (or over the error, if that is more). */
  'fluxOverTemplate',
  /** Significance when the pair's own subtraction error on stars is added to the noise. */
  'robustSnr',
  /** Flux change that a shift of 0.1 px of the template would make here, over the error. */
  'shiftSnr',
  /** Robust rms of the score image from 3 to 8 FWHM around. */
  'localScoreRms',
  /** Detections in its footprint. */
  'peaksInFootprint',
  /** Length of the footprint over its width. */
  'footprintElongation',
  /** Area above threshold over that of a point source of this score. */
  'areaRatio',
  /** Median score along a straight track that it lies on, sigma; 0 if on none. */
  'streakScore',
] as const;

export type FeatureName = (typeof FEATURE_NAMES)[number];

/** Every feature by name. */
export type FeatureRecord = Readonly<Record<FeatureName, number>>;

/**
 * Names of what is measured beside the features where a detection looks like it: for people; no model reads them.
 *
 * Angles go from +x towards +y: a dipole's from its negative to its positive lobe, a trail's in -pi/2 to pi/2.
 */
export const MEASUREMENT_NAMES = [
  /** 1 where two lobes of opposite sign, alike and significant, explain it better than a point source. */
  'isDipole',
  /** Distance of the lobes, px, and its error. */
  'dipoleSeparationPx',
  'dipoleSeparationErrPx',
  'dipoleAngleRad',
  /** Mean flux of the two lobes, e-. */
  'dipoleFluxE',
  /** Square root of what the second lobe takes off chi^2. */
  'dipoleSignificance',
  /** Length of the line along which it moved while the shutter was open, px. */
  'trailLengthPx',
  'trailLengthErrPx',
  'trailAngleRad',
  'trailAngleErrRad',
  'trailFluxE',
  'trailFluxErrE',
  /** Square root of what the length takes off chi^2. */
  'trailSignificance',
  /** Chi^2 per degree of freedom of the trail. */
  'trailChi2',
] as const;

export type MeasurementName = (typeof MEASUREMENT_NAMES)[number];

/** Some measurements by name. */
export type MeasurementRecord = Readonly<Partial<Record<MeasurementName, number>>>;

/** Put features into the fixed order. */
export function orderFeatures(features: Readonly<Record<string, number>>): Float32Array {
  return Float32Array.from(FEATURE_NAMES, (name) => features[name] ?? 0);
}
