import type { ImageSource, PlaneStatistics } from './model.ts';
import type { PlaneAnswer, PlaneRequest } from './plane-worker.ts';
import { TileLoader } from './tile-loader.ts';
import { TileMemory } from './tile-memory.ts';
import { TileProbe } from './tile-probe.ts';
import { makeTiledSource, type PlaneOverview } from './tiled-plane.ts';

/** A plane that can be fetched: 32-bit little-endian floats, row-major, first row at the bottom. */
export interface PlaneAddress {
  /** Content address: the same id is the same pixels. */
  readonly id: string;
  /** Answers rectangles: `?x=&y=&width=&height=&step=&stepY=&reduce=`. */
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** How far a plane has come. */
export type PlaneState =
  | { readonly kind: 'loading'; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly kind: 'ready'; readonly source: ImageSource }
  /** `isAway`: the pixels lie elsewhere, and may be had later. */
  | { readonly kind: 'failed'; readonly message: string; readonly isAway?: boolean };

interface Entry {
  readonly address: PlaneAddress;
  readonly probe: TileProbe;
  state: PlaneState;
  overview: PlaneOverview | undefined;
  survey: 'not-needed' | 'waiting' | 'running' | 'declined' | 'done';
  /** How many panes show it; it is kept while any does. */
  holders: number;
}

/** Memory for tiles of large planes, bytes: four panes of a screen of 4K show 60 MiB of them. */
const TILE_BYTES = 64 * 2 ** 20;
/** Memory for planes that no pane shows any more, bytes. */
const IDLE_BYTES = 256 * 2 ** 20;
/** Planes of so many pixels are in memory whole; of larger ones a first look of at most `OVERVIEW_SIDE` a side. */
const WHOLE_PIXELS = 2 ** 22;
const OVERVIEW_SIDE = 1024;
/** A plane that is looked at this long is surveyed, ms: who only passes by should not cause it to be read. */
const SURVEY_AFTER_MS = 600;

/** Keeps the planes that panes show, and the latest of those they showed before. */
export class PlaneStore {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  readonly #pixelListeners = new Set<(planeId: string, isReplaced: boolean) => void>();
  readonly #memory = new TileMemory(TILE_BYTES);
  readonly #loader = new TileLoader(this.#memory, {
    onArrive: (planeId) => this.#arrive(planeId),
    onFailure: (planeId, status, message) => this.#miss(planeId, status, message),
  });
  #worker: Worker | undefined;
  #surveyTimer: ReturnType<typeof setTimeout> | undefined;

  /** Ask for a plane and keep it until the returned function is called. */
  hold(address: PlaneAddress): () => void {
    const entry = this.#entries.get(address.id) ?? this.#load(address);
    entry.holders++;
    // Insertion order is the order of use.
    this.#entries.delete(address.id);
    this.#entries.set(address.id, entry);
    this.#surveyLater();
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      entry.holders--;
      this.#trim();
    };
  }

  /** How far a plane has come; `undefined` when nobody holds it. */
  stateOf(id: string): PlaneState | undefined {
    return this.#entries.get(id)?.state;
  }

  /** Fetch a plane again that could not be read. */
  retry(id: string): void {
    const entry = this.#entries.get(id);
    if (entry?.state.kind === 'failed') this.#request(entry);
  }

  /** Ask again for all that failed, and for surveys that were declined: who answers was away and is back. */
  retryFailed(): void {
    for (const entry of this.#entries.values()) {
      if (entry.state.kind === 'failed') this.#request(entry);
      if (entry.survey === 'declined') entry.survey = 'waiting';
    }
    this.#surveyLater();
  }

  /** Bytes of tiles in memory, by why they are kept. */
  get tileBytes(): TileMemory['bytes'] {
    return this.#memory.bytes;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Hear that pixels of a plane came, or that all of its tiles were replaced by better ones. */
  onPixels(listener: (planeId: string, isReplaced: boolean) => void): () => void {
    this.#pixelListeners.add(listener);
    return () => this.#pixelListeners.delete(listener);
  }

  close(): void {
    clearTimeout(this.#surveyTimer);
    this.#loader.close();
    this.#worker?.terminate();
    this.#listeners.clear();
    this.#pixelListeners.clear();
    this.#entries.clear();
  }

  #load(address: PlaneAddress): Entry {
    const entry: Entry = {
      address,
      probe: new TileProbe(this.#memory, this.#loader),
      state: startOf(address),
      overview: undefined,
      survey: 'not-needed',
      holders: 0,
    };
    this.#entries.set(address.id, entry);
    this.#request(entry);
    return entry;
  }

  #request(entry: Entry): void {
    this.#set(entry, startOf(entry.address));
    this.#post({ kind: 'load', ...placeOf(entry.address), firstLevel: firstLevelOf(entry.address) });
  }

  #post(request: PlaneRequest): void {
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage(request);
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./plane-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = (event: MessageEvent<PlaneAnswer>) => this.#receive(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      const message = `The thread that reads pixels stopped: ${event.message || 'unknown reason'}.`;
      worker.terminate();
      this.#worker = undefined;
      for (const entry of this.#entries.values()) {
        if (entry.survey === 'running') entry.survey = 'declined';
        if (entry.state.kind === 'loading') this.#set(entry, { kind: 'failed', message });
      }
      this.#surveyLater();
    };
    return worker;
  }

  #receive(answer: PlaneAnswer): void {
    const entry = this.#entries.get(answer.id);
    if (entry === undefined) return;
    switch (answer.kind) {
      case 'progress': {
        const { loadedBytes, totalBytes } = answer;
        this.#set(entry, { kind: 'loading', loadedBytes, totalBytes });
        break;
      }
      case 'failed':
        this.#set(entry, { kind: 'failed', message: answer.message, isAway: answer.isAway });
        break;
      case 'loaded':
        entry.survey = firstLevelOf(entry.address) > 0 ? 'waiting' : 'not-needed';
        this.#look(entry, answer.levels, answer.statistics);
        this.#trim();
        this.#surveyLater();
        break;
      case 'surveyed':
        entry.survey = 'done';
        this.#look(entry, answer.levels, answer.statistics);
        this.#tellPixels(answer.id, true);
        this.#surveyLater();
        break;
      case 'declined':
        // It stays a sample, until the core comes back from being away.
        entry.survey = 'declined';
        this.#surveyLater();
        break;
    }
  }

  #look(entry: Entry, levels: PlaneOverview['levels'], statistics: PlaneStatistics): void {
    const firstLevel = firstLevelOf(entry.address);
    entry.overview = { firstLevel, levels, statistics, isSampled: !statistics.isExact };
    const plane = placeOf(entry.address);
    const source = makeTiledSource(plane, entry.overview, this.#memory, this.#loader, entry.probe);
    this.#set(entry, { kind: 'ready', source });
  }

  /** Survey the planes that are held, one after another, once nothing else has happened for a while. */
  #surveyLater(): void {
    clearTimeout(this.#surveyTimer);
    this.#surveyTimer = setTimeout(() => {
      const entries = [...this.#entries.values()];
      if (entries.some(({ survey }) => survey === 'running')) return;
      const next = entries.find(({ survey, holders }) => survey === 'waiting' && holders > 0);
      if (next?.overview === undefined) return;
      next.survey = 'running';
      const { firstLevel, statistics } = next.overview;
      this.#post({ kind: 'survey', ...placeOf(next.address), firstLevel, statistics });
    }, SURVEY_AFTER_MS);
  }

  #arrive(planeId: string): void {
    this.#tellPixels(planeId, false);
    // Tiles that someone looks at come before what is only good to know.
    this.#surveyLater();
    const entry = this.#entries.get(planeId);
    // A new object of the same state: who waits for a pixel asks again.
    if (entry?.state.kind === 'ready') this.#set(entry, { ...entry.state });
  }

  #miss(planeId: string, status: number, message: string): void {
    const entry = this.#entries.get(planeId);
    // The file is another now: what is shown of it must not be mixed with what it was.
    if (entry !== undefined && status === 409) this.#set(entry, { kind: 'failed', message });
  }

  #tellPixels(planeId: string, isReplaced: boolean): void {
    for (const listener of this.#pixelListeners) listener(planeId, isReplaced);
  }

  #set(entry: Entry, state: PlaneState): void {
    entry.state = state;
    for (const listener of this.#listeners) listener();
  }

  #trim(): void {
    let idle = 0;
    for (const [id, entry] of [...this.#entries].reverse()) {
      if (entry.holders > 0) continue;
      entry.probe.forget();
      if (entry.state.kind === 'loading' || entry.survey === 'running') {
        this.#post({ kind: 'cancel', id });
        if (entry.survey === 'running') {
          entry.survey = 'waiting';
          this.#surveyLater();
        }
      }
      if (entry.state.kind === 'ready') {
        const levels = entry.overview?.levels ?? [];
        idle += levels.reduce((bytes, { data }) => bytes + data.byteLength, 0);
        if (idle <= IDLE_BYTES) continue;
      }
      this.#entries.delete(id);
      this.#memory.drop(`${id}/`);
    }
  }
}

/** The finest level that is in memory at once. */
function firstLevelOf({ width, height }: PlaneAddress): number {
  if (width * height <= WHOLE_PIXELS) return 0;
  return Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / OVERVIEW_SIDE)));
}

/** Where a plane is, wherever the address is read. */
function placeOf({ id, url, width, height }: PlaneAddress) {
  return { id, url: new URL(url, location.href).href, width, height };
}

function startOf(address: PlaneAddress): PlaneState {
  const step = 2 ** firstLevelOf(address);
  const totalBytes = Math.ceil(address.width / step) * Math.ceil(address.height / step) * 4;
  return { kind: 'loading', loadedBytes: 0, totalBytes };
}
