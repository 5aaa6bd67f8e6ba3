import type { ReferenceStars } from './model.ts';

const RADIAN = Math.PI / 180;
const MAS = RADIAN / 3.6e6;
/** MJD of J2000.0 and days in a Julian year. */
const MJD_J2000 = 51_544.5;
const DAYS_PER_YEAR = 365.25;

/** Give the Julian year of a Modified Julian Date. */
export function julianYear(mjd: number): number {
  return 2000 + (mjd - MJD_J2000) / DAYS_PER_YEAR;
}

/**
 * Move stars to another epoch.
 *
 * Each is moved along its tangent at the catalogue's epoch and put back on the sphere: right at the poles too,
 * where right ascension changes fast. Parallax and radial motion are left out: below 1 mas but for the nearest few
 * hundred stars. A star of unknown motion stays.
 *
 * @see ESA 1997, The Hipparcos Catalogue, vol. 1, eq. 1.2.16, for a parallax of zero.
 */
export function propagateStars(stars: ReferenceStars, epochYr: number): ReferenceStars {
  const years = epochYr - stars.epochYr;
  if (years === 0) return stars;
  const raDeg = stars.raDeg.slice();
  const decDeg = stars.decDeg.slice();
  for (let k = 0; k < stars.count; k++) {
    const east = stars.pmRaMasYr[k]! * MAS * years;
    const north = stars.pmDecMasYr[k]! * MAS * years;
    if (!Number.isFinite(east + north)) continue;
    const [sinRa, cosRa] = [Math.sin(raDeg[k]! * RADIAN), Math.cos(raDeg[k]! * RADIAN)];
    const [sinDec, cosDec] = [Math.sin(decDeg[k]! * RADIAN), Math.cos(decDeg[k]! * RADIAN)];
    // Position plus motion: the tangent vectors east and north at the old place.
    const x = cosDec * cosRa - sinRa * east - sinDec * cosRa * north;
    const y = cosDec * sinRa + cosRa * east - sinDec * sinRa * north;
    const z = sinDec + cosDec * north;
    const ra = Math.atan2(y, x) / RADIAN;
    raDeg[k] = ra < 0 ? ra + 360 : ra;
    decDeg[k] = Math.atan2(z, Math.hypot(x, y)) / RADIAN;
  }
  return { ...stars, epochYr, raDeg, decDeg };
}
