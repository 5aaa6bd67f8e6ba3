import type { DifferencingConfig } from '../config.ts';
import type { SpatialPsf } from '../model.ts';
import { fillReach } from '../tiles/fill-spoiled.ts';
import { kernelReach } from './make-filters.ts';

/** One piece of the image that is subtracted at once. */
export interface Tile {
  /** First pixel of the part that is kept, zero-based. */
  readonly x: number;
  readonly y: number;
  /** Size of the part that is kept, px. */
  readonly width: number;
  readonly height: number;
  /** Pixels around it that are computed and thrown away. */
  readonly border: number;
}

/**
 * Cut an image into tiles of nearly equal size that cover it once.
 *
 * @param sidePx  largest height of a tile without its border, and its largest width unless `widthPx` says otherwise.
 * @param borderPx at least twice the radius of the point-spread functions: what wraps around in the transform stays in it.
 */
export function planTiles(
  width: number,
  height: number,
  sidePx: number,
  borderPx: number,
  widthPx: number = sidePx,
): readonly Tile[] {
  const columns = cut(width, widthPx);
  const rows = cut(height, sidePx);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      x: column.start,
      y: row.start,
      width: column.length,
      height: row.length,
      border: borderPx,
    })),
  );
}

/** Cut an image into tiles over which point-spread functions count as constant, with borders that hold all that reaches into them. */
export function planTilesFor(
  width: number,
  height: number,
  psfs: readonly SpatialPsf[],
  config: DifferencingConfig,
): readonly Tile[] {
  // As far as the kernels reach pixels must be right, filled ones too, and derivatives take one more.
  const broadest = Math.max(...psfs.map((psf) => psf.fwhmPx));
  const border = kernelReach(psfs.map((psf) => psf.size)) + fillReach(broadest) + 1;
  return psfs.some((psf) => psf.degree > 0)
    ? planTiles(width, height, config.varyingTileSidePx, border)
    : planTiles(width, height, config.tileSidePx, border, config.tileWidthPx);
}

/** Give tiles to learn from: those themselves, or where they are wide, smaller ones. */
export function planSmallTiles(
  tiles: readonly Tile[],
  width: number,
  height: number,
  { varyingTileSidePx: side }: DifferencingConfig,
): readonly Tile[] {
  return tiles.some((tile) => tile.width > side) ? planTiles(width, height, side, tiles[0].border) : tiles;
}

function cut(length: number, side: number): readonly { readonly start: number; readonly length: number }[] {
  const count = Math.max(1, Math.ceil(length / side));
  return Array.from({ length: count }, (_, k) => {
    const start = Math.round((k * length) / count);
    return { start, length: Math.round(((k + 1) * length) / count) - start };
  });
}
