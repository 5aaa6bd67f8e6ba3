import { type MaskPlane, makeMaskPlane, makePlane, type Plane, rfft2 } from '../../../kernels/index.ts';
import type { Task } from '../../../utils/index.ts';
import type { MaskedImage } from '../../observations/index.ts';
import { evaluatePolynomial, type ImageMatch } from '../match/image-match.ts';
import type { SpatialPsf } from '../model.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import { applyBrightStars } from '../saturated/apply-bright-stars.ts';
import type { SaturatedStars } from '../saturated/model-saturated.ts';
import { filterImage, filterPair, shiftSpectrum } from './apply-filters.ts';
import { fillSpoiled } from './fill-spoiled.ts';
import { growMask } from './grow-mask.ts';
import { type LoadedTile, loadTile } from './load-tile.ts';
import { makeFilters } from './make-filters.ts';
import type { Tile } from './plan-tiles.ts';

export interface SubtractTileInput {
  readonly science: MaskedImage;
  readonly template: MaskedImage;
  readonly tile: Tile;
  readonly sciencePsf: SpatialPsf;
  readonly templatePsf: SpatialPsf;
  readonly match: ImageMatch;
  /** Stars whose cores are rebuilt and whose halos are taken off; may lie outside the tile. */
  readonly brightStars: SaturatedStars;
  /** Noise per pixel of the resampled template over that of the original, <= 1. */
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
  /** PSF flux at each pixel and its error, e-. */
  readonly flux: Plane;
  readonly fluxErr: Plane;
  readonly mask: MaskPlane;
  /** PSF of the difference, (size, size), unit sum. */
  readonly psf: Float64Array;
  readonly psfSize: number;
  /** Score per electron of a uniform residual background, before division by its noise, over that of a point source. */
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
  const sky = { science: skyVariance(loaded, 'science'), template: skyVariance(loaded, 'template') };
  const broadest = Math.max(input.sciencePsf.fwhmPx, input.templatePsf.fwhmPx);
  const xMid = tile.x + (tile.width - 1) / 2;
  const yMid = tile.y + (tile.height - 1) / 2;
  const sciencePsf = evaluatePsf(input.sciencePsf, xMid, yMid);
  const templatePsf = evaluatePsf(input.templatePsf, xMid, yMid);
  const rebuilt = new Uint8Array(loaded.width * loaded.height);
  const left = tile.x - loaded.offsetX;
  const bottom = tile.y - loaded.offsetY;
  applyBrightStars(
    {
      plane: loaded.science,
      variance: loaded.scienceVariance,
      mask: loaded.scienceMask,
      psf: input.sciencePsf,
      ratio: 1,
      skyVariance: sky.science,
    },
    input.brightStars.science,
    left,
    bottom,
    rebuilt,
    1,
  );
  applyBrightStars(
    {
      plane: loaded.template,
      variance: loaded.templateVariance,
      mask: loaded.templateMask,
      psf: input.templatePsf,
      ratio: evaluatePolynomial(match.fluxRatio, xMid, yMid, imageWidth, imageHeight),
      skyVariance: sky.template,
    },
    input.brightStars.template,
    left,
    bottom,
    rebuilt,
    2,
  );
  fillSpoiled(loaded, rebuilt, Math.max(1, broadest / 2.3548), sky);
  const filters = makeFilters(
    sciencePsf,
    templatePsf,
    Math.sqrt(sky.science),
    Math.sqrt(sky.template),
    loaded.width,
    loaded.height,
  );
  const n = rfft2(loaded.science);
  const r = rfft2(loaded.template);
  const dx = evaluatePolynomial(match.shiftX, xMid, yMid, imageWidth, imageHeight);
  const dy = evaluatePolynomial(match.shiftY, xMid, yMid, imageWidth, imageHeight);
  if (dx !== 0 || dy !== 0) shiftSpectrum(r, dx, dy);
  const vn = rfft2(loaded.scienceVariance);
  const vr = rfft2(loaded.templateVariance);
  const difference = filterPair(n, filters.differenceScience, r, filters.differenceTemplate, -1);
  const scoreScience = filterImage(n, filters.scoreScience);
  const scoreTemplate = filterImage(r, filters.scoreTemplate);
  const noise = filterPair(vn, filters.scoreScienceSquared, vr, filters.scoreTemplateSquared, 1);
  const variance = filterPair(vn, filters.differenceScienceSquared, vr, filters.differenceTemplateSquared, 1);

