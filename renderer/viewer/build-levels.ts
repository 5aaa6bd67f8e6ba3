import type { ImageLevel } from './model.ts';
import { TILE_SIZE } from './tile-cache.ts';

/**
 * Build the pyramid of an image: each level is half the size of the one before, down to one tile.
 *
 * @param data row-major pixels, `width * height`; becomes level 0, not copied.
 */
export function buildLevels(data: Float32Array, width: number, height: number): ImageLevel[] {
  const levels: ImageLevel[] = [{ width, height, data }];
  for (let last = levels[0]!; last.width > TILE_SIZE || last.height > TILE_SIZE; ) {
    last = halve(last);
    levels.push(last);
  }
  return levels;
}

/** Reduce an image two times: each pixel is the mean of the finite ones among the four it covers, NaN if there are none. */
export function halve(level: ImageLevel): ImageLevel {
  const width = Math.ceil(level.width / 2);
  const height = Math.ceil(level.height / 2);
  const data = new Float32Array(width * height);
  const source = level.data;
  for (let y = 0; y < height; y++) {
    const lower = 2 * y * level.width;
    const upper = 2 * y + 1 < level.height ? lower + level.width : lower;
    const hasUpper = upper !== lower;
    for (let x = 0; x < width; x++) {
      const left = 2 * x;
      const hasRight = left + 1 < level.width;
      let sum = 0;
      let count = 0;
      const a = source[lower + left]!;
      if (Number.isFinite(a)) {
        sum += a;
        count++;
      }
      if (hasRight) {
        const b = source[lower + left + 1]!;
        if (Number.isFinite(b)) {
          sum += b;
          count++;
        }
      }
      if (hasUpper) {
        const c = source[upper + left]!;
        if (Number.isFinite(c)) {
          sum += c;
          count++;
        }
        if (hasRight) {
          const d = source[upper + left + 1]!;
          if (Number.isFinite(d)) {
            sum += d;
            count++;
          }
        }
      }
      data[y * width + x] = count > 0 ? sum / count : Number.NaN;
    }
  }
  return { width, height, data };
}
