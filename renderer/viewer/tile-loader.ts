import { pixelsUrl } from './pixels-url.ts';
import { TILE_SIZE } from './tile-cache.ts';
import type { TileMemory } from './tile-memory.ts';

/** A plane whose tiles are fetched. */
export interface TiledPlace {
  readonly id: string;
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** A tile that someone waits for. */
export interface WantedTile {
  readonly plane: TiledPlace;
  readonly level: number;
  readonly x: number;
  readonly y: number;
  /** Smaller is sooner; tiles fetched ahead come after all others. */
  readonly distance: number;
  readonly isPrefetch: boolean;
}

/** Answers asked for at a time: a browser gives six lines to one host, and the event stream has one. */
const LINES = 4;
/** Neighbours asked for in one answer: half a megabyte each in a file of whole rows costs one read. */
const TILES_TOGETHER = 8;
/** A tile that could not be read is asked for again after this long, ms. */
const RETRY_MS = 3000;

interface Job {
  readonly keys: readonly string[];
  readonly abort: AbortController;
}

/** What is told of tiles that came, or did not. */
export interface LoaderEvents {
  onArrive(planeId: string): void;
  onFailure(planeId: string, status: number, message: string): void;
}

/** Name a tile. */
export function nameTile(planeId: string, level: number, x: number, y: number): string {
  return `${planeId}/${level}/${x}/${y}`;
}

/** Fetches the tiles that are wanted now, nearest first; what nobody wants any more is not waited for. */
export class TileLoader {
  readonly #memory: TileMemory;
  readonly #events: LoaderEvents;
  readonly #wanted = new Map<object, readonly WantedTile[]>();
  readonly #jobs = new Set<Job>();
  readonly #retryAtMs = new Map<string, number>();
  #isPumping = false;

  constructor(memory: TileMemory, events: LoaderEvents) {
    this.#memory = memory;
    this.#events = events;
  }

