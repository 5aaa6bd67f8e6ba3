import { sourceOfLevels } from './make-source.ts';
import type { ImageSource } from './model.ts';
import type { PlaneAnswer, PlaneRequest } from './plane-worker.ts';

/** A plane that can be fetched: 32-bit little-endian floats, row-major, first row at the bottom. */
export interface PlaneAddress {
  /** Content address: the same id is the same pixels. */
  readonly id: string;
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** How far a plane has come. */
export type PlaneState =
  | { readonly kind: 'loading'; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly kind: 'ready'; readonly source: ImageSource }
  | { readonly kind: 'failed'; readonly message: string };

interface Entry {
  readonly address: PlaneAddress;
  state: PlaneState;
  /** How many panes show it; it is kept while any does. */
  holders: number;
}

/** Memory for planes that no pane shows any more, bytes. */
const IDLE_BYTES = 512 * 1024 * 1024;

/** Keeps the planes that panes show, and the latest of those they showed before. */
export class PlaneStore {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  #worker: Worker | undefined;

  /** Ask for a plane and keep it until the returned function is called. */
  hold(address: PlaneAddress): () => void {
    const entry = this.#entries.get(address.id) ?? this.#load(address);
    entry.holders++;
    // Insertion order is the order of use.
    this.#entries.delete(address.id);
    this.#entries.set(address.id, entry);
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

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close(): void {
    this.#worker?.terminate();
    this.#listeners.clear();
    this.#entries.clear();
  }

  #load(address: PlaneAddress): Entry {
    const entry: Entry = { address, state: startOf(address), holders: 0 };
    this.#entries.set(address.id, entry);
    this.#request(entry);
    return entry;
  }

  #request(entry: Entry): void {
    const { id, url, width, height } = entry.address;
    this.#set(entry, startOf(entry.address));
    // A worker has its own idea of what a relative address is relative to.
    this.#post({ kind: 'load', id, url: new URL(url, location.href).href, width, height });
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
      this.#worker = undefined;
      for (const entry of this.#entries.values())
        if (entry.state.kind === 'loading') this.#set(entry, { kind: 'failed', message });
    };
    return worker;
  }

  #receive(answer: PlaneAnswer): void {
    const entry = this.#entries.get(answer.id);
    if (entry === undefined) return;
    const { width, height } = entry.address;
    switch (answer.kind) {
      case 'progress':
        this.#set(entry, {
          kind: 'loading',
          loadedBytes: answer.loadedBytes,
          totalBytes: width * height * 4,
        });
        break;
      case 'failed':
        this.#set(entry, { kind: 'failed', message: answer.message });
        break;
      case 'done': {
        const { levels, statistics } = answer;
        this.#set(entry, { kind: 'ready', source: sourceOfLevels(answer.id, levels, statistics) });
        this.#trim();
        break;
      }
    }
  }

  #set(entry: Entry, state: PlaneState): void {
    entry.state = state;
    for (const listener of this.#listeners) listener();
  }

  #trim(): void {
    let idle = 0;
    for (const [id, entry] of [...this.#entries].reverse()) {
      if (entry.holders > 0) continue;
      if (entry.state.kind === 'loading') this.#post({ kind: 'cancel', id });
      else {
        // All levels together are a third more than the first.
        if (entry.state.kind === 'ready') idle += (entry.address.width * entry.address.height * 16) / 3;
        if (idle <= IDLE_BYTES && entry.state.kind === 'ready') continue;
      }
      this.#entries.delete(id);
    }
  }
}

function startOf({ width, height }: PlaneAddress): PlaneState {
  return { kind: 'loading', loadedBytes: 0, totalBytes: width * height * 4 };
}
