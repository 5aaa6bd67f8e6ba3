import {
  giveBackPlanes,
  goodFftSize,
  irfft2,
  lendPlane,
  makePlane,
  multiplySpectra,
  type Plane,
  rfft2,
  type Spectrum,
  shiftStamp,
} from '../../../kernels/index.ts';
import type { TaskContext } from '../../../utils/index.ts';
import { type Box, boxAround, type MaskedImage, partOfPlane } from '../../observations/index.ts';
import { answerAt } from '../judge/level-flux.ts';
import type { Difference, ScienceResponse } from '../model.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import { cropPair, type SubtractedPair } from './crop-pair.ts';
import { addedVariance } from './draw-star.ts';
import { addStar } from './inject-stars.ts';
import type { DrawnStar } from './model.ts';

/** Part of a pair with a star in it, as subtracting the injected image again would have made it. */
export interface RespondedPair extends SubtractedPair<MaskedImage> {
  /** Which part of the image it is. */
  readonly box: Box;
}

/** Transforms of a tile's kernels, all of one size. */
interface KernelSpectra {
  readonly flux: Spectrum;
  readonly fluxSquared: Spectrum;
  readonly difference: Spectrum;
  readonly differenceSquared: Spectrum;
}

/** Puts stars into a difference without subtracting again. */
export interface StarResponder {
  /**
   * Give the surroundings of a star that is put into the science image.
   *
   * @param reachPx how far around the star the images are wanted, px; the star's own light must lie within.
   */
  respond(star: DrawnStar, reachPx: number): RespondedPair;
  /** Flux in `Difference.flux` of a star of one electron at its own place, near (x, y), and the variance its photons add to it. */
  unitAnswer(x: number, y: number): { readonly flux: number; readonly variance: number };
  /** The same at the pixel nearest to (x, y), of a star at (x, y). */
  pixelAnswer(x: number, y: number): number;
}

/**
 * Make a responder for a pair.
 *
 * With the profiles, filters and calibration that the difference was made with, adding light to the science image
 * changes it linearly, and only within a filter's reach; so a star costs eight small transforms wherever it lies,
 * however large the image is. Exact but for what the star would change in those measured facts themselves, and for
 * spoiled pixels in its light, which the subtraction fills from their neighbours.
 *
 * Noise beyond the photons' follows the star too: S_corr's astrometric terms grow with the slope of its light, and the
 * errors of flux ratio and profiles with the light that both images share.
 */
export function makeStarResponder(pair: SubtractedPair, context: TaskContext = {}): StarResponder {
  const { difference } = pair;
  const spectra = new Map<ScienceResponse, KernelSpectra>();
  const units = new Map<ScienceResponse, { flux: number; variance: number }>();
  const { width: imageWidth, height: imageHeight } = difference.difference;
  const scaleAt = (response: ScienceResponse, x: number, y: number) =>
    answerAt(response, x, y, imageWidth, imageHeight);
  const spectraOf = (response: ScienceResponse, starSize: number): KernelSpectra => {
    const side = goodFftSize(starSize + response.size - 1);
    let known = spectra.get(response);
    if (known?.flux.width !== side) {
      known = transformKernels(response, side);
      spectra.set(response, known);
    }
    return known;
  };
  return {
    respond: (star, reachPx) => {
      const { width, height } = difference.difference;
      const box = boxAround(star.xPx, star.yPx, reachPx, width, height);
      const part: RespondedPair = { ...cropPair(pair, box, context), box };
      for (const response of difference.responses) {
        const touched = touchedBox(star, response, box);
        if (!touched) continue;
        const spectra = spectraOf(response, star.size);
        const around = lightAround(pair, star, response, spectra.flux.width, context);
        addAnswer(part, around, star, response, spectra, touched, { width, height });
        giveBackPlanes([around]);
      }
      addStar(part.science.science, part.science.variance, star, box.x, box.y);
      return part;
    },
    unitAnswer: (x, y) => {
      const response = responseAt(difference, x, y);
      const xMid = response.x + (response.width - 1) / 2;
      const yMid = response.y + (response.height - 1) / 2;
      const known =
        units.get(response) ??
        measureAnswer(
          response,
          evaluatePsf(difference.sciencePsf, xMid, yMid).data,
          scaleAt(response, xMid, yMid),
        );
      units.set(response, known);
      return known;
    },
    pixelAnswer: (x, y) => {
      const { sciencePsf } = difference;
      const profile = new Float64Array(sciencePsf.size ** 2);
      const data = evaluatePsf(sciencePsf, x, y).data;
      shiftStamp(data, sciencePsf.size, x - Math.round(x), y - Math.round(y), profile);
      const response = responseAt(difference, Math.round(x), Math.round(y));
      return measureAnswer(response, profile, scaleAt(response, x, y)).flux;
    },
  };
}

