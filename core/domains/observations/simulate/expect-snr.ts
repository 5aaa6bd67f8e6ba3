import type { PsfField } from './model.ts';
import { PIXEL_VARIANCE, psfComponentsAt } from './model-psf.ts';

/** Matched filters of both images at one place of the field, and the flux they return for one electron. */
export interface SnrKernels {
  readonly radius: number;
  /** k_n^2 and k_r^2 on (2 radius + 1)^2 pixels. */
  readonly scienceSquared: Float64Array;
  readonly templateSquared: Float64Array;
  /** Variance that one science electron of the event itself adds to S. */
  readonly ownNoise: number;
  readonly ownNoiseTemplate: number;
  /** F_S: the score of a source of one science electron. */
  readonly scoreOfUnitFlux: number;
}

const SIDE = 64;
const RADIUS = 20;

/**
 * Compute the filters of optimal subtraction for the true PSFs at one place.
 *
 * Uses the Gaussian sums' exact transforms; only the way back to pixels is a discrete transform.
 *
 * @param ratio template electrons for one science electron (Fr / Fn).
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 28-29 and 41-43
 */
export function makeSnrKernels(
  science: PsfField,
  template: PsfField,
  xPx: number,
  yPx: number,
  scienceSigmaE: number,
  templateSigmaE: number,
  ratio: number,
): SnrKernels {
  const pn = transformPsf(science, xPx, yPx);
  const pr = transformPsf(template, xPx, yPx);
  const kn = new Float64Array(SIDE * SIDE);
  const kr = new Float64Array(SIDE * SIDE);
  let scoreOfUnitFlux = 0;
  for (let i = 0; i < kn.length; i++) {
    const n = pn[i]!;
    const r = pr[i]!;
    const den = (scienceSigmaE * ratio * r) ** 2 + (templateSigmaE * n) ** 2;
    if (den <= 0) continue;
    kn[i] = (ratio * ratio * n * r * r) / den;
    kr[i] = (ratio * r * n * n) / den;
    scoreOfUnitFlux += (ratio * n * r) ** 2 / den;
  }
  scoreOfUnitFlux /= SIDE * SIDE;
  const scienceKernel = toPixels(kn);
  const templateKernel = toPixels(kr);
  const psfN = toPixels(pn);
  const psfR = toPixels(pr);
  let ownNoise = 0;
  let ownNoiseTemplate = 0;
  for (let i = 0; i < psfN.length; i++) {
    ownNoise += scienceKernel[i]! ** 2 * psfN[i]!;
    ownNoiseTemplate += ratio * templateKernel[i]! ** 2 * psfR[i]!;
  }
  return {
    radius: RADIUS,
    scienceSquared: scienceKernel.map((k) => k * k),
    templateSquared: templateKernel.map((k) => k * k),
    ownNoise,
    ownNoiseTemplate,
    scoreOfUnitFlux,
  };
}

/**
 * Predict |S_corr| of a flux change: F_S |F| / sqrt(V(S_n) + V(S_r)) at its position.
 *
 * This is the S/N that an optimal subtraction would report with perfect registration and known PSFs;
 * all noise is in it: sky, read-out, whatever lies beneath, and the event's own photons (V from the
 * expected electrons, event included).
 *
 * @param scienceVariance,templateVariance expected variance per pixel around the event, e-^2, as
 * `(dx, dy) => value`.
 * @see Zackay, Ofek & Gal-Yam 2016, eq. 25-31
 */
export function expectSnr(
  kernels: SnrKernels,
  fluxE: number,
  scienceVariance: (dx: number, dy: number) => number,
  templateVariance: (dx: number, dy: number) => number,
): number {
  const variance = scoreVariance(kernels, scienceVariance, templateVariance);
  return (kernels.scoreOfUnitFlux * Math.abs(fluxE)) / Math.sqrt(variance);
}

