import type { Scratch } from '../../../kernels/index.ts';
import { type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import { madStd, medianInPlace } from '../robust-statistics.ts';
import { fitStar, type StarFit, type StarFitOptions, type StarStamp } from './fit-star.ts';
import { mapPedestals, type PedestalMap } from './measure-pedestals.ts';
import { moffatPeak } from './moffat.ts';
import { drawPsf, type PsfModel } from './psf-model.ts';

/** A star in the scene and how large a stamp of it is worth drawing. */
export interface SceneStar extends StarFit {
  /** Index of the source it is. */
  readonly sourceIndex: number;
  /** `profile` shapes the point-spread function, `star` is only measured, `neighbour` is only subtracted. */
  readonly role: 'profile' | 'star' | 'neighbour';
  /** Odd side, px. */
  readonly size: number;
  /** Radius of a saturated core, px; 0 for most. */
  readonly coreRadius: number;
}

/**
 * An image and the stars that explain it.
 *
 * `residual` is the image minus every star; each star's light is added back while that star is looked at.
 */
export interface Scene {
  readonly image: MaskedImage;
  /** Where its memory is from. */
  readonly scratch: Scratch;
  readonly residual: Float32Array;
  /** Memory of all profiles, one after the other. */
  readonly room: Float64Array;
  /** Variance of a pixel without a star, e-^2: the sky's, or more where stars too faint to see crowd it. */
  readonly skyVariance: number;
  /** What is left beneath the stars. */
  readonly pedestals: PedestalMap;
  /** Current values; replaced in place by `refineStars`. */
  readonly stars: SceneStar[];
  /** Unit-flux profile of each star as it was subtracted. */
  readonly profiles: Float64Array[];
  /** Pedestals around stars that were measured already; they hardly change while stars are refined. */
  readonly pedestalsAround: Map<number, Pedestal | undefined>;
}

/** A level measured around a star, e- per pixel, and its error. */
export interface Pedestal {
  readonly level: number;
  readonly error: number;
}

/**
 * Draw all stars with the model and subtract them from the image.
 *
 * @param noise of the empty sky per pixel, e-.
 * @param previous scene of the same image that nobody needs any more: its memory is used again; or where to take some.
 */
export function makeScene(
  image: MaskedImage,
  noise: number,
  stars: readonly SceneStar[],
  model: PsfModel,
  previous: Scene | Scratch,
): Scene {
  const { width, height } = image.science;
  const before = 'residual' in previous ? previous : undefined;
  const scratch = 'residual' in previous ? previous.scratch : previous;
  const residual = before?.residual ?? scratch.plane(width, height).data;
  residual.set(image.science.data);
  const length = stars.reduce((sum, { size }) => sum + size * size, 0);
  const room = before && before.room.length >= length ? before.room : scratch.zeroDoubles(length);
  const profiles: Float64Array[] = [];
  let at = 0;
  for (const star of stars) {
    const profile = drawStar(model, star, noise, room.subarray(at, at + star.size * star.size));
    at += profile.length;
    profiles.push(profile);
    addProfile(residual, width, height, star, profile, -star.flux);
  }
  const blockPx = Math.max(SMALLEST_BLOCK, BLOCK_FWHM * model.fwhmPx);
  const sigma = Math.max(noise, scatterOf(residual, image.mask.data));
  const skyVariance = sigma * sigma;
  const pedestals = mapPedestals(residual, image.mask.data, width, height, blockPx, sigma);
  return {
    image,
    scratch,
    residual,
    room,
    skyVariance,
    pedestals,
    stars: [...stars],
    profiles,
    pedestalsAround: new Map(),
  };
}

/** Give the indices of the stars that play a role. */
export function starsOf(scene: Scene, role: SceneStar['role']): readonly number[] {
  return scene.stars.map((_, k) => k).filter((k) => scene.stars[k].role === role);
}

/**
 * Give the pixels around one star with every other star subtracted.
 *
 * @param largest side that is enough, px (odd); the star's own if that is smaller.
 */
export function cutStar(scene: Scene, index: number, largest = Number.POSITIVE_INFINITY): StarStamp {
  const size = Math.min(scene.stars[index].size, largest);
  return cutInto(scene, index, size, new Float64Array(size * size), new Float64Array(size * size));
}

/** `cutStar` into arrays that are there; values beyond size * size are left alone. */
function cutInto(
  scene: Scene,
  index: number,
  size: number,
  data: Float64Array,
  variance: Float64Array,
): StarStamp {
  const star = scene.stars[index];
  const { width, height } = scene.image.science;
  const mask = scene.image.mask.data;
  const variances = scene.image.variance.data;
  const { residual } = scene;
  const { flux } = star;
  const profile = scene.profiles[index];
  const margin = (star.size - size) / 2;
  const half = (size - 1) / 2;
  const xMid = Math.round(star.x);
  const yMid = Math.round(star.y);
  for (let j = 0, k = 0; j < size; j++) {
    const y = yMid + j - half;
    const isInside = y >= 0 && y < height;
    let at = (j + margin) * star.size + margin;
    for (let i = 0; i < size; i++, k++, at++) {
      const x = xMid + i - half;
      const pixel = y * width + x;
      if (isInside && x >= 0 && x < width && (mask[pixel] & UNUSABLE) === 0) {
        data[k] = residual[pixel] + flux * profile[at];
        variance[k] = variances[pixel];
      } else {
        data[k] = 0;
        variance[k] = Number.POSITIVE_INFINITY;
      }
    }
  }
  return { xMid, yMid, size, data, variance, skyVariance: scene.skyVariance };
}

/** A shorter way is not worth drawing a star anew, px. */
const LEAST_MOVE_PX = { profile: 0.002, star: 0.002, neighbour: 0.03 } as const;

/**
 * Fit the stars one after the other, brightest first, each with the others subtracted.
 *
 * @see Stetson 1994, PASP 106, 250 (ALLSTAR solves all at once; sweeps converge to the same values)
 */
export function refineStars(
  scene: Scene,
  model: PsfModel,
  pick: (star: SceneStar, index: number) => StarFitOptions,
): void {
  const order = scene.stars.map((_, k) => k).sort((a, b) => scene.stars[b].flux - scene.stars[a].flux);
  const { width, height } = scene.image.science;
  // One pair of arrays for all stars: there are tens of thousands of fits.
  let data = new Float64Array(0);
  let variance = new Float64Array(0);
  for (const index of order) {
    const star = scene.stars[index];
    const options = pick(star, index);
    const size = Math.min(star.size, 2 * Math.ceil(options.radius + 1) + 1);
    if (data.length < size * size) {
      data = new Float64Array(size * size);
      variance = new Float64Array(size * size);
    }
    const stamp = cutInto(scene, index, size, data, variance);
    const fit = fitStar(stamp, scene.profiles[index], star, options, star.size);
    if (!fit) continue;
    // A neighbour that wants negative light is not there.
    const hasMoved = Math.hypot(fit.x - star.x, fit.y - star.y) > LEAST_MOVE_PX[star.role];
    const place = hasMoved ? { x: fit.x, y: fit.y } : { x: star.x, y: star.y };
    const next: SceneStar = { ...star, ...fit, ...place, flux: Math.max(0, fit.flux) };
    scene.stars[index] = next;
    if (hasMoved) {
      addProfile(scene.residual, width, height, star, scene.profiles[index], star.flux);
      drawStar(model, next, Math.sqrt(scene.skyVariance), scene.profiles[index]);
      addProfile(scene.residual, width, height, next, scene.profiles[index], -next.flux);
    } else addProfile(scene.residual, width, height, star, scene.profiles[index], star.flux - next.flux);
  }
}

/** A block of the pedestal map is this wide, FWHM, and at least so many px. */
const BLOCK_FWHM = 8;
const SMALLEST_BLOCK = 16;

/**
 * Give the pedestal around a star where all stars have been subtracted, between two radii.
 *
 * @returns `undefined` if there are too few pixels.
 */
export function pedestalAround(
  scene: Scene,
  index: number,
  inner: number,
  outer: number,
): Pedestal | undefined {
  const known = scene.pedestalsAround;
  if (!known.has(index)) known.set(index, measurePedestal(scene, scene.stars[index], inner, outer));
  return known.get(index);
}

/** Mean of the clipped pixels of an annulus. */
function measurePedestal(scene: Scene, star: SceneStar, inner: number, outer: number): Pedestal | undefined {
  const { width, height } = scene.image.science;
  const mask = scene.image.mask.data;
  const { residual } = scene;
  const x0 = Math.round(star.x);
  const y0 = Math.round(star.y);
  const reach = Math.ceil(outer);
  const values = new Float64Array((2 * reach + 1) ** 2);
  let found = 0;
  for (let y = Math.max(0, y0 - reach); y <= Math.min(height - 1, y0 + reach); y++) {
    const dy2 = (y - star.y) ** 2;
    for (let x = Math.max(0, x0 - reach); x <= Math.min(width - 1, x0 + reach); x++) {
      const r2 = (x - star.x) * (x - star.x) + dy2;
      if (r2 < inner * inner || r2 > outer * outer) continue;
      const k = y * width + x;
      if ((mask[k] & UNUSABLE) === 0) values[found++] = residual[k];
    }
  }
  if (found < 20) return undefined;
  // A few dozen values give a median that is near enough to clip about.
  const step = Math.max(1, Math.floor(found / 41));
  const few = new Float64Array(Math.ceil(found / step));
  for (let k = 0; k < few.length; k++) few[k] = values[k * step];
  let centre = medianInPlace(few, few.length);
  let count = 0;
  for (const sigmas of [4, 2.5, 2.5]) {
    const reachE = sigmas * Math.sqrt(scene.skyVariance);
    let sum = 0;
    count = 0;
    for (let k = 0; k < found; k++) {
      if (Math.abs(values[k] - centre) > reachE) continue;
      sum += values[k];
      count++;
    }
    if (count < 10) return undefined;
    centre = sum / count;
  }
  return { level: centre, error: Math.sqrt(scene.skyVariance / count) };
}

/** Robust scatter of the unmasked pixels, from a few thousand of them. */
function scatterOf(residual: Float32Array, mask: Uint16Array): number {
  const step = Math.max(1, Math.floor(residual.length / 8000)) | 1;
  const values: number[] = [];
  for (let k = 0; k < residual.length; k += step) if ((mask[k] & UNUSABLE) === 0) values.push(residual[k]);
  return values.length > 100 ? madStd(values) : 0;
}

/** Corrections are a few percent of the peak: below this many sigma in the peak nobody sees them. */
const FAINT_SIGMA = 10;

function drawStar(model: PsfModel, star: SceneStar, noise: number, profile: Float64Array): Float64Array {
  const peak = star.flux * moffatPeak(model.moffat);
  const isFaint = star.role === 'neighbour' && peak < FAINT_SIGMA * noise;
  return drawPsf(model, star.x, star.y, star.size, isFaint, profile);
}

function addProfile(
  residual: Float32Array,
  width: number,
  height: number,
  star: SceneStar,
  profile: Float64Array,
  flux: number,
): void {
  if (flux === 0) return;
  const { size } = star;
  const half = (size - 1) / 2;
  const left = Math.round(star.x) - half;
  const bottom = Math.round(star.y) - half;
  for (let j = Math.max(0, -bottom); j < Math.min(size, height - bottom); j++) {
    const row = (bottom + j) * width + left;
    for (let i = Math.max(0, -left); i < Math.min(size, width - left); i++) {
      residual[row + i] += flux * profile[j * size + i];
    }
  }
}
