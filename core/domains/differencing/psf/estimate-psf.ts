import { AstridError, type Task } from '../../../utils/index.ts';
import { MaskBit, type MaskedImage } from '../../observations/index.ts';
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
import { finishPsf, measureFwhm } from './finish-psf.ts';
import { collectEvidence } from './fit-corrections.ts';
import { fitMoffat } from './fit-moffat.ts';
import type { StarFitOptions } from './fit-star.ts';
import { judgeStar, type StarVerdict } from './judge-star.ts';
import { pedestalAt } from './measure-pedestals.ts';
import {
  cutStar,
  makeScene,
  measurePedestal,
  refineStars,
  type Scene,
  type SceneStar,
  starsOf,
} from './model-scene.ts';
import { makeMoffat, moffatFwhm } from './moffat.ts';
import { cropStamp, drawMeanPsf, type PsfModel, resizePsf } from './psf-model.ts';
import { selectPsfStars } from './select-psf-stars.ts';

/** Stars that shape the Moffat; more would not make it better. */
const MOFFAT_STARS = 40;
const MOFFAT_ROUNDS = 3;

export interface EstimatePsfInput {
  readonly image: MaskedImage;
  readonly sources: readonly Source[];
  /** For messages: which exposure this is. */
  readonly name: string;
  readonly config: PsfConfig;
}

/** Measures a point-spread function on a thread. */
export const estimatePsfTask: Task<EstimatePsfInput, MeasuredPsf> = {
  name: 'differencing.estimate-psf',
  run: ({ image, sources, name, config }) => measurePsf(image, sources, config, name),
};

/** A point-spread function and the stars measured with it. */
export interface MeasuredPsf {
  readonly psf: SpatialPsf;
  /** Every source that was fitted; saturated ones are left out. */
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
 * @returns unit sum and windowed centroid at zero, anywhere in the image.
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
  const first = shapeMoffat(image, gatherStars(sources, chosen, start, noise, config), start, noise, config);
  const count = starsOf(first.scene, 'profile').length;
  if (count >= config.starsForPixels) return shapePixels(image, first, noise, config);
  const held = judgeMoffat(first.scene, first.model, noise, config);
  const { psf, light } = finishPsf(first.model, 'moffat', count, held, config);
  return { psf, stars: measureStars(first, light, noise, config) };
}

interface Shaped {
  readonly model: PsfModel;
  readonly scene: Scene;
}

function sampleVariance(image: MaskedImage): Float32Array {
  const { data } = image.variance;
  const step = Math.max(1, Math.floor(data.length / 20_000));
  const sample = new Float32Array(Math.ceil(data.length / step));
  for (let k = 0; k < sample.length; k++) sample[k] = data[k * step];
  return sample;
}

function stampSize(fwhmPx: number, config: PsfConfig): number {
  return oddSize(config.radiusFwhm * fwhmPx);
}

function oddSize(radius: number): number {
  return 2 * Math.max(4, Math.ceil(radius)) + 1;
}

function startModel(
  image: MaskedImage,
  sources: readonly Source[],
  chosen: readonly number[],
  config: PsfConfig,
): PsfModel {
  const { width, height } = image.science;
  const limit = Math.min(width, height) / 4;
  const fwhmPx = Math.max(1, Math.min(limit, 2 * median(chosen.map((k) => sources[k].halfLightRadiusPx))));
  return {
    moffat: makeMoffat(fwhmPx, 3),
    fwhmPx,
    size: stampSize(fwhmPx, config),
    imageWidth: width,
    imageHeight: height,
    degree: 0,
    corrections: [],
  };
}

/** Put the chosen stars first and after them the neighbours near enough and bright enough to disturb them. */
function gatherStars(
  sources: readonly Source[],
  chosen: readonly number[],
  model: PsfModel,
  noise: number,
  config: PsfConfig,
): SceneStar[] {
  const isChosen = new Set(chosen);
  const reach = 2 * model.size;
  const near = (source: Source) =>
    chosen.some((k) => Math.hypot(sources[k].xPx - source.xPx, sources[k].yPx - source.yPx) < reach);
  const neighbours = sources
    .map((_, k) => k)
    .filter((k) => !isChosen.has(k) && sources[k].fluxE > 0 && near(sources[k]))
    .sort((a, b) => sources[b].fluxE - sources[a].fluxE)
    .slice(0, config.maxNeighbours);
  const profile = new Set(chosen.slice(0, config.maxStars));
  return [...chosen, ...neighbours].map((k) => {
    const source = sources[k];
    // A faint neighbour's wings drown in the noise: draw only as far as they matter.
    const share = source.peakE > 0 ? Math.sqrt(source.peakE / (0.1 * noise)) : 1;
    const half = isChosen.has(k)
      ? (model.size - 1) / 2
      : Math.min((model.size - 1) / 2, Math.max(3, Math.ceil(0.5 * model.fwhmPx * Math.max(1.5, share))));
    return {
      role: profile.has(k) ? 'profile' : isChosen.has(k) ? 'star' : 'neighbour',
      x: source.xPx,
      y: source.yPx,
      flux: source.fluxE,
      fluxErr: source.fluxErrE,
      positionErr: Number.POSITIVE_INFINITY,
      background: 0,
      coreRadius: (source.maskBits & MaskBit.SAT) !== 0 ? Math.sqrt(source.areaPx / Math.PI) / 2 : 0,
      size: 2 * half + 1,
    };
  });
}

