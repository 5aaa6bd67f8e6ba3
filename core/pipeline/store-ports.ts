import type { Instant, Page, PageRequest, Sha256 } from './ports.ts';
import type { ExposureSummary, RunStatus } from './run-ports.ts';

/** What a workspace holds, counted. */
export interface HoldingRepository {
  count(): Promise<{
    /** Events of labels by kind: all of them are kept for ever. */
    readonly labelEvents: readonly { readonly kind: string; readonly count: number }[];
    readonly curators: number;
    readonly events: number;
    readonly lastLabelAt?: Instant | undefined;
    readonly lastEventAt?: Instant | undefined;
    readonly runs: number;
  }>;
  /** Runs by what became of them. */
  countRuns(): Promise<Readonly<Record<RunStatus, number>>>;
  /** Blobs that the database knows of, by kind; bytes that are not here count as missing. */
  countBlobs(): Promise<
    readonly {
      readonly kind: string;
      readonly count: number;
      readonly bytes: number;
      readonly missing: number;
    }[]
  >;
}

/** An exposure that the line has read here. */
export interface ObservationRecord extends ExposureSummary {
  readonly firstSeenAt: Instant;
  /** The newest run that read it. */
  readonly lastRunId: string;
  readonly isScience: boolean;
  readonly isTemplate: boolean;
}

/** Exposures that the line has read, the newest first. */
export interface ObservationRepository {
  /** @throws observations/bad-cursor */
  list(
    query: PageRequest & {
      readonly band?: string | undefined;
      readonly object?: string | undefined;
      /** Of the middle of the exposure, both included. */
      readonly fromMjdTai?: number | undefined;
      readonly toMjdTai?: number | undefined;
    },
  ): Promise<Page<ObservationRecord>>;
}

/** Whose request, and the key that came with it. */
export interface RequestKey {
  readonly principal: string;
  readonly key: string;
}

/** An answer as it was given. */
export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Answers to requests that bear a key: sent again within a day, such a request is answered and not carried out again. */
export interface KeptAnswers {
  /**
   * Note that a request begins.
   *
   * @returns `begun` with an id for what it makes, the same one if a process died in the midst of it; `answered`; or
   *   `other` where the key came with another request before.
   */
  begin(
    request: RequestKey & { readonly requestSha256: Sha256 },
  ): Promise<
    | { readonly kind: 'begun'; readonly madeId: string }
    | ({ readonly kind: 'answered' } & KeptAnswer)
    | { readonly kind: 'other' }
  >;
  keep(request: RequestKey, answer: KeptAnswer): Promise<void>;
}

/** Small facts of the workspace by name, e.g. that the sample night was made. */
export interface SettingRepository {
  /** JSON data, or `undefined`. */
  get(key: string): Promise<unknown>;
  /** Keep a fact; `null` forgets it. */
  set(key: string, value: unknown): Promise<void>;
}

/** Bytes by their address. */
export interface BlobReader {
  /** Size in bytes, or `undefined` where there is no such blob. */
  size(sha256: Sha256): Promise<number | undefined>;
  /**
   * Read a whole blob and check it against its address; one that is damaged is not there any more afterwards.
   *
   * The bytes begin at offset 0 of a SharedArrayBuffer of their own: planes viewed on it are shared with threads.
   *
   * @throws storage/not-found, storage/corrupted
   */
  get(sha256: Sha256): Promise<Uint8Array>;
  /** Stream bytes `start` to `end` (exclusive) in chunks, unchecked. @throws storage/not-found */
  openRange(sha256: Sha256, start: number, end: number): AsyncIterable<Uint8Array>;
  /**
   * Read pieces that lie at equal distances, one after another, unchecked.
   *
   * @throws storage/not-found, storage/corrupted where they reach beyond the end
   */
  readRows(sha256: Sha256, rows: BlobRows): Promise<Uint8Array<ArrayBuffer>>;
}

/** Equal pieces of a blob at equal distances: the rows of a rectangle. Bytes. */
export interface BlobRows {
  readonly start: number;
  readonly rowBytes: number;
  /** From the start of one piece to the next. */
  readonly stride: number;
  readonly count: number;
}

/** Content-addressed bytes that survive a crash once stored. */
export interface BlobStore extends BlobReader {
  /**
   * Store bytes; bytes that are there already cost only their hash.
   *
   * When the promise resolves they are on disk under their address, whole; a crash before leaves nothing there.
   *
   * @param onAddress may be told the address as soon as it is known, before anything is on disk.
   * @throws storage/disk-full, storage/unwritable
   */
  put(bytes: Uint8Array, onAddress?: (sha256: Sha256) => void): Promise<Sha256>;
  has(sha256: Sha256): Promise<boolean>;
  /** Where a blob is as a file of this machine, which threads may read themselves; absent where blobs are no files. */
  path?(sha256: Sha256): string;
}