/** Find the flux whose predicted S/N is `snr`, given the variance without it. */
export function fluxForSnr(
  kernels: SnrKernels,
  snr: number,
  isNegative: boolean,
  scienceVariance: (dx: number, dy: number) => number,
  templateVariance: (dx: number, dy: number) => number,
): number {
  const quiet = scoreVariance(kernels, scienceVariance, templateVariance);
  const own = isNegative ? kernels.ownNoiseTemplate : kernels.ownNoise;
  // (F_S F)^2 = snr^2 (quiet + own F)
  const a = kernels.scoreOfUnitFlux ** 2;
  const b = snr * snr * own;
  return (b + Math.sqrt(b * b + 4 * a * snr * snr * quiet)) / (2 * a);
}

function scoreVariance(
  kernels: SnrKernels,
  scienceVariance: (dx: number, dy: number) => number,
  templateVariance: (dx: number, dy: number) => number,
): number {
  const side = 2 * kernels.radius + 1;
  let sum = 0;
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      const dx = i - kernels.radius;
      const dy = j - kernels.radius;
      sum += kernels.scienceSquared[j * side + i]! * scienceVariance(dx, dy);
      sum += kernels.templateSquared[j * side + i]! * templateVariance(dx, dy);
    }
  }
  return sum;
}

/** The effective PSF's transform, real because the PSF is symmetric about its centre; aliases summed. */
function transformPsf(psf: PsfField, xPx: number, yPx: number): Float64Array {
  const parts = psfComponentsAt(psf, xPx, yPx);
  const out = new Float64Array(SIDE * SIDE);
  for (let v = 0; v < SIDE; v++) {
    for (let u = 0; u < SIDE; u++) {
      let sum = 0;
      for (let q = -1; q <= 1; q++) {
        for (let p = -1; p <= 1; p++) {
          const kx = 2 * Math.PI * ((u < SIDE / 2 ? u : u - SIDE) / SIDE + p);
          const ky = 2 * Math.PI * ((v < SIDE / 2 ? v : v - SIDE) / SIDE + q);
          if (Math.abs(kx) + Math.abs(ky) > 3 * Math.PI) continue;
          const pixel = PIXEL_VARIANCE * (kx * kx + ky * ky);
          for (const part of parts) {
            sum +=
              part.weight *
              Math.exp(-0.5 * (part.xx * kx * kx + 2 * part.xy * kx * ky + part.yy * ky * ky + pixel));
          }
        }
      }
      out[v * SIDE + u] = sum;
    }
  }
  return out;
}

/** Inverse transform of a real symmetric spectrum, centred on a (2 RADIUS + 1)^2 stamp. */
function toPixels(spectrum: Float64Array): Float64Array {
  const cosines = Float64Array.from({ length: SIDE }, (_, i) => Math.cos((2 * Math.PI * i) / SIDE));
  const sines = Float64Array.from({ length: SIDE }, (_, i) => Math.sin((2 * Math.PI * i) / SIDE));
  const side = 2 * RADIUS + 1;
  const re = new Float64Array(SIDE * side);
  const im = new Float64Array(SIDE * side);
  for (let v = 0; v < SIDE; v++) {
    for (let i = 0; i < side; i++) {
      const x = (i - RADIUS + SIDE) % SIDE;
      let c = 0;
      let s = 0;
      for (let u = 0; u < SIDE; u++) {
        const value = spectrum[v * SIDE + u]!;
        c += value * cosines[(u * x) % SIDE]!;
        s += value * sines[(u * x) % SIDE]!;
      }
      re[v * side + i] = c;
      im[v * side + i] = s;
    }
  }
  const out = new Float64Array(side * side);
  for (let j = 0; j < side; j++) {
    const y = (j - RADIUS + SIDE) % SIDE;
    for (let i = 0; i < side; i++) {
      let sum = 0;
      for (let v = 0; v < SIDE; v++) {
        const phase = (v * y) % SIDE;
        sum += re[v * side + i]! * cosines[phase]! - im[v * side + i]! * sines[phase]!;
      }
      out[j * side + i] = sum / (SIDE * SIDE);
    }
  }
  return out;
}