/** Fit the Moffat and drop what is no star, until both agree. */
function shapeMoffat(
  image: MaskedImage,
  stars: readonly SceneStar[],
  start: PsfModel,
  noise: number,
  config: PsfConfig,
): Shaped {
  let model = start;
  let scene = makeScene(image, noise, stars, model);
  for (let round = 0; round < MOFFAT_ROUNDS; round++) {
    for (let sweep = 0; sweep < 2; sweep++)
      refineStars(scene, model, pickOptions(scene, model, noise, config));
    const teachers = starsOf(scene, 'profile')
      .filter((k) => scene.stars[k].flux > 0)
      .slice(0, MOFFAT_STARS);
    const { moffat } = fitMoffat(
      teachers.map((k) => cutStar(scene, k, oddSize(3 * model.fwhmPx))),
      teachers.map((k) => scene.stars[k]),
      model.fwhmPx,
      { radius: 3 * model.fwhmPx, modelError: config.modelError, backgroundSigma: PEDESTAL_ERROR * noise },
    );
    const fwhmPx = moffatFwhm(moffat);
    const size = stampSize(fwhmPx, config);
    model = { ...model, moffat, fwhmPx, size };
    const resized = scene.stars.map((star) => ({
      ...star,
      size: star.role === 'neighbour' ? Math.min(star.size, size) : size,
    }));
    scene = makeScene(image, noise, resized, model);
    refineStars(scene, model, pickOptions(scene, model, noise, config));
    cullStars(scene, model);
  }
  return { model, scene };
}

/** Where the pedestal under a star is measured, FWHM from its centre. */
const PEDESTAL_FROM = 2;
const PEDESTAL_TO = 4;
/** Error of the pedestal beyond its own noise, in units of the sky's noise per pixel. */
const PEDESTAL_ERROR = 0.03;
/** Part of the profile's own wings that may be mistaken for a pedestal. */
const WING_ERROR = 0.3;

/**
 * Say how each star is to be fitted: stars freely, faint neighbours at their catalogued places, where a free position
 * would follow the noise.
 *
 * The pedestal comes from the star's surroundings, but around a bright star these are its own wings: there the map
 * of the whole field knows better, and both are weighed by their errors.
 */
function pickOptions(
  scene: Scene,
  model: PsfModel,
  noise: number,
  config: PsfConfig,
  withErrors = false,
): (star: SceneStar) => StarFitOptions {
  const { fwhmPx } = model;
  const { modelError } = config;
  const { width, height } = scene.image.science;
  const wing = wingLevel(model);
  const mapError = Math.max(0.05 * noise, scene.pedestals.scatter);
  return (star) => {
    const mapped = pedestalAt(scene.pedestals, star.x, star.y, width, height);
    if (star.role === 'neighbour') {
      const radius = star.coreRadius > 0 ? star.coreRadius + 1.5 * fwhmPx : fwhmPx;
      const fitPosition = star.flux > 20 * star.fluxErr;
      return { radius, modelError, background: mapped, backgroundSigma: 0, fitPosition, withErrors };
    }
    const around = measurePedestal(scene, star, PEDESTAL_FROM * fwhmPx, PEDESTAL_TO * fwhmPx);
    const aroundError = around
      ? Math.hypot(around.error, PEDESTAL_ERROR * noise, WING_ERROR * star.flux * wing)
      : Number.POSITIVE_INFINITY;
    const weight = aroundError ** -2 / (aroundError ** -2 + mapError ** -2);
    return {
      radius: 1.75 * fwhmPx,
      modelError,
      background: (around?.level ?? 0) * weight + mapped * (1 - weight),
      backgroundSigma: 1 / Math.sqrt(aroundError ** -2 + mapError ** -2),
      fitPosition: true,
      withErrors,
    };
  };
}

/** Mean of the profile where pedestals are measured, px^-2. */
function wingLevel(model: PsfModel): number {
  const mean = drawMeanPsf(model);
  const half = (model.size - 1) / 2;
  let sum = 0;
  let count = 0;
  for (let k = 0; k < mean.length; k++) {
    const radius = Math.hypot((k % model.size) - half, Math.floor(k / model.size) - half);
    if (radius < PEDESTAL_FROM * model.fwhmPx || radius > PEDESTAL_TO * model.fwhmPx) continue;
    sum += mean[k];
    count++;
  }
  return count > 0 ? Math.abs(sum / count) : 0;
}

