import { AstridError } from '../../../utils/index.ts';
import { type AssociationConfig, DEFAULT_ASSOCIATION_CONFIG } from './config.ts';
import type { MeasuredPlace } from './model.ts';

const RADIAN = Math.PI / 180;
const ARCSEC = RADIAN / 3600;

/** Sigma of a Gaussian for one FWHM. */
const SIGMA_OF_FWHM = 1 / Math.sqrt(8 * Math.LN2);

/**
 * Estimate how well the position of a point source is known.
 *
 * Noise of the sky alone moves the centre of a Gaussian by sqrt(2) sigma / (S/N) per axis; what registration and
 * coordinates add is taken from the configuration and not from the image.
 *
 * @param snr above 0.
 * @param fwhmArcsec of the image.
 * @returns one sigma per axis, arcsec.
 * @see King 1983, PASP 95, 163, eq. 17, for a background that is brighter than the source.
 */
export function estimatePositionError(
  snr: number,
  fwhmArcsec: number,
  config: AssociationConfig = DEFAULT_ASSOCIATION_CONFIG,
): number {
  const noise = (Math.SQRT2 * SIGMA_OF_FWHM * fwhmArcsec) / snr;
  return Math.hypot(noise, config.floorFwhm * fwhmArcsec, config.floorArcsec);
}

/** Measure the angle between two places, arcsec; exact also for the smallest. */
export function separationArcsec(
  a: Pick<MeasuredPlace, 'raDeg' | 'decDeg'>,
  b: Pick<MeasuredPlace, 'raDeg' | 'decDeg'>,
): number {
  const sinDec = Math.sin(((b.decDeg - a.decDeg) * RADIAN) / 2);
  const sinRa = Math.sin(((b.raDeg - a.raDeg) * RADIAN) / 2);
  const h = sinDec * sinDec + Math.cos(a.decDeg * RADIAN) * Math.cos(b.decDeg * RADIAN) * sinRa * sinRa;
  return (2 * Math.asin(Math.min(1, Math.sqrt(h)))) / ARCSEC;
}

/**
 * Average places, each weighted by the inverse square of its error.
 *
 * Unit vectors are averaged, so that neither 0 h nor a pole is a special place.
 *
 * @param places at least one, all within a few arcminutes.
 */
export function averagePlaces(places: readonly MeasuredPlace[]): MeasuredPlace {
  let x = 0;
  let y = 0;
  let z = 0;
  let weights = 0;
  for (const { raDeg, decDeg, positionErrArcsec } of places) {
    const weight = positionErrArcsec ** -2;
    const flat = Math.cos(decDeg * RADIAN);
    x += weight * flat * Math.cos(raDeg * RADIAN);
    y += weight * flat * Math.sin(raDeg * RADIAN);
    z += weight * Math.sin(decDeg * RADIAN);
    weights += weight;
  }
  if (!(weights > 0))
    throw new AstridError('catalog/no-places', 'There is no place to average.', { places: places.length });
  const raDeg = Math.atan2(y, x) / RADIAN;
  return {
    raDeg: raDeg < 0 ? (raDeg + 360) % 360 : raDeg,
    decDeg: Math.atan2(z, Math.hypot(x, y)) / RADIAN,
    positionErrArcsec: 1 / Math.sqrt(weights),
  };
}
