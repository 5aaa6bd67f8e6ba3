import { madStandardDeviation, type Plane, selectMedian } from '../../../kernels/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import { median } from '../robust-statistics.ts';
import type { DifferenceCanvas, SubtractedTile } from '../tiles/subtracted-tile.ts';

/** Pixels with more shared or changed light than this have no say in the background, sigma. */
const LARGEST_SHARED = 10;
const LARGEST_SCORE = 6;
/** A cell needs this share of good pixels to have a say. */
const ENOUGH = 0.15;

/**
 * Take what is left of a smooth background off a difference, in place.
 *
 * Both images had their sky subtracted on their own, so their errors remain; a matched filter sums over many
 * pixels, and a twentieth of a pixel's noise is already a third of a sigma in the score. Measured on the
 * difference, where the stars have gone, the median of a cell is free of them.
 *
 * @param pieces parts of the image with one filter each: one tile of each of its cells.
 * @param cellPx side of the squares whose background is measured, px; 0 does nothing.
 * @returns the root mean square of what was taken off, e- per pixel.
 */
export function removeBackground(
  assembled: DifferenceCanvas,
  pieces: readonly Pick<SubtractedTile, 'response' | 'fluxPerBackground'>[],
  cellPx: number,
): number {
  const { width, height } = assembled.difference;
  if (cellPx <= 0) return 0;
  const columns = Math.max(1, Math.round(width / cellPx));
  const rows = Math.max(1, Math.round(height / cellPx));
  const cells = fillEmptyCells(
    smoothCells(measureCells(assembled, columns, rows), columns, rows),
    columns,
    rows,
  );
  const difference = assembled.difference.data;
  const score = assembled.score.data;
  const fluxErr = assembled.fluxErr.data;
  const blended = new Float64Array(columns + 1);
  const between = interpolateColumns(columns, width);
  let power = 0;
  for (const { response: part, fluxPerBackground } of pieces) {
    for (let y = part.y; y < part.y + part.height; y++) {
      blendRows(cells, columns, rows, ((y + 0.5) * rows) / height, blended);
      for (let x = part.x, k = y * width + part.x; x < part.x + part.width; x++, k++) {
        // Where nothing is known there is nothing to correct.
        if (difference[k] === 0) continue;
        const i = between.left[x];
        const level = blended[i] * between.leftShare[x] + blended[i + 1] * between.rightShare[x];
        power += level * level;
        difference[k] -= level;
        score[k] -= (level * fluxPerBackground) / fluxErr[k];
      }
    }
  }
  return Math.sqrt(power / (width * height));
}

/** Say for each column of the image which column of cells is left of it, and how much that and the next one count. */
function interpolateColumns(columns: number, width: number) {
  const left = new Int32Array(width);
  const [leftShare, rightShare] = [new Float64Array(width), new Float64Array(width)];
  for (let x = 0; x < width; x++) {
    const u = Math.max(0, Math.min(columns - 1, ((x + 0.5) * columns) / width - 0.5));
    const i = Math.min(Math.floor(u), Math.max(0, columns - 2));
    left[x] = i;
    leftShare[x] = 1 - u + i;
    rightShare[x] = u - i;
  }
  return { left, leftShare, rightShare };
}

function measureCells(assembled: DifferenceCanvas, columns: number, rows: number): Float64Array {
  const { width, height, data } = assembled.difference;
  const cells = new Float64Array(columns * rows).fill(Number.NaN);
  const mask = assembled.mask.data;
  const score = assembled.score.data;
  const shared = assembled.shared.data;
  let values = new Float32Array(0);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x0 = Math.round((column * width) / columns);
      const x1 = Math.round(((column + 1) * width) / columns);
      const y0 = Math.round((row * height) / rows);
      const y1 = Math.round(((row + 1) * height) / rows);
      const most = (x1 - x0) * (y1 - y0);
      if (values.length < most) values = new Float32Array(most);
      let found = 0;
      for (let y = y0; y < y1; y++) {
        for (let k = y * width + x0; k < y * width + x1; k++) {
          if ((mask[k] & UNUSABLE) !== 0 || !(shared[k] < LARGEST_SHARED)) continue;
          if (Math.abs(score[k]) < LARGEST_SCORE) values[found++] = data[k];
        }
      }
      if (found >= ENOUGH * most) cells[row * columns + column] = clippedMedian(values.subarray(0, found));
    }
  }
  return cells;
}

/** Tell whether a pixel is unmasked and free of stars and changes. */
export function isSky(
  assembled: { mask: { data: Uint16Array }; shared: Plane; score: Plane },
  k: number,
): boolean {
  return (
    (assembled.mask.data[k] & UNUSABLE) === 0 &&
    assembled.shared.data[k] < LARGEST_SHARED &&
    Math.abs(assembled.score.data[k]) < LARGEST_SCORE
  );
}

/** Clipped mean about the median. */
function clippedMedian(values: Float32Array): number {
  const centre = selectMedian(values);
  const farthest = 2.5 * madStandardDeviation(values);
  // The mean of the core is more precise than the median, and as robust once the tails are cut.
  let sum = 0;
  let kept = 0;
  for (let k = 0; k < values.length; k++) {
    if (Math.abs(values[k] - centre) > farthest) continue;
    sum += values[k];
    kept++;
  }
  return kept > 0 ? sum / kept : centre;
}

/** Median of each cell and its neighbours: one bright halo must not dent the sky. */
function smoothCells(cells: Float64Array, columns: number, rows: number): Float64Array {
  return cells.map((own, k) => {
    const around = neighboursOf(k, columns, rows, 1)
      .map((j) => cells[j])
      .filter((value) => !Number.isNaN(value));
    return Number.isNaN(own) || around.length < 4 ? own : median(around);
  });
}

function fillEmptyCells(cells: Float64Array, columns: number, rows: number): Float64Array {
  return cells.map((own, k) => {
    for (let reach = 1; Number.isNaN(own) && reach < Math.max(columns, rows); reach++) {
      const around = neighboursOf(k, columns, rows, reach)
        .map((j) => cells[j])
        .filter((value) => !Number.isNaN(value));
      if (around.length > 0) return median(around);
    }
    return Number.isNaN(own) ? 0 : own;
  });
}

function neighboursOf(cell: number, columns: number, rows: number, reach: number): number[] {
  const column = cell % columns;
  const row = Math.floor(cell / columns);
  const found: number[] = [];
  for (let j = Math.max(0, row - reach); j <= Math.min(rows - 1, row + reach); j++) {
    for (let i = Math.max(0, column - reach); i <= Math.min(columns - 1, column + reach); i++)
      found.push(j * columns + i);
  }
  return found;
}

/** Interpolate the cells along their columns at row `v` of cells; one value for each column, the last one twice. */
function blendRows(
  cells: Float64Array,
  columns: number,
  rows: number,
  v: number,
  blended: Float64Array,
): void {
  const y = Math.max(0, Math.min(rows - 1, v - 0.5));
  const j = Math.min(Math.floor(y), Math.max(0, rows - 2));
  const fy = y - j;
  const next = Math.min(rows - 1, j + 1) * columns;
  for (let i = 0; i < columns; i++) blended[i] = cells[j * columns + i] * (1 - fy) + cells[next + i] * fy;
  blended[columns] = blended[columns - 1];
}
