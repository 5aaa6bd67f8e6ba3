import type { Difference, ForcedPhotometry, PsfFlux } from '../domains/differencing/index.ts';
import { type PixelPosition, pixelScaleArcsec } from '../domains/observations/index.ts';
import type { CalibratedExposure, RegisteredTemplate } from '../domains/preprocessing/index.ts';
import { AstridError } from '../utils/index.ts';
import type { EpochFacts } from './carry-positions.ts';
import type { CurvePosition, MeasuredPoint } from './light-curve.ts';

/** An epoch's images. */
export interface EpochImages {
  readonly science: CalibratedExposure;
  readonly template: RegisteredTemplate;
  readonly difference: Difference;
}

/** What the template says at the place. */
export interface TemplateFacts {
  readonly flux: PsfFlux;
  readonly nJyPerE: number | undefined;
}

/** A fit worse than this, per degree of freedom, is not of a point source alone. */
const POOR_CHI2 = 3;
/** Part of the PSF's weight that may be masked before a point is called so. */
const MUCH_MASKED = 0.1;
/** Magnitudes a factor e: the error of a magnitude over that of its flux. */
const MAG_PER_E = 2.5 / Math.LN10;
/** AB magnitude of 1 nJy. */
const MAG_OF_NJY = 31.4;

/** Bring what was measured in an epoch onto the template's scale. */
export function describePoint(
  forced: ForcedPhotometry,
  epoch: EpochFacts,
  { flux: template, nJyPerE }: TemplateFacts,
  method: 'difference' | 'direct',
): Omit<MeasuredPoint, 'path'> {
  const { fluxRatio } = forced;
  const templateE = Number.isNaN(template.fluxE) ? 0 : template.fluxE;
  // The template minus itself is nothing, and says nothing of the noise.
  const changeE = epoch.isTemplate ? 0 : forced.difference.fluxE / fluxRatio;
  const changeErrE = epoch.isTemplate
    ? template.fluxErrE
    : Math.hypot(forced.difference.fluxErrE, forced.modelErrE) / fluxRatio;
  const directE = forced.science.fluxE / fluxRatio;
  const directErrE = forced.science.fluxErrE / fluxRatio;
  const [partE, errorE] = method === 'direct' ? [directE, directErrE] : [changeE, changeErrE];
  const fluxE = method === 'direct' ? directE : templateE + changeE;
  // The error of the template's own flux is the same for all points: it is told beside them.
  const fluxErrE = Math.hypot(errorE, epoch.fluxRatioErr * partE);
  return {
    kind: 'measured',
    xPx: forced.xPx,
    yPx: forced.yPx,
    fluxE,
    fluxErrE,
    ...(nJyPerE === undefined ? {} : inPhysicalUnits(fluxE, fluxErrE, nJyPerE)),
    changeE,
    changeErrE,
    changeSnr: changeE / changeErrE,
    directE,
    directErrE,
    limit3E: 3 * changeErrE,
    limit5E: 5 * changeErrE,
    quality: describeQuality(forced, epoch, template),
  };
}

function inPhysicalUnits(fluxE: number, fluxErrE: number, nJyPerE: number) {
  const fluxNJy = fluxE * nJyPerE;
  const physical = { fluxNJy, fluxErrNJy: fluxErrE * nJyPerE };
  if (!(fluxNJy > 0)) return physical;
  return {
    ...physical,
    mag: MAG_OF_NJY - 2.5 * Math.log10(fluxNJy),
    magErr: (MAG_PER_E * fluxErrE) / fluxE,
  };
}

function describeQuality(
  { difference: fit, fluxRatio, noiseFactor }: ForcedPhotometry,
  epoch: EpochFacts,
  template: PsfFlux,
): MeasuredPoint['quality'] {
  const flags: string[] = [];
  if (epoch.isTemplate) flags.push('is-template');
  if (Number.isNaN(template.fluxE)) flags.push('change-only');
  if (fit.maskedFraction > MUCH_MASKED) flags.push('masked');
  if (fit.chi2 > POOR_CHI2) flags.push('poor-fit');
  if (epoch.grade !== 'green') flags.push(epoch.grade);
  return {
    grade: epoch.grade,
    gradeReasons: epoch.gradeReasons,
    chi2: fit.chi2,
    maskedFraction: fit.maskedFraction,
    negativeFraction: fit.negativeFraction,
    fwhmPx: epoch.fwhmPx,
    seeingArcsec: epoch.wcs ? epoch.fwhmPx * pixelScaleArcsec(epoch.wcs) : undefined,
    overlap: epoch.registration.overlap,
    registrationRmsPx: epoch.registration.rmsPx,
    fluxRatio,
    fluxRatioErr: epoch.fluxRatioErr * fluxRatio,
    noiseFactor,
    flags,
  };
}

/** Say why there is no flux at a place, if there is none. */
export function findProblem(
  place: PixelPosition | undefined,
  { difference }: ForcedPhotometry,
  position: CurvePosition,
  { name, width, height, wcs }: EpochFacts,
): AstridError | undefined {
  const details = { exposure: name, position: position.name };
  if (place === undefined && position.kind === 'sky' && wcs === undefined) {
    return new AstridError(
      'differencing/no-coordinates',
      `Neither ${name} nor the template has sky coordinates, so ${position.name} cannot be found in it. ` +
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
      `${position.name} lies outside ${name}${where}, which has ${width} x ${height} px.`,
      { ...details, xPx: place?.xPx, yPx: place?.yPx },
    );
  }
  if (Number.isNaN(difference.fluxE)) {
    return new AstridError(
      'differencing/position-masked',
      `Every pixel at ${position.name} is masked in ${name} or in the template under it.`,
      details,
    );
  }
  return undefined;
}