  /** Say what an owner waits for from now on. */
  want(owner: object, tiles: readonly WantedTile[]): void {
    if (tiles.length === 0 && !this.#wanted.has(owner)) return;
    if (tiles.length === 0) this.#wanted.delete(owner);
    else this.#wanted.set(owner, tiles);
    this.#pumpSoon();
  }

  close(): void {
    this.#wanted.clear();
    for (const { abort } of this.#jobs) abort.abort();
  }

  /** Owners say what they want one after another in a frame: it is looked at once. */
  #pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    queueMicrotask(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    const wanted = new Map<string, WantedTile>();
    const inOrder = [...this.#wanted.values()]
      .flat()
      .sort((a, b) => Number(a.isPrefetch) - Number(b.isPrefetch) || a.distance - b.distance);
    for (const tile of inOrder) {
      const key = keyOf(tile);
      if (!wanted.has(key)) wanted.set(key, tile);
    }
    const underway = new Set<string>();
    for (const job of this.#jobs) {
      if (job.keys.some((key) => wanted.has(key))) for (const key of job.keys) underway.add(key);
      else job.abort.abort();
    }
    const now = performance.now();
    // What is in view takes its room first, also where it has not come yet.
    let roomAhead = this.#memory.roomAhead;
    for (const [key, tile] of wanted)
      if ((!tile.isPrefetch || underway.has(key)) && !this.#memory.has(key)) roomAhead -= bytesOf(tile);
    /** Tell whether a tile is to be fetched now; one that is fetched ahead takes the room that it needs. */
    const take = (key: string): boolean => {
      const tile = wanted.get(key);
      if (tile === undefined || underway.has(key) || this.#memory.has(key)) return false;
      if ((this.#retryAtMs.get(key) ?? 0) > now) return false;
      if (!tile.isPrefetch) return true;
      if (bytesOf(tile) > roomAhead) return false;
      roomAhead -= bytesOf(tile);
      return true;
    };
    for (const [key, tile] of wanted) {
      if (this.#jobs.size >= LINES) return;
      if (!take(key)) continue;
      const job = this.#start(tile, take);
      for (const started of job.keys) underway.add(started);
    }
  }

  #start(tile: WantedTile, take: (key: string) => boolean): Job {
    const { plane, level, y } = tile;
    const isNext = (x: number): boolean => x >= 0 && take(nameTile(plane.id, level, x, y));
    let first = tile.x;
    let last = tile.x;
    while (last - first + 1 < TILES_TOGETHER && isNext(last + 1)) last++;
    while (last - first + 1 < TILES_TOGETHER && isNext(first - 1)) first--;
    const keys = Array.from({ length: last - first + 1 }, (_, i) => nameTile(plane.id, level, first + i, y));
    const job: Job = { keys, abort: new AbortController() };
    this.#jobs.add(job);
    void this.#fetch(plane, { level, first, last, y }, job)
      .catch((error: unknown) => this.#fail(plane.id, keys, job, error))
      .finally(() => {
        this.#jobs.delete(job);
        this.#pumpSoon();
      });
    return job;
  }

  async #fetch(
    plane: TiledPlace,
    row: { level: number; first: number; last: number; y: number },
    job: Job,
  ): Promise<void> {
    const side = TILE_SIZE * 2 ** row.level;
    const region = {
      x: row.first * side,
      y: row.y * side,
      width: Math.min((row.last - row.first + 1) * side, plane.width - row.first * side),
      height: Math.min(side, plane.height - row.y * side),
    };
    const reduced = row.level === 0 ? {} : ({ step: 2 ** row.level, reduce: 'mean' } as const);
    const { signal } = job.abort;
    const response = await fetch(pixelsUrl(plane.url, { ...region, ...reduced }), { signal });
    if (!response.ok) {
      const body = (await response.json().catch(() => undefined)) as { detail?: string } | undefined;
      throw new AnswerError(response.status, body?.detail ?? `The core answered ${response.status}.`);
    }
    const pixels = new Float32Array(await response.arrayBuffer());
    const width = Math.ceil(region.width / 2 ** row.level);
    const height = Math.ceil(region.height / 2 ** row.level);
    job.keys.forEach((key, i) => {
      const tile = cutTile(pixels, width, height, i * TILE_SIZE);
      this.#memory.put(key, tile);
      this.#retryAtMs.delete(key);
    });
    this.#events.onArrive(plane.id);
  }

  #fail(planeId: string, keys: readonly string[], job: Job, error: unknown): void {
    if (job.abort.signal.aborted) return;
    const again = performance.now() + RETRY_MS;
    for (const key of keys) this.#retryAtMs.set(key, again);
    setTimeout(() => this.#pumpSoon(), RETRY_MS + 10);
    const status = error instanceof AnswerError ? error.status : 0;
    this.#events.onFailure(planeId, status, error instanceof Error ? error.message : String(error));
  }
}

class AnswerError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Name a tile that is waited for. */
export function keyOf({ plane, level, x, y }: WantedTile): string {
  return nameTile(plane.id, level, x, y);
}

/** Memory that a tile will take. */
function bytesOf({ plane, level, x, y }: WantedTile): number {
  const side = (all: number, at: number): number =>
    Math.min(TILE_SIZE, Math.ceil(all / 2 ** level) - at * TILE_SIZE);
  return 4 * side(plane.width, x) * side(plane.height, y);
}

/** Copy one tile out of a row of them, so that keeping it does not keep its neighbours. */
function cutTile(pixels: Float32Array, width: number, height: number, left: number) {
  const columns = Math.min(TILE_SIZE, width - left);
  const data = new Float32Array(columns * height);
  for (let y = 0; y < height; y++)
    data.set(pixels.subarray(y * width + left, y * width + left + columns), y * columns);
  return { data, offset: 0, rowLength: columns, width: columns, height };
}
