import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkspaceDatabase } from '../adapters/db/index.ts';
import {
  type Arrival,
  type BucketStore,
  createLazyBlobs,
  type FolderBlobStore,
  type LazyBlobs,
  limitBandwidth,
  openBucket,
} from '../adapters/storage/index.ts';
import { MirrorSettings } from '../api/contract/index.ts';
import {
  chooseEvictions,
  type EvictionPlan,
  eachOfPages,
  type LocalBlob,
  type MirrorReport,
  mirrorCutouts,
  type SendReport,
  type SharedRawFile,
  sendBlobs,
} from '../domains/sync/index.ts';
import type { BlobReader } from '../pipeline/index.ts';
import { AstridError, isAstridError } from '../utils/index.ts';

/** A bucket with its keys, and how fast it may be spoken to where the settings do not say. */
export interface OpenableBucket {
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix?: string | undefined;
  readonly region?: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly bytesPerSecond?: number | undefined;
}

/** What lies here of what the bucket has, and what would make room. */
export interface LocalPixels {
  readonly bytes: number;
  readonly keptBytes: number;
  readonly limitBytes: number;
  readonly toEvict: { readonly count: number; readonly bytes: number };
}

/** What a passage with the bucket did. */
export interface BucketReport {
  readonly cutouts: MirrorReport;
  readonly blobs: SendReport;
  readonly evicted: number;
}

/** Pixels between this workspace and the bucket. */
export interface BucketDesk {
  /** Blobs of this workspace; those that lie in the bucket alone are fetched when somebody looks at them. */
  readonly blobs: LazyBlobs;
  /** Triplets in the same way. */
  readonly cutouts: BlobReader;
  readonly arrivals: () => readonly Arrival[];
  /** Which of some blobs lie elsewhere. */
  findAway(addresses: readonly string[]): Promise<ReadonlySet<string>>;
  policy(): Promise<MirrorSettings>;
  /** Change what is to go to the bucket. @throws sync/bad-policy */
  changePolicy(change: Readonly<Record<string, unknown>>): Promise<MirrorSettings>;
  /** Raw files of a run that are in the bucket, or on their way. */
  listRaw(runId: string): Promise<readonly SharedRawFile[]>;
  /** Send and fetch what is to be, and make room. @throws storage/unreachable */
  exchange(
    projectId: string,
    bucket: OpenableBucket,
    options: {
      readonly signal: AbortSignal;
      readonly onProgress: (done: { readonly sent: number; readonly fetched: number }) => void;
    },
  ): Promise<BucketReport>;
  localPixels(): Promise<LocalPixels>;
  /** Look again at what lies here, as what is to stay has changed. */
  lookAgain(): void;
  /** The bucket of the connection, kept open. @throws sync/not-connected */
  open(): Promise<BucketStore>;
  close(): Promise<void>;
}

/** What lies here is looked at again after so long, ms: a screen asks every few seconds. */
const PLAN_MS = 5000;

/**
 * Join the workspace's pixels and the bucket of its connection.
 *
 * @param connected the bucket that is connected now; `undefined` where none is.
 */
