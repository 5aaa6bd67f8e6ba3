import type { Box } from '../../observations/index.ts';
import type { DifferencingConfig } from '../config.ts';
import type { SpatialPsf } from '../model.ts';
import { kernelReach } from './make-filters.ts';

/**
 * A part of the image over which profiles, sky and shift count as constant. All of it has the same filters, whatever tiles
 * it is cut into.
 */
export interface Cell extends Box {
  /** Variance of its empty sky per pixel, each image's own e-^2. */
  readonly skyVariance: { readonly science: number; readonly template: number };
}

/** One piece of a cell that is subtracted at once. */
export interface Tile {
  /** First pixel of the part that is kept, zero-based. */
  readonly x: number;
  readonly y: number;
  /** Size of the part that is kept, px. */
  readonly width: number;
  readonly height: number;
  /** Pixels around it that are computed and thrown away. */
  readonly border: number;
  readonly cell: Cell;
}

/** Cut an image into cells: by its size and whether profiles vary, not by how much is subtracted at once. */
export function planCells(
  width: number,
  height: number,
  psfs: readonly SpatialPsf[],
  { cellSidePx, cellWidthPx }: Pick<DifferencingConfig, 'cellSidePx' | 'cellWidthPx'>,
): readonly Box[] {
  const varies = psfs.some((psf) => psf.degree > 0);
  return cutBox({ x: 0, y: 0, width, height }, varies ? cellSidePx : cellWidthPx, cellSidePx);
}

/**
 * Cut cells into tiles of nearly equal size that cover them once.
 *
 * @param sidePx largest width and height of a tile without its border.
 * @param borderPx as far as anything reaches into a tile: see `borderFor`.
 */
export function planTiles(cells: readonly Cell[], sidePx: number, borderPx: number): readonly Tile[] {
  return cells.flatMap((cell) =>
    cutBox(cell, sidePx, sidePx).map((box) => ({ ...box, border: borderPx, cell })),
  );
}

/**
 * Give the border of a tile: as far as the kernels reach, and one pixel more for derivatives.
 *
 * Masked pixels near a border's rim are filled from the neighbours that they have there: where kernels are a thousandth of
 * their middle and less.
 */
export function borderFor(psfs: readonly SpatialPsf[]): number {
  return kernelReach(psfs.map((psf) => psf.size)) + 1;
}

function cutBox({ x, y, width, height }: Box, widest: number, highest: number): readonly Box[] {
  const columns = cut(width, widest);
  return cut(height, highest).flatMap((row) =>
    columns.map((column) => ({
      x: x + column.start,
      y: y + row.start,
      width: column.length,
      height: row.length,
    })),
  );
}

function cut(length: number, side: number): readonly { readonly start: number; readonly length: number }[] {
  const count = Math.max(1, Math.ceil(length / side));
  return Array.from({ length: count }, (_, k) => {
    const start = Math.round((k * length) / count);
    return { start, length: Math.round(((k + 1) * length) / count) - start };
  });
}
