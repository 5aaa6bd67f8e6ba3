import { withScratch } from '../../../kernels/index.ts';
import {
  type Deal,
  type Done,
  runShares,
  type Task,
  type TaskContext,
  type TaskRunner,
  takeShares,
} from '../../../utils/index.ts';
import type { MeasuredStar, SpatialPsf } from '../model.ts';
import { type BrightStar, reachOfSaturated } from '../saturated/model-saturated.ts';
import type { DifferenceCanvas, SparseLight, SubtractedTile } from '../tiles/subtracted-tile.ts';
import { largestCorrelation, type NoiseSums, sumNoiseOfRows } from '../zogy/measure-correlation.ts';
import { calibrateScore, type ScoreCalibration } from './calibrate-score.ts';
import { cutRows } from './cut-rows.ts';
import { type AnsweredPart, finishRows } from './finish-rows.ts';
import { gatherLight, type LightOfRows, type StarPlaces } from './gather-light.ts';
import { answerOf } from './level-flux.ts';
import {
  type BackgroundGrid,
  completeBackground,
  type FilteredPart,
  measureBackground,
  planBackground,
  removeBackground,
} from './remove-background.ts';

/** A difference as an engine made it, and what tells how good it is. */
export interface RawDifference {
  readonly canvas: DifferenceCanvas;
  readonly tiles: readonly Pick<SubtractedTile, 'wings'>[];
  /** One tile of each cell. */
  readonly cells: readonly Pick<SubtractedTile, 'response' | 'fluxPerBackground'>[];
  /** Profile of the science image that it was subtracted with. */
  readonly sciencePsf: SpatialPsf;
  readonly constantStars: readonly MeasuredStar[];
  /** Stars whose cores were rebuilt. */
  readonly saturated: readonly BrightStar[];
  /** Model error to assume where too few stars are bright enough to tell. */
  readonly expectedError: number;
  /** How far from a star its residuals are looked at, px. */
  readonly radiusPx: number;
  /** Side of the squares whose background is measured, px; 0 leaves the background. */
  readonly backgroundCellPx: number;
}

/** What was measured of a difference, and done to its planes: `shared` holds its fluxes now. */
export interface CalibratedPlanes {
  readonly calibration: ScoreCalibration;
  /** Largest correlation of its noise at 1 to 3 px. */
  readonly whiteness: number;
  /** Root mean square of the background that was taken off, e- per pixel. */
  readonly backgroundRemovedE: number;
  /** Of each cell what its fluxes were divided by. */
  readonly answers: readonly (readonly number[])[];
}

/** How far from a star its core reaches, in units of the radius its residuals are looked at. */
const CORE = 1.5;
/** What a task on rows leaves beside planes, bytes. */
const LITTER_BYTES = 4 << 20;

/**
 * Take off a difference's background, calibrate its score on the sky and on constant stars, and make its fluxes, in place.
 *
 * In bands of rows on the runner's threads, three times: what is done to a row depends on what all of them tell.
 */
export async function calibratePlanes(
  raw: RawDifference,
  runner: TaskRunner,
  context: TaskContext,
): Promise<CalibratedPlanes> {
  const { canvas } = raw;
  const { width, height } = canvas.score;
  const count = cutRows(height).length;
  const grid = planBackground(width, height, raw.backgroundCellPx);
  const surveyed = await runShares(surveyRowsTask, { canvas, grid }, count, runner, context);
  const levels = grid && completeBackground(join(surveyed.map((rows) => rows.levels)), grid);
  const wings = raw.tiles.map((tile) => shareWings(tile.wings));
  const places = placeStars(raw);
  const parts = raw.cells.map(({ response: { x, y, width, height }, fluxPerBackground }) => ({
    ...{ x, y, width, height },
    fluxPerBackground,
  }));
  const input = { canvas, wings, places };
  const told = await runShares(
    clearRowsTask,
    { ...input, parts, background: grid && levels && { grid, levels } },
    count,
    runner,
    context,
  );
  const calibration = calibrateScore(
    told.map(({ light }) => light),
    raw.expectedError,
  );
  const answers = raw.cells.map(({ response }) => answerOf(response, raw.sciencePsf));
  const answered = parts.map((part, k) => ({ ...part, answer: answers[k] }));
  await runShares(finishRowsTask, { ...input, parts: answered, calibration }, count, runner, context);
  const power = told.reduce((sum, rows) => sum + rows.power, 0);
  return {
    calibration,
    whiteness: largestCorrelation(surveyed.flatMap(({ noise }) => noise)),
    backgroundRemovedE: Math.sqrt(power / (width * height)),
    answers,
  };
}

