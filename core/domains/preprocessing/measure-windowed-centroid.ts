import type { Measurable } from './measurable.ts';
import { mirrorPixel, NOBODY } from './measurable.ts';

/** A centroid with Gaussian weights. */
export interface WindowedCentroid {
  readonly x: number;
  readonly y: number;
  /** FWHM of the Gaussian that has the light's weighted second moments, px; 0 if there is none. */
  readonly fwhm: number;
  readonly isConverged: boolean;
}

/** The window ends at this many sigma. */
const WINDOW_SIGMAS = 4;
const MAX_ROUNDS = 16;
const TOLERANCE_PX = 1e-4;
/** Weights of columns and rows: memory that every call uses again. */
let weights = new Float64Array(64);
let rowWeights = new Float64Array(64);
const FWHM_PER_SIGMA = 2 * Math.sqrt(2 * Math.log(2));

/**
 * Refine a position with a Gaussian window: close to the precision of a PSF fit without knowing the PSF.
 *
 * @param sigma width of the window, px: half-light diameter / 2.355.
 * @param maxShift a centroid that walks further, px, is on its way to another source and does not converge.
 * @see SExtractor manual, "Windowed positional parameters", XWIN_IMAGE.
 */
export function measureWindowedCentroid(
  source: Measurable,
  x: number,
  y: number,
  sigma: number,
  own = NOBODY,
  maxShift = WINDOW_SIGMAS * sigma,
): WindowedCentroid {
  const { image, owners } = source;
  const { width, height, data } = image;
  const radius = WINDOW_SIGMAS * sigma;
  const exponent = -0.5 / (sigma * sigma);
  const rim = (radius + 0.5) ** 2;
  const core = Math.max(0, radius - 0.5) ** 2;
  let cx = x;
  let cy = y;
  let fwhm = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const x0 = Math.max(0, Math.floor(cx - radius));
    const x1 = Math.min(width - 1, Math.ceil(cx + radius));
    const y0 = Math.max(0, Math.floor(cy - radius));
    const y1 = Math.min(height - 1, Math.ceil(cy + radius));
    let total = 0;
    let sumX = 0;
    let sumY = 0;
    let sumRadius = 0;
    // A Gaussian is separable: one exponential per column and row instead of one per pixel.
    if (weights.length < x1 - x0 + 1) weights = new Float64Array(2 * (x1 - x0 + 1));
    fillGaussian(weights, x0 - cx, x1 - x0 + 1, exponent);
    if (rowWeights.length < y1 - y0 + 1) rowWeights = new Float64Array(2 * (y1 - y0 + 1));
    fillGaussian(rowWeights, y0 - cy, y1 - y0 + 1, exponent);
    const columns = weights;
    for (let py = y0; py <= y1; py++) {
      const dy = py - cy;
      const rowWeight = rowWeights[py - y0]!;
      const square = dy * dy;
      const halfRow = Math.sqrt(Math.max(0, rim - square));
      const first = Math.max(x0, Math.ceil(cx - halfRow));
      const count = Math.min(x1, Math.floor(cx + halfRow)) - first + 1;
      for (let k = 0, at = py * width + first, column = first - x0; k < count; k++, at++, column++) {
        const dx = first + k - cx;
        const distance = dx * dx + square;
        let value = data[at]!;
        const owner = owners[at]!;
        if (owner !== NOBODY && owner !== own) value = mirrorPixel(source, own, cx, cy, first + k, py);
        let light = value * rowWeight * columns[column]!;
        // The rim's weight is exp(-8): a linear estimate of the overlap is enough there.
        if (distance > core) {
          const overlap = radius + 0.5 - Math.sqrt(distance);
          if (overlap < 1) light *= overlap;
        }
        total += light;
        sumX += light * dx;
        sumY += light * dy;
        sumRadius += light * distance;
      }
    }
    if (!(total > 0)) return { x: cx, y: cy, fwhm: 0, isConverged: false };
    const stepX = (2 * sumX) / total;
    const stepY = (2 * sumY) / total;
    cx += stepX;
    cy += stepY;
    // The product of two Gaussians: 1/measured = 1/true + 1/window.
    const perAxis = sumRadius / total / 2;
    const inverse = 1 / perAxis + 2 * exponent;
    fwhm = inverse > 0 ? FWHM_PER_SIGMA / Math.sqrt(inverse) : 0;
    if (Math.hypot(cx - x, cy - y) > maxShift) break;
    if (stepX * stepX + stepY * stepY < TOLERANCE_PX * TOLERANCE_PX) {
      return { x: cx, y: cy, fwhm, isConverged: true };
    }
  }
  return { x: cx, y: cy, fwhm, isConverged: false };
}

/**
 * Fill exp(exponent t^2) for t = first, first + 1 ...
 *
 * Each is the one before times a ratio that itself falls by a constant factor: two exponentials instead of `count`.
 */
function fillGaussian(out: Float64Array, first: number, count: number, exponent: number): void {
  let value = Math.exp(exponent * first * first);
  let ratio = Math.exp(exponent * (2 * first + 1));
  const fall = Math.exp(2 * exponent);
  for (let k = 0; k < count; k++) {
    out[k] = value;
    value *= ratio;
    ratio *= fall;
  }
}
