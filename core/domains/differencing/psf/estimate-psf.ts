import { type Scratch, withScratch } from '../../../kernels/index.ts';
import { AstridError, type Task } from '../../../utils/index.ts';
import { type ImageSource, loadImage, type MaskedImage } from '../../observations/index.ts';
import type { Source } from '../../preprocessing/index.ts';
import { DEFAULT_PSF_CONFIG, type PsfConfig } from '../config.ts';
import type { MeasuredStar, SpatialPsf } from '../model.ts';
import { median } from '../robust-statistics.ts';
import { centrePsf } from './centre-psf.ts';
import {
  chooseVariation,
  fitVariation,
  type HeldOut,
  judgeMoffat,
  listVariations,
} from './cross-validate.ts';
import { cullStars, judge, misfit } from './cull-stars.ts';
import { finishPsf, measureFwhm } from './finish-psf.ts';
import { collectEvidence } from './fit-corrections.ts';
import { fitMoffat } from './fit-moffat.ts';
import { gatherStars, oddSize, partByUse, stampSize, startModel } from './gather-stars.ts';
import { measureStars, type Shaped } from './measure-stars.ts';
import { cutStar, makeScene, refineStars, type SceneStar, starsOf } from './model-scene.ts';
import { moffatFwhm } from './moffat.ts';
import { PEDESTAL_ERROR, pickOptions } from './plan-fits.ts';
import { drawMeanPsf, type PsfModel, resizePsf } from './psf-model.ts';
import { selectPsfStars } from './select-psf-stars.ts';

/** Stars that shape the Moffat; more would not make it better. */
const MOFFAT_STARS = 40;
const MOFFAT_ROUNDS = 3;
/** A width that changes by less, while no star is dropped, has settled: the next round would change it by a tenth of that. */
const SETTLED = 0.005;
/** Catalogued fluxes are far off at first. */
const SWEEPS_TO_ADD = 2;

export interface EstimatePsfInput {
  readonly image: ImageSource;
  readonly sources: readonly Source[];
  /** For messages: which exposure this is. */
  readonly name: string;
  readonly config: PsfConfig;
}

/** Measures a point-spread function on a thread. */
export const estimatePsfTask: Task<EstimatePsfInput, MeasuredPsf> = {
  name: 'differencing.estimate-psf',
  // It may be the last to have looked at a whole image.
  litterBytes: 64 << 20,
  run: ({ image, sources, name, config }, context) =>
    withScratch((scratch) => measurePsf(loadImage(image, scratch, context), sources, config, name)),
};

/** A point-spread function and the stars measured with it. */
export interface MeasuredPsf {
  readonly psf: SpatialPsf;
  /** Every source that is not saturated. */
  readonly stars: readonly MeasuredStar[];
}

/**
 * Measure the point-spread function of an image from its stars.
 *
 * An elliptical Moffat is fitted to all stars at once, then a table of corrections to it, from stars whose
 * neighbours are subtracted with the same profile, in rounds. With enough stars the table varies over the
 * image as a polynomial; its degree is the one that predicts held-out stars best.
 *
 * @param image background-subtracted, e-.
 * @param sources everything detected on `image`, stars and galaxies alike: neighbours have to be known to be subtracted.
 * @param name of the exposure, for messages.
 * @returns unit sum with its halo, and windowed centroid at zero, anywhere in the image.
 * @throws differencing/too-few-psf-stars
 * @see Stetson 1987, PASP 99, 191; Anderson & King 2000, PASP 112, 1360
 */
export function estimatePsf(
  image: MaskedImage,
  sources: readonly Source[],
  config: PsfConfig = DEFAULT_PSF_CONFIG,
  name = 'the image',
): SpatialPsf {
  return measurePsf(image, sources, config, name).psf;
}

/**
 * Measure the point-spread function as `estimatePsf` does, and with it every star.
 *
 * @throws differencing/too-few-psf-stars
 */
export function measurePsf(
  image: MaskedImage,
  sources: readonly Source[],
  config: PsfConfig,
  name: string,
): MeasuredPsf {
  return withScratch((scratch) => measure(image, sources, config, name, scratch));
}

function measure(
  image: MaskedImage,
  sources: readonly Source[],
  config: PsfConfig,
  name: string,
  scratch: Scratch,
): MeasuredPsf {
  const chosen = selectPsfStars(image, sources, config);
  if (chosen.length === 0) {
    throw new AstridError(
      'differencing/too-few-psf-stars',
      `No unsaturated star is bright enough to measure the point-spread function of ${name}: ` +
        `${sources.length} sources were detected, none isolated with S/N above ${config.minSnr / 4}. ` +
        'Check the saturation level and the detection threshold, or choose another exposure.',
      { found: 0, needed: 1, detected: sources.length, exposure: name },
    );
  }
  const noise = Math.sqrt(median(sampleVariance(image)));
  const start = startModel(image, sources, chosen, config);
  const { shaping, rest } = partByUse(gatherStars(sources, chosen, start, noise, config), start);
  const first = shapeMoffat(image, shaping, start, noise, config, scratch);
  const count = starsOf(first.scene, 'profile').length;
  const { shaped, held } =
    count >= config.starsForPixels
      ? shapePixels(image, first, noise, config)
      : { shaped: first, held: judgeMoffat(first.scene, first.model, noise, config) };
  const { model, scene } = shaped;
  const method = model.corrections.length > 0 ? 'pixels' : 'moffat';
  const { psf, light } = finishPsf(model, method, starsOf(scene, 'profile').length, held, config);
  const all = addStars(image, shaped, rest, noise, config);
  return { psf, stars: measureStars(all, sources, light, noise, config) };
}

