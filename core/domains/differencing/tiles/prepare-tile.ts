import {
  type Arena,
  type MaskPlane,
  type Plane,
  type Scratch,
  selectQuantile,
} from '../../../kernels/index.ts';
import type { TaskContext } from '../../../utils/index.ts';
import { evaluatePolynomial } from '../match/image-match.ts';
import { applyBrightStars, drawStarsAtSpoiled } from '../saturated/apply-bright-stars.ts';
import { type LoadedTile, loadTile } from '../zogy/load-tile.ts';
import { fillSpoiled } from './fill-spoiled.ts';
import { growMask } from './grow-mask.ts';
import type { TileInput } from './subtracted-tile.ts';

/** Both images of a tile without a bad pixel left, on the science flux scale: ready for any filter. */
export interface PreparedTile {
  readonly loaded: LoadedTile;
  /** Variance of empty sky, e-^2 on the science scale. */
  readonly sky: { readonly science: number; readonly template: number };
  /** Middle of the kept part, image pixels. */
  readonly xMid: number;
  readonly yMid: number;
  /** Of the kept part, with everything that a filled pixel spoils. */
  readonly mask: MaskPlane;
}

/**
 * Load a tile, rebuild its saturated stars, take their halos off and fill what is spoiled.
 *
 * All engines see the same pixels, so that their differences differ by the engine alone; but where an engine knows only
 * the profile at the tile's middle, bright stars are given that.
 *
 * @param hasOneProfile the engine's filters have one profile for the whole tile.
 * @param scratch lends what is not transformed; the result lives no longer.
 * @param plane makes the tile's planes, for example an arena's.
 */
export function prepareTile(
  input: TileInput,
  hasOneProfile: boolean,
  context: TaskContext,
  scratch: Scratch,
  plane?: Arena['plane'],
): PreparedTile {
  const { tile, match } = input;
  const { width: imageWidth, height: imageHeight } = input.science.science;
  const { science, template, noiseCorrelationFactor } = input;
  const loaded = loadTile(science, template, tile, match, noiseCorrelationFactor, context, scratch, plane);
  const sky = {
    science: skyVariance(loaded.scienceVariance, loaded.scienceMask),
    template: skyVariance(loaded.templateVariance, loaded.templateMask),
  };
  const xMid = tile.x + (tile.width - 1) / 2;
  const yMid = tile.y + (tile.height - 1) / 2;
  const ratio = evaluatePolynomial(match.fluxRatio, xMid, yMid, imageWidth, imageHeight);
  const { rebuilt, stars } = prepareStars(
    input,
    loaded,
    sky,
    ratio,
    hasOneProfile ? { x: xMid, y: yMid } : undefined,
    scratch,
  );
  const broadest = Math.max(input.sciencePsf.fwhmPx, input.templatePsf.fwhmPx);
  fillSpoiled(loaded, rebuilt, stars, broadest, sky, scratch);
  const mask = scratch.mask(tile.width, tile.height);
  growMask(loaded, tile, imageWidth, imageHeight, input.saturationGrowthPx, mask);
  return { loaded, sky, xMid, yMid, mask };
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
  ratio: number,
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
    ratio: 1,
    skyVariance: sky.science,
  };
  const template = {
    plane: loaded.template,
    variance: loaded.templateVariance,
    mask: loaded.templateMask,
    psf: input.templatePsf,
    profileAt,
    ratio,
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

/** Pixels that tell the sky of a tile: a quantile of so many is known to half a percent of the ranks. */
const SKY_SAMPLE = 10_000;

/** Variance of the sky: the 30th percentile of the good pixels' variances, because sources only raise it. */
function skyVariance(variance: Plane, mask: Uint16Array): number {
  const step = Math.max(1, Math.floor(mask.length / SKY_SAMPLE)) | 1;
  const { data } = variance;
  const sample = new Float32Array(Math.ceil(mask.length / step));
  let found = 0;
  for (let k = 0; k < mask.length; k += step) if (mask[k] === 0) sample[found++] = data[k];
  const clean = selectQuantile(sample.subarray(0, found), 0.3);
  if (!Number.isNaN(clean)) return clean;
  for (let k = 0, i = 0; k < mask.length; k += step, i++) sample[i] = data[k];
  return selectQuantile(sample, 0.3);
}