/** Measures the background of rows, and how the noise of neighbouring pixels goes together. */
export const surveyRowsTask: Task<
  { readonly canvas: DifferenceCanvas; readonly grid: BackgroundGrid | undefined; readonly deal: Deal },
  readonly Done<{ readonly levels: Float64Array; readonly noise: readonly NoiseSums[] }>[]
> = {
  name: 'differencing.survey-rows',
  litterBytes: LITTER_BYTES,
  run: ({ canvas, grid, deal }) => {
    const bands = cutRows(canvas.score.height);
    return takeShares(deal, (share) => ({
      levels: grid ? measureBackground(canvas, grid, bands[share]) : new Float64Array(0),
      noise: sumNoiseOfRows(canvas, canvas.mask, bands[share]),
    }));
  },
};

/** What rows are judged by. */
interface JudgedRows {
  readonly canvas: DifferenceCanvas;
  readonly wings: readonly SparseLight[];
  readonly places: StarPlaces;
  readonly deal: Deal;
}

/** Takes the background off rows, and gathers what tells how much light the subtraction left there. */
export const clearRowsTask: Task<
  JudgedRows & {
    readonly parts: readonly FilteredPart[];
    readonly background: { readonly grid: BackgroundGrid; readonly levels: Float64Array } | undefined;
  },
  readonly Done<{ readonly power: number; readonly light: LightOfRows }>[]
> = {
  name: 'differencing.clear-rows',
  litterBytes: LITTER_BYTES,
  run: ({ canvas, wings, places, parts, background, deal }) => {
    const bands = cutRows(canvas.score.height);
    return takeShares(deal, (share) => {
      const rows = bands[share];
      const power = background
        ? removeBackground(canvas, parts, background.levels, background.grid, rows)
        : 0;
      return { power, light: withScratch((scratch) => gatherLight(canvas, wings, places, rows, scratch)) };
    });
  },
};

/** Gives rows their honest noise and their fluxes. */
export const finishRowsTask: Task<
  JudgedRows & { readonly parts: readonly AnsweredPart[]; readonly calibration: ScoreCalibration },
  readonly Done<void>[]
> = {
  name: 'differencing.finish-rows',
  litterBytes: LITTER_BYTES,
  run: ({ canvas, wings, places, parts, calibration, deal }) => {
    const bands = cutRows(canvas.score.height);
    return takeShares(deal, (share) =>
      withScratch((scratch) => finishRows(canvas, wings, places, parts, calibration, bands[share], scratch)),
    );
  },
};

/** Put the places of stars into memory that threads share: hundreds of objects cost each task more than their pixels. */
function placeStars({ constantStars, saturated, radiusPx }: RawDifference): StarPlaces {
  return {
    cores: shareNumbers(constantStars.flatMap(({ xPx, yPx }) => [xPx, yPx, CORE * radiusPx])),
    rebuilt: shareNumbers(saturated.flatMap((star) => [star.x, star.y, reachOfSaturated(star, radiusPx)])),
  };
}

function shareNumbers(numbers: readonly number[]): Float64Array {
  const shared = new Float64Array(new SharedArrayBuffer(8 * numbers.length));
  shared.set(numbers);
  return shared;
}

/** Put wings into memory that threads share. */
function shareWings({ pixels, values }: SparseLight): SparseLight {
  const shared = {
    pixels: new Int32Array(new SharedArrayBuffer(4 * pixels.length)),
    values: new Float32Array(new SharedArrayBuffer(4 * values.length)),
  };
  shared.pixels.set(pixels);
  shared.values.set(values);
  return shared;
}

function join(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}
