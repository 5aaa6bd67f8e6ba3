import {
  type Arena,
  type FilteredImages,
  type LatentPlane,
  type MaskPlane,
  type NoiseTerms,
  type Plane,
  type ScoredPlanes,
  type Scratch,
  scoreTile,
  takeRows,
  withArena,
} from '../../../kernels/index.ts';
import { type Box, MaskBit } from '../../observations/index.ts';
import type { ScienceResponse } from '../model.ts';
import { addWings } from '../saturated/draw-wings.ts';
import { type LoadedTile, NO_SKY } from '../zogy/load-tile.ts';
import { addNoise, startNoise } from '../zogy/measure-correlation.ts';
import type { Tile } from '../zogy/plan-tiles.ts';
import { pasteMask, pastePlane } from './paste-tile.ts';
import type { PreparedTile } from './prepare-tile.ts';
import type { DifferenceCanvas, SparseLight, SubtractedTile, TileInput } from './subtracted-tile.ts';

/** Wings count from this part of the score's noise. */
const FAINTEST_WINGS = 0.3;
/** Bits of pixels that hold no measurement at all. */
const LOST = NO_SKY | MaskBit.SAT;

/** Rows that are scored at a time: what is read and written for them stays in the caches. */
const ROWS_PER_BAND = 32;

