import { makePress, type Plane, type Scratch } from '../../../kernels/index.ts';
import type { SpatialPsf } from '../model.ts';
import { addHalo, faintestWithHalo, haloAt, haloRadius } from '../psf/halo.ts';
import { evaluateTerms } from '../psf/psf-polynomial.ts';
import { SPOILED } from '../zogy/load-tile.ts';
import { drawWidePsf } from './draw-wide-psf.ts';
import type { BrightStar } from './model-saturated.ts';

/** A halo matters down to this part of the sky's noise per pixel. */
const HALO_LEVEL = 0.05;
/** Error of a rebuilt pixel as a fraction of its light. */
const REBUILT_ERROR = 0.1;
/** Largest variance of a rebuilt pixel in units of the sky's: a transform in single precision holds no more beside it. */
const LARGEST_VARIANCE = 1e5;

/** A profile that is another at the cell's middle matters from this part of the noise under the star. */
const PROFILE_LEVEL = 0.3;

/** One image of a loaded tile. */
export interface TileSide {
  /** On the science flux scale. */
  readonly plane: Plane;
  readonly variance: Plane;
  readonly mask: Uint16Array;
  readonly psf: SpatialPsf;
  /** Where in the image the one profile is taken that filters have for the whole cell; absent where they follow it. */
  readonly profileAt?: { readonly x: number; readonly y: number } | undefined;
  /** Science e- for one e- of this image at a pixel of the image. */
  readonly ratioAt: (x: number, y: number) => number;
  readonly skyVariance: number;
}

/**
 * Make bright stars fit the PSFs that the filters know, in place: rebuild saturated cores, take off far halos, and
 * where the filters have one profile for the whole cell, give each star that profile instead of its own.
 *
 * The filters' PSFs end at a few FWHM; light of the brightest stars beyond would stay in the difference as rings. Where
 * the PSF varies, that of the cell's middle is off by percents of a star in the cell's corners.
 *
 * @param stars of this image, its own e-, on the image's pixels.
 * @param left, bottom image pixel of the tile's first pixel.
 * @returns 1 for every pixel that was rebuilt.
 */
export function applyBrightStars(
  side: TileSide,
  stars: readonly BrightStar[],
  left: number,
  bottom: number,
  rebuilt: Uint8Array,
  flag: number,
): void {
  const level = HALO_LEVEL * Math.sqrt(side.skyVariance);
  const bringToMiddle = makeMover(side, rebuilt, flag);
  const faintest = side.psf.halo ? faintestWithHalo(side.psf.halo, level) : Number.POSITIVE_INFINITY;
  for (const star of stars) {
    const ratio = side.ratioAt(star.x, star.y);
    const flux = ratio * star.flux;
    const x = star.x - left;
    const y = star.y - bottom;
    if (star.coreRadius > 0) rebuildCore(side, star, ratio, x, y, rebuilt, flag);
    if (star.isPoint) bringToMiddle?.(star, flux, x, y);
    const halo = flux > faintest ? haloAt(side.psf, star.x, star.y) : undefined;
    if (halo) addHalo(side.plane, halo, -flux, x, y, haloRadius(halo, flux, level));
  }
}

/** Stars nearer to a spoiled pixel than this are put into its filling, FWHM. */
const NEAR_FWHM = 2.5;

/**
 * Draw the stars that lie on or beside spoiled pixels, so that these can be filled as parts of stars.
 *
 * @param rebuilt pixels with this flag have their value already.
 * @returns e- on the science scale, in scratch memory, zero where no star is near a spoiled pixel; `undefined` if none is.
 */
export function drawStarsAtSpoiled(
  side: TileSide,
  stars: readonly BrightStar[],
  left: number,
  bottom: number,
  rebuilt: Uint8Array,
  flag: number,
  scratch: Scratch,
): Float32Array | undefined {
  const { width, height } = side.plane;
  let light: Float32Array | undefined;
  const reach = Math.ceil(NEAR_FWHM * side.psf.fwhmPx);
  const noise = Math.sqrt(side.skyVariance);
  const size = 2 * reach + 1;
  for (const star of stars) {
    const x = Math.round(star.x) - left;
    const y = Math.round(star.y) - bottom;
    if (x < -reach || y < -reach || x >= width + reach || y >= height + reach) continue;
    // Its peak is about this part of a star's light; what drowns in the noise need not be drawn.
    const flux = side.ratioAt(star.x, star.y) * star.flux;
    if (flux / side.psf.fwhmPx ** 2 < noise) continue;
    if (!isAnySpoiled(side, x, y, reach, rebuilt, flag)) continue;
    const [xMid, yMid] = [Math.round(star.x), Math.round(star.y)];
    const place = star.isPoint ? side.profileAt : undefined;
    const profile = drawWidePsf(side.psf, star.x, star.y, xMid, yMid, size, place);
    light ??= scratch.zeroFloats(width * height);
    const drawn = light;
    forPixelsAround(side.plane, x, y, reach, (k, u, v) => {
      drawn[k] += flux * profile[(v + reach) * size + u + reach];
    });
  }
  return light;
}

