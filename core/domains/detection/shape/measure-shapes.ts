import type { TaskContext } from '../../../utils/index.ts';
import type { FeatureRecord, MeasurementRecord } from '../features.ts';
import type { Detection, DetectionInput } from '../model.ts';
import type { ShapeConfig } from './config.ts';
import { type DipoleFit, fitDipole } from './fit-dipole.ts';
import { fitTrail, type TrailFit } from './fit-trail.ts';

/** Noise alone has an opposite peak of two to three sigma nearby. */
const LEAST_OPPOSITE_SIGMA = 3;
/** Smaller than this part of the PSF is no source that moved. */
const LEAST_SIZE = 0.8;
/** What was vetoed for other reasons than these is known to be neither: a cosmic ray, an edge, a piece of a streak. */
const DIPOLE_VETOES = new Set(['dipole', 'ring', 'star-residual', 'misfit-star', 'not-a-point']);
const TRAIL_VETOES = new Set(['extended', 'not-a-point']);
/** A trail worse than this, per degree of freedom, is called by no name. */
const POOR_CHI2 = 3;

/**
 * Fit a dipole or a trail to each detection that looks like one, and write down what they are.
 *
 * The fits tell people what they see; they decide nothing: the vetoes look at the same signatures in ways that
 * cost less, and the score model reads the features alone.
 *
 * @param detections strongest first.
 * @returns the same detections, some with measurements among their features and `trailed` among their flags.
 */
export function measureShapes(
  input: DetectionInput,
  detections: readonly Detection[],
  config: ShapeConfig,
  context: TaskContext,
): readonly Detection[] {
  const chosen = new Set(chooseShapes(detections, config));
  return detections.map((detection, k) =>
    chosen.has(k) ? measureShape(input, detection, config, context) : detection,
  );
}

/**
 * Choose the detections that look like a dipole or a trail, the strongest of them.
 *
 * @param detections strongest first.
 * @returns their places among the detections.
 */
export function chooseShapes(detections: readonly Detection[], config: ShapeConfig): readonly number[] {
  return [...detections.keys()]
    .filter((k) => isDipole(detections[k]!, config) || isTrail(detections[k]!, config))
    .slice(0, config.maxFits);
}

/** Fit what a detection looks like, and write down what it is. */
export function measureShape(
  input: DetectionInput,
  detection: Detection,
  config: ShapeConfig,
  context: TaskContext,
): Detection {
  return isDipole(detection, config)
    ? addDipole(detection, fitDipole(input, detection, config, context))
    : addTrail(detection, fitTrail(input.difference, detection, config), config);
}

function isDipole(detection: Detection, config: ShapeConfig): boolean {
  return looksLikeDipole(detection.features as FeatureRecord, config) && isOpen(detection, DIPOLE_VETOES);
}

function isTrail(detection: Detection, config: ShapeConfig): boolean {
  return looksTrailed(detection.features as FeatureRecord, config) && isOpen(detection, TRAIL_VETOES);
}

function isOpen({ vetoes }: Detection, allowed: ReadonlySet<string>): boolean {
  return vetoes.every(({ rule }) => allowed.has(rule));
}

function looksLikeDipole({ dipoleRatio, scorr }: FeatureRecord, config: ShapeConfig): boolean {
  return dipoleRatio >= config.minDipoleRatio && dipoleRatio * scorr >= LEAST_OPPOSITE_SIGMA;
}

function looksTrailed({ snr, elongation, fwhmRatio }: FeatureRecord, config: ShapeConfig): boolean {
  if (snr < config.minTrailSnr || fwhmRatio < LEAST_SIZE) return false;
  return elongation >= config.minTrailElongation || fwhmRatio >= config.minTrailElongation;
}

function addDipole(detection: Detection, fit: DipoleFit | undefined): Detection {
  if (!fit) return detection;
  return withMeasurements(detection, {
    isDipole: fit.isDipole ? 1 : 0,
    dipoleSeparationPx: fit.separationPx,
    dipoleSeparationErrPx: fit.separationErrPx,
    dipoleAngleRad: fit.angleRad,
    dipoleFluxE: (fit.positiveFluxE + fit.negativeFluxE) / 2,
    dipoleSignificance: fit.significance,
  });
}

function addTrail(detection: Detection, fit: TrailFit | undefined, config: ShapeConfig): Detection {
  if (!fit || fit.significance < config.minTrailSignificance) return detection;
  const measured = withMeasurements(detection, {
    trailLengthPx: fit.lengthPx,
    trailLengthErrPx: fit.lengthErrPx,
    trailAngleRad: fit.angleRad,
    trailAngleErrRad: fit.angleErrRad,
    trailFluxE: fit.fluxE,
    trailFluxErrE: fit.fluxErrE,
    trailSignificance: fit.significance,
    trailChi2: fit.chi2,
  });
  return fit.chi2 > POOR_CHI2 ? measured : { ...measured, flags: [...detection.flags, 'trailed'].sort() };
}

/** Only a measurement all of whose numbers are finite is one. */
function withMeasurements(detection: Detection, measurements: MeasurementRecord): Detection {
  if (!Object.values(measurements).every(Number.isFinite)) return detection;
  return { ...detection, features: { ...detection.features, ...measurements } };
}
