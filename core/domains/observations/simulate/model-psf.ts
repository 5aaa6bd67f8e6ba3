import type { Random } from '../../../utils/random.ts';
import type { CameraRecipe, PsfField } from './model.ts';

/** One elliptical Gaussian of unit total flux: its weight in a sum and its covariance, px^2. */
export interface GaussianComponent {
  readonly weight: number;
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

/** Variance that the pixel's own square adds to a profile, px^2. */
export const PIXEL_VARIANCE = 1 / 12;

// A Moffat profile is an exact continuous sum of Gaussians,
//   (1 + r^2/a^2)^-b = 1/Gamma(b) * integral s^(b-1) e^-s e^(-s r^2/a^2) ds,
// and the trapezium rule in ln s converges exponentially: steps of 0.8 leave an error near 1e-5.
// Stars and galaxies drawn with the same sum share one PSF to the last digit, and each Gaussian is
// cheap to draw and to transform.
const LOG_STEP = 0.8;
const LOG_FIRST = -4.4;
const LOG_LAST = 2.8;

/** Draw the coefficients of a camera's PSF over the field: the recipe sets how much, the seed where to. */
export function drawPsfField(camera: CameraRecipe, sizePx: number, random: Random): PsfField {
  const angle = 2 * Math.PI * random.uniform();
  const tilt = 2 * Math.PI * random.uniform();
  const position = 2 * Math.PI * random.uniform();
  const { fwhmPx, fwhmVariation, ellipticity, ellipticityVariation } = camera;
  return {
    widthPx: sizePx,
    heightPx: sizePx,
    beta: camera.beta,
    fwhmPx: [
      fwhmPx,
      fwhmPx * fwhmVariation * 0.6 * Math.cos(tilt),
      fwhmPx * fwhmVariation * 0.6 * Math.sin(tilt),
      fwhmPx * fwhmVariation * 0.4,
    ],
    e1: [
      ellipticity * Math.cos(2 * angle),
      ellipticityVariation * Math.cos(position),
      -ellipticityVariation * Math.sin(position),
    ],
    e2: [
      ellipticity * Math.sin(2 * angle),
      ellipticityVariation * Math.sin(position),
      ellipticityVariation * Math.cos(position),
    ],
  };
}

/** Size (FWHM, px) and shape (two ellipticity components) of the PSF at a pixel. */
export function psfShapeAt(
  psf: PsfField,
  xPx: number,
  yPx: number,
): { readonly fwhmPx: number; readonly e1: number; readonly e2: number } {
  const u = (2 * xPx) / (psf.widthPx - 1) - 1;
  const v = (2 * yPx) / (psf.heightPx - 1) - 1;
  const f = psf.fwhmPx;
  return {
    fwhmPx: f[0] + f[1] * u + f[2] * v + f[3] * (u * u + v * v),
    e1: psf.e1[0] + psf.e1[1] * u + psf.e1[2] * v,
    e2: psf.e2[0] + psf.e2[1] * u + psf.e2[2] * v,
  };
}

/**
 * Write the PSF at a pixel as a sum of Gaussians, without the pixel's own square.
 *
 * @returns components of total weight one, narrowest last; add `PIXEL_VARIANCE` to `xx` and `yy` for
 * the effective PSF that pixels sample.
 */
export function psfComponentsAt(psf: PsfField, xPx: number, yPx: number): readonly GaussianComponent[] {
  const { fwhmPx, e1, e2 } = psfShapeAt(psf, xPx, yPx);
  const alpha = fwhmPx / (2 * Math.sqrt(2 ** (1 / psf.beta) - 1));
  // Same area whatever the ellipticity.
  const stretch = 1 / Math.sqrt(1 - e1 * e1 - e2 * e2);
  const parts: GaussianComponent[] = [];
  let total = 0;
  for (let u = LOG_FIRST; u < LOG_LAST; u += LOG_STEP) {
    const s = Math.exp(u);
    // The Gaussian's integral is proportional to 1/s, hence beta - 1 where the identity has beta.
    const weight = Math.exp((psf.beta - 1) * u - s);
    const variance = ((alpha * alpha) / (2 * s)) * stretch;
    total += weight;
    parts.push({ weight, xx: variance * (1 + e1), xy: variance * e2, yy: variance * (1 - e1) });
  }
  return parts.map((part) => ({ ...part, weight: part.weight / total }));
}
