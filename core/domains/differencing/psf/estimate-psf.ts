import { makePress, type Scratch, withArena, withScratch } from '../../../kernels/index.ts';
import { AstridError, type Task } from '../../../utils/index.ts';
import { type ImageSource, loadImage, type MaskedImage } from '../../observations/index.ts';
import type { Source } from '../../preprocessing/index.ts';
import { DEFAULT_PSF_CONFIG, type PsfConfig } from '../config.ts';
import type { MeasuredStar, SpatialPsf } from '../model.ts';
import { median } from '../robust-statistics.ts';
import { centrePsf } from './centre-psf.ts';
import { collectEvidence } from './collect-evidence.ts';
import {
  chooseVariation,
  fitVariation,
  type HeldOut,
  judgeMoffat,
  listVariations,
  startFits,
} from './cross-validate.ts';
import { cullStars, judge, misfit } from './cull-stars.ts';
import { finishPsf, measureFwhm } from './finish-psf.ts';
import { fitMoffat } from './fit-moffat.ts';
import { gatherStars, oddSize, partByUse, stampSize, startModel } from './gather-stars.ts';
import { measureStars } from './measure-stars.ts';
import {
  cutStar,
  extendScene,
  makeScene,
  mapScene,
  redrawScene,
  type Scene,
  type SceneStar,
  starsOf,
} from './model-scene.ts';
import { moffatFwhm } from './moffat.ts';
import { PEDESTAL_ERROR, pickOptions } from './plan-fits.ts';
import { drawMeanPsf, type PsfModel, resizePsf } from './psf-model.ts';
import { refineStars } from './refine-stars.ts';
import { selectPsfStars } from './select-psf-stars.ts';

/** Stars that shape the Moffat; more would not make it better. */
const MOFFAT_STARS = 40;
/** Stars among which these are looked for: some turn out to be none. */
const MOFFAT_CANDIDATES = 60;
const MOFFAT_ROUNDS = 3;
/** A width that changes by less, while no star is dropped, has settled: the next round would change it by a tenth of that. */
const SETTLED = 0.005;
/** A width that changes by more leaves another level beneath the stars. */
const LEVEL_CHANGES = 0.02;
/** Change of the profile, as a fraction of its light (rms), of which the next round makes a fifth and all after it no more. */
const SETTLED_SHAPE = 0.007;
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
  return withScratch((scratch) => withArena(() => measure(image, sources, config, name, scratch)));
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
  const stars = gatherStars(sources, chosen, start, noise, config);
  const profile = stars.filter((star) => star.role === 'profile');
  // A Moffat needs few stars; the others join once they can be subtracted well.
  const [first, others] = partByUse(stars, profile.slice(0, MOFFAT_CANDIDATES), start);
  const [second, rest] = partByUse(others, profile, start);
  const round = joinStars(
    shapeMoffat(makeScene(image, noise, first, start, scratch, makePress()), config),
    second,
    config,
  );
  // What is saturated says nothing of the profile's middle.
  const count = starsOf(round, 'profile').filter((k) => round.stars[k].coreRadius === 0).length;
  const { scene, held } =
    count >= config.starsForPixels
      ? shapePixels(round, config)
      : { scene: round, held: judgeMoffat(round, config) };
  const method = scene.model.corrections.length > 0 ? 'pixels' : 'moffat';
  const { psf, light } = finishPsf(scene.model, method, starsOf(scene, 'profile').length, held, config);
  const all = addStars(scene, rest, config);
  return { psf, stars: measureStars(all, sources, light, config) };
}

/** Bring stars into the scene; all find their fluxes and places anew, or stars in a crowd would not have them. */
function addStars(scene: Scene, added: readonly SceneStar[], config: PsfConfig): Scene {
  const all = extendScene(scene, added);
  const pick = pickOptions(all, config);
  for (let sweep = 0; sweep < SWEEPS_TO_ADD; sweep++) {
    refineStars(all, pick);
  }
  return all;
}

/** Bring in the other stars that shape the profile, without those that do not look like it. */
function joinStars(scene: Scene, added: readonly SceneStar[], config: PsfConfig): Scene {
  if (added.length === 0) return mapScene(scene);
  const all = addStars(scene, added, config);
  cullStars(all);
  return all;
}

