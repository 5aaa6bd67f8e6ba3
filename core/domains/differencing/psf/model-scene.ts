import { type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import { fitStar, type StarFit, type StarFitOptions, type StarStamp } from './fit-star.ts';
import { drawPsf, type PsfModel } from './psf-model.ts';

/** A star in the scene and how large a stamp of it is worth drawing. */
export interface SceneStar extends StarFit {
  /** `profile` shapes the point-spread function, `star` is only measured, `neighbour` is only subtracted. */
  readonly role: 'profile' | 'star' | 'neighbour';
  /** Odd side, px. */
  readonly size: number;
}

/**
 * An image and the stars that explain it.
 *
 * `residual` is the image minus every star; each star's light is added back while that star is looked at.
 */
export interface Scene {
  readonly image: MaskedImage;
  readonly residual: Float32Array;
  /** Current values; replaced in place by `refineStars`. */
  readonly stars: SceneStar[];
  /** Unit-flux profile of each star as it was subtracted. */
  readonly profiles: Float64Array[];
}

/** Draw all stars with the model and subtract them from the image. */
export function makeScene(image: MaskedImage, stars: readonly SceneStar[], model: PsfModel): Scene {
  const residual = Float32Array.from(image.science.data);
  const scene: Scene = { image, residual, stars: [...stars], profiles: [] };
  for (const star of stars) {
    const profile = drawPsf(model, star.x, star.y, star.size);
    scene.profiles.push(profile);
    addProfile(scene, star, profile, -star.flux);
  }
  return scene;
}

/** Give the indices of the stars that play a role. */
export function starsOf(scene: Scene, role: SceneStar['role']): readonly number[] {
  return scene.stars.map((_, k) => k).filter((k) => scene.stars[k].role === role);
}

/** Give the pixels around one star with every other star subtracted. */
export function cutStar(scene: Scene, index: number): StarStamp {
  const star = scene.stars[index];
  const profile = scene.profiles[index];
  const { size } = star;
  const { width, height } = scene.image.science;
  const half = (size - 1) / 2;
  const xMid = Math.round(star.x);
  const yMid = Math.round(star.y);
  const data = new Float64Array(size * size);
  const variance = new Float64Array(size * size).fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < size; j++) {
    const y = yMid + j - half;
    if (y < 0 || y >= height) continue;
    for (let i = 0; i < size; i++) {
      const x = xMid + i - half;
      if (x < 0 || x >= width) continue;
      const pixel = y * width + x;
      if ((scene.image.mask.data[pixel] & UNUSABLE) !== 0) continue;
      data[j * size + i] = scene.residual[pixel] + star.flux * profile[j * size + i];
      variance[j * size + i] = scene.image.variance.data[pixel];
    }
  }
  return { xMid, yMid, size, data, variance };
}

/**
 * Fit the stars one after the other, brightest first, each with the others subtracted.
 *
 * @param pick options for a star, or `undefined` to leave it as it is.
 * @see Stetson 1994, PASP 106, 250 (ALLSTAR solves all at once; sweeps converge to the same values)
 */
export function refineStars(
  scene: Scene,
  model: PsfModel,
  pick: (star: SceneStar) => StarFitOptions | undefined,
): void {
  const order = scene.stars.map((_, k) => k).sort((a, b) => scene.stars[b].flux - scene.stars[a].flux);
  for (const index of order) {
    const star = scene.stars[index];
    const options = pick(star);
    if (!options) continue;
    const fit = fitStar(cutStar(scene, index), scene.profiles[index], star, options);
    if (!fit) continue;
    addProfile(scene, star, scene.profiles[index], star.flux);
    // A neighbour that wants negative light is not there.
    const next: SceneStar = { ...star, ...fit, flux: Math.max(0, fit.flux) };
    scene.stars[index] = next;
    if (next.x !== star.x || next.y !== star.y)
      scene.profiles[index] = drawPsf(model, next.x, next.y, next.size);
    addProfile(scene, next, scene.profiles[index], -next.flux);
  }
}

function addProfile(scene: Scene, star: SceneStar, profile: Float64Array, flux: number): void {
  if (flux === 0) return;
  const { width, height } = scene.image.science;
  const { size } = star;
  const half = (size - 1) / 2;
  const left = Math.round(star.x) - half;
  const bottom = Math.round(star.y) - half;
  for (let j = Math.max(0, -bottom); j < Math.min(size, height - bottom); j++) {
    const row = (bottom + j) * width + left;
    for (let i = Math.max(0, -left); i < Math.min(size, width - left); i++) {
      scene.residual[row + i] += flux * profile[j * size + i];
    }
  }
}
