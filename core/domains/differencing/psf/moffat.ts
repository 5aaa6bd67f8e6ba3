/**
 * An elliptical Moffat profile of unit integral, centred on the origin.
 *
 * P(x, y) = (beta - 1) sqrt(cxx cyy - cxy^2 / 4) / pi * (1 + cxx x^2 + cxy x y + cyy y^2)^-beta
 *
 * @see Moffat 1969, A&A 3, 455
 */
export interface Moffat {
  /** px^-2 */
  readonly cxx: number;
  readonly cyy: number;
  readonly cxy: number;
  /** Steepness of the wings, > 1; large values approach a Gaussian. */
  readonly beta: number;
}

/** Make a round Moffat profile from its full width at half maximum (px) and its steepness. */
export function makeMoffat(fwhmPx: number, beta: number): Moffat {
  const c = (4 * (2 ** (1 / beta) - 1)) / (fwhmPx * fwhmPx);
  return { cxx: c, cyy: c, cxy: 0, beta };
}

/** Give the peak of a unit-integral Moffat profile; NaN for a profile that is no ellipse. */
export function moffatPeak(moffat: Moffat): number {
  return ((moffat.beta - 1) * Math.sqrt(moffat.cxx * moffat.cyy - moffat.cxy ** 2 / 4)) / Math.PI;
}

/** Give the full width at half maximum (px), the geometric mean of both axes. */
export function moffatFwhm(moffat: Moffat): number {
  const det = moffat.cxx * moffat.cyy - moffat.cxy ** 2 / 4;
  return 2 * Math.sqrt((2 ** (1 / moffat.beta) - 1) / Math.sqrt(det));
}

/**
 * Draw a unit-flux Moffat profile into a square stamp.
 *
 * @param stamp (size, size), overwritten; its middle pixel is the origin.
 * @param dx, dy where the profile's centre lies from the middle of the stamp, px.
 */
export function drawMoffat(moffat: Moffat, dx: number, dy: number, stamp: Float64Array, size: number): void {
  const half = (size - 1) / 2;
  const peak = moffatPeak(moffat);
  let k = 0;
  for (let j = 0; j < size; j++) {
    const v = j - half - dy;
    const row = 1 + moffat.cyy * v * v;
    for (let i = 0; i < size; i++) {
      const u = i - half - dx;
      stamp[k++] = peak * (row + u * (moffat.cxx * u + moffat.cxy * v)) ** -moffat.beta;
    }
  }
}
