import { buildLevels } from './build-levels.ts';
import { measurePlane } from './measure-plane.ts';
import type { ImageLevel, ImageSource, PixelRegion, PlaneStatistics, TilePixels } from './model.ts';
import { TILE_SIZE } from './tile-cache.ts';

/** Make a source from pixels in memory; measured here and now, so for small images. */
export function makeSource(id: string, data: Float32Array, width: number, height: number): ImageSource {
  return sourceOfLevels(id, buildLevels(data, width, height), measurePlane(data, width, height));
}

/** Make a source from a whole pyramid in memory; the first level is the image. */
export function sourceOfLevels(
  id: string,
  levels: readonly ImageLevel[],
  statistics: PlaneStatistics,
): ImageSource {
  const [image] = levels as readonly [ImageLevel];
  const { width, height } = image;
  return {
    id,
    width,
    height,
    levelCount: levels.length,
    statistics,
    tile: (level, x, y) => tileOfLevel(levels[level], x, y),
    valueAt: (x, y) => (x >= 0 && y >= 0 && x < width && y < height ? image.data[y * width + x] : undefined),
    readRegion: async (region) => copyRegion(image, region),
  };
}

/** The part of a level that is one tile; `undefined` outside it. */
export function tileOfLevel(level: ImageLevel | undefined, x: number, y: number): TilePixels | undefined {
  if (level === undefined) return undefined;
  const width = Math.min(TILE_SIZE, level.width - x * TILE_SIZE);
  const height = Math.min(TILE_SIZE, level.height - y * TILE_SIZE);
  if (width <= 0 || height <= 0 || x < 0 || y < 0) return undefined;
  const offset = y * TILE_SIZE * level.width + x * TILE_SIZE;
  return { data: level.data, offset, rowLength: level.width, width, height };
}

/** Copy a rectangle of a level; NaN where it reaches beyond. */
export function copyRegion(level: ImageLevel, { x, y, width, height }: PixelRegion): Float32Array {
  const copy = new Float32Array(width * height).fill(Number.NaN);
  const left = Math.max(0, x);
  const right = Math.min(level.width, x + width);
  if (right <= left) return copy;
  for (let row = Math.max(0, y); row < Math.min(level.height, y + height); row++) {
    const from = row * level.width;
    copy.set(level.data.subarray(from + left, from + right), (row - y) * width + left - x);
  }
  return copy;
}
