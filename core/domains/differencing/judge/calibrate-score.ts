import { selectQuantile } from '../../../kernels/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import type { MeasuredStar } from '../model.ts';
import { madStd, median } from '../robust-statistics.ts';
import { type BrightStar, reachOfSaturated } from '../saturated/model-saturated.ts';
import type { AssembledDifference } from '../tiles/assemble-difference.ts';
import type { SparseLight } from '../tiles/subtracted-tile.ts';
import { isSky } from './remove-background.ts';

/** What it took to make the score's noise honest. */
export interface ScoreCalibration {
  /** Light of a constant star that the subtraction leaves, as a fraction of the star. */
  readonly modelError: number;
  /** The same for the wings of bright stars, as a fraction of the light there. */
  readonly wingError: number;
  /** The same for saturated stars, whose cores were rebuilt. */
  readonly rebuildError: number;
  /** Robust sigma and median of the score over the sky, before the rescaling. */
  readonly madStd: number;
  readonly median: number;
}

/** Light of fewer sigma does not tell a model error from noise. */
const BRIGHT_SHARED = 30;
const BRIGHT_WINGS = 8;
/** Error to assume of wings where nothing is bright enough to show them. */
const USUAL_WING_ERROR = 0.05;
/** Error to assume of rebuilt stars where there are too few to show it. */
const USUAL_REBUILD_ERROR = 0.03;
/** Fewer pixels do not tell. */
const ENOUGH_PIXELS = 200;
/** How far from a star its core reaches, in units of the radius its residuals are looked at. */
const CORE = 1.5;
/** This part of the scores must lie where a normal deviate's do: not half, for the worst stars are what counts. */
const SHARE = 0.95;
const SHARE_SIGMA = 1.96;

/**
 * Give the score its honest noise, in place: the model's own error, then unit scatter of the sky.
 *
 * Point-spread functions are known to a percent at best, so a star of S/N 1000 leaves ten sigma of photon noise
 * where nothing changed. How much constant stars really leave is measured on them, robustly, and enters the
 * variance in proportion to the light that both images share; where the template is empty nothing is lost.
 *
 * @param stars constant ones.
 * @param saturated stars whose cores were rebuilt.
 * @param expected model error to assume where too few stars are bright enough to tell.
 * @param radiusPx how far from a star its residuals are looked at, px.
 */
export function calibrateScore(
  assembled: AssembledDifference,
  stars: readonly MeasuredStar[],
  saturated: readonly BrightStar[],
  expected: number,
  radiusPx: number,
): ScoreCalibration {
  const { score, shared, fluxErr, variance } = assembled;
  const wings = joinWings(assembled);
  const cores = pixelsNear(
    assembled,
    stars.map((star) => ({ x: star.xPx, y: star.yPx, radiusPx: CORE * radiusPx })),
  );
  const rebuilt = pixelsNear(
    assembled,
    saturated.map((star) => ({ x: star.x, y: star.y, radiusPx: reachOfSaturated(star, radiusPx) })),
  );
  const modelError = findError(bright(assembled, cores)) ?? expected;
  const rebuildError = findError(bright(assembled, rebuilt)) ?? USUAL_REBUILD_ERROR;
  const far = partWings(assembled, wings, rebuilt);
  const wingError = findError(far.fromOthers) ?? USUAL_WING_ERROR;
  inflateNoise(
    assembled,
    wings,
    rebuilt,
    { light: modelError, wings: wingError },
    {
      light: Math.max(modelError, rebuildError),
      wings: findError(far.fromRebuilt) ?? Math.max(wingError, USUAL_WING_ERROR),
    },
  );
  const sample = sampleSky(assembled);
  const spread = madStd(sample);
  const isUsable = spread > 0 && Number.isFinite(spread);
  if (isUsable) {
    scale(score.data, 1 / spread);
    scale(shared.data, 1 / spread);
    scale(fluxErr.data, spread);
    scale(variance.data, spread * spread);
  }
  return {
    modelError,
    wingError,
    rebuildError,
    madStd: isUsable ? spread : 1,
    median: sample.length > 0 ? median(sample) : 0,
  };
}

/** Light that a subtraction leaves of stars, as fractions of it. */
interface SubtractionErrors {
  /** Of the light that both images share. */
  readonly light: number;
  /** Of bright stars' wings. */
  readonly wings: number;
}

/** Add the errors of what both images share, and of bright stars' wings, to the noise of score and flux. */
function inflateNoise(
  assembled: AssembledDifference,
  { pixels, values }: SparseLight,
  rebuilt: ReadonlySet<number>,
  errors: SubtractionErrors,
  errorsOfRebuilt: SubtractionErrors,
): void {
  const score = assembled.score.data;
  const shared = assembled.shared.data;
  const fluxErr = assembled.fluxErr.data;
  let nextWing = 0;
  const inflate = (from: number, end: number, error: SubtractionErrors) => {
    for (let k = from; k < end; k++) {
      const light = error.light * shared[k];
      const wing = pixels[nextWing] === k ? error.wings * values[nextWing++] : 0;
      // Most pixels have neither, and keep their noise.
      if (light === 0 && wing === 0) continue;
      const inflation = Math.sqrt(1 + light * light + wing * wing);
      score[k] /= inflation;
      shared[k] /= inflation;
      fluxErr[k] *= inflation;
    }
  };
  let next = 0;
  for (const k of Int32Array.from(rebuilt).sort()) {
    inflate(next, k, errors);
    inflate(k, k + 1, errorsOfRebuilt);
    next = k + 1;
  }
  inflate(next, score.length, errors);
}

