import type { TilePixels } from './model.ts';

/** Why a tile is kept: a pane shows it, it lies beside what is shown, or it was shown. */
export type TileClass = 'visible' | 'prefetch' | 'recent';

interface Entry {
  readonly pixels: TilePixels;
  readonly bytes: number;
}

/** What one owner has on screen, and what lies beside it. */
interface Sight {
  readonly shown: ReadonlySet<string>;
  readonly beside: ReadonlySet<string>;
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Tiles kept in memory within a budget of bytes, so that the graphics card can be given them again.
 *
 * What panes show is never forgotten; beyond it first what was shown longest ago, then what lies beside what is shown.
 */
export class TileMemory {
  readonly #budgetBytes: number;
  /** In order of use. */
  readonly #entries = new Map<string, Entry>();
  readonly #sights = new Map<object, Sight>();
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
  put(key: string, pixels: TilePixels): void {
    this.#forget(key);
    const bytes = pixels.data.byteLength;
    this.#entries.set(key, { pixels, bytes });
    this.#bytes += bytes;
    this.#makeRoom();
  }

  /**
   * Say what an owner shows from now on; nothing of it is forgotten meanwhile.
   *
   * @param beside what lies around it: it is forgotten last of the rest.
   */
  show(owner: object, shown: ReadonlySet<string>, beside: ReadonlySet<string> = NOTHING): void {
    if (shown.size === 0 && beside.size === 0) this.#sights.delete(owner);
    else this.#sights.set(owner, { shown, beside });
  }

  /** Forget every tile whose key starts with `prefix`. */
  drop(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#forget(key);
  }

  /** Bytes kept in each class. */
  get bytes(): Readonly<Record<TileClass, number>> {
    const bytes = { visible: 0, prefetch: 0, recent: 0 };
    for (const [key, entry] of this.#entries) bytes[this.#classOf(key)] += entry.bytes;
    return bytes;
  }

  /**
   * Bytes that may be fetched ahead.
   *
   * Only what was shown before makes way for them: tiles beside what is shown that pushed each other out would be
   * fetched again for ever.
   */
  get roomAhead(): number {
    const { visible, prefetch } = this.bytes;
    return this.#budgetBytes - visible - prefetch;
  }

  #classOf(key: string): TileClass {
    let isBeside = false;
    for (const { shown, beside } of this.#sights.values()) {
      if (shown.has(key)) return 'visible';
      isBeside ||= beside.has(key);
    }
    return isBeside ? 'prefetch' : 'recent';
  }

  #makeRoom(): void {
    for (const wanted of ['recent', 'prefetch'] as const) {
      if (this.#bytes <= this.#budgetBytes) return;
      for (const key of this.#entries.keys()) {
        if (this.#classOf(key) === wanted) this.#forget(key);
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
