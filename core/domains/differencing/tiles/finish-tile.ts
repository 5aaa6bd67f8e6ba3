import { type Plane, type ScoredPlanes, type Scratch, scoreTile, withArena } from '../../../kernels/index.ts';
import { MaskBit } from '../../observations/index.ts';
import type { ScienceResponse } from '../model.ts';
import { addWings } from '../saturated/draw-wings.ts';
import { type LoadedTile, NO_SKY } from '../zogy/load-tile.ts';
import { sumNoise } from '../zogy/measure-correlation.ts';
import type { Tile } from '../zogy/plan-tiles.ts';
import { pasteMask, pastePlane } from './paste-tile.ts';
import type { PreparedTile } from './prepare-tile.ts';
import type { SparseLight, SubtractedTile, TileInput } from './subtracted-tile.ts';

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
    /** A star of one electron in the difference image, (size, size). */
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
 * Divide the score by its noise, drop the border and write the rest to the canvas.
 *
 * Beyond the variances that the filters carry: the flux ratio's error is coherent over a star, so its variance is
 * (error x template score)^2; the relative astrometric noise is shared evenly by both images; derivatives are
 * central differences.
 *
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 25 (S_corr), 30-31 (astrometric noise), 41-43 (flux)
 */
export function finishTile(
  input: TileInput,
  prepared: PreparedTile,
  filtered: FilteredTile,
  scratch: Scratch,
): SubtractedTile {
  const { tile, match } = input;
  const { loaded, mask } = prepared;
  const { fluxScale, skyScale, differencePsf, differencePsfSize } = filtered.filters;
  const terms = {
    // Rounding in the transform of a variance that spans many decades must not make it vanish next to a star.
    leastNoise: 0.25 * fluxScale,
    leastVariance: 0.25 * (prepared.sky.science + prepared.sky.template),
    ratioError: match.fluxRatioErr / match.fluxRatio[0],
    astrometricX: input.sigmaXPx ** 2 / 2,
    astrometricY: input.sigmaYPx ** 2 / 2,
    fluxScale,
  };
  const wings = drawWings(input, (FAINTEST_WINGS * Math.sqrt(fluxScale)) / skyScale, scratch);
  return withArena((arena) => {
    const plane = () => arena.plane(tile.width, tile.height);
    const scored: ScoredPlanes = {
      difference: plane(),
      variance: plane(),
      score: plane(),
      shared: plane(),
      fluxErr: plane(),
    };
    scoreTile(filtered, loaded.offsetX, loaded.offsetY, terms, scored);
    forgetLost(scored, loaded, tile);
    const noise = sumNoise(scored, mask, input.maxLagPx);
    const { canvas } = input;
    pastePlane(scored.difference, tile, canvas.difference);
    pastePlane(scored.variance, tile, canvas.variance);
    pastePlane(scored.score, tile, canvas.score);
    pastePlane(scored.shared, tile, canvas.shared);
    pastePlane(scored.fluxErr, tile, canvas.fluxErr);
    pasteMask(mask, tile, canvas.mask);
    return {
      tile,
      psf: differencePsf,
      psfSize: differencePsfSize,
      fluxPerBackground: skyScale / fluxScale,
      response: describeResponse(tile, filtered.filters),
      noise,
      wings: listWings(wings, scored.fluxErr, skyScale / fluxScale, tile, canvas.score.width),
    };
  });
}

/** Nothing is known of pixels without a measurement: neither light nor change. */
function forgetLost(scored: ScoredPlanes, loaded: LoadedTile, tile: Tile): void {
  const { width, spoiled, scienceMask, templateMask, offsetX, offsetY } = loaded;
  const planes = [scored.score, scored.shared, scored.difference].map(({ data }) => data);
  for (const k of spoiled) {
    if (((scienceMask[k] | templateMask[k]) & LOST) === 0) continue;
    const x = (k % width) - offsetX;
    const y = Math.floor(k / width) - offsetY;
    if (x < 0 || y < 0 || x >= tile.width || y >= tile.height) continue;
    for (const data of planes) data[y * tile.width + x] = 0;
  }
}

/** List light in wings over the noise of the score. */
function listWings(
  { data }: Plane,
  { data: fluxErr }: Plane,
  factor: number,
  { x, y, width }: Tile,
  imageWidth: number,
): SparseLight {
  let count = 0;
  for (let k = 0; k < data.length; k++) if (data[k] !== 0) count++;
  const light = { pixels: new Int32Array(count), values: new Float32Array(count) };
  for (let k = 0, i = 0; i < count; k++) {
    if (data[k] === 0) continue;
    light.pixels[i] = (y + Math.floor(k / width)) * imageWidth + x + (k % width);
    light.values[i++] = data[k] * (factor / fluxErr[k]);
  }
  return light;
}

function describeResponse({ x, y, width, height }: Tile, filters: FilteredTile['filters']): ScienceResponse {
  return {
    x,
    y,
    width,
    height,
    size: Math.sqrt(filters.scienceScoreKernel.length),
    flux: new Float32Array(filters.scienceScoreKernel.map((value) => value / filters.fluxScale)),
    answer: [1],
    fluxVarianceFactor: filters.scoreVarianceFactor,
    difference: new Float32Array(filters.scienceDifferenceKernel),
    differenceVarianceFactor: filters.differenceVarianceFactor,
  };
}

/** Wings of the bright stars in the kept part, e- per pixel, down to `least`. */
function drawWings(input: TileInput, least: number, scratch: Scratch): Plane {
  const { tile, match, sciencePsf, templatePsf, brightStars } = input;
  const wings = scratch.plane(tile.width, tile.height);
  wings.data.fill(0);
  addWings(wings, sciencePsf, brightStars.science, 0.5, tile.x, tile.y, least);
  addWings(wings, templatePsf, brightStars.template, 0.5 * match.fluxRatio[0], tile.x, tile.y, least);
  return wings;
}
