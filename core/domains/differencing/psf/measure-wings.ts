import { drawMoffat, type Moffat } from './moffat.ts';

/** Where the table tells the wings: outside the core that shapes the Moffat, inside where single stars drown, FWHM. */
const WINGS_FROM = 2.25;
const WINGS_TO = 3.25;

/**
 * Measure how much brighter the wings are than the Moffat's, from a table of corrections to it.
 *
 * A Moffat fitted to pixels is a little broader than the one that fell on them, for pixels blur the core but not the wings:
 * its wings are several percent too bright.
 *
 * @param corrections (size, size), centred.
 * @returns a fraction: 0 for the Moffat's own wings.
 */
export function measureWings(
  moffat: Moffat,
  corrections: ArrayLike<number>,
  size: number,
  fwhmPx: number,
): number {
  const half = (size - 1) / 2;
  const profile = new Float64Array(size * size);
  drawMoffat(moffat, 0, 0, profile, size);
  let table = 0;
  let power = 0;
  for (let k = 0; k < profile.length; k++) {
    const radius = Math.hypot((k % size) - half, Math.floor(k / size) - half);
    if (radius < WINGS_FROM * fwhmPx || radius > WINGS_TO * fwhmPx) continue;
    table += profile[k] * corrections[k];
    power += profile[k] * profile[k];
  }
  return power > 0 ? table / power : 0;
}
