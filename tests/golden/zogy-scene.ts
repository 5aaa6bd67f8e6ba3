import type { ImageMatch, SpatialPsf } from '../../core/domains/differencing/index.ts';
import { drawMoffat, makeMoffat } from '../../core/domains/differencing/psf/moffat.ts';
import { measureSkyVariance } from '../../core/domains/differencing/tiles/measure-cells.ts';
import type { Tile } from '../../core/domains/differencing/zogy/plan-tiles.ts';
import type { MaskedImage } from '../../core/domains/observations/index.ts';
import type { Source } from '../../core/domains/preprocessing/index.ts';
import { makeMaskPlane, makePlane, type Plane } from '../../core/kernels/index.ts';
import { createRandom } from '../../core/utils/index.ts';

/** A star of the scene: zero-based position and electrons on the science scale. */
export interface SceneStar {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
}

export interface SceneImage {
  readonly fwhmPx: number;
  readonly beta: number;
  /** Sky and read noise per pixel, e-. */
  readonly sigma: number;
  /** Electrons for one electron of the stars' fluxes. */
  readonly throughput: number;
  readonly stars: readonly SceneStar[];
  /** Added to every position, px. */
  readonly shift?: readonly [number, number];
  readonly seed: number;
  /** Draw photon noise of the stars; default true. */
  readonly sourceNoise?: boolean;
  /** Stars are drawn up to here, FWHM; default 5. */
  readonly reachFwhm?: number;
}

/** Draw stars of a Moffat profile over white noise; the variance is the true one. */
export function drawScene(width: number, height: number, image: SceneImage): MaskedImage {
  const random = createRandom(image.seed);
  const science = makePlane(width, height);
  const variance = makePlane(width, height);
  const [shiftX, shiftY] = image.shift ?? [0, 0];
  const moffat = makeMoffat(image.fwhmPx, image.beta);
  const size = 2 * Math.ceil((image.reachFwhm ?? 5) * image.fwhmPx) + 1;
  const half = (size - 1) / 2;
  const stamp = new Float64Array(size * size);
  for (const star of image.stars) {
    const x = star.x + shiftX;
    const y = star.y + shiftY;
    drawMoffat(moffat, x - Math.round(x), y - Math.round(y), stamp, size);
    for (let j = 0; j < size; j++) {
      const row = Math.round(y) + j - half;
      if (row < 0 || row >= height) continue;
      for (let i = 0; i < size; i++) {
        const column = Math.round(x) + i - half;
        if (column < 0 || column >= width) continue;
        science.data[row * width + column] += image.throughput * star.flux * stamp[j * size + i];
      }
    }
  }
  for (let k = 0; k < science.data.length; k++) {
    const light = image.sourceNoise === false ? 0 : science.data[k];
    variance.data[k] = image.sigma ** 2 + light;
    science.data[k] += Math.sqrt(variance.data[k]) * random.normal();
  }
  return { science, variance, mask: makeMaskPlane(width, height) };
}

/** The true PSF of such a scene, cut at four FWHM. */
export function truePsf(fwhmPx: number, beta: number, width: number, height: number): SpatialPsf {
  const size = 2 * Math.ceil(4 * fwhmPx) + 1;
  const stamp = new Float64Array(size * size);
  drawMoffat(makeMoffat(fwhmPx, beta), 0, 0, stamp, size);
  const sum = stamp.reduce((a, b) => a + b, 0);
  return {
    size,
    degree: 0,
    imageWidth: width,
    imageHeight: height,
    coefficients: [Float32Array.from(stamp, (value) => value / sum)],
    fwhmPx,
    starsUsed: 100,
    heldOutChi2: 1,
    mismatch: 0,
    method: 'pixels',
  };
}

/** A match without shift. */
export function trueMatch(fluxRatio: number): ImageMatch {
  return {
    fluxRatio: [fluxRatio],
    fluxRatioErr: 0,
    fluxRatioScatter: 0,
    shiftX: [0],
    shiftY: [0],
    sigmaXPx: 0,
    sigmaYPx: 0,
    starsUsed: 100,
  };
}

/** A tile that is a whole image. */
export function wholeTile(science: MaskedImage, template: MaskedImage, border: number): Tile {
  const { width, height } = science.science;
  const box = { x: 0, y: 0, width, height };
  const skyVariance = {
    science: measureSkyVariance(science, box),
    template: measureSkyVariance(template, box),
  };
  return { ...box, border, cell: { ...box, skyVariance } };
}

/** Scatter stars with counts falling as a power of their flux. */
export function scatterStars(
  count: number,
  width: number,
  height: number,
  faintest: number,
  seed: number,
): SceneStar[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => ({
    x: random.uniform() * (width - 1),
    y: random.uniform() * (height - 1),
    flux: Math.min(3e5, faintest * (1 - random.uniform()) ** -1.2),
  }));
}

/** What an extraction would list of the stars bright enough. */
export function listSources(
  stars: readonly SceneStar[],
  fwhmPx: number,
  sigma: number,
  throughput = 1,
): Source[] {
  return stars
    .map((star): Source => {
      const fluxE = throughput * star.flux;
      const fluxErrE = Math.sqrt(fluxE + 4 * Math.PI * (fwhmPx / 2.35) ** 2 * sigma ** 2);
      return {
        xPx: star.x,
        yPx: star.y,
        fluxE,
        fluxErrE,
        peakE: fluxE * 0.08,
        snr: fluxE / fluxErrE,
        aPx: fwhmPx / 2.35,
        bPx: fwhmPx / 2.35,
        thetaRad: 0,
        fwhmPx,
        halfLightRadiusPx: 0.58 * fwhmPx,
        kronRadius: 3.5,
        areaPx: 20,
        flags: 0,
        maskBits: 0,
      };
    })
    .filter((source) => source.snr > 5)
    .sort((a, b) => b.fluxE - a.fluxE);
}

/** Robust standard deviation of a plane. */
export function scatterOf(plane: Plane): number {
  const sorted = plane.data.slice().sort();
  const middle = sorted[sorted.length >> 1];
  const deviations = plane.data.map((value) => Math.abs(value - middle)).sort();
  return 1.4826 * deviations[deviations.length >> 1];
}