  // What a uniform sky of one electron adds to the score is the sum of the filter: 1 / (sn^2 + sr^2).
  const total = sky.science + sky.template;
  // Rounding in the transform of a variance that spans six decades must not make it vanish next to a star.
  const leastNoise = 0.25 * filters.fluxScale;
  const result: SubtractedTile = {
    tile,
    difference: makePlane(tile.width, tile.height),
    variance: makePlane(tile.width, tile.height),
    score: makePlane(tile.width, tile.height),
    shared: makePlane(tile.width, tile.height),
    flux: makePlane(tile.width, tile.height),
    fluxErr: makePlane(tile.width, tile.height),
    mask: makeMaskPlane(tile.width, tile.height),
    psf: filters.differencePsf,
    psfSize: filters.differencePsfSize,
    fluxPerBackground: 1 / (total * filters.fluxScale),
  };
  const ratioError = Math.max(match.fluxRatioErr / match.fluxRatio[0], 0);
  const sx2 = input.sigmaXPx ** 2 / 2;
  const sy2 = input.sigmaYPx ** 2 / 2;
  const sn = scoreScience.data;
  const sr = scoreTemplate.data;
  for (let y = 0; y < tile.height; y++) {
    for (let x = 0; x < tile.width; x++) {
      const from = (y + loaded.offsetY) * loaded.width + x + loaded.offsetX;
      const to = y * tile.width + x;
      const nx = (sn[from + 1] - sn[from - 1]) / 2;
      const ny = (sn[from + loaded.width] - sn[from - loaded.width]) / 2;
      const rx = (sr[from + 1] - sr[from - 1]) / 2;
      const ry = (sr[from + loaded.width] - sr[from - loaded.width]) / 2;
      const common = Math.max(0, Math.min(sn[from], sr[from]));
      const v =
        Math.max(noise.data[from], leastNoise) +
        sx2 * (nx * nx + rx * rx) +
        sy2 * (ny * ny + ry * ry) +
        (ratioError * common) ** 2;
      const sigma = Math.sqrt(v);
      const s = sn[from] - sr[from];
      result.score.data[to] = s / sigma;
      result.shared.data[to] = common / sigma;
      result.flux.data[to] = s / filters.fluxScale;
      result.fluxErr.data[to] = sigma / filters.fluxScale;
      result.difference.data[to] = difference.data[from];
      result.variance.data[to] = Math.max(variance.data[from], 0.25 * total);
    }
  }
  growMask(loaded, tile, input.saturationGrowthPx, result.mask);
  return result;
}

/** Variance of the sky: the 30th percentile of the good pixels' variances, because sources only raise it. */
function skyVariance(tile: LoadedTile, which: 'science' | 'template'): number {
  const variance = which === 'science' ? tile.scienceVariance.data : tile.templateVariance.data;
  const mask = which === 'science' ? tile.scienceMask : tile.templateMask;
  const step = Math.max(1, Math.floor(variance.length / 40_000));
  const good: number[] = [];
  const all: number[] = [];
  for (let k = 0; k < variance.length; k += step) {
    if (!(variance[k] > 0)) continue;
    all.push(variance[k]);
    if (mask[k] === 0) good.push(variance[k]);
  }
  const values = Float64Array.from(good.length > 0 ? good : all).sort();
  return values.length > 0 ? values[Math.floor(0.3 * values.length)] : 1;
}
