import type { Plane } from '../../../kernels/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import { median } from '../robust-statistics.ts';
import type { AssembledDifference } from '../tiles/assemble-difference.ts';

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
 * @param cellPx side of a cell, px; 0 does nothing.
 * @returns the root mean square of what was taken off, e- per pixel.
 */
export function removeBackground(assembled: AssembledDifference, cellPx: number): number {
  const { width, height } = assembled.difference;
  if (cellPx <= 0) return 0;
  const columns = Math.max(1, Math.round(width / cellPx));
  const rows = Math.max(1, Math.round(height / cellPx));
  const cells = fillEmptyCells(
    smoothCells(measureCells(assembled, columns, rows), columns, rows),
    columns,
    rows,
  );
  let power = 0;
  for (const piece of assembled.tiles) {
    const { tile } = piece;
    for (let y = tile.y; y < tile.y + tile.height; y++) {
      for (let x = tile.x; x < tile.x + tile.width; x++) {
        const k = y * width + x;
        // Where nothing is known there is nothing to correct.
        if (assembled.difference.data[k] === 0) continue;
        const level = interpolate(
          cells,
          columns,
          rows,
          ((x + 0.5) * columns) / width,
          ((y + 0.5) * rows) / height,
        );
        power += level * level;
        assembled.difference.data[k] -= level;
        assembled.flux.data[k] -= level * piece.fluxPerBackground;
        assembled.score.data[k] -= (level * piece.fluxPerBackground) / assembled.fluxErr.data[k];
      }
    }
  }
  return Math.sqrt(power / (width * height));
}

function measureCells(assembled: AssembledDifference, columns: number, rows: number): Float64Array {
  const { width, height, data } = assembled.difference;
  const cells = new Float64Array(columns * rows).fill(Number.NaN);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x0 = Math.round((column * width) / columns);
      const x1 = Math.round(((column + 1) * width) / columns);
      const y0 = Math.round((row * height) / rows);
      const y1 = Math.round(((row + 1) * height) / rows);
      const values: number[] = [];
      for (let y = y0; y < y1; y++) {
        for (let x = x0; x < x1; x++) {
          const k = y * width + x;
          if (isSky(assembled, k)) values.push(data[k]);
        }
      }
      if (values.length >= ENOUGH * (x1 - x0) * (y1 - y0))
        cells[row * columns + column] = clippedMedian(values);
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

function clippedMedian(values: readonly number[]): number {
  const centre = median(values);
  const spread = 1.4826 * median(values.map((value) => Math.abs(value - centre)));
  // The mean of the core is more precise than the median, and as robust once the tails are cut.
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Math.abs(value - centre) > 2.5 * spread) continue;
    sum += value;
    count++;
  }
  return count > 0 ? sum / count : centre;
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

function interpolate(cells: Float64Array, columns: number, rows: number, u: number, v: number): number {
  const x = Math.max(0, Math.min(columns - 1, u - 0.5));
  const y = Math.max(0, Math.min(rows - 1, v - 0.5));
  const i = Math.min(Math.floor(x), Math.max(0, columns - 2));
  const j = Math.min(Math.floor(y), Math.max(0, rows - 2));
  const fx = x - i;
  const fy = y - j;
  const at = (column: number, row: number) =>
    cells[Math.min(rows - 1, row) * columns + Math.min(columns - 1, column)];
  return (
    (at(i, j) * (1 - fx) + at(i + 1, j) * fx) * (1 - fy) +
    (at(i, j + 1) * (1 - fx) + at(i + 1, j + 1) * fx) * fy
  );
}
