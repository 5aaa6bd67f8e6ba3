import type { TilePixels } from './model.ts';

/** Why a tile is kept: a pane shows it, it lies beside what is shown, or it was shown. */
export type TileClass = 'visible' | 'prefetch' | 'recent';

interface Entry {
  readonly pixels: TilePixels;
  readonly bytes: number;
  isPrefetch: boolean;
}

/**
 * Tiles kept in memory within a budget of bytes, so that the graphics card can be given them again.
 *
 * What panes show is never forgotten; beyond it first what was shown longest ago, then what was fetched ahead.
 */
export class TileMemory {
  readonly #budgetBytes: number;
  /** In order of use. */
  readonly #entries = new Map<string, Entry>();
  readonly #shown = new Map<object, ReadonlySet<string>>();
  #bytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** Find a tile and mark it used. */
  get(key: string): TilePixels | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.pixels;
  }

  /** Tell whether a tile is there, without marking it used. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Keep a tile; others make room for it. */
  put(key: string, pixels: TilePixels, isPrefetch: boolean): void {
    this.#forget(key);
    const bytes = pixels.data.byteLength;
    this.#entries.set(key, { pixels, bytes, isPrefetch });
    this.#bytes += bytes;
    this.#makeRoom();
  }

  /** Say what an owner shows from now on; nothing of it is forgotten meanwhile. */
  show(owner: object, keys: ReadonlySet<string>): void {
    if (keys.size === 0) this.#shown.delete(owner);
    else this.#shown.set(owner, keys);
    for (const key of keys) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) entry.isPrefetch = false;
    }
  }

  /** Forget every tile whose key starts with `prefix`. */
  drop(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#forget(key);
  }

  /** Bytes kept in each class. */
  get bytes(): Readonly<Record<TileClass, number>> {
    const bytes = { visible: 0, prefetch: 0, recent: 0 };
    for (const [key, entry] of this.#entries) bytes[this.#classOf(key, entry)] += entry.bytes;
    return bytes;
  }

  #classOf(key: string, { isPrefetch }: Entry): TileClass {
    for (const keys of this.#shown.values()) if (keys.has(key)) return 'visible';
    return isPrefetch ? 'prefetch' : 'recent';
  }

  #makeRoom(): void {
    for (const wanted of ['recent', 'prefetch'] as const) {
      if (this.#bytes <= this.#budgetBytes) return;
      for (const [key, entry] of this.#entries) {
        if (this.#classOf(key, entry) === wanted) this.#forget(key);
        if (this.#bytes <= this.#budgetBytes) return;
      }
    }
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