function responseAt({ responses }: Difference, x: number, y: number): ScienceResponse {
  const found = responses.find(
    (tile) => x >= tile.x - 0.5 && y >= tile.y - 0.5 && x < tile.x + tile.width && y < tile.y + tile.height,
  );
  return found ?? responses[0];
}

function transformKernels(response: ScienceResponse, side: number): KernelSpectra {
  const transform = (kernel: Float32Array, square: boolean) =>
    rfft2(embedKernel(square ? kernel.map((value) => value * value) : kernel, response.size, side));
  return {
    flux: transform(response.flux, false),
    fluxSquared: transform(response.flux, true),
    difference: transform(response.difference, false),
    differenceSquared: transform(response.difference, true),
  };
}

/** Put a kernel into an empty plane with its middle at pixel (0, 0), wrapped around. */
function embedKernel(kernel: Float32Array, size: number, side: number): Plane {
  const plane = makePlane(side, side);
  const half = (size - 1) / 2;
  for (let j = 0; j < size; j++) {
    const y = (j - half + side) % side;
    for (let i = 0; i < size; i++) plane.data[y * side + ((i - half + side) % side)] = kernel[j * size + i];
  }
  return plane;
}

/** Pixels of a tile that a star's light reaches through the kernels and that are wanted, or none. */
function touchedBox(star: DrawnStar, response: ScienceResponse, box: Box): Box | undefined {
  const reach = (star.size - 1) / 2 + (response.size - 1) / 2;
  const x0 = Math.max(star.xPx - reach, response.x, box.x);
  const y0 = Math.max(star.yPx - reach, response.y, box.y);
  const x1 = Math.min(star.xPx + reach, response.x + response.width - 1, box.x + box.width - 1);
  const y1 = Math.min(star.yPx + reach, response.y + response.height - 1, box.y + box.height - 1);
  return x1 < x0 || y1 < y0 ? undefined : { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

/** Light of the science image where a star's goes through a tile's kernels; beyond the image that of its rim. */
function lightAround(
  { science: { science } }: SubtractedPair,
  star: DrawnStar,
  response: ScienceResponse,
  side: number,
  context: TaskContext,
): Plane {
  const reach = (star.size - 1) / 2 + (response.size - 1) / 2;
  const around = makePlane(side, side);
  const light = partOfPlane(
    science,
    boxAround(star.xPx, star.yPx, reach, science.width, science.height),
    context,
  );
  for (let j = 0; j <= 2 * reach; j++) {
    const y = Math.min(science.height - 1, Math.max(0, star.yPx - reach + j)) - light.bottom;
    for (let i = 0; i <= 2 * reach; i++) {
      const x = Math.min(science.width - 1, Math.max(0, star.xPx - reach + i)) - light.left;
      around.data[j * side + i] = light.data[y * light.width + x];
    }
  }
  return around;
}

/** Add what a star changes in one tile to the part's planes, in place. */
function addAnswer(
  part: RespondedPair,
  around: Plane,
  star: DrawnStar,
  response: ScienceResponse,
  kernels: KernelSpectra,
  touched: Box,
  image: { readonly width: number; readonly height: number },
): void {
  const side = kernels.flux.width;
  const margin = (response.size - 1) / 2;
  // Pixel (0, 0) of the transforms' planes, in the image.
  const left = star.xPx - (star.size - 1) / 2 - margin;
  const bottom = star.yPx - (star.size - 1) / 2 - margin;
  const light = makePlane(side, side);
  const lightVariance = makePlane(side, side);
  for (let j = 0; j < star.size; j++) {
    for (let i = 0; i < star.size; i++) {
      const k = (j + margin) * side + i + margin;
      light.data[k] = star.data[j * star.size + i];
      lightVariance.data[k] = addedVariance(around.data[k], light.data[k]);
    }
  }
  const lightSpectrum = rfft2(light);
  const varianceSpectrum = rfft2(lightVariance);
  const answers: Plane[] = [];
  const through = (spectrum: Spectrum, kernel: Spectrum) => {
    const answer = irfft2(multiplySpectra(spectrum, kernel), lendPlane(side, side));
    answers.push(answer);
    return answer.data;
  };
  const flux = through(lightSpectrum, kernels.flux);
  const fluxVariance = through(varianceSpectrum, kernels.fluxSquared);
  const change = through(lightSpectrum, kernels.difference);
  const changeVariance = through(varianceSpectrum, kernels.differenceSquared);
  const before = through(rfft2(around), kernels.flux);
  const { difference, box } = part;
  const extra = makeExtraNoise(difference, before, flux, side);
  const isInner = (i: number, j: number) =>
    i > margin && j > margin && i < margin + star.size - 1 && j < margin + star.size - 1;
  for (let y = touched.y; y < touched.y + touched.height; y++) {
    for (let x = touched.x; x < touched.x + touched.width; x++) {
      const i = x - left;
      const j = y - bottom;
      const from = j * side + i;
      const to = (y - box.y) * box.width + x - box.x;
      const fluxBefore = difference.flux.data[to];
      const scale = answerAt(response, x, y, image.width, image.height);
      const added =
        (response.fluxVarianceFactor * Math.max(0, fluxVariance[from]) +
          (isInner(i, j) ? extra(from, fluxBefore * scale) : 0)) /
        scale ** 2;
      const error = Math.sqrt(
        Math.max(0.25 * difference.fluxErr.data[to] ** 2, difference.fluxErr.data[to] ** 2 + added),
      );
      difference.fluxErr.data[to] = error;
      difference.variance.data[to] += response.differenceVarianceFactor * Math.max(0, changeVariance[from]);
      // Where nothing was measured there is nothing to add to.
      if (difference.difference.data[to] === 0 && difference.score.data[to] === 0) continue;
      difference.flux.data[to] = fluxBefore + flux[from] / scale;
      difference.score.data[to] = difference.flux.data[to] / error;
      difference.difference.data[to] += change[from];
    }
  }
  giveBackPlanes([light, lightVariance, ...answers]);
}

/**
 * Noise that a star adds to the flux beyond its photons': by the slope of its light, and by the light shared with the template.
 *
 * @param before matched-filtered science image without the star, `light` the star alone, e-.
 * @returns e-^2 at pixel `k` of those planes, where the flux of the difference was `fluxBefore`.
 */
function makeExtraNoise(
  { metrics }: Difference,
  before: Float32Array,
  light: Float32Array,
  side: number,
): (k: number, fluxBefore: number) => number {
  const scale = metrics.scorrRescale ** 2;
  const sx2 = metrics.astrometricSigmaXPx ** 2 / 2;
  const sy2 = metrics.astrometricSigmaYPx ** 2 / 2;
  const shared2 = (metrics.fluxRatioErr / metrics.fluxRatio) ** 2 + metrics.modelError ** 2;
  const growth = (k: number, step: number) => {
    const old = (before[k + step] - before[k - step]) / 2;
    const added = (light[k + step] - light[k - step]) / 2;
    return added * (2 * old + added);
  };
  return (k, fluxBefore) => {
    const template = before[k] - fluxBefore;
    const shared = Math.max(0, Math.min(before[k], template));
    const sharedNow = Math.max(0, Math.min(before[k] + light[k], template));
    return scale * (sx2 * growth(k, 1) + sy2 * growth(k, side) + shared2 * (sharedNow ** 2 - shared ** 2));
  };
}

/**
 * Answer of a tile, in the middle pixel, to light on the pixels around it, and the variance its photons add.
 *
 * @param scale what fluxes are divided by there.
 */
function measureAnswer(
  response: ScienceResponse,
  light: ArrayLike<number>,
  scale: number,
): { flux: number; variance: number } {
  const size = Math.sqrt(light.length);
  const offset = (response.size - size) / 2;
  let flux = 0;
  let variance = 0;
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      // The kernel is read backwards: light at +d answers at the middle through the kernel at -d.
      const u = response.size - 1 - (i + offset);
      const v = response.size - 1 - (j + offset);
      const kernel = response.flux[v * response.size + u] ?? 0;
      flux += kernel * light[j * size + i];
      variance += kernel * kernel * Math.max(0, light[j * size + i]);
    }
  }
  return { flux: flux / scale, variance: (variance * response.fluxVarianceFactor) / scale ** 2 };
}
