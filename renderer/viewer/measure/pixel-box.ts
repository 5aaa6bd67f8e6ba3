import type { ImageSource, Point } from '../model.ts';
import { TILE_SIZE } from '../tile-cache.ts';

/** Pixels of a rectangle of an image, or of one of its reduced levels. */
export interface PixelBox {
  /** First pixel, image coordinates. */
  readonly left: number;
  readonly bottom: number;
  /** Columns and rows of `data`. */
  readonly width: number;
  readonly height: number;
  /** Row-major, first row at the bottom; NaN where a pixel has no value. */
  readonly data: Float32Array;
  /** Image pixels that one value stands for along each side: 1, or 2^n for the mean of a level. */
  readonly step: number;
}

/** A rectangle of pixels, first and last included. */
export interface PixelBounds {
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly top: number;
}

/** Cut a rectangle down to the pixels that an image has; `undefined` when there are none. */
export function clipBounds(
  bounds: PixelBounds,
  image: { readonly width: number; readonly height: number },
): PixelBounds | undefined {
  const left = Math.max(0, Math.floor(bounds.left));
  const bottom = Math.max(0, Math.floor(bounds.bottom));
  const right = Math.min(image.width - 1, Math.ceil(bounds.right));
  const top = Math.min(image.height - 1, Math.ceil(bounds.top));
  return left > right || bottom > top ? undefined : { left, bottom, right, top };
}

/** Read the pixels of a rectangle, as far as the image has them; `undefined` when it has none. */
export async function readBox(
  source: ImageSource,
  bounds: PixelBounds,
  signal?: AbortSignal,
): Promise<PixelBox | undefined> {
  const clipped = clipBounds(bounds, source);
  if (clipped === undefined) return undefined;
  const { left, bottom } = clipped;
  const [width, height] = [clipped.right - left + 1, clipped.top - bottom + 1];
  const data = await source.readRegion({ x: left, y: bottom, width, height }, signal);
  return { left, bottom, width, height, data, step: 1 };
}

/**
 * Gather a rectangle from the tiles of a level that are in memory: those in view are.
 *
 * @param level of the pyramid; values are means of `2^level` pixels a side, NaN where a tile has not arrived.
 */
export function gatherBox(source: ImageSource, bounds: PixelBounds, level: number): PixelBox | undefined {
  const clipped = clipBounds(bounds, source);
  if (clipped === undefined || level >= source.levelCount) return undefined;
  const step = 2 ** level;
  const [x0, y0] = [Math.floor(clipped.left / step), Math.floor(clipped.bottom / step)];
  const width = Math.floor(clipped.right / step) - x0 + 1;
  const height = Math.floor(clipped.top / step) - y0 + 1;
  const data = new Float32Array(width * height).fill(Number.NaN);
  for (let ty = Math.floor(y0 / TILE_SIZE); ty * TILE_SIZE < y0 + height; ty++) {
    for (let tx = Math.floor(x0 / TILE_SIZE); tx * TILE_SIZE < x0 + width; tx++) {
      const tile = source.tile(level, tx, ty);
      if (tile === undefined) continue;
      const [tileX, tileY] = [tx * TILE_SIZE, ty * TILE_SIZE];
      const from = Math.max(x0, tileX);
      const to = Math.min(x0 + width, tileX + tile.width);
      for (let y = Math.max(y0, tileY); y < Math.min(y0 + height, tileY + tile.height); y++) {
        const start = tile.offset + (y - tileY) * tile.rowLength - tileX;
        if (to > from) data.set(tile.data.subarray(start + from, start + to), (y - y0) * width + from - x0);
      }
    }
  }
  return { left: x0 * step, bottom: y0 * step, width, height, data, step };
}

/** The value of a pixel in a box at full resolution; `undefined` outside it. */
export function valueIn(box: PixelBox, x: number, y: number): number | undefined {
  const column = x - box.left;
  const row = y - box.bottom;
  if (column < 0 || row < 0 || column >= box.width || row >= box.height) return undefined;
  return box.data[row * box.width + column];
}

/** The value between four pixels, linear in both directions; NaN where one of them has none or lies outside. */
export function valueBetween(box: PixelBox, { x, y }: Point): number {
  const column = x - box.left;
  const row = y - box.bottom;
  const i = Math.min(Math.floor(column), box.width - 2);
  const j = Math.min(Math.floor(row), box.height - 2);
  if (!(column >= 0 && row >= 0 && column <= box.width - 1 && row <= box.height - 1)) return Number.NaN;
  const [u, v] = [column - Math.max(0, i), row - Math.max(0, j)];
  const at = (di: number, dj: number): number =>
    box.data[Math.max(0, j + dj) * box.width + Math.max(0, i + di)]!;
  // A neighbour without weight must not spoil a pixel's own value.
  const along = (dj: number): number =>
    u === 0 ? at(0, dj) : u === 1 ? at(1, dj) : at(0, dj) * (1 - u) + at(1, dj) * u;
  return v === 0 ? along(0) : v === 1 ? along(1) : along(0) * (1 - v) + along(1) * v;
}