/** What an engine's filters made of a tile with its border. */
export interface FilteredTile<Kind extends Plane | LatentPlane = Plane | LatentPlane> {
  /** White, on the science flux scale, e-, and its variance, e-^2. */
  readonly difference: Kind;
  readonly variance: Kind;
  /** Matched-filtered science and subtracted template; their difference is the score before its noise is divided out. */
  readonly scoreScience: Kind;
  readonly scoreTemplate: Kind;
  readonly scoreVariance: Kind;
  readonly filters: {
    /** Score of a point source of one electron, which is also the variance of the score on empty sky. */
    readonly fluxScale: number;
    /** Score of a uniform sky of one electron. */
    readonly skyScale: number;
    /** A star of one electron in the difference image, (size, size). */
    readonly differencePsf: Float64Array;
    readonly differencePsfSize: number;
    /** Kernels by which light in the science image becomes score and difference, odd squares of one side. */
    readonly scienceScoreKernel: Plane;
    readonly scienceDifferenceKernel: Plane;
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
  const { loaded } = prepared;
  const { mask } = loaded;
  const imageWidth = input.canvas.score.width;
  const { fluxScale, skyScale, differencePsf, differencePsfSize } = filtered.filters;
  const terms: NoiseTerms = {
    // Rounding in the transform of a variance that spans many decades must not make it vanish next to a star.
    leastNoise: 0.25 * fluxScale,
    leastVariance: 0.25 * (prepared.sky.science + prepared.sky.template),
    ratioError: match.fluxRatioErr / match.fluxRatio[0],
    astrometricX: input.sigmaXPx ** 2 / 2,
    astrometricY: input.sigmaYPx ** 2 / 2,
    fluxScale,
    hasFluxes: input.hasFluxes,
  };
  const wings = drawWings(input, (FAINTEST_WINGS * Math.sqrt(fluxScale)) / skyScale, scratch);
  const light: SparseLight[] = [];
  const { maxLagPx } = input;
  let noise = maxLagPx === undefined ? undefined : startNoise(maxLagPx);
  forScoredBands(filtered, loaded, tile, terms, (scored, band) => {
    const firstRow = band.y - tile.y;
    const rows = <Pixels extends { readonly data: Float32Array | Uint16Array }>(plane: Pixels) => ({
      width: band.width,
      height: band.height,
      data: plane.data.subarray(
        firstRow * band.width,
        (firstRow + band.height) * band.width,
      ) as Pixels['data'],
    });
    forgetLost(scored, loaded, tile, band);
    noise &&= addNoise(noise, scored, rows<MaskPlane>(mask));
    paste(scored, band, input.canvas);
    if (wings) {
      const factor = skyScale / fluxScale;
      light.push(listWings(rows<Plane>(wings), scored.fluxErr, factor, band, imageWidth));
    }
  });
  pasteMask(mask, tile, input.canvas.mask);
  return {
    tile,
    psf: differencePsf,
    psfSize: differencePsfSize,
    fluxPerBackground: skyScale / fluxScale,
    response: describeResponse(tile.cell, filtered.filters),
    noise,
    wings: join(light),
  };
}

/**
 * Score the kept part in bands of rows, from bottom to top, and show each.
 *
 * @param visit is given the scored rows, in an arena, and where they lie in the image.
 */
function forScoredBands(
  filtered: FilteredTile,
  { width, offsetX, offsetY }: LoadedTile,
  tile: Tile,
  terms: NoiseTerms,
  visit: (scored: ScoredPlanes, band: Tile) => void,
): void {
  withArena((arena) => {
    const room = makeScored(arena, tile.width, ROWS_PER_BAND);
    // Derivatives need a row more below and above.
    const taken = () => arena.plane(width, ROWS_PER_BAND + 2);
    const images: FilteredImages = {
      difference: taken(),
      variance: taken(),
      scoreScience: taken(),
      scoreTemplate: taken(),
      scoreVariance: taken(),
    };
    for (let y = 0; y < tile.height; y += ROWS_PER_BAND) {
      const count = Math.min(ROWS_PER_BAND, tile.height - y);
      for (const name of Object.keys(images) as (keyof FilteredImages)[]) {
        const plane = images[name];
        // The last two rows of the band before are the first two of this one.
        const known = y === 0 ? 0 : 2;
        if (known > 0) plane.data.copyWithin(0, ROWS_PER_BAND * width, (ROWS_PER_BAND + 2) * width);
        takeRows(filtered[name], offsetY - 1 + y + known, count + 2 - known, plane, known);
      }
      const scored = count === ROWS_PER_BAND ? room : makeScored(arena, tile.width, count);
      scoreTile(images, offsetX, 1, terms, scored);
      visit(scored, { ...tile, y: tile.y + y, height: count });
    }
  });
}

function makeScored(arena: Arena, width: number, height: number): ScoredPlanes {
  const plane = () => arena.plane(width, height);
  return { difference: plane(), variance: plane(), score: plane(), shared: plane(), fluxErr: plane() };
}

function paste(scored: ScoredPlanes, band: Tile, canvas: DifferenceCanvas): void {
  pastePlane(scored.difference, band, canvas.difference);
  pastePlane(scored.variance, band, canvas.variance);
  pastePlane(scored.score, band, canvas.score);
  pastePlane(scored.shared, band, canvas.shared);
  pastePlane(scored.fluxErr, band, canvas.fluxErr);
}

/** Nothing is known of pixels without a measurement: neither light nor change. */
function forgetLost(scored: ScoredPlanes, loaded: LoadedTile, tile: Tile, band: Tile): void {
  const { width, spoiled, scienceMask, templateMask, offsetX, offsetY } = loaded;
  const planes = [scored.score, scored.shared, scored.difference].map(({ data }) => data);
  const firstRow = offsetY + band.y - tile.y;
  const end = (firstRow + band.height) * width;
  for (let i = firstNotBelow(spoiled, firstRow * width); i < spoiled.length && spoiled[i] < end; i++) {
    const k = spoiled[i];
    if (((scienceMask[k] | templateMask[k]) & LOST) === 0) continue;
    const x = (k % width) - offsetX;
    const y = Math.floor(k / width) - firstRow;
    if (x < 0 || x >= band.width) continue;
    for (const data of planes) data[y * band.width + x] = 0;
  }
}

/** Index of the first of ascending numbers that is at least `least`. */
export function firstNotBelow(numbers: Int32Array, least: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Put lists of light one after the other. */
function join(parts: readonly SparseLight[]): SparseLight {
  const count = parts.reduce((sum, { pixels }) => sum + pixels.length, 0);
  const light = { pixels: new Int32Array(count), values: new Float32Array(count) };
  let at = 0;
  for (const { pixels, values } of parts) {
    light.pixels.set(pixels, at);
    light.values.set(values, at);
    at += pixels.length;
  }
  return light;
}

/** List light in wings over the noise of the score. */
function listWings(
  { data }: Plane,
  { data: fluxErr }: Plane,
  factor: number,
  { x, y, width }: Box,
  imageWidth: number,
): SparseLight {
  const places: number[] = [];
  for (let k = 0; k < data.length; k++) if (data[k] !== 0) places.push(k);
  const light = { pixels: new Int32Array(places.length), values: new Float32Array(places.length) };
  for (let i = 0; i < places.length; i++) {
    const k = places[i];
    light.pixels[i] = (y + Math.floor(k / width)) * imageWidth + x + (k % width);
    light.values[i] = data[k] * (factor / fluxErr[k]);
  }
  return light;
}

function describeResponse({ x, y, width, height }: Box, filters: FilteredTile['filters']): ScienceResponse {
  return {
    x,
    y,
    width,
    height,
    size: filters.scienceScoreKernel.width,
    flux: filters.scienceScoreKernel.data.map((value) => value / filters.fluxScale),
    answer: [1],
    fluxVarianceFactor: filters.scoreVarianceFactor,
    difference: filters.scienceDifferenceKernel.data,
    differenceVarianceFactor: filters.differenceVarianceFactor,
  };
}

/** Wings of the bright stars in the kept part, e- per pixel, down to `least`; `undefined` where no star has any. */
function drawWings(input: TileInput, least: number, scratch: Scratch): Plane | undefined {
  const { tile, match, sciencePsf, templatePsf, brightStars } = input;
  if (brightStars.science.length + brightStars.template.length === 0) return undefined;
  const wings = scratch.plane(tile.width, tile.height);
  wings.data.fill(0);
  addWings(wings, sciencePsf, brightStars.science, 0.5, tile.x, tile.y, least);
  addWings(wings, templatePsf, brightStars.template, 0.5 * match.fluxRatio[0], tile.x, tile.y, least);
  return wings;
}
