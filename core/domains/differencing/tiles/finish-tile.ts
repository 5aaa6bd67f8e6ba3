import { makePlane, type Plane } from '../../../kernels/index.ts';
import { MaskBit } from '../../observations/index.ts';
import type { ScienceResponse } from '../model.ts';
import { addWings } from '../saturated/draw-wings.ts';
import { NO_SKY } from '../zogy/load-tile.ts';
import { sumNoise } from '../zogy/measure-correlation.ts';
import type { Tile } from '../zogy/plan-tiles.ts';
import type { PreparedTile } from './prepare-tile.ts';
import type { SubtractedTile, TileInput } from './subtracted-tile.ts';

/** Wings count from this part of the score's noise. */
const FAINTEST_WINGS = 0.3;
/** Bits of pixels that hold no measurement at all. */
const LOST = NO_SKY | MaskBit.SAT;

/** What an engine's filters made of a tile with its border. */
export interface FilteredTile {
  /** White, on the science flux scale, e-, and its variance, e-^2. */
  readonly difference: Plane;
  readonly variance: Plane;
  /** Matched-filtered science and subtracted template; their difference is the score before its noise is divided out. */
  readonly scoreScience: Plane;
  readonly scoreTemplate: Plane;
  readonly scoreVariance: Plane;
  readonly filters: {
    /** Score of a point source of one electron, which is also the variance of the score on empty sky. */
    readonly fluxScale: number;
    /** Score of a uniform sky of one electron. */
    readonly skyScale: number;
    /** PSF of the difference image, (size, size), unit sum. */
    readonly differencePsf: Float64Array;
    readonly differencePsfSize: number;
    /** Kernels by which light in the science image becomes score and difference, square with an odd side. */
    readonly scienceScoreKernel: Float64Array;
    readonly scienceDifferenceKernel: Float64Array;
    /** True variances over those that the squared kernels give for white noise. */
    readonly scoreVarianceFactor: number;
    readonly differenceVarianceFactor: number;
  };
}

/**
 * Divide the score by its noise and drop the border.
 *
 * Beyond the variances that the filters carry: the flux ratio's error is coherent over a star, so its variance is
 * (error x template score)^2; the relative astrometric noise is shared evenly by both images; derivatives are
 * central differences.
 *
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 25 (S_corr), 30-31 (astrometric noise), 41-43 (flux)
 */
export function finishTile(input: TileInput, prepared: PreparedTile, filtered: FilteredTile): SubtractedTile {
  const { tile, match } = input;
  const { loaded, mask } = prepared;
  const { fluxScale } = filtered.filters;
  const totalSkyVariance = prepared.sky.science + prepared.sky.template;
  const plane = () => makePlane(tile.width, tile.height);
  const result = {
    tile,
    difference: plane(),
    variance: plane(),
    score: plane(),
    shared: plane(),
    wings: drawWings(input, (FAINTEST_WINGS * Math.sqrt(fluxScale)) / filtered.filters.skyScale),
    flux: plane(),
    fluxErr: plane(),
    mask,
    psf: filtered.filters.differencePsf,
    psfSize: filtered.filters.differencePsfSize,
    fluxPerBackground: filtered.filters.skyScale / fluxScale,
    response: describeResponse(tile, filtered.filters),
  };
  // Rounding in the transform of a variance that spans many decades must not make it vanish next to a star.
  const leastNoise = 0.25 * fluxScale;
  const leastVariance = 0.25 * totalSkyVariance;
  const ratioError = match.fluxRatioErr / match.fluxRatio[0];
  const sx2 = input.sigmaXPx ** 2 / 2;
  const sy2 = input.sigmaYPx ** 2 / 2;
  const { skyScale } = filtered.filters;
  // Nothing below takes memory of the arena, so that its planes may be looked at once and for all.
  const sn = filtered.scoreScience.data;
  const sr = filtered.scoreTemplate.data;
  const scoreVariance = filtered.scoreVariance.data;
  const zogyDifference = filtered.difference.data;
  const zogyVariance = filtered.variance.data;
  const { scienceMask, templateMask, width } = loaded;
  const [difference, variance] = [result.difference.data, result.variance.data];
  const [score, sharedScore, wings] = [result.score.data, result.shared.data, result.wings.data];
  const [flux, fluxErr] = [result.flux.data, result.fluxErr.data];
  for (let y = 0; y < tile.height; y++) {
    let from = (y + loaded.offsetY) * width + loaded.offsetX;
    let to = y * tile.width;
    for (const end = to + tile.width; to < end; to++, from++) {
      const nx = (sn[from + 1] - sn[from - 1]) / 2;
      const ny = (sn[from + width] - sn[from - width]) / 2;
      const rx = (sr[from + 1] - sr[from - 1]) / 2;
      const ry = (sr[from + width] - sr[from - width]) / 2;
      const shared = Math.max(0, Math.min(sn[from], sr[from]));
      const ratioNoise = ratioError * shared;
      const noise =
        Math.max(scoreVariance[from], leastNoise) +
        sx2 * (nx * nx + rx * rx) +
        sy2 * (ny * ny + ry * ry) +
        ratioNoise * ratioNoise;
      const sigma = Math.sqrt(noise);
      const isKnown = ((scienceMask[from] | templateMask[from]) & LOST) === 0;
      const s = isKnown ? sn[from] - sr[from] : 0;
      score[to] = s / sigma;
      sharedScore[to] = isKnown ? shared / sigma : 0;
      wings[to] *= skyScale / sigma;
      flux[to] = s / fluxScale;
      fluxErr[to] = sigma / fluxScale;
      difference[to] = isKnown ? zogyDifference[from] : 0;
      variance[to] = Math.max(zogyVariance[from], leastVariance);
    }
  }
  return { ...result, noise: sumNoise(result, input.maxLagPx) };
}

function describeResponse({ x, y, width, height }: Tile, filters: FilteredTile['filters']): ScienceResponse {
  return {
    x,
    y,
    width,
    height,
    size: Math.sqrt(filters.scienceScoreKernel.length),
    flux: Float32Array.from(filters.scienceScoreKernel, (value) => value / filters.fluxScale),
    answer: [1],
    fluxVarianceFactor: filters.scoreVarianceFactor,
    difference: Float32Array.from(filters.scienceDifferenceKernel),
    differenceVarianceFactor: filters.differenceVarianceFactor,
  };
}

/** Wings of the bright stars in the kept part, e- per pixel, down to `least`. */
function drawWings(input: TileInput, least: number): Plane {
  const { tile, match, sciencePsf, templatePsf, brightStars } = input;
  const wings = makePlane(tile.width, tile.height);
  addWings(wings, sciencePsf, brightStars.science, 0.5, tile.x, tile.y, least);
  addWings(wings, templatePsf, brightStars.template, 0.5 * match.fluxRatio[0], tile.x, tile.y, least);
  return wings;
}
