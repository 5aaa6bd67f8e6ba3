import type { GaussianComponent } from './model-psf.ts';
import { PIXEL_VARIANCE } from './model-psf.ts';

/** An image of expected electrons, in double precision while sources add up. */
export interface ElectronImage {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * Add one source, a sum of Gaussians, to an image of expected electrons.
 *
 * Each pixel gets the integral of the profile over its square (a Gaussian's integral over a square is,
 * to 1e-4 at these widths, a Gaussian wider by 1/12 px^2; its samples then sum to its flux). A component
 * ends where it has fallen to `floorE`, so that the missing flux is always lost in the noise.
 *
 * @param xPx,yPx centre; may lie outside the image.
 * @param fluxE total flux, e-; negative takes light away.
 * @param floorE e- per pixel below which nothing is drawn; a thousandth of the sky noise is safe.
 */
export function renderSource(
  image: ElectronImage,
  xPx: number,
  yPx: number,
  fluxE: number,
  components: readonly GaussianComponent[],
  floorE: number,
): void {
  for (const part of components) {
    const xx = part.xx + PIXEL_VARIANCE;
    const yy = part.yy + PIXEL_VARIANCE;
    const determinant = xx * yy - part.xy * part.xy;
    const amplitude = (fluxE * part.weight) / (2 * Math.PI * Math.sqrt(determinant));
    const height = Math.abs(amplitude) / floorE;
    if (height > 1) addGaussian(image, xPx, yPx, amplitude, xx, part.xy, yy, 2 * Math.log(height));
  }
}

/** Add amplitude * exp(-q/2) wherever the quadratic form q is below `limit`. */
function addGaussian(
  image: ElectronImage,
  x0: number,
  y0: number,
  amplitude: number,
  xx: number,
  xy: number,
  yy: number,
  limit: number,
): void {
  const { width, height, data } = image;
  const determinant = xx * yy - xy * xy;
  const qxx = yy / determinant;
  const qxy = -xy / determinant;
  const reachY = Math.sqrt(limit * yy);
  const yFirst = Math.max(0, Math.ceil(y0 - reachY));
  const yLast = Math.min(height - 1, Math.floor(y0 + reachY));
  const ratio = Math.exp(-qxx);
  for (let y = yFirst; y <= yLast; y++) {
    const dy = y - y0;
    const left = limit - (dy * dy) / yy;
    if (left <= 0) continue;
    // In this row the Gaussian peaks at x = centre with height `peak`.
    const centre = x0 - (qxy / qxx) * dy;
    const peak = amplitude * Math.exp((-0.5 * (dy * dy)) / yy);
    const reachX = Math.sqrt(left / qxx);
    const xFirst = Math.max(0, Math.ceil(centre - reachX));
    const xLast = Math.min(width - 1, Math.floor(centre + reachX));
    if (xFirst > xLast) continue;
    const row = y * width;
    // exp of a quadratic by two products a pixel, away from the peak so that errors shrink with it.
    const middle = Math.min(xLast, Math.max(xFirst, Math.round(centre)));
    const d = middle - centre;
    const value = peak * Math.exp(-0.5 * qxx * d * d);
    let g = value;
    let step = Math.exp(-qxx * (d + 0.5));
    for (let x = middle; x <= xLast; x++) {
      data[row + x] += g;
      g *= step;
      step *= ratio;
    }
    step = Math.exp(-qxx * (0.5 - d));
    g = value * step;
    step *= ratio;
    for (let x = middle - 1; x >= xFirst; x--) {
      data[row + x] += g;
      g *= step;
      step *= ratio;
    }
  }
}