function scale(values: Float32Array, factor: number): void {
  for (let k = 0; k < values.length; k++) values[k] *= factor;
}

/** Scores of the sky, at most a quarter of a million of them, evenly spread; of everything where there is no sky. */
function sampleSky(assembled: AssembledDifference): Float64Array {
  const { data } = assembled.score;
  // An odd step does not walk down the columns of an image of usual width.
  const step = Math.max(1, Math.floor(data.length / 250_000)) | 1;
  const sky: number[] = [];
  const all: number[] = [];
  for (let k = 0; k < data.length; k += step) {
    if ((assembled.mask.data[k] & UNUSABLE) !== 0) continue;
    all.push(data[k]);
    if (isSky(assembled, k)) sky.push(data[k]);
  }
  return Float64Array.from(sky.length >= 0.02 * all.length ? sky : all);
}

/** Unmasked pixels within a radius of any of some places. */
function pixelsNear(
  assembled: AssembledDifference,
  places: readonly { readonly x: number; readonly y: number; readonly radiusPx: number }[],
): ReadonlySet<number> {
  const { width, height } = assembled.score;
  const near = new Set<number>();
  for (const { x, y, radiusPx } of places) {
    for (let v = Math.max(0, Math.ceil(y - radiusPx)); v <= Math.min(height - 1, y + radiusPx); v++) {
      for (let u = Math.max(0, Math.ceil(x - radiusPx)); u <= Math.min(width - 1, x + radiusPx); u++) {
        if ((u - x) ** 2 + (v - y) ** 2 > radiusPx * radiusPx) continue;
        const k = v * width + u;
        if ((assembled.mask.data[k] & UNUSABLE) === 0) near.add(k);
      }
    }
  }
  return near;
}

/** Light in some pixels, sigma, and the score there. */
interface ScoredLight {
  readonly scores: readonly number[];
  readonly light: readonly number[];
}

/** Those pixels where both images share enough light to tell an error of it. */
function bright(assembled: AssembledDifference, pixels: ReadonlySet<number>): ScoredLight {
  const shared = assembled.shared.data;
  const found = [...pixels].filter((k) => shared[k] >= BRIGHT_SHARED);
  return { scores: found.map((k) => assembled.score.data[k]), light: found.map((k) => shared[k]) };
}

/** Put the wings of all tiles in the order of the image's pixels. */
function joinWings({ tiles }: AssembledDifference): SparseLight {
  const count = tiles.reduce((sum, { wings }) => sum + wings.pixels.length, 0);
  // Each pixel and its place in the lists as one number, which a double holds exactly.
  const order = new Float64Array(count);
  const listed = new Float32Array(count);
  let at = 0;
  for (const { wings } of tiles) {
    listed.set(wings.values, at);
    for (const pixel of wings.pixels) order[at] = pixel * count + at++;
  }
  order.sort();
  const joined = { pixels: new Int32Array(count), values: new Float32Array(count) };
  order.forEach((key, i) => {
    joined.pixels[i] = Math.floor(key / count);
    joined.values[i] = listed[key % count];
  });
  return joined;
}

/** Unmasked pixels with much light of bright stars' wings: around rebuilt stars, and around others. */
function partWings(
  { score, mask }: AssembledDifference,
  { pixels, values }: SparseLight,
  rebuilt: ReadonlySet<number>,
) {
  const fromRebuilt = { scores: [] as number[], light: [] as number[] };
  const fromOthers = { scores: [] as number[], light: [] as number[] };
  pixels.forEach((k, i) => {
    if (values[i] < BRIGHT_WINGS || (mask.data[k] & UNUSABLE) !== 0) return;
    const part = rebuilt.has(k) ? fromRebuilt : fromOthers;
    part.scores.push(score.data[k]);
    part.light.push(values[i]);
  });
  return { fromRebuilt, fromOthers };
}

/**
 * Find the relative error of the light with which the scores are distributed as a normal deviate.
 *
 * @returns a fraction, 0 if the noise explains everything; `undefined` if too few pixels tell.
 */
function findError({ scores, light }: ScoredLight): number | undefined {
  // A score beyond the light itself is a change, no error of it.
  const told = [...scores.keys()].filter((k) => Math.abs(scores[k]) <= light[k]);
  if (told.length < ENOUGH_PIXELS) return undefined;
  const exceeds = (error: number) =>
    selectQuantile(
      Float32Array.from(told, (k) => Math.abs(scores[k]) / Math.sqrt(1 + (error * light[k]) ** 2)),
      SHARE,
    ) > SHARE_SIGMA;
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
