import {
  type MaskPlane,
  makeMaskPlane,
  makePlane,
  type Plane,
  selectQuantile,
} from '../../../kernels/index.ts';
import type { Task } from '../../../utils/index.ts';
import { MaskBit, type MaskedImage } from '../../observations/index.ts';
import { evaluatePolynomial, type ImageMatch } from '../match/image-match.ts';
import type { SpatialPsf } from '../model.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import { applyBrightStars, drawStarsAtSpoiled } from '../saturated/apply-bright-stars.ts';
import { addWings } from '../saturated/draw-wings.ts';
import type { SaturatedStars } from '../saturated/model-saturated.ts';
import { fillSpoiled } from './fill-spoiled.ts';
import { growMask } from './grow-mask.ts';
import { type LoadedTile, loadTile, NO_SKY } from './load-tile.ts';
import type { NoiseCorrelation } from './measure-correlation.ts';
import type { Tile } from './plan-tiles.ts';
import { runZogy, type ZogyOutput } from './run-zogy.ts';

/** Wings count from this part of the score's noise. */
const FAINTEST_WINGS = 0.3;
/** Bits of pixels that hold no measurement at all. */
const LOST = NO_SKY | MaskBit.SAT;

export interface SubtractTileInput {
  readonly science: MaskedImage;
  readonly template: MaskedImage;
  readonly tile: Tile;
  readonly sciencePsf: SpatialPsf;
  readonly templatePsf: SpatialPsf;
  readonly match: ImageMatch;
  /** Stars whose cores are rebuilt and whose halos are taken off; may lie outside the tile. */
  readonly brightStars: SaturatedStars;
  /** Correlation of the difference's noise, measured on tiles that were subtracted without it. */
  readonly correlation?: NoiseCorrelation | undefined;
  /**
   * Noise per pixel of the resampled template over that of the original, <= 1, where no correlation could be
   * measured: resampling hides noise in the correlation of neighbours, and a matched filter sees it again.
   */
  readonly noiseCorrelationFactor: number;
  /** Astrometric noise of a single star relative to the template, per axis, px. */
  readonly sigmaXPx: number;
  readonly sigmaYPx: number;
  /** How far masks of saturated pixels grow, px. */
  readonly saturationGrowthPx: number;
}

/** The kept part of one tile. */
export interface SubtractedTile {
  readonly tile: Tile;
  /** e- on the science flux scale. */
  readonly difference: Plane;
  /** e-^2. */
  readonly variance: Plane;
  /** S_corr without the term of the model's own error, sigma. */
  readonly score: Plane;
  /** Significance of the light that both images share: a model error of 1 % of it adds a hundredth of this to the score's noise. */
  readonly shared: Plane;
  /** Significance of light in bright stars' wings, the mean of both images: an error of 10 % of it adds a tenth of this. */
  readonly wings: Plane;
  /** PSF flux at each pixel and its error, e-. */
  readonly flux: Plane;
  readonly fluxErr: Plane;
  readonly mask: MaskPlane;
  /** PSF of the difference, (size, size), unit sum. */
  readonly psf: Float64Array;
  readonly psfSize: number;
  /** Flux that a uniform residual background of one electron per pixel feigns, e-. */
  readonly fluxPerBackground: number;
}

/** Subtracts one tile on a thread. */
export const subtractTileTask: Task<SubtractTileInput, SubtractedTile> = {
  name: 'differencing.subtract-tile',
  run: (input) => subtractTile(input),
};

/**
 * Subtract the template from the science image in one tile, optimally for point sources.
 *
 * Beyond the paper: the flux ratio's error is coherent over a star, so its variance is (error x template score)^2;
 * the relative astrometric noise is shared evenly by both images; derivatives are central differences.
 *
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 13-17 (D, S), 25-29 (S_corr, variances), 30-31 (astrometric noise), 41-43 (flux)
 */
export function subtractTile(input: SubtractTileInput): SubtractedTile {
  const { tile, match } = input;
  const { width: imageWidth, height: imageHeight } = input.science.science;
  const loaded = loadTile(input.science, input.template, tile, match, input.noiseCorrelationFactor);
  const sky = {
    science: skyVariance(loaded.scienceVariance, loaded.scienceMask),
    template: skyVariance(loaded.templateVariance, loaded.templateMask),
  };
  const xMid = tile.x + (tile.width - 1) / 2;
  const yMid = tile.y + (tile.height - 1) / 2;
  const at = (polynomial: readonly number[]) =>
    evaluatePolynomial(polynomial, xMid, yMid, imageWidth, imageHeight);
  const { rebuilt, stars } = prepareStars(input, loaded, sky, at(match.fluxRatio));
  const broadest = Math.max(input.sciencePsf.fwhmPx, input.templatePsf.fwhmPx);
  fillSpoiled(loaded, rebuilt, stars, Math.max(1, broadest / 2.3548), sky);
  const zogy = runZogy({
    science: loaded.science,
    template: loaded.template,
    scienceVariance: loaded.scienceVariance,
    templateVariance: loaded.templateVariance,
    sciencePsf: evaluatePsf(input.sciencePsf, xMid, yMid),
    templatePsf: evaluatePsf(input.templatePsf, xMid, yMid),
    scienceSigma: Math.sqrt(sky.science),
    templateSigma: Math.sqrt(sky.template),
    correlation: input.correlation,
    shiftX: at(match.shiftX),
    shiftY: at(match.shiftY),
  });
  const mask = makeMaskPlane(tile.width, tile.height);
  growMask(loaded, tile, imageWidth, imageHeight, input.saturationGrowthPx, mask);
  return keepInner(input, loaded, zogy, mask, sky.science + sky.template);
}

