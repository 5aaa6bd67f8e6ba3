import { listMarked, type MaskPlane, type ProfilePress, type Scratch } from '../../../kernels/index.ts';
import { type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import { madStd } from '../robust-statistics.ts';
import type { StarFit, StarStamp } from './fit-star.ts';
import { mapPedestals, measurePedestal, type Pedestal, type PedestalMap } from './measure-pedestals.ts';
import { drawMoffat, moffatPeak } from './moffat.ts';
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
  /** Draws its stars. */
  readonly press: ProfilePress;
  /** Noise of the empty sky per pixel, e-. */
  readonly noise: number;
  /** Profile with which the stars were drawn. */
  readonly model: PsfModel;
  /** NaN where a pixel must not be used; changed in place. */
  readonly residual: Float32Array;
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

/**
 * Draw all stars with the model and subtract them from the image.
 *
 * @param noise of the empty sky per pixel, e-.
 * @param scratch where its memory is taken from: the scene must not outlive it, nor `press`, which draws its stars.
 */
export function makeScene(
  image: MaskedImage,
  noise: number,
  stars: readonly SceneStar[],
  model: PsfModel,
  scratch: Scratch,
  press: ProfilePress,
): Scene {
  const { width, height } = image.science;
  const residual = scratch.plane(width, height).data;
  residual.set(image.science.data);
  blank(residual, image.mask);
  return complete({ image, scratch, press, noise, model, residual, stars: [], profiles: [] }, stars);
}

/** Make pixels that must not be used NaN. */
function blank(residual: Float32Array, mask: MaskPlane): void {
  for (const k of listMarked(mask, mask, UNUSABLE)) residual[k] = Number.NaN;
}

type BareScene = Omit<Scene, 'skyVariance' | 'pedestals' | 'pedestalsAround'>;

/**
 * Draw more stars into a scene.
 *
 * @returns the scene to go on with; the one before must not be used any more.
 */
export function extendScene(scene: Scene, added: readonly SceneStar[]): Scene {
  return complete(
    scene,
    added.map((star) => fitStamp(star, scene.model.size)),
  );
}

/** Draw more stars and look at what is left beneath all of them. */
function complete({ stars, profiles, ...bare }: BareScene, added: readonly SceneStar[]): Scene {
  const { scratch, press, model, residual, image, noise } = bare;
  const { width, height } = image.science;
  const drawn = shareRoom(added, scratch);
  added.forEach((star, i) => {
    drawStar(press, model, star, noise, drawn[i]);
    addProfile(residual, width, height, star, drawn[i], -star.flux);
  });
  return mapScene({ ...bare, stars: [...stars, ...added], profiles: [...profiles, ...drawn] });
}

/** Map anew what is left beneath the stars. */
export function mapScene(scene: BareScene): Scene {
  const { model, residual, image, noise } = scene;
  const { width, height } = image.science;
  const sigma = Math.max(noise, scatterOf(residual));
  const blockPx = Math.max(SMALLEST_BLOCK, BLOCK_FWHM * model.fwhmPx);
  const pedestals = mapPedestals(residual, width, height, blockPx, sigma);
  return { ...scene, skyVariance: sigma * sigma, pedestals, pedestalsAround: new Map() };
}

/** Divide one piece of memory among the profiles of stars. */
function shareRoom(stars: readonly SceneStar[], scratch: Scratch): Float64Array[] {
  const room = scratch.zeroDoubles(stars.reduce((sum, { size }) => sum + size * size, 0));
  let at = 0;
  return stars.map(({ size }) => {
    const from = at;
    at += size * size;
    return room.subarray(from, at);
  });
}

/** A neighbour whose light would change by less in its worst pixel need not be drawn anew, sigma of the sky. */
const UNSEEN_SIGMA = 0.05;
/**
 * Draw the stars anew, with another model. The map of what is left beneath them stays: see `mapScene`.
 *
 * @returns the scene to go on with; the one before must not be used any more.
 */
export function redrawScene(scene: Scene, model: PsfModel): Scene {
  const { image, scratch, press, noise, residual, stars, model: before } = scene;
  const { width, height } = image.science;
  const resized = model.size === before.size ? stars : stars.map((star) => fitStamp(star, model.size));
  const isSameSize = resized.every((star, k) => star.size === stars[k].size);
  const profiles = isSameSize ? scene.profiles : shareRoom(resized, scratch);
  const change = isSameSize ? changeOf(before, model) : undefined;
  resized.forEach((star, k) => {
    if (change && star.role === 'neighbour') {
      const most = isFaint(model, star, noise) ? change.moffat : change.moffat + change.corrections;
      if (star.flux * most < UNSEEN_SIGMA * noise) return;
    }
    addProfile(residual, width, height, stars[k], scene.profiles[k], stars[k].flux);
    drawStar(press, model, star, noise, profiles[k]);
    addProfile(residual, width, height, star, profiles[k], -star.flux);
  });
  const sigma = Math.max(noise, scatterOf(residual));
  const skyVariance = sigma * sigma;
  return { ...scene, model, stars: resized, profiles, skyVariance, pedestalsAround: new Map() };
}

/** Largest changes of a star of unit flux, per pixel: of its Moffat, and of the corrections to it. */
function changeOf(before: PsfModel, after: PsfModel) {
  const { size } = after;
  const old = new Float64Array(size * size);
  const now = new Float64Array(size * size);
  drawMoffat(before.moffat, 0, 0, old, size);
  drawMoffat(after.moffat, 0, 0, now, size);
  const moffat = largestStep(old, now);
  const tables = Math.max(before.corrections.length, after.corrections.length);
  let corrections = 0;
  for (let t = 0; t < tables; t++) corrections += largestStep(before.corrections[t], after.corrections[t]);
  return { moffat, corrections };
}

function largestStep(before: Float64Array | undefined, after: Float64Array | undefined): number {
  const length = Math.max(before?.length ?? 0, after?.length ?? 0);
  let largest = 0;
  for (let k = 0; k < length; k++)
    largest = Math.max(largest, Math.abs((after?.[k] ?? 0) - (before?.[k] ?? 0)));
  return largest;
}

/** Stars get the model's stamp, neighbours no more than it has to draw. */
function fitStamp(star: SceneStar, size: number): SceneStar {
  return { ...star, size: star.role === 'neighbour' ? Math.min(star.size, size) : size };
}

/** Give the indices of the stars that play a role. */
export function starsOf(scene: Scene, role: SceneStar['role']): readonly number[] {
  return scene.stars.map((_, k) => k).filter((k) => scene.stars[k].role === role);
}

/**
 * Give the pixels around one star with every other star subtracted.
 *
 * @param largest side that is enough, px (odd); the star's own if that is smaller.
 * @param room memory for a stamp that nobody keeps: 2 * largest^2 numbers.
 */
export function cutStar(
  scene: Scene,
  index: number,
  largest = Number.POSITIVE_INFINITY,
  room?: Float64Array,
): StarStamp {
  const star = scene.stars[index];
  const size = Math.min(star.size, largest);
  const pixels = size * size;
  const both = room ?? new Float64Array(2 * pixels);
  const data = both.subarray(0, pixels);
  const variance = both.subarray(pixels, 2 * pixels);
  const { width, height } = scene.image.science;
  const variances = scene.image.variance.data;
  const { residual, skyVariance } = scene;
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
      const value = isInside && x >= 0 && x < width ? residual[pixel] : Number.NaN;
      if (Number.isNaN(value)) {
        data[k] = 0;
        variance[k] = Number.POSITIVE_INFINITY;
      } else {
        data[k] = value + flux * profile[at];
        variance[k] = variances[pixel];
      }
    }
  }
  return { xMid, yMid, size, data, variance, skyVariance };
}

