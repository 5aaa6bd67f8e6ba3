import { measureCore } from '../../../kernels/index.ts';
import { madStdNear } from '../robust-statistics.ts';
import type { LightOfRows, SampledPixels, ScoredLight } from './gather-light.ts';
import { LARGEST_SCORE, LARGEST_SHARED } from './remove-background.ts';

/** What it takes to make the score's noise honest. */
export interface ScoreCalibration {
  /** Light of a constant star that the subtraction leaves, as a fraction of the star. */
  readonly modelError: number;
  /** The same for the wings of bright stars, as a fraction of the light there. */
  readonly wingError: number;
  /** The same for saturated stars, whose cores were rebuilt. */
  readonly rebuildError: number;
  /** The same that enters the noise, everywhere and around rebuilt stars. */
  readonly errors: SubtractionErrors;
  readonly errorsOfRebuilt: SubtractionErrors;
  /** Robust sigma and median of the score over the sky, before the rescaling. */
  readonly madStd: number;
  readonly median: number;
}

/** Light that a subtraction leaves of stars, as fractions of it. */
export interface SubtractionErrors {
  /** Of the light that both images share. */
  readonly light: number;
  /** Of bright stars' wings. */
  readonly wings: number;
}

/** Error to assume of wings where nothing is bright enough to show them. */
const USUAL_WING_ERROR = 0.05;
/** Error to assume of rebuilt stars where there are too few to show it. */
const USUAL_REBUILD_ERROR = 0.03;
/** Fewer pixels do not tell. */
const ENOUGH_PIXELS = 200;
/** This part of the scores must lie where a normal deviate's do: not half, for the worst stars are what counts. */
const SHARE = 0.95;
const SHARE_SIGMA = 1.96;
/** Where less of the image is sky, all of it tells the noise. */
const ENOUGH_SKY = 0.02;

/**
 * Find the score's honest noise: the model's own error, then unit scatter of the sky.
 *
 * Point-spread functions are known to a percent at best, so a star of S/N 1000 leaves ten sigma of photon noise
 * where nothing changed. How much constant stars really leave is measured on them, robustly, and enters the
 * variance in proportion to the light that both images share; where the template is empty nothing is lost.
 *
 * @param told by all rows of the difference.
 * @param expected model error to assume where too few stars are bright enough to tell.
 */
export function calibrateScore(told: readonly LightOfRows[], expected: number): ScoreCalibration {
  const modelError = findError(told.map(({ cores }) => cores)) ?? expected;
  const rebuildError = findError(told.map(({ rebuilt }) => rebuilt)) ?? USUAL_REBUILD_ERROR;
  const wingError = findError(told.map(({ wingsOfOthers }) => wingsOfOthers)) ?? USUAL_WING_ERROR;
  const errors = { light: modelError, wings: wingError };
  const errorsOfRebuilt = {
    light: Math.max(modelError, rebuildError),
    wings:
      findError(told.map(({ wingsOfRebuilt }) => wingsOfRebuilt)) ?? Math.max(wingError, USUAL_WING_ERROR),
  };
  const sky = takeSky(
    told.map(({ sampled }) => sampled),
    errors,
    errorsOfRebuilt,
  );
  const core = measureCore(sky, 1);
  const spread = madStdNear(sky, core.median, core.deviation);
  const isUsable = spread > 0 && Number.isFinite(spread);
  return {
    modelError,
    wingError,
    rebuildError,
    errors,
    errorsOfRebuilt,
    madStd: isUsable ? spread : 1,
    median: sky.length > 0 ? core.median : 0,
  };
}

/** Give the factor on the noise of a pixel where so much light was subtracted, sigma. */
function inflationBy(errors: SubtractionErrors, shared: number, wing: number): number {
  const light = errors.light * shared;
  const wings = errors.wings * wing;
  return Math.sqrt(1 + light * light + wings * wings);
}

