import type { DetectionInput } from '../../core/domains/detection/index.ts';
import type { Difference, SpatialPsf } from '../../core/domains/differencing/index.ts';
import {
  type MaskedImage,
  type PsfField,
  psfComponentsAt,
  renderSource,
} from '../../core/domains/observations/index.ts';
import { convolve, makeMaskPlane, makePlane } from '../../core/kernels/index.ts';
import { createRandom } from '../../core/utils/index.ts';

/** A point of light: zero-based pixels and e-. */
export interface Light {
  readonly xPx: number;
  readonly yPx: number;
  readonly fluxE: number;
}

/** What is drawn on both images. */
export interface SmallScene {
  readonly science: readonly Light[];
  readonly template: readonly Light[];
  readonly seed: number;
  /** e- a pixel. */
  readonly skyE?: number;
}

/** FWHM of the small scenes' stars, px, before the pixel adds to it. */
export const SMALL_FWHM_PX = 3.2;
const SIDE = 81;
const PSF: PsfField = {
  widthPx: SIDE,
  heightPx: SIDE,
  beta: 3.5,
  fwhmPx: [SMALL_FWHM_PX, 0, 0, 0],
  e1: [0.05, 0, 0],
  e2: [-0.03, 0, 0],
};
const COMPONENTS = psfComponentsAt(PSF, 40, 40);

/** Draw two small images with photon noise and their plain difference, whose PSF is exactly known. */
export function makeSmallDifference({
  science,
  template,
  seed,
  skyE = 900,
}: SmallScene): DetectionInput & { readonly science: MaskedImage; readonly template: MaskedImage } {
  const random = createRandom(seed);
  const expose = (lights: readonly Light[]): MaskedImage => {
    const expected = { width: SIDE, height: SIDE, data: new Float32Array(SIDE * SIDE) };
    for (const { xPx, yPx, fluxE } of lights) renderSource(expected, xPx, yPx, fluxE, COMPONENTS, 1e-3);
    const image = {
      science: makePlane(SIDE, SIDE),
      variance: makePlane(SIDE, SIDE),
      mask: makeMaskPlane(SIDE, SIDE),
    };
    expected.data.forEach((light, k) => {
      const variance = light + skyE;
      image.science.data[k] = light + Math.sqrt(variance) * random.normal();
      image.variance.data[k] = variance;
    });
    return image;
  };
  const [a, b] = [expose(science), expose(template)];
  const difference = makePlane(SIDE, SIDE);
  const variance = makePlane(SIDE, SIDE);
  for (let k = 0; k < difference.data.length; k++) {
    difference.data[k] = a.science.data[k]! - b.science.data[k]!;
    variance.data[k] = a.variance.data[k]! + b.variance.data[k]!;
  }
  const psf = samplePsf();
  const stamp = { width: psf.size, height: psf.size, data: psf.coefficients[0]! };
  const squared = { ...stamp, data: stamp.data.map((value) => value * value) };
  const norm = squared.data.reduce((sum, value) => sum + value, 0);
  const [filtered, noise] = [convolve(difference, stamp), convolve(variance, squared)];
  const [score, flux, fluxErr] = [makePlane(SIDE, SIDE), makePlane(SIDE, SIDE), makePlane(SIDE, SIDE)];
  for (let k = 0; k < score.data.length; k++) {
    score.data[k] = filtered.data[k]! / Math.sqrt(noise.data[k]!);
    flux.data[k] = filtered.data[k]! / norm;
    fluxErr.data[k] = Math.sqrt(noise.data[k]!) / norm;
  }
  return {
    difference: {
      method: 'zogy',
      difference,
      variance,
      score,
      flux,
      fluxErr,
      mask: makeMaskPlane(SIDE, SIDE),
      psf,
      sciencePsf: psf,
      templatePsf: psf,
      responses: [],
      fluxRatio: 1,
      grade: 'green',
      gradeReasons: [],
      metrics: {} as Difference['metrics'],
    },
    science: { ...a, sources: [] },
    template: { ...b, sources: [] },
  };
}

function samplePsf(): SpatialPsf {
  const size = 31;
  const image = { width: size, height: size, data: new Float32Array(size * size) };
  renderSource(image, 15, 15, 1, COMPONENTS, 1e-9);
  return {
    size,
    degree: 0,
    imageWidth: SIDE,
    imageHeight: SIDE,
    coefficients: [image.data],
    fwhmPx: SMALL_FWHM_PX,
    starsUsed: 1,
    heldOutChi2: 1,
    mismatch: 0,
    method: 'moffat',
  };
}