/** Bring the stars that had no part in shaping the profile into the scene. */
function addStars(
  image: MaskedImage,
  { model, scene }: Shaped,
  rest: readonly SceneStar[],
  noise: number,
  config: PsfConfig,
): Shaped {
  if (rest.length === 0) return { model, scene };
  const added = rest.map((star) => fitStamp(star, model.size));
  const all = makeScene(image, noise, [...scene.stars, ...added], model, scene);
  for (let sweep = 0; sweep < SWEEPS_TO_ADD; sweep++) {
    refineStars(all, model, pickOptions(all, model, noise, config));
  }
  return { model, scene: all };
}

/** Stars get the model's stamp, neighbours no more than it has to draw. */
function fitStamp(star: SceneStar, size: number): SceneStar {
  return { ...star, size: star.role === 'neighbour' ? Math.min(star.size, size) : size };
}

function sampleVariance(image: MaskedImage): Float32Array {
  const { data } = image.variance;
  const step = Math.max(1, Math.floor(data.length / 20_000));
  const sample = new Float32Array(Math.ceil(data.length / step));
  for (let k = 0; k < sample.length; k++) sample[k] = data[k * step];
  return sample;
}

/** Fit the Moffat and drop what is no star, until both agree. */
function shapeMoffat(
  image: MaskedImage,
  stars: readonly SceneStar[],
  start: PsfModel,
  noise: number,
  config: PsfConfig,
  scratch: Scratch,
): Shaped {
  let model = start;
  let scene = makeScene(image, noise, stars, model, scratch);
  for (let round = 0; round < MOFFAT_ROUNDS; round++) {
    // Catalogued fluxes are far off at first.
    const sweeps = round === 0 ? 2 : 1;
    for (let sweep = 0; sweep < sweeps; sweep++) {
      refineStars(scene, model, pickOptions(scene, model, noise, config));
    }
    const teachers = starsOf(scene, 'profile')
      .filter((k) => scene.stars[k].flux > 0)
      .slice(0, MOFFAT_STARS);
    const { moffat } = fitMoffat(
      teachers.map((k) => cutStar(scene, k, oddSize(3 * model.fwhmPx))),
      teachers.map((k) => scene.stars[k]),
      model.fwhmPx,
      { radius: 3 * model.fwhmPx, modelError: config.modelError, backgroundSigma: PEDESTAL_ERROR * noise },
    );
    const before = model.fwhmPx;
    const fwhmPx = moffatFwhm(moffat);
    const size = stampSize(fwhmPx, config);
    model = { ...model, moffat, fwhmPx, size };
    const resized = scene.stars.map((star) => fitStamp(star, size));
    scene = makeScene(image, noise, resized, model, scene);
    refineStars(scene, model, pickOptions(scene, model, noise, config));
    const dropped = cullStars(scene, model);
    if (dropped === 0 && Math.abs(fwhmPx / before - 1) < SETTLED) break;
  }
  return { model, scene };
}

/** Refine the corrections round by round, then let held-out stars choose how they vary. */
function shapePixels(
  image: MaskedImage,
  first: Shaped,
  noise: number,
  config: PsfConfig,
): { readonly shaped: Shaped; readonly held: HeldOut } {
  let { model, scene } = first;
  let held: HeldOut | undefined;
  for (let round = 0; round < config.rounds; round++) {
    const profile = starsOf(scene, 'profile');
    const evidence = profile.map((k) =>
      collectEvidence(
        model,
        cutStar(scene, k),
        scene.stars[k],
        Math.hypot(config.modelError, misfit(judge(scene, k, model))),
      ),
    );
    const isLast = round === config.rounds - 1;
    if (isLast) held = chooseVariation(scene, evidence, model, noise, config);
    const variation = held?.variation ?? listVariations(profile.length, config).at(-1)!;
    model = centrePsf(fitVariation(model, evidence, variation));
    if (round === 0) model = fitSize(model, config);
    // A model that shrank has no more to draw of a neighbour than of the others.
    const { size } = model;
    const stars = scene.stars.map((star) => fitStamp(star, size));
    scene = makeScene(image, noise, stars, model, scene);
    refineStars(scene, model, pickOptions(scene, model, noise, config));
    if (round === 0) cullStars(scene, model);
  }
  return { shaped: { model, scene }, held: held! };
}

/** A profile that is no Moffat has another width than the Moffat fitted to it: make room for what was found. */
function fitSize(model: PsfModel, config: PsfConfig): PsfModel {
  const fwhmPx = measureFwhm(drawMeanPsf(model), model.size);
  return resizePsf(model, fwhmPx, stampSize(fwhmPx, config));
}