/** Scores of the sky once their noise is that of the light, too; of everything where there is no sky. */
function takeSky(
  sampled: readonly SampledPixels[],
  errors: SubtractionErrors,
  errorsOfRebuilt: SubtractionErrors,
): Float32Array {
  const count = sampled.reduce((sum, { dark, lit }) => sum + dark.length + lit.length / 4, 0);
  const [sky, all] = [new Float32Array(count), new Float32Array(count)];
  let [inSky, inAll] = [0, 0];
  const take = (score: number, shared: number) => {
    all[inAll++] = score;
    if (shared < LARGEST_SHARED && Math.abs(score) < LARGEST_SCORE) sky[inSky++] = score;
  };
  for (const { dark, lit } of sampled) {
    for (let k = 0; k < dark.length; k++) take(dark[k], 0);
    for (let k = 0; k < lit.length; k += 4) {
      const inflation = inflationBy(lit[k + 3] === 0 ? errors : errorsOfRebuilt, lit[k + 1], lit[k + 2]);
      // In the planes both are float32.
      take(Math.fround(lit[k] / inflation), Math.fround(lit[k + 1] / inflation));
    }
  }
  return inSky >= ENOUGH_SKY * inAll ? sky.subarray(0, inSky) : all;
}

/**
 * Find the relative error of the light with which the scores are distributed as a normal deviate.
 *
 * @returns a fraction, 0 if the noise explains everything; `undefined` if too few pixels tell.
 */
function findError(parts: readonly ScoredLight[]): number | undefined {
  const count = parts.reduce((sum, { scores }) => sum + scores.length, 0);
  if (count < ENOUGH_PIXELS) return undefined;
  const all = joinLight(parts, count, 0);
  // An error only makes scores smaller.
  const large = joinLight(parts, count, SHARE_SIGMA);
  const exceeds = (error: number) => isQuantileBeyond(all, large, error);
  if (!exceeds(0)) return 0;
  let low = 0;
  let high = 1;
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2;
    if (exceeds(middle)) low = middle;
    else high = middle;
  }
  return high;
}

/** Join the lists of those with |score| > `least`, or of all where it is 0. */
function joinLight(parts: readonly ScoredLight[], count: number, least: number): ScoredLight {
  const joined = { scores: new Float32Array(count), light: new Float32Array(count) };
  let kept = 0;
  for (const { scores, light } of parts) {
    for (let k = 0; k < scores.length; k++) {
      const size = Math.abs(scores[k]);
      if (least > 0 && size <= least) continue;
      joined.scores[kept] = size;
      joined.light[kept++] = light[k];
    }
  }
  return { scores: joined.scores.subarray(0, kept), light: joined.light.subarray(0, kept) };
}

/**
 * Tell whether the quantile `SHARE` of the scores is beyond `SHARE_SIGMA`, their light having an error.
 *
 * The quantile lies between two neighbours in rank, linearly; on which side of the limit it is follows from how many
 * scores are beyond, unless the limit lies between these two.
 */
function isQuantileBeyond(all: ScoredLight, large: ScoredLight, error: number): boolean {
  const count = all.scores.length;
  const position = SHARE * (count - 1);
  const rank = Math.floor(position);
  const scoreAt = ({ scores, light }: ScoredLight, k: number) =>
    Math.fround(scores[k] / Math.sqrt(1 + (error * light[k]) ** 2));
  let beyond = 0;
  let next = Number.POSITIVE_INFINITY;
  for (let k = 0; k < large.scores.length; k++) {
    const score = scoreAt(large, k);
    if (score <= SHARE_SIGMA) continue;
    beyond++;
    if (score < next) next = score;
  }
  if (beyond !== count - rank - 1) return beyond >= count - rank;
  let last = 0;
  for (let k = 0; k < count; k++) {
    const score = scoreAt(all, k);
    if (score <= SHARE_SIGMA && score > last) last = score;
  }
  return last + (next - last) * (position - rank) > SHARE_SIGMA;
}
