import type { Stamp } from './draw-psf.ts';
import { clamp } from './measure-shape.ts';

/** How well a point source explains the pixels around a detection. */
export interface PointFit {
  readonly fluxE: number;
  /** Reduced chi^2 of the fit. */
  readonly chi2: number;
  /** Residual beyond noise as a fraction of the fitted light, 0..3. */
  readonly residual: number;
  /** Brightest pixel over the fit's value there, 0..10. */
  readonly concentration: number;
  /** Excess of the brightest pixel over the fit, sigma; negative if below. */
  readonly excessSigma: number;
}

/**
 * Fit the flux of a point source at a fixed position, each pixel weighted by its variance.
 *
 * @param image,variance,psf stamps of one size; NaN pixels of `image` are left out.
 * @param reach radius of the fit, px.
 * @param withPedestal also fit a constant: for images that are not differences.
 */
export function fitPointSource(
  image: Stamp,
  variance: Stamp,
  psf: Stamp,
  reach: number,
  withPedestal: boolean,
): PointFit {
  const side = 2 * image.radius + 1;
  let pp = 0;
  let p1 = 0;
  let one = 0;
  let dp = 0;
  let d1 = 0;
  let pixels = 0;
  const inside = (k: number): boolean => {
    const dx = (k % side) - image.radius;
    const dy = Math.floor(k / side) - image.radius;
    return dx * dx + dy * dy <= reach * reach && !Number.isNaN(image.data[k]!);
  };
  for (let k = 0; k < image.data.length; k++) {
    if (!inside(k)) continue;
    const w = 1 / variance.data[k]!;
    const p = psf.data[k]!;
    pp += w * p * p;
    p1 += w * p;
    one += w;
    dp += w * p * image.data[k]!;
    d1 += w * image.data[k]!;
    pixels++;
  }
  const determinant = withPedestal ? pp * one - p1 * p1 : pp;
  if (pixels < 9 || !(determinant > 0)) {
    return { fluxE: 0, chi2: 1, residual: 3, concentration: 0, excessSigma: 0 };
  }
  const flux = withPedestal ? (one * dp - p1 * d1) / determinant : dp / pp;
  const pedestal = withPedestal ? (pp * d1 - p1 * dp) / determinant : 0;
  const sign = Math.sign(flux) || 1;
  let chi2 = 0;
  let residual2 = 0;
  let noise2 = 0;
  let light2 = 0;
  let brightest = -1;
  for (let k = 0; k < image.data.length; k++) {
    if (!inside(k)) continue;
    const fitted = flux * psf.data[k]! + pedestal;
    const rest = image.data[k]! - fitted;
    chi2 += (rest * rest) / variance.data[k]!;
    residual2 += rest * rest;
    noise2 += variance.data[k]!;
    light2 += (flux * psf.data[k]!) ** 2;
    const dx = (k % side) - image.radius;
    const dy = Math.floor(k / side) - image.radius;
    if (dx * dx + dy * dy > 4.5) continue;
    if (brightest < 0 || sign * image.data[k]! > sign * image.data[brightest]!) brightest = k;
  }
  const peak = image.data[brightest]! - pedestal;
  const excess = sign * (peak - flux * psf.data[brightest]!);
  return {
    fluxE: flux,
    chi2: clamp(chi2 / (pixels - (withPedestal ? 2 : 1)), 0, 1e4),
    residual: clamp(Math.sqrt(Math.max(0, residual2 - noise2) / light2), 0, 3),
    concentration: clamp(peak / (flux * psf.data[brightest]!), 0, 10),
    excessSigma: clamp(excess / Math.sqrt(variance.data[brightest]!), -1e4, 1e4),
  };
}

/**
 * Tell whether pixels look like a point source or like a star that was subtracted badly.
 *
 * The star is fitted as a sum of the PSF's slopes (misplaced), its Laplacian (blurred otherwise) and a small
 * part of itself (misscaled by at most `scaleLimit` of its flux), at the star's own position.
 *
 * @param point PSF at the detection; `star` PSF at the nearest known source.
 * @returns (chi^2 of the star - chi^2 of the point) / chi^2 of nothing, -1..1: positive prefers the point.
 */
export function comparePointWithStar(
  image: Stamp,
  variance: Stamp,
  point: Stamp,
  star: Stamp,
  reach: number,
  scaleLimitE: number,
): number {
  const side = 2 * image.radius + 1;
  const p = star.data;
  const laplacian = new Float64Array(p.length);
  const slopeX = new Float64Array(p.length);
  const slopeY = new Float64Array(p.length);
  for (let j = 1; j < side - 1; j++) {
    for (let i = 1; i < side - 1; i++) {
      const k = j * side + i;
      slopeX[k] = (p[k + 1]! - p[k - 1]!) / 2;
      slopeY[k] = (p[k + side]! - p[k - side]!) / 2;
      laplacian[k] = p[k + 1]! + p[k - 1]! + p[k + side]! + p[k - side]! - 4 * p[k]!;
    }
  }
  const use: number[] = [];
  let nothing = 0;
  for (let k = 0; k < p.length; k++) {
    const dx = (k % side) - image.radius;
    const dy = Math.floor(k / side) - image.radius;
    if (dx * dx + dy * dy > reach * reach || Number.isNaN(image.data[k]!)) continue;
    use.push(k);
    nothing += image.data[k]! ** 2 / variance.data[k]!;
  }
  if (use.length < 12 || !(nothing > 0)) return 0;
  const gain = (basis: readonly Float64Array[], data: Float64Array): number =>
    explainedChi2(basis, data, variance.data, use);
  const pointGain = gain([point.data], image.data);
  // First the scale, held within what subtraction errors allow, then the shape terms on what is left.
  const scale = clamp(projectOnto(p, image.data, variance.data, use), -scaleLimitE, scaleLimitE);
  const rest = image.data.map((value, k) => value - scale * p[k]!);
  let afterScale = 0;
  for (const k of use) afterScale += rest[k]! ** 2 / variance.data[k]!;
  const starGain = nothing - afterScale + gain([slopeX, slopeY, laplacian], rest);
  return clamp((pointGain - starGain) / nothing, -1, 1);
}

function projectOnto(
  basis: Float64Array,
  data: Float64Array,
  variance: Float64Array,
  use: readonly number[],
): number {
  let above = 0;
  let below = 0;
  for (const k of use) {
    above += (basis[k]! * data[k]!) / variance[k]!;
    below += (basis[k]! * basis[k]!) / variance[k]!;
  }
  return below > 0 ? above / below : 0;
}

/** How much of chi^2 a linear combination takes away, by Gram-Schmidt. */
function explainedChi2(
  basis: readonly Float64Array[],
  data: Float64Array,
  variance: Float64Array,
  use: readonly number[],
): number {
  const done: Float64Array[] = [];
  let gain = 0;
  for (const given of basis) {
    const vector = given.slice();
    for (const other of done) {
      const part = projectOnto(other, vector, variance, use);
      for (let k = 0; k < vector.length; k++) vector[k] -= part * other[k]!;
    }
    let norm = 0;
    let dot = 0;
    for (const k of use) {
      norm += vector[k]! ** 2 / variance[k]!;
      dot += (vector[k]! * data[k]!) / variance[k]!;
    }
    if (!(norm > 1e-30)) continue;
    gain += (dot * dot) / norm;
    done.push(vector);
  }
  return gain;
}
