/** Side of a tile, px. */
export const TILE_SIZE = 256;

/** Bytes of one tile of floats on the graphics card. */
export const TILE_BYTES = TILE_SIZE * TILE_SIZE * 4;

/** Where a tile lies on the graphics card. */
export interface TileSlot {
  readonly index: number;
}

interface Entry {
  readonly slot: TileSlot;
  lastUsed: number;
}

/**
 * Decides which tiles stay on the graphics card: those used last, within a budget of bytes.
 *
 * It hands out slots and knows nothing of textures. A tile used in the current frame is never evicted.
 */
export class TileCache {
  readonly capacity: number;
  readonly #entries = new Map<string, Entry>();
  readonly #free: TileSlot[] = [];
  #handedOut = 0;
  #frame = 0;

  constructor(budgetBytes: number) {
    this.capacity = Math.max(1, Math.floor(budgetBytes / TILE_BYTES));
  }

  /** Begin a frame: what is used from now on is safe until the next one. */
  beginFrame(): void {
    this.#frame++;
  }

  /** Find a resident tile and mark it used. */
  touch(key: string): TileSlot | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.lastUsed = this.#frame;
    // A map keeps the order of insertion: the first key is the one not used for longest.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.slot;
  }

  /** Tell whether a tile is resident without marking it used. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /**
   * Reserve a slot for a tile that is not resident.
   *
   * @returns `undefined` when every slot holds a tile of this frame: the budget is too small for the view.
   */
  reserve(key: string): TileSlot | undefined {
    const slot = this.#free.pop() ?? this.#takeNew() ?? this.#evict();
    if (slot !== undefined) this.#entries.set(key, { slot, lastUsed: this.#frame });
    return slot;
  }

  /** Forget every tile whose key starts with `prefix`. */
  drop(prefix: string): void {
    for (const [key, entry] of this.#entries) {
      if (!key.startsWith(prefix)) continue;
      this.#entries.delete(key);
      this.#free.push(entry.slot);
    }
  }

  /** Forget everything: the graphics card did. */
  clear(): void {
    this.#entries.clear();
    this.#free.length = 0;
    this.#handedOut = 0;
  }

  get residentBytes(): number {
    return this.#entries.size * TILE_BYTES;
  }

  #takeNew(): TileSlot | undefined {
    return this.#handedOut < this.capacity ? { index: this.#handedOut++ } : undefined;
  }

  #evict(): TileSlot | undefined {
    const oldest = this.#entries.entries().next().value;
    if (oldest === undefined || oldest[1].lastUsed === this.#frame) return undefined;
    this.#entries.delete(oldest[0]);
    return oldest[1].slot;
  }
}