function sampleVariance(image: MaskedImage): Float32Array {
  const { data } = image.variance;
  const step = Math.max(1, Math.floor(data.length / 20_000));
  const sample = new Float32Array(Math.ceil(data.length / step));
  for (let k = 0; k < sample.length; k++) sample[k] = data[k * step];
  return sample;
}

/** Fit the Moffat and drop what is no star, until both agree. */
function shapeMoffat(start: Scene, config: PsfConfig): Scene {
  let scene = start;
  for (let round = 0; round < MOFFAT_ROUNDS; round++) {
    const { model, noise } = scene;
    // Catalogued fluxes are far off at first.
    const sweeps = round === 0 ? 2 : 1;
    for (let sweep = 0; sweep < sweeps; sweep++) refineStars(scene, pickOptions(scene, config));
    const teachers = starsOf(scene, 'profile')
      .filter((k) => scene.stars[k].flux > 0)
      .slice(0, MOFFAT_STARS);
    const { moffat } = fitMoffat(
      teachers.map((k) => cutStar(scene, k, oddSize(3 * model.fwhmPx))),
      teachers.map((k) => scene.stars[k]),
      model.moffat,
      { radius: 3 * model.fwhmPx, modelError: config.modelError, backgroundSigma: PEDESTAL_ERROR * noise },
    );
    const fwhmPx = moffatFwhm(moffat);
    scene = redrawScene(scene, { ...model, moffat, fwhmPx, size: stampSize(fwhmPx, config) });
    const change = Math.abs(fwhmPx / model.fwhmPx - 1);
    // In crowded fields the wings of all stars are the level beneath each.
    if (change > LEVEL_CHANGES) scene = mapScene(scene);
    refineStars(scene, pickOptions(scene, config));
    const dropped = cullStars(scene);
    if (dropped === 0 && change < SETTLED) break;
  }
  return scene;
}

/** Refine the corrections round by round, then let held-out stars choose how they vary. */
function shapePixels(start: Scene, config: PsfConfig): { readonly scene: Scene; readonly held: HeldOut } {
  let scene = start;
  let memory: Float64Array = new Float64Array(0);
  for (let round = 0; ; round++) {
    const before = scene;
    const profile = starsOf(before, 'profile');
    const each = 2 * before.model.size ** 2;
    if (memory.length < profile.length * each) memory = before.scratch.zeroDoubles(profile.length * each);
    const evidence = profile.map((k, s) => {
      const modelError = Math.hypot(config.modelError, misfit(judge(before, k)));
      return collectEvidence(before, k, modelError, memory.subarray(s * each, (s + 1) * each));
    });
    const fits = startFits(before.model, evidence);
    const isLast = round >= config.rounds - 1 || (round > 0 && isSettled(before.model, fits.fitConstant()));
    const held = isLast ? chooseVariation(before, evidence, config) : undefined;
    const variation = held?.variation ?? listVariations(evidence.length, config).at(-1)!;
    const model = centrePsf(fitVariation(before.model, evidence, variation, fits));
    scene = redrawScene(before, round === 0 ? fitSize(model, config) : model);
    refineStars(scene, pickOptions(scene, config));
    if (held) return { scene, held };
    if (round === 0) cullStars(scene);
  }
}

/**
 * Tell whether another constant table changes the mean profile so little that a further round would be in vain.
 *
 * All of it brighter or fainter is no change: the stars' fluxes take that up.
 */
function isSettled(model: PsfModel, constant: Float64Array): boolean {
  const [before] = model.corrections;
  if (before === undefined) return false;
  const mean = drawMeanPsf(model);
  let power = 0;
  let along = 0;
  let change = 0;
  for (let k = 0; k < mean.length; k++) {
    const step = constant[k] - before[k];
    power += mean[k] * mean[k];
    along += step * mean[k];
    change += step * step;
  }
  return change - (along * along) / power < SETTLED_SHAPE * SETTLED_SHAPE * power;
}

/** A profile that is no Moffat has another width than the Moffat fitted to it: make room for what was found. */
function fitSize(model: PsfModel, config: PsfConfig): PsfModel {
  const fwhmPx = measureFwhm(drawMeanPsf(model), model.size);
  return resizePsf(model, fwhmPx, stampSize(fwhmPx, config));
}