/** Widths of single stars agree with the profile's to this fraction, and their light to this one, where noise allows. */
const SAME_WIDTH = 0.015;
const SAME_LIGHT = 0.02;

/** Demote to neighbours the profile stars that do not look like the profile; at least five or half of them stay. */
function cullStars(scene: Scene, model: PsfModel): void {
  const indices = starsOf(scene, 'profile');
  const verdicts = indices.map((k) => judge(scene, k, model));
  const odd = oddWidths(verdicts);
  const misfits = verdicts.map((verdict) => verdict.excess / verdict.power);
  // Bright stars tell how well the profile fits at best.
  const typical = median(
    misfits.filter((_, i) => verdicts[i].excessErr < SAME_LIGHT ** 2 * verdicts[i].power),
  );
  const allowed = Math.max(SAME_LIGHT, 3 * Math.sqrt(Math.max(0, typical || 0))) ** 2;
  const badness = indices.map((k, i) => {
    if (!(scene.stars[k].flux > 0)) return Number.POSITIVE_INFINITY;
    const misfit = misfits[i] / (allowed + (3 * verdicts[i].excessErr) / verdicts[i].power);
    return Math.max(odd[i] / 3, misfit);
  });
  const minimum = Math.max(5, Math.ceil(indices.length / 2));
  const ranked = indices.map((_, i) => i).sort((a, b) => badness[a] - badness[b]);
  ranked.forEach((i, rank) => {
    if (badness[i] === Number.POSITIVE_INFINITY || (rank >= minimum && badness[i] > 1)) {
      scene.stars[indices[i]] = { ...scene.stars[indices[i]], role: 'neighbour' };
    }
  });
}

/** How many sigma each star's width is off the middle of all. */
function oddWidths(verdicts: readonly StarVerdict[]): readonly number[] {
  const widths = verdicts.map((verdict) => verdict.widthExcess);
  const middle = median(widths);
  const pulls = widths.map(
    (width, i) => Math.abs(width - middle) / Math.hypot(SAME_WIDTH, verdicts[i].widthErr),
  );
  const stretch = Math.max(1, median(pulls) / 0.6745);
  return pulls.map((pull) => pull / stretch);
}

function judge(scene: Scene, index: number, model: PsfModel): StarVerdict {
  const stamp = cutStar(scene, index, oddSize(1.5 * model.fwhmPx + 1));
  const star = scene.stars[index];
  return judgeStar(stamp, cropStamp(scene.profiles[index], star.size, stamp.size), star, 1.5 * model.fwhmPx);
}

/** Refine the corrections round by round, then let held-out stars choose how they vary. */
function shapePixels(image: MaskedImage, first: Shaped, noise: number, config: PsfConfig): MeasuredPsf {
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
    const stars = scene.stars.map((star) => ({
      ...star,
      size: star.role === 'neighbour' ? Math.min(star.size, model.size) : model.size,
    }));
    scene = makeScene(image, noise, stars, model);
    refineStars(scene, model, pickOptions(scene, model, noise, config));
    if (round === 0) cullStars(scene, model);
  }
  const count = starsOf(scene, 'profile').length;
  const method = model.corrections.length > 0 ? 'pixels' : 'moffat';
  const { psf, light } = finishPsf(model, method, count, held!, config);
  return { psf, stars: measureStars({ model, scene }, light, noise, config) };
}

/** Light of a star that neither noise nor the profile explains, as a fraction: blends weigh less the worse they fit. */
function misfit(verdict: StarVerdict): number {
  return Math.sqrt(Math.max(0, verdict.excess - verdict.excessErr) / verdict.power);
}

/** A profile that is no Moffat has another width than the Moffat fitted to it: make room for what was found. */
function fitSize(model: PsfModel, config: PsfConfig): PsfModel {
  const fwhmPx = measureFwhm(drawMeanPsf(model), model.size);
  return resizePsf(model, fwhmPx, stampSize(fwhmPx, config));
}

/** Fit every star once more with the final profile, neighbours too, and say which look like it. */
function measureStars(
  { model, scene }: Shaped,
  light: number,
  noise: number,
  config: PsfConfig,
): readonly MeasuredStar[] {
  refineStars(scene, model, pickOptions(scene, model, noise, config, true));
  const indices = scene.stars.map((_, k) => k).filter((k) => scene.stars[k].role !== 'neighbour');
  const odd = oddWidths(indices.map((k) => judge(scene, k, model)));
  const clean = new Set(indices.filter((_, i) => odd[i] < 4));
  return scene.stars
    .map((star, k) => ({ star, k }))
    .filter(({ star }) => star.flux > 0 && star.coreRadius === 0)
    .map(({ star, k }) => ({
      xPx: star.x,
      yPx: star.y,
      fluxE: light * star.flux,
      fluxErrE: light * star.fluxErr,
      positionErrPx: star.positionErr,
      isClean: clean.has(k),
    }));
}
