import type { Difference, ForcedPhotometry, PsfFlux } from '../domains/differencing/index.ts';
import { type PixelPosition, pixelScaleArcsec } from '../domains/observations/index.ts';
import type { CalibratedExposure, RegisteredTemplate } from '../domains/preprocessing/index.ts';
import { AstridError } from '../utils/index.ts';
import type { CurvePosition, MeasuredPoint } from './light-curve.ts';

/** An epoch's images, for what else is to be known at a place. */
export interface EpochImages {
  readonly science: CalibratedExposure;
  readonly template: RegisteredTemplate;
  readonly difference: Difference;
}

/** A fit worse than this, per degree of freedom, is not of a point source alone. */
const POOR_CHI2 = 3;
/** Part of the PSF's weight that may be masked before a point is called so. */
const MUCH_MASKED = 0.1;

/** Bring what was measured in an epoch onto the template's scale. */
export function describePoint(
  forced: ForcedPhotometry,
  template: PsfFlux,
  { difference }: EpochImages,
  isTemplate: boolean,
  method: 'difference' | 'direct',
): Omit<MeasuredPoint, 'path' | 'quality'> {
  const { fluxRatio } = forced;
  const templateE = Number.isNaN(template.fluxE) ? 0 : template.fluxE;
  // The template minus itself is nothing, and says nothing of the noise.
  const changeE = isTemplate ? 0 : forced.difference.fluxE / fluxRatio;
  const changeErrE = isTemplate
    ? template.fluxErrE
    : Math.hypot(forced.difference.fluxErrE, forced.modelErrE) / fluxRatio;
  const directE = forced.science.fluxE / fluxRatio;
  const directErrE = forced.science.fluxErrE / fluxRatio;
  const scaleError = difference.metrics.fluxRatioErr / difference.fluxRatio;
  const [partE, errorE] = method === 'direct' ? [directE, directErrE] : [changeE, changeErrE];
  return {
    kind: 'measured',
    xPx: forced.xPx,
    yPx: forced.yPx,
    fluxE: method === 'direct' ? directE : templateE + changeE,
    // The error of the template's own flux is the same for all points: it is told beside them.
    fluxErrE: Math.hypot(errorE, scaleError * partE),
    changeE,
    changeErrE,
    changeSnr: changeE / changeErrE,
    directE,
    directErrE,
    limit3E: 3 * changeErrE,
    limit5E: 5 * changeErrE,
  };
}

/** Tell what makes a point good or bad. */
export function describeQuality(
  { difference: fit, fluxRatio, noiseFactor }: ForcedPhotometry,
  own: PsfFlux,
  { science, template, difference }: EpochImages,
  original: CalibratedExposure,
): MeasuredPoint['quality'] {
  const flags: string[] = [];
  if (science.name === original.name) flags.push('is-template');
  if (Number.isNaN(own.fluxE)) flags.push('change-only');
  if (fit.maskedFraction > MUCH_MASKED) flags.push('masked');
  if (fit.chi2 > POOR_CHI2) flags.push('poor-fit');
  if (difference.grade !== 'green') flags.push(difference.grade);
  return {
    grade: difference.grade,
    gradeReasons: difference.gradeReasons,
    chi2: fit.chi2,
    maskedFraction: fit.maskedFraction,
    negativeFraction: fit.negativeFraction,
    fwhmPx: science.fwhmPx,
    seeingArcsec: science.wcs ? science.fwhmPx * pixelScaleArcsec(science.wcs) : undefined,
    overlap: template.registration.overlap,
    registrationRmsPx: template.registration.rmsPx,
    fluxRatio,
    fluxRatioErr: difference.metrics.fluxRatioErr,
    noiseFactor,
    flags,
  };
}

/** Say why there is no flux at a place, if there is none. */
export function findProblem(
  place: PixelPosition | undefined,
  { difference }: ForcedPhotometry,
  position: CurvePosition,
  { science }: EpochImages,
): AstridError | undefined {
  const { width, height } = science.science;
  const details = { exposure: science.name, position: position.name };
  if (place === undefined && position.kind === 'sky' && science.wcs === undefined) {
    return new AstridError(
      'differencing/no-coordinates',
      `Neither ${science.name} nor the template has sky coordinates, so ${position.name} cannot be found in it. ` +
        'Give the position in template pixels.',
      details,
    );
  }
  const isInside =
    place !== undefined &&
    place.xPx > -0.5 &&
    place.yPx > -0.5 &&
    place.xPx < width - 0.5 &&
    place.yPx < height - 0.5;
  if (!isInside) {
    const where = place ? ` at (${place.xPx.toFixed(1)}, ${place.yPx.toFixed(1)})` : '';
    return new AstridError(
      'differencing/position-outside',
      `${position.name} lies outside ${science.name}${where}, which has ${width} x ${height} px.`,
      { ...details, xPx: place?.xPx, yPx: place?.yPx },
    );
  }
  if (Number.isNaN(difference.fluxE)) {
    return new AstridError(
      'differencing/position-masked',
      `Every pixel at ${position.name} is masked in ${science.name} or in the template under it.`,
      details,
    );
  }
  return undefined;
}