/**
 * Rebuild cores and take off halos in both images.
 *
 * @returns which pixels were rebuilt (1 science, 2 template), and the light of stars beside spoiled pixels.
 */
function prepareStars(
  input: SubtractTileInput,
  loaded: LoadedTile,
  sky: { readonly science: number; readonly template: number },
  ratio: number,
) {
  const rebuilt = new Uint8Array(loaded.width * loaded.height);
  const left = input.tile.x - loaded.offsetX;
  const bottom = input.tile.y - loaded.offsetY;
  const science = {
    plane: loaded.science,
    variance: loaded.scienceVariance,
    mask: loaded.scienceMask,
    psf: input.sciencePsf,
    ratio: 1,
    skyVariance: sky.science,
  };
  const template = {
    plane: loaded.template,
    variance: loaded.templateVariance,
    mask: loaded.templateMask,
    psf: input.templatePsf,
    ratio,
    skyVariance: sky.template,
  };
  const { brightStars } = input;
  applyBrightStars(science, brightStars.science, left, bottom, rebuilt, 1);
  applyBrightStars(template, brightStars.template, left, bottom, rebuilt, 2);
  const stars = {
    science: drawStarsAtSpoiled(science, brightStars.science, left, bottom, rebuilt, 1),
    template: drawStarsAtSpoiled(template, brightStars.template, left, bottom, rebuilt, 2),
  };
  return { rebuilt, stars };
}

/** Divide the score by its noise and drop the border. */
function keepInner(
  input: SubtractTileInput,
  loaded: LoadedTile,
  zogy: ZogyOutput,
  mask: MaskPlane,
  totalSkyVariance: number,
): SubtractedTile {
  const { tile, match } = input;
  const { fluxScale } = zogy.filters;
  const plane = () => makePlane(tile.width, tile.height);
  const result: SubtractedTile = {
    tile,
    difference: plane(),
    variance: plane(),
    score: plane(),
    shared: plane(),
    wings: drawWings(input, (FAINTEST_WINGS * Math.sqrt(fluxScale)) / zogy.filters.skyScale),
    flux: plane(),
    fluxErr: plane(),
    mask,
    psf: zogy.filters.differencePsf,
    psfSize: zogy.filters.differencePsfSize,
    fluxPerBackground: zogy.filters.skyScale / fluxScale,
  };
  // Rounding in the transform of a variance that spans many decades must not make it vanish next to a star.
  const leastNoise = 0.25 * fluxScale;
  const ratioError = match.fluxRatioErr / match.fluxRatio[0];
  const sx2 = input.sigmaXPx ** 2 / 2;
  const sy2 = input.sigmaYPx ** 2 / 2;
  const sn = zogy.scoreScience.data;
  const sr = zogy.scoreTemplate.data;
  const { width } = loaded;
  for (let y = 0; y < tile.height; y++) {
    for (let x = 0; x < tile.width; x++) {
      const from = (y + loaded.offsetY) * width + x + loaded.offsetX;
      const to = y * tile.width + x;
      const nx = (sn[from + 1] - sn[from - 1]) / 2;
      const ny = (sn[from + width] - sn[from - width]) / 2;
      const rx = (sr[from + 1] - sr[from - 1]) / 2;
      const ry = (sr[from + width] - sr[from - width]) / 2;
      const shared = Math.max(0, Math.min(sn[from], sr[from]));
      const noise =
        Math.max(zogy.scoreVariance.data[from], leastNoise) +
        sx2 * (nx * nx + rx * rx) +
        sy2 * (ny * ny + ry * ry) +
        (ratioError * shared) ** 2;
      const sigma = Math.sqrt(noise);
      const isKnown = ((loaded.scienceMask[from] | loaded.templateMask[from]) & LOST) === 0;
      const s = isKnown ? sn[from] - sr[from] : 0;
      result.score.data[to] = s / sigma;
      result.shared.data[to] = isKnown ? shared / sigma : 0;
      result.wings.data[to] *= zogy.filters.skyScale / sigma;
      result.flux.data[to] = s / fluxScale;
      result.fluxErr.data[to] = sigma / fluxScale;
      result.difference.data[to] = isKnown ? zogy.difference.data[from] : 0;
      result.variance.data[to] = Math.max(zogy.variance.data[from], 0.25 * totalSkyVariance);
    }
  }
  return result;
}

/** Wings of the bright stars in the kept part, e- per pixel, down to `least`. */
function drawWings(input: SubtractTileInput, least: number): Plane {
  const { tile, match, sciencePsf, templatePsf, brightStars } = input;
  const wings = makePlane(tile.width, tile.height);
  addWings(wings, sciencePsf, brightStars.science, 0.5, tile.x, tile.y, least);
  addWings(wings, templatePsf, brightStars.template, 0.5 * match.fluxRatio[0], tile.x, tile.y, least);
  return wings;
}

/** Variance of the sky: the 30th percentile of the good pixels' variances, because sources only raise it. */
function skyVariance(variance: Plane, mask: Uint16Array): number {
  const step = Math.max(1, Math.floor(mask.length / 40_000)) | 1;
  const good = new Float32Array(Math.ceil(mask.length / step)).fill(Number.NaN);
  const all = good.slice();
  for (let k = 0, i = 0; k < mask.length; k += step, i++) {
    all[i] = variance.data[k];
    if (mask[k] === 0) good[i] = variance.data[k];
  }
  const clean = selectQuantile(good, 0.3);
  return Number.isNaN(clean) ? selectQuantile(all, 0.3) : clean;
}