/** Tell whether a pixel within a whole number of pixels of a star is spoiled and was not rebuilt. */
function isAnySpoiled(
  { plane: { width, height }, mask }: TileSide,
  x: number,
  y: number,
  reach: number,
  rebuilt: Uint8Array,
  flag: number,
): boolean {
  for (let j = Math.max(0, y - reach); j <= Math.min(height - 1, y + reach); j++) {
    const half = Math.floor(Math.sqrt(reach * reach - (j - y) * (j - y)));
    const end = j * width + Math.min(width - 1, x + half);
    for (let k = j * width + Math.max(0, x - half); k <= end; k++) {
      if ((mask[k] & SPOILED) !== 0 && (rebuilt[k] & flag) === 0) return true;
    }
  }
  return false;
}

function rebuildCore(
  side: TileSide,
  star: BrightStar,
  ratio: number,
  x: number,
  y: number,
  rebuilt: Uint8Array,
  flag: number,
): void {
  const half = Math.ceil(star.coreRadius + side.psf.fwhmPx) + 2;
  const size = 2 * half + 1;
  const xMid = Math.round(star.x);
  const yMid = Math.round(star.y);
  let profile: Float64Array | undefined;
  let [data, variance] = [side.plane.data, side.variance.data];
  // Whole pixels from the tile to the image.
  const left = xMid - Math.round(x);
  const bottom = yMid - Math.round(y);
  forPixelsAround(side.plane, x, y, half, (k) => {
    if ((side.mask[k] & SPOILED) === 0) return;
    // Drawn only where something is to be rebuilt; the memory of an arena may grow with it.
    if (!profile) {
      profile = drawWidePsf(side.psf, star.x, star.y, xMid, yMid, size, side.profileAt);
      [data, variance] = [side.plane.data, side.variance.data];
    }
    const column = (k % side.plane.width) + left - xMid + half;
    const row = Math.floor(k / side.plane.width) + bottom - yMid + half;
    if (column < 0 || row < 0 || column >= size || row >= size) return;
    const light = ratio * star.flux * profile[row * size + column];
    data[k] = light + ratio * star.background;
    variance[k] = Math.min(
      side.skyVariance + light + (REBUILT_ERROR * light) ** 2,
      LARGEST_VARIANCE * side.skyVariance,
    );
    rebuilt[k] |= flag;
  });
}

/**
 * Make what replaces a star's own profile by that of the cell's middle, but for pixels that were rebuilt with it.
 *
 * @returns `undefined` where there is but one profile anyway.
 */
function makeMover(side: TileSide, rebuilt: Uint8Array, flag: number) {
  const { psf, profileAt, plane } = side;
  if (profileAt === undefined || psf.degree === 0) return undefined;
  const { size, coefficients } = psf;
  const termsAt = (x: number, y: number) => evaluateTerms(psf.degree, x, y, psf.imageWidth, psf.imageHeight);
  const middle = termsAt(profileAt.x, profileAt.y);
  const norms = coefficients.map((table) => Math.sqrt(table.reduce((sum, value) => sum + value * value, 0)));
  const least = PROFILE_LEVEL * Math.sqrt(side.skyVariance);
  const half = (size - 1) / 2;
  const change = new Float64Array(size * size);
  const press = makePress();
  const tables = {
    cxx: 0,
    cyy: 0,
    cxy: 0,
    radial: new Float64Array(0),
    scale: 1,
    tables: coefficients,
    side: size,
  };
  return (star: BrightStar, flux: number, x: number, y: number): void => {
    if (x <= -half || y <= -half || x >= plane.width + half || y >= plane.height + half) return;
    const own = termsAt(star.x, star.y);
    const steps = middle.map((term, t) => term - own[t]);
    if (flux * steps.reduce((sum, step, t) => sum + Math.abs(step) * norms[t], 0) < least) return;
    const [xMid, yMid] = [Math.round(star.x), Math.round(star.y)];
    press.draw(tables, star.x - xMid, star.y - yMid, steps, size, change);
    // Memory of an arena is asked for once a star: each time costs more than a pixel, and it may have grown.
    const { data } = plane;
    // Whole pixels from the image to the tile.
    const left = Math.round(x - star.x) + xMid - half;
    const bottom = Math.round(y - star.y) + yMid - half;
    for (let j = Math.max(0, -bottom); j < Math.min(size, plane.height - bottom); j++) {
      for (let i = Math.max(0, -left); i < Math.min(size, plane.width - left); i++) {
        const k = (bottom + j) * plane.width + left + i;
        if ((rebuilt[k] & flag) === 0) data[k] += flux * change[j * size + i];
      }
    }
  };
}

function forPixelsAround(
  plane: Plane,
  x: number,
  y: number,
  reach: number,
  visit: (k: number, u: number, v: number) => void,
): void {
  const { width, height } = plane;
  for (let j = Math.max(0, Math.ceil(y - reach)); j <= Math.min(height - 1, Math.floor(y + reach)); j++) {
    for (let i = Math.max(0, Math.ceil(x - reach)); i <= Math.min(width - 1, Math.floor(x + reach)); i++) {
      const u = i - x;
      const v = j - y;
      if (u * u + v * v <= reach * reach) visit(j * width + i, u, v);
    }
  }
}
