import type { Arena, Scratch } from '../../../kernels/index.ts';
import type { TaskContext } from '../../../utils/index.ts';
import { evaluatePolynomial } from '../match/image-match.ts';
import { applyBrightStars, drawStarsAtSpoiled, type TileSide } from '../saturated/apply-bright-stars.ts';
import { type LoadedTile, loadTile } from '../zogy/load-tile.ts';
import { fillSpoiled } from './fill-spoiled.ts';
import { growMask } from './grow-mask.ts';
import type { TileInput } from './subtracted-tile.ts';

/** Both images of a tile without a bad pixel left, on the science flux scale: ready for any filter. */
export interface PreparedTile {
  /** Its mask has everything that a filled pixel spoils. */
  readonly loaded: LoadedTile;
  /** Variance of empty sky, e-^2 on the science scale. */
  readonly sky: { readonly science: number; readonly template: number };
  /** Middle of the cell, image pixels. */
  readonly xMid: number;
  readonly yMid: number;
}

/**
 * Load a tile, rebuild its saturated stars, take their halos off and fill what is spoiled.
 *
 * All engines see the same pixels, so that their differences differ by the engine alone; but where an engine knows only
 * the profile at the cell's middle, bright stars are given that.
 *
 * @param hasOneProfile the engine's filters have one profile for the whole cell.
 * @param scratch lends what is not transformed; the result lives no longer.
 * @param plane makes the tile's planes: an arena's.
 */
export function prepareTile(
  input: TileInput,
  hasOneProfile: boolean,
  context: TaskContext,
  scratch: Scratch,
  plane: Arena['plane'],
): PreparedTile {
  const { tile, match } = input;
  const { width: imageWidth, height: imageHeight } = input.science.science;
  const { science, template, noiseCorrelationFactor } = input;
  const loaded = loadTile(science, template, tile, match, noiseCorrelationFactor, context, scratch, plane);
  const { cell } = tile;
  const xMid = cell.x + (cell.width - 1) / 2;
  const yMid = cell.y + (cell.height - 1) / 2;
  const ratioAt = (x: number, y: number) =>
    evaluatePolynomial(match.fluxRatio, x, y, imageWidth, imageHeight);
  const sky = {
    science: cell.skyVariance.science,
    template: cell.skyVariance.template * (ratioAt(xMid, yMid) / noiseCorrelationFactor) ** 2,
  };
  const { rebuilt, stars } = prepareStars(
    input,
    loaded,
    sky,
    ratioAt,
    hasOneProfile ? { x: xMid, y: yMid } : undefined,
    scratch,
  );
  const broadest = Math.max(input.sciencePsf.fwhmPx, input.templatePsf.fwhmPx);
  fillSpoiled(loaded, rebuilt, stars, broadest, sky, scratch);
  growMask(loaded, tile, imageWidth, imageHeight, input.saturationGrowthPx);
  return { loaded, sky, xMid, yMid };
}

/**
 * Rebuild cores and take off halos in both images.
 *
 * @returns which pixels were rebuilt (1 science, 2 template), and the light of stars beside spoiled pixels.
 */
function prepareStars(
  input: TileInput,
  loaded: LoadedTile,
  sky: { readonly science: number; readonly template: number },
  ratioAt: TileSide['ratioAt'],
  profileAt: { readonly x: number; readonly y: number } | undefined,
  scratch: Scratch,
) {
  const rebuilt = scratch.zeroBytes(loaded.width * loaded.height);
  const left = input.tile.x - loaded.offsetX;
  const bottom = input.tile.y - loaded.offsetY;
  const science = {
    plane: loaded.science,
    variance: loaded.scienceVariance,
    mask: loaded.scienceMask,
    psf: input.sciencePsf,
    profileAt,
    ratioAt: () => 1,
    skyVariance: sky.science,
  };
  const template = {
    plane: loaded.template,
    variance: loaded.templateVariance,
    mask: loaded.templateMask,
    psf: input.templatePsf,
    profileAt,
    ratioAt,
    skyVariance: sky.template,
  };
  const { brightStars } = input;
  applyBrightStars(science, brightStars.science, left, bottom, rebuilt, 1);
  applyBrightStars(template, brightStars.template, left, bottom, rebuilt, 2);
  const stars = {
    science: drawStarsAtSpoiled(science, brightStars.science, left, bottom, rebuilt, 1, scratch),
    template: drawStarsAtSpoiled(template, brightStars.template, left, bottom, rebuilt, 2, scratch),
  };
  return { rebuilt, stars };
}