export function createBucketDesk({
  database,
  folder,
  connected,
}: {
  readonly database: WorkspaceDatabase;
  readonly folder: FolderBlobStore;
  readonly connected: () => Promise<OpenableBucket | undefined>;
}): BucketDesk {
  const { blobLedger, cutoutMirror, settings } = database;
  const closing = new AbortController();
  const uses = new Map<string, string>();
  /** What was looked at since room is being made. */
  let lookedAt: Set<string> | undefined;
  let opened: { readonly key: string; readonly store: BucketStore } | undefined;
  let bytesPerSecond: number | undefined;
  let entered: string | undefined;
  let plan: { readonly atMs: number; readonly made: EvictionPlan } | undefined;
  // One limit for all that goes either way.
  const pace = limitBandwidth(() => bytesPerSecond, {
    nowMs: () => performance.now(),
    sleep: (ms, signal) =>
      sleep(ms, undefined, { signal: signal ? AbortSignal.any([signal, closing.signal]) : closing.signal }),
  });

  const policy = async (): Promise<MirrorSettings> => {
    const parsed = MirrorSettings.safeParse((await settings.get('settings.mirror')) ?? {});
    return parsed.success ? parsed.data : MirrorSettings.parse({});
  };

  async function openFor(bucket: OpenableBucket): Promise<BucketStore> {
    const { kibPerSecond } = await policy();
    bytesPerSecond = kibPerSecond === undefined ? bucket.bytesPerSecond : kibPerSecond * 1024;
    const key = JSON.stringify(bucket);
    if (opened?.key !== key) {
      opened?.store.close();
      opened = { key, store: openBucket(bucket) };
    }
    return opened.store;
  }

  async function open(): Promise<BucketStore> {
    const bucket = await connected();
    if (bucket !== undefined) return openFor(bucket);
    throw new AstridError(
      'sync/not-connected',
      'These pixels lie on another workstation, and no bucket is connected to fetch them from; connect one in the Sync screen.',
    );
  }

  async function* fetchBlob(sha256: string): AsyncGenerator<Uint8Array, void> {
    try {
      const store = await open();
      yield* store.download(sha256, { pace, signal: closing.signal });
    } catch (error) {
      if (closing.signal.aborted)
        throw new AstridError(
          'internal/stopped',
          'Stopped: these pixels are fetched when they are looked at again.',
        );
      throw explainAway(error, sha256);
    }
  }

  const blobs = createLazyBlobs(folder, {
    size: (sha256) => blobLedger.size(sha256),
    fetch: fetchBlob,
    noteArrived: async (sha256) => {
      plan = undefined;
      await blobLedger.noteMirrored([sha256]);
    },
    noteUsed: (sha256) => {
      uses.set(sha256, new Date().toISOString());
      lookedAt?.add(sha256);
    },
  });

  const bringCutout = async (sha256: string): Promise<void> => {
    if (!(await cutoutMirror.isAway(sha256))) return;
    const pieces: Uint8Array[] = [];
    for await (const piece of fetchBlob(sha256)) pieces.push(piece);
    await cutoutMirror.store([{ sha256, bytes: Buffer.concat(pieces) }]);
  };
  const cutouts: BlobReader = {
    size: async (sha256) => {
      await bringCutout(sha256);
      return database.cutouts.size(sha256);
    },
    get: async (sha256) => {
      await bringCutout(sha256);
      return database.cutouts.get(sha256);
    },
    openRange: (sha256, start, end) => database.cutouts.openRange(sha256, start, end),
    readRows: (sha256, rows) => database.cutouts.readRows(sha256, rows),
  };

  /** Where a blob of this workstation lies: a raw file stays where it is. */
  async function findFile(sha256: string): Promise<string> {
    const raw = (await folder.has(sha256)) ? undefined : await database.rawFiles.pathOf(sha256);
    if (raw === undefined) return folder.path(sha256);
    if (existsSync(raw)) return raw;
    throw new AstridError('storage/not-found', `${raw} was to go to the bucket, and is gone.`, { path: raw });
  }

  /** Write down what was looked at since it was written down last. */
  async function keepUses(): Promise<void> {
    const fresh = new Map(uses);
    uses.clear();
    await blobLedger.noteUsed(fresh);
  }

  async function planRoom(): Promise<EvictionPlan> {
    await keepUses();
    const local: LocalBlob[] = [];
    for await (const { sha256, bytes, usedAt, isKept } of eachOfPages(blobLedger.listMirrored, 500))
      if (await blobs.isHere(sha256)) local.push({ sha256, bytes, usedAtMs: Date.parse(usedAt), isKept });
    const { localMiB } = await policy();
    const made = chooseEvictions(local, localMiB * 2 ** 20, Date.now());
    plan = { atMs: performance.now(), made };
    return made;
  }

  /** Take away what lies in the bucket as it lies here, and nothing else. @returns how many */
  async function makeRoom(store: BucketStore, signal: AbortSignal): Promise<number> {
    const planned = performance.now();
    const plannedAt = new Date();
    lookedAt = new Set();
    let evicted = 0;
    for (const { sha256 } of (await planRoom()).evicted) {
      if (signal.aborted) break;
      const state = await compare(store, sha256);
      if (state === 'damaged') continue;
      if (state === 'other') {
        // Here it is what its address says, there it is not: it goes there again.
        await store.remove(sha256);
        await blobLedger.noteLost(sha256);
        continue;
      }
      // Somebody may have opened it while the bucket was asked.
      if (lookedAt.has(sha256)) continue;
      // A stage may have made the same bytes once more meanwhile, and counts on them.
      if (await folder.discard(sha256, plannedAt)) evicted++;
    }
    if (evicted > 0 || performance.now() - planned > PLAN_MS) plan = undefined;
    return evicted;
  }

  async function compare(store: BucketStore, sha256: string): Promise<'same' | 'other' | 'damaged'> {
    try {
      return (await store.holds(sha256, folder.path(sha256))) ? 'same' : 'other';
    } catch (error) {
      if (isAstridError(error) && error.code === 'storage/corrupted') return 'damaged';
      throw error;
    }
  }

  return {
    blobs,
    cutouts,
    policy,
    changePolicy: async (change) => {
      const kept = MirrorSettings.parse({ ...(await policy()), ...change });
      // The setting reads a word that it does not know as its default; whoever types one wants to be told.
      for (const [name, value] of Object.entries(change))
        if (kept[name] !== value)
          throw new AstridError('sync/bad-policy', `“${String(value)}” is none of what ${name} may be.`, {
            name,
          });
      if (Object.keys(change).length > 0) await settings.set('settings.mirror', kept);
      return kept;
    },
    listRaw: (runId) => database.rawFiles.list(runId),
    open,
    arrivals: blobs.arrivals,
    findAway: async (addresses) => {
      const away = new Set<string>();
      for (const sha256 of await blobLedger.listShared(addresses))
        if (!(await blobs.isHere(sha256))) away.add(sha256);
      return away;
    },
    exchange: async (projectId, bucket, { signal, onProgress }) => {
      const store = await openFor(bucket);
      const project = `${opened!.key} ${projectId}`;
      if (entered !== project) await store.enter(projectId);
      entered = project;
      let done = { sent: 0, fetched: 0 };
      const tell = (more: Partial<typeof done>): void => {
        done = { ...done, ...more };
        onProgress(done);
      };
      const mirrored = await mirrorCutouts(
        cutoutMirror,
        {
          send: (sha256, bytes) => store.upload(sha256, bytes, { pace, signal }),
          fetch: async (sha256) => {
            const pieces: Uint8Array[] = [];
            try {
              for await (const piece of store.download(sha256, { pace, signal })) pieces.push(piece);
            } catch (error) {
              if (isAstridError(error) && error.code === 'storage/not-found') return undefined;
              throw error;
            }
            return Buffer.concat(pieces);
          },
        },
        { signal, onProgress: ({ sent, fetched }) => tell({ sent, fetched }) },
      );
      const { sent } = done;
      const sending = await sendBlobs(
        blobLedger,
        { send: async (sha256) => store.upload(sha256, await findFile(sha256), { pace, signal }) },
        { signal, onProgress: (report) => tell({ sent: sent + report.sent }) },
      );
      return { cutouts: mirrored, blobs: sending, evicted: await makeRoom(store, signal) };
    },
    localPixels: async () => {
      const isFresh = plan !== undefined && performance.now() - plan.atMs < PLAN_MS;
      const { localBytes, keptBytes, evicted } = isFresh ? plan!.made : await planRoom();
      return {
        bytes: localBytes,
        keptBytes,
        limitBytes: (await policy()).localMiB * 2 ** 20,
        toEvict: { count: evicted.length, bytes: evicted.reduce((sum, { bytes }) => sum + bytes, 0) },
      };
    },
    lookAgain: () => {
      plan = undefined;
    },
    close: async () => {
      closing.abort();
      opened?.store.close();
      await keepUses();
    },
  };
}

/** Say why pixels that lie elsewhere do not come; being offline is nobody's fault. */
function explainAway(error: unknown, sha256: string): unknown {
  if (!isAstridError(error)) return error;
  if (error.code === 'storage/unreachable')
    return new AstridError(
      'storage/elsewhere',
      'These pixels lie in the bucket, which does not answer now: offline. They come when it does; labels are kept meanwhile.',
      { sha256, ...error.details },
    );
  if (error.code === 'storage/not-found')
    return new AstridError(
      'storage/elsewhere',
      'These pixels are not in the bucket yet: their workstation has told of them and not sent them.',
      { sha256 },
    );
  return error;
}