/** Put new values of a star into the scene: it is drawn anew if it has moved. */
export function replaceStar(scene: Scene, index: number, next: SceneStar, hasMoved: boolean): void {
  const { residual, profiles } = scene;
  const { width, height } = scene.image.science;
  const star = scene.stars[index];
  scene.stars[index] = next;
  if (hasMoved) {
    addProfile(residual, width, height, star, profiles[index], star.flux);
    drawStar(scene.press, scene.model, next, scene.noise, profiles[index]);
    addProfile(residual, width, height, next, profiles[index], -next.flux);
  } else addProfile(residual, width, height, star, profiles[index], star.flux - next.flux);
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
  { pedestalsAround, image, residual, stars, skyVariance }: Scene,
  index: number,
  inner: number,
  outer: number,
): Pedestal | undefined {
  if (!pedestalsAround.has(index)) {
    const { width, height } = image.science;
    pedestalsAround.set(
      index,
      measurePedestal(residual, width, height, stars[index], inner, outer, skyVariance),
    );
  }
  return pedestalsAround.get(index);
}

/** Robust scatter of the pixels that can be used, from a few thousand of them. */
function scatterOf(residual: Float32Array): number {
  const step = Math.max(1, Math.floor(residual.length / 8000)) | 1;
  const values: number[] = [];
  for (let k = 0; k < residual.length; k += step) {
    if (!Number.isNaN(residual[k])) values.push(residual[k]);
  }
  return values.length > 100 ? madStd(values) : 0;
}

/** Corrections are a few percent of the peak: below this many sigma in the peak nobody sees them. */
const FAINT_SIGMA = 10;

function isFaint(model: PsfModel, star: SceneStar, noise: number): boolean {
  return star.role === 'neighbour' && star.flux * moffatPeak(model.moffat) < FAINT_SIGMA * noise;
}

function drawStar(
  press: ProfilePress,
  model: PsfModel,
  star: SceneStar,
  noise: number,
  profile: Float64Array,
): void {
  drawPsf(press, model, star.x, star.y, star.size, isFaint(model, star, noise), profile);
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
  const from = Math.max(0, -left);
  const to = Math.min(size, width - left);
  for (let j = Math.max(0, -bottom); j < Math.min(size, height - bottom); j++) {
    const row = (bottom + j) * width + left;
    for (let i = from; i < to; i++) residual[row + i] += flux * profile[j * size + i];
  }
}
