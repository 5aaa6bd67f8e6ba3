import type { Scratch } from '../../../kernels/index.ts';
import type { Box } from '../../observations/index.ts';
import type { DifferenceCanvas, SparseLight } from '../tiles/subtracted-tile.ts';
import type { ScoreCalibration } from './calibrate-score.ts';
import type { Rows } from './cut-rows.ts';
import { layWings, markPlaces, type StarPlaces } from './gather-light.ts';
import { SMALLEST_ANSWER } from './level-flux.ts';

/** A part of a difference and what its fluxes have to be divided by: see `answerOf`. */
export interface AnsweredPart extends Box {
  readonly answer: readonly number[];
}

/**
 * Give some rows their honest noise and their fluxes, in place.
 *
 * The errors of subtracted light enter the noise of score and flux; all is scaled so that the sky scatters by one; the
 * errors of fluxes are brought to the profile at each pixel. Fluxes, score times error, take the place of the shared light.
 */
export function finishRows(
  canvas: DifferenceCanvas,
  wings: readonly SparseLight[],
  places: StarPlaces,
  parts: readonly AnsweredPart[],
  calibration: ScoreCalibration,
  rows: Rows,
  scratch: Scratch,
): void {
  const { width, height } = canvas.score;
  const wing = layWings(wings, rows, width, scratch);
  const isRebuilt = scratch.zeroBytes(wing.length);
  markPlaces(isRebuilt, canvas, places.rebuilt, rows);
  const columns = scratch.zeroDoubles(width);
  for (let x = 0; x < width; x++) columns[x] = width > 1 ? (2 * x) / (width - 1) - 1 : 0;
  for (let y = rows.first; y < rows.end; y++) {
    const v = height > 1 ? (2 * y) / (height - 1) - 1 : 0;
    const start = (y - rows.first) * width;
    const ofRow = {
      wing: wing.subarray(start, start + width),
      isRebuilt: isRebuilt.subarray(start, start + width),
      columns,
    };
    for (const part of parts) {
      if (y < part.y || y >= part.y + part.height) continue;
      const [one, u1 = 0, v1 = 0, u2 = 0, uv = 0, v2 = 0] = part.answer;
      const answer = { constant: one + v1 * v + v2 * v * v, slope: u1 + uv * v, bend: u2 };
      finishRow(canvas, y * width, part.x, part.x + part.width, ofRow, answer, calibration);
    }
  }
}

/** What is known of the pixels of one row: light of wings, whether they are rebuilt, and -1 to 1 from its left to its right. */
interface RowFacts {
  readonly wing: Float32Array;
  readonly isRebuilt: Uint8Array;
  readonly columns: Float64Array;
}

/** Finish the pixels of a row from `from` to `end`; the row begins at `start`. */
function finishRow(
  canvas: DifferenceCanvas,
  start: number,
  from: number,
  end: number,
  { wing, isRebuilt, columns }: RowFacts,
  { constant, slope, bend }: { readonly constant: number; readonly slope: number; readonly bend: number },
  { errors, errorsOfRebuilt, madStd: spread }: ScoreCalibration,
): void {
  const [score, shared, fluxErr] = [canvas.score.data, canvas.shared.data, canvas.fluxErr.data];
  const variance = canvas.variance.data;
  const [perSpread, squaredSpread] = [1 / spread, spread * spread];
  for (let x = from; x < end; x++) {
    const k = start + x;
    let significance = score[k];
    let error = fluxErr[k];
    const isNearRebuilt = isRebuilt[x] !== 0;
    const light = (isNearRebuilt ? errorsOfRebuilt.light : errors.light) * shared[k];
    const wings = (isNearRebuilt ? errorsOfRebuilt.wings : errors.wings) * wing[x];
    // Most pixels have neither, and keep their noise.
    if (light !== 0 || wings !== 0) {
      const inflation = Math.sqrt(1 + light * light + wings * wings);
      significance = Math.fround(significance / inflation);
      error = Math.fround(error * inflation);
    }
    significance = Math.fround(significance * perSpread);
    const u = columns[x];
    const level = 1 / Math.max(SMALLEST_ANSWER, constant + u * (slope + u * bend));
    error = Math.fround(Math.fround(error * spread) * level);
    score[k] = significance;
    fluxErr[k] = error;
    shared[k] = significance * error;
    variance[k] *= squaredSpread;
  }
}
