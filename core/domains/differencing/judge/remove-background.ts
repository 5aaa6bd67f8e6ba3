import { type Core, gatherQuiet, measureCore } from '../../../kernels/index.ts';
import { type Box, UNUSABLE } from '../../observations/index.ts';
import { median } from '../robust-statistics.ts';
import type { DifferenceCanvas } from '../tiles/subtracted-tile.ts';
import type { Rows } from './cut-rows.ts';

/** Pixels with more shared or changed light than this have no say in the background, sigma. */
export const LARGEST_SHARED = 10;
export const LARGEST_SCORE = 6;
/** A cell needs this share of good pixels to have a say. */
const ENOUGH = 0.15;
/** Standard deviations about the median whose mean is a cell's level. */
const CORE_SIGMA = 2.5;

/** Cells of a difference whose background is measured: so many in a row, so many rows. */
export interface BackgroundGrid {
  readonly columns: number;
  readonly rows: number;
}

/** A part of a difference with one filter. */
export interface FilteredPart extends Box {
  /** Flux that a background of one electron per pixel feigns, e-. */
  readonly fluxPerBackground: number;
}

/** Divide an image into cells of about `cellPx`; nothing is to be measured for 0. */
export function planBackground(width: number, height: number, cellPx: number): BackgroundGrid | undefined {
  if (cellPx <= 0) return undefined;
  return {
    columns: Math.max(1, Math.round(width / cellPx)),
    rows: Math.max(1, Math.round(height / cellPx)),
  };
}

/** Measure the background of the cells that begin in some rows, e- per pixel; NaN of those with too few good pixels. */
export function measureBackground(
  canvas: DifferenceCanvas,
  { columns, rows }: BackgroundGrid,
  { first, end }: Rows,
): Float64Array {
  const { width, height } = canvas.difference;
  const limits = { unusable: UNUSABLE, shared: LARGEST_SHARED, score: LARGEST_SCORE };
  const lefts = Int32Array.from({ length: columns + 1 }, (_, column) =>
    Math.round((column * width) / columns),
  );
  const levels: number[] = [];
  let core: Core | undefined;
  for (let row = 0; row < rows; row++) {
    const y0 = Math.round((row * height) / rows);
    if (y0 < first || y0 >= end) continue;
    const y1 = Math.round(((row + 1) * height) / rows);
    gatherQuiet(canvas, y0, y1, lefts, limits, (values, column) => {
      const pixels = (lefts[column + 1] - lefts[column]) * (y1 - y0);
      if (values.length < ENOUGH * pixels) levels.push(Number.NaN);
      else {
        core = measureCore(values, CORE_SIGMA, core);
        levels.push(core.mean);
      }
    });
  }
  return Float64Array.from(levels);
}

/** Give every cell a background: its own or its neighbours', e- per pixel. */
export function completeBackground(levels: Float64Array, { columns, rows }: BackgroundGrid): Float64Array {
  return fillEmptyCells(smoothCells(levels, columns, rows), columns, rows);
}

/**
 * Take what is left of a smooth background off some rows of a difference, in place.
 *
 * Both images had their sky subtracted on their own, so their errors remain; a matched filter sums over many
 * pixels, and a twentieth of a pixel's noise is already a third of a sigma in the score. Measured on the
 * difference, where the stars have gone, the median of a cell is free of them.
 *
 * @param levels background of the cells, complete.
 * @returns the sum of the squares of what was taken off, e-^2.
 */
export function removeBackground(
  canvas: DifferenceCanvas,
  parts: readonly FilteredPart[],
  levels: Float64Array,
  grid: BackgroundGrid,
  { first, end }: Rows,
): number {
  const { width, height } = canvas.difference;
  const blended = new Float64Array(grid.columns + 1);
  const columns = interpolateColumns(grid.columns, width);
  let power = 0;
  for (let y = first; y < end; y++) {
    blendRows(levels, grid, ((y + 0.5) * grid.rows) / height, blended);
    for (const part of parts) {
      if (y < part.y || y >= part.y + part.height) continue;
      power = clearRow(canvas, y * width, part, blended, columns, power);
    }
  }
  return power;
}

/** Take the background off one row of a part, and give `power` with the squares of what was taken off. */
function clearRow(
  { difference: { data: difference }, score: { data: score }, fluxErr: { data: fluxErr } }: DifferenceCanvas,
  start: number,
  { x: from, width, fluxPerBackground }: FilteredPart,
  blended: Float64Array,
  { left, leftShare, rightShare }: ReturnType<typeof interpolateColumns>,
  power: number,
): number {
  let sum = power;
  for (let x = from, k = start + from; x < from + width; x++, k++) {
    // Where nothing is known there is nothing to correct.
    if (difference[k] === 0) continue;
    const i = left[x];
    const level = blended[i] * leftShare[x] + blended[i + 1] * rightShare[x];
    sum += level * level;
    difference[k] -= level;
    score[k] -= (level * fluxPerBackground) / fluxErr[k];
  }
  return sum;
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
  { columns, rows }: BackgroundGrid,
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
