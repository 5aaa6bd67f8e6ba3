import { copyRegion, tileOfLevel } from './make-source.ts';
import type { ImageLevel, ImageSource, PixelRegion, PlaneStatistics, TilePixels } from './model.ts';
import { pixelsUrl } from './pixels-url.ts';
import { TILE_SIZE } from './tile-cache.ts';
import { nameTile, type TiledPlace, type TileLoader, type WantedTile } from './tile-loader.ts';
import type { TileMemory } from './tile-memory.ts';
import type { TileProbe } from './tile-probe.ts';

/** What is in memory of every plane at once: its coarse levels and what was measured. */
export interface PlaneOverview {
  /** The first of `levels`; finer ones come a tile at a time. */
  readonly firstLevel: number;
  readonly levels: readonly ImageLevel[];
  readonly isSampled: boolean;
  readonly statistics: PlaneStatistics;
}

/** Tiles asked for ahead lie so far behind those in view. */
const PREFETCH_RING = 1;

/**
 * Make a source whose coarse levels are in memory and whose finer tiles are fetched when panes show them.
 *
 * @param probe the one of this plane, whichever source stands for it: it fetches what is asked for pixel by pixel.
 */
export function makeTiledSource(
  plane: TiledPlace,
  overview: PlaneOverview,
  memory: TileMemory,
  loader: TileLoader,
  probe: TileProbe,
): ImageSource {
  const { id, width, height, url } = plane;
  const { firstLevel, levels, isSampled, statistics } = overview;
  const tile = (level: number, x: number, y: number): TilePixels | undefined =>
    level >= firstLevel
      ? tileOfLevel(levels[level - firstLevel], x, y)
      : memory.get(nameTile(id, level, x, y));
  return {
    id,
    width,
    height,
    levelCount: firstLevel + levels.length,
    sampledFrom: isSampled ? firstLevel : undefined,
    statistics,
    tile,
    valueAt: (x, y) => {
      if (x < 0 || y < 0 || x >= width || y >= height) return undefined;
      const [tileX, tileY] = [Math.floor(x / TILE_SIZE), Math.floor(y / TILE_SIZE)];
      const found = tile(0, tileX, tileY);
      if (found === undefined) {
        // Who asks for it will ask again: it is fetched, and whoever listens to the plane is told.
        probe.ask({ plane, level: 0, x: tileX, y: tileY, distance: 0, isPrefetch: false });
        return undefined;
      }
      return found.data[found.offset + (y % TILE_SIZE) * found.rowLength + (x % TILE_SIZE)];
    },
    readRegion: (region, signal) =>
      firstLevel === 0
        ? Promise.resolve(copyRegion(levels[0]!, region))
        : fetchRegion(url, { width, height }, region, signal),
    show: (owner, { level, x0, y0, columns, rows }) => {
      const shown = new Set<string>();
      const beside = new Set<string>();
      const wanted: WantedTile[] = [];
      if (level < firstLevel) {
        const last = (side: number): number => Math.ceil(side / 2 ** level / TILE_SIZE) - 1;
        const [middleX, middleY] = [x0 + (columns - 1) / 2, y0 + (rows - 1) / 2];
        for (let y = y0 - PREFETCH_RING; y < y0 + rows + PREFETCH_RING; y++) {
          for (let x = x0 - PREFETCH_RING; x < x0 + columns + PREFETCH_RING; x++) {
            if (x < 0 || y < 0 || x > last(width) || y > last(height)) continue;
            const key = nameTile(id, level, x, y);
            const isPrefetch = x < x0 || y < y0 || x >= x0 + columns || y >= y0 + rows;
            (isPrefetch ? beside : shown).add(key);
            const distance = Math.hypot(x - middleX, y - middleY);
            if (!memory.has(key)) wanted.push({ plane, level, x, y, distance, isPrefetch });
          }
        }
      }
      memory.show(owner, shown, beside);
      loader.want(owner, wanted);
    },
    hide: (owner) => {
      memory.show(owner, new Set());
      loader.want(owner, []);
    },
  };
}

async function fetchRegion(
  url: string,
  image: { readonly width: number; readonly height: number },
  region: PixelRegion,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const pixels = new Float32Array(region.width * region.height).fill(Number.NaN);
  const x = Math.max(0, region.x);
  const y = Math.max(0, region.y);
  const width = Math.min(image.width, region.x + region.width) - x;
  const height = Math.min(image.height, region.y + region.height) - y;
  if (width <= 0 || height <= 0) return pixels;
  const response = await fetch(pixelsUrl(url, { x, y, width, height }), signal ? { signal } : {});
  if (!response.ok) throw new Error(`The pixels could not be read: the core answered ${response.status}.`);
  const inside = new Float32Array(await response.arrayBuffer());
  for (let row = 0; row < height; row++) {
    const target = (y - region.y + row) * region.width + (x - region.x);
    pixels.set(inside.subarray(row * width, (row + 1) * width), target);
  }
  return pixels;
}
