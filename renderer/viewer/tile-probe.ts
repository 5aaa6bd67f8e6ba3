import { keyOf, type TileLoader, type WantedTile } from './tile-loader.ts';
import type { TileMemory } from './tile-memory.ts';

/** A panel of pixels reaches over so many tiles. */
const MOST_TILES = 4;

/**
 * Fetches the tiles of one plane whose pixels are asked for one by one, and keeps the latest of them.
 *
 * They count as shown: where memory is full they would be forgotten as soon as they come, and asked for again.
 */
export class TileProbe {
  readonly #memory: TileMemory;
  readonly #loader: TileLoader;
  /** In the order in which they were asked for. */
  readonly #tiles = new Map<string, WantedTile>();

  constructor(memory: TileMemory, loader: TileLoader) {
    this.#memory = memory;
    this.#loader = loader;
  }

  /** Fetch a tile that is not in memory; one that is on its way is left on it. */
  ask(tile: WantedTile): void {
    const key = keyOf(tile);
    if (this.#tiles.has(key)) return;
    if (this.#tiles.size >= MOST_TILES) this.#tiles.delete(this.#tiles.keys().next().value!);
    this.#tiles.set(key, tile);
    this.#tell();
  }

  /** Want nothing any more: nobody looks at the plane. */
  forget(): void {
    if (this.#tiles.size === 0) return;
    this.#tiles.clear();
    this.#tell();
  }

  #tell(): void {
    this.#memory.show(this, new Set(this.#tiles.keys()));
    this.#loader.want(this, [...this.#tiles.values()]);
  }
}
