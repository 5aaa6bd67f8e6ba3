import { listProjects, type MemberProject, openCatalogue } from '../adapters/catalogue/index.ts';
import type { WorkspaceDatabase } from '../adapters/db/index.ts';
import type { SecretStore } from '../adapters/secrets/index.ts';
import type { FolderBlobStore } from '../adapters/storage/index.ts';
import {
  type ChangeStore,
  collectPixels,
  exchangeChanges,
  type MirrorAnswer,
  type SyncStatus,
} from '../domains/sync/index.ts';
import { AstridError, type ErrorRecord, throwIfStopped, toErrorRecord } from '../utils/index.ts';
import { type BucketDesk, createBucketDesk, type LocalPixels, type OpenableBucket } from './bucket-desk.ts';
import { collectBlobs } from './collect-blobs.ts';
import { type Collected, type CollectionDesk, createCollectionDesk } from './collection-desk.ts';
import {
  type BucketPlace,
  type ConnectionRequest,
  type ConnectionStep,
  examineConnection,
  refuseOddHost,
} from './examine-connection.ts';
import { createExchangeDesk } from './exchange-desk.ts';
import { createTeamService, type TeamService } from './team-service.ts';
import { tellRawFiles } from './tell-raw-files.ts';

/** The project that a workspace shares, without its secrets. */
export interface SyncConnection {
  readonly projectId: string;
  /** The server as people know it. */
  readonly where: string;
  /** PEM of the authority of the server's certificate, where it is none of the known ones. */
  readonly authority?: string | undefined;
  readonly bucket?: BucketPlace | undefined;
  /** Most that goes to and from the bucket; `undefined` is no limit. */
  readonly bytesPerSecond?: number | undefined;
}

/** What sharing is at. */
export type SyncActivity =
  | { readonly kind: 'idle' }
  | { readonly kind: 'exchanging'; readonly sent: number; readonly received: number }
  | { readonly kind: 'mirroring'; readonly sent: number; readonly fetched: number };

/** Sharing as the rest of the program sees it. */
export interface SyncService {
  connection(): Promise<SyncConnection | undefined>;
  activity(): SyncActivity;
  /** Where passwords and keys are kept, in words. */
  readonly secretsKept: string;
  /** Why the last exchange came to nothing; being offline is no failure of anybody's. */
  lastError(): ErrorRecord | undefined;
  status(): Promise<SyncStatus & PixelStatus>;
  /**
   * Have the images of a run mirrored: those made here go with the next exchange, for others their workstation is asked.
   *
   * @throws pipeline/run-not-found, sync/no-images, sync/mirror-never
   */
  mirrorRun(runId: string): Promise<MirrorAnswer>;
  /**
   * Take away what lies here or in the bucket and nobody refers to, once it is old enough; the bucket's only by an admin
   * of the project.
   *
   * @throws sync/not-connected, sync/admins-only, sync/bucket-shared, sync/bad-grace
   */
  collect(options: {
    readonly graceMs: number;
    readonly isDryRun: boolean;
    readonly where: readonly ('here' | 'bucket')[];
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((collected: Collected) => void) | undefined;
  }): Promise<Collected>;
  /** The same beside everything else, one at a time. */
  readonly collection: CollectionDesk;
  /** Keep the images of a run here whatever the limit, fetching those that are elsewhere; or no longer. */
  keepRun(runId: string, isKept: boolean): Promise<void>;
  readonly pixels: BucketDesk;
  /** Projects that the login of an address is a member of. @throws what keeps the catalogue from answering */
  listProjects(
    address: Pick<ConnectionRequest, 'catalogueUrl' | 'authority'>,
  ): Promise<readonly MemberProject[]>;
  /** Try a connection without keeping it. */
  examine(request: ConnectionRequest): Promise<readonly ConnectionStep[]>;
  /** Try a connection and keep it if all of it works. @throws what the first step that failed says */
  connect(request: ConnectionRequest): Promise<SyncConnection>;
  /** Forget the connection and its secrets; the workspace keeps all it has. */
  disconnect(): Promise<void>;
  /**
   * Exchange with the project until there is nothing more to send or fetch; who asks meanwhile waits for the same.
   *
   * @param signal ends the waiting; the exchange goes on for the others, and until the program closes.
   * @throws sync/not-connected, sync/unreachable and what else keeps the catalogue or the bucket from answering
   */
  exchange(signal?: AbortSignal): Promise<SyncReport>;
  readonly changes: ChangeStore;
  readonly team: TeamService;
  close(): Promise<void>;
}

/** What is to come and go of pixels, and what lies here. */
export interface PixelStatus {
  readonly cutoutsToSend: number;
  readonly cutoutsToFetch: number;
  readonly imagesToSend: { readonly count: number; readonly bytes: number };
  readonly arrivals: readonly {
    readonly sha256: string;
    readonly bytes: number;
    readonly loadedBytes: number;
  }[];
  readonly local: LocalPixels;
}

/** What an exchange came to. */
export interface SyncReport {
  readonly sent: number;
  readonly refused: number;
  readonly received: number;
  readonly cutoutsSent: number;
  readonly cutoutsFetched: number;
  readonly cutoutsMissing: number;
  readonly imagesSent: number;
  /** Images that cannot be read here as they were stored, and did not go. */
  readonly imagesDamaged: number;
  readonly evicted: number;
}

const CONNECTION_KEY = 'sync.connection';
const SECRETS = {
  catalogueUrl: 'catalogue-url',
  accessKeyId: 'bucket-access-key-id',
  secretAccessKey: 'bucket-secret-access-key',
} as const;

/** Silence between exchanges while all is well, ms; after failures it doubles up to the second. */
const EVERY_MS = 20_000;
const AT_MOST_MS = 5 * 60_000;

/**
 * Share a workspace with others through a catalogue and a bucket.
 *
 * @param migrationsDir the steps of the shared schema.
 * @param runsAlone whether it exchanges by itself from time to time.
 */
export function createSyncService({
  database,
  folder,
  secrets,
  migrationsDir,
  runsAlone,
}: {
  readonly database: WorkspaceDatabase;
  readonly folder: FolderBlobStore;
  readonly secrets: SecretStore;
  readonly migrationsDir: string;
  readonly runsAlone: boolean;
}): SyncService {
  const { blobLedger, changes, cutoutMirror, settings } = database;
  let activity: SyncActivity = { kind: 'idle' };
  let lastError: ErrorRecord | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const connection = async (): Promise<SyncConnection | undefined> =>
    (await settings.get(CONNECTION_KEY)) as SyncConnection | undefined;

  async function needConnection(): Promise<SyncConnection> {
    const known = await connection();
    if (known != null) return known;
    throw new AstridError(
      'sync/not-connected',
      'This workspace shares nothing yet; connect it with “astrid sync connect” or in the Sync screen.',
    );
  }

  async function exchangeOnce(signal: AbortSignal): Promise<SyncReport> {
    const known = await needConnection();
    const catalogue = openCatalogue(await reach(), known.projectId);
    const bucket = await openable(known);
    const tellChanges = (report: { readonly sent: number; readonly received: number }): void => {
      activity = { kind: 'exchanging', ...report };
    };
    try {
      await catalogue.examine();
      const first = await exchangeChanges(changes, catalogue, { signal, onProgress: tellChanges });
      // What others asked for just now is told of at once, so that it can follow.
      const { differences, rawFiles } = await pixels.policy();
      if (bucket !== undefined && differences !== 'never') {
        await blobLedger.mirrorWanted(differences === 'always');
        if (rawFiles === 'with-images') await tellRawFiles(database.rawFiles, signal);
      }
      const second = await exchangeChanges(changes, catalogue, { signal });
      throwIfStopped(signal);
      const moved =
        bucket &&
        (await pixels.exchange(known.projectId, bucket, {
          signal,
          onProgress: (report) => {
            activity = { kind: 'mirroring', ...report };
          },
        }));
      // Half of an exchange is none: what is stopped ends quietly, wherever it is.
      throwIfStopped(signal);
      await changes.noteExchange();
      return {
        sent: first.sent + second.sent,
        refused: first.refused + second.refused,
        received: first.received + second.received,
        cutoutsSent: moved?.cutouts.sent ?? 0,
        cutoutsFetched: moved?.cutouts.fetched ?? 0,
        cutoutsMissing: moved?.cutouts.missing ?? 0,
        imagesSent: moved?.blobs.sent ?? 0,
        imagesDamaged: moved?.blobs.damaged.length ?? 0,
        evicted: moved?.evicted ?? 0,
      };
    } finally {
      activity = { kind: 'idle' };
      await catalogue.close();
    }
  }
  const exchanges = createExchangeDesk(async (signal) => {
    try {
      const report = await exchangeOnce(signal);
      lastError = undefined;
      return report;
    } catch (error) {
      if (!signal.aborted) lastError = toErrorRecord(error);
      throw error;
    }
  });

  const readSecret = async (name: string): Promise<string> => {
    const secret = await secrets.get(name);
    if (secret !== undefined) return secret;
    throw new AstridError(
      'sync/secret-missing',
      `The password or key “${name}” is not in ${secrets.kind}; connect again.`,
      { name },
    );
  };
  /** The catalogue of the connection, with its password. @throws sync/not-connected, sync/secret-missing */
  async function reach() {
    const { projectId, authority } = await needConnection();
    return { url: await readSecret(SECRETS.catalogueUrl), authority, projectId };
  }
  const openable = async ({ bucket, bytesPerSecond }: SyncConnection): Promise<OpenableBucket | undefined> =>
    bucket && {
      ...bucket,
      bytesPerSecond,
      accessKeyId: await readSecret(SECRETS.accessKeyId),
      secretAccessKey: await readSecret(SECRETS.secretAccessKey),
    };
  const pixels = createBucketDesk({
    database,
    folder,
    connected: async () => {
      const known = await connection();
      return known && openable(known);
    },
  });

  const service: SyncService = {
    changes,
    connection,
    activity: () => activity,
    secretsKept: secrets.kind,
    lastError: () => lastError,
    status: async () => ({
      ...(await changes.status()),
      cutoutsToSend: await cutoutMirror.countToSend(),
      cutoutsToFetch: await cutoutMirror.countToFetch(),
      imagesToSend: await blobLedger.countToSend(),
      arrivals: pixels.arrivals(),
      local: await pixels.localPixels(),
    }),
    mirrorRun: async (runId) => {
      const run = await database.runs.get(runId);
      if (run.origin === undefined && (await pixels.policy()).differences === 'never')
        throw new AstridError(
          'sync/mirror-never',
          'This workstation sends no images: its setting “differences” says never.',
          { runId },
        );
      const answer = await blobLedger.mirrorRun(runId);
      if (runsAlone) schedule(0, EVERY_MS);
      return answer;
    },
    collect: async ({ graceMs, isDryRun, where, signal, onProgress }) => {
      const here = where.includes('here')
        ? await collectBlobs(database, folder, {
            ...{ graceMs, isDryRun, signal },
            onProgress: (report) => onProgress?.({ here: report }),
          })
        : undefined;
      if (!where.includes('bucket')) return { here };
      const known = await needConnection();
      const store = await pixels.open();
      const catalogue = openCatalogue(await reach(), known.projectId);
      try {
        await catalogue.examine();
        const bucket = await collectPixels(store, catalogue, {
          projectId: known.projectId,
          graceMs,
          isDryRun,
          signal,
          onProgress: (report) => onProgress?.({ here, bucket: report }),
        });
        return { here, bucket };
      } finally {
        await catalogue.close();
      }
    },
    keepRun: async (runId, isKept) => {
      await blobLedger.keepRun(runId, isKept);
      pixels.lookAgain();
      if (!isKept) return;
      for (const { sha256 } of await database.planes.list(runId)) await pixels.blobs.bring(sha256);
    },
    pixels,
    collection: createCollectionDesk(({ graceDays, ...request }, options) =>
      service.collect({ ...request, ...options, graceMs: graceDays * 86_400_000 }),
    ),
    team: createTeamService(reach, migrationsDir),
    listProjects: async ({ catalogueUrl, authority }) => {
      await refuseOddHost(catalogueUrl);
      return listProjects({ url: catalogueUrl, authority });
    },
    examine: (request) => examineConnection(request),
    connect: async (request) => {
      for (const { error, message } of await examineConnection(request))
        if (error !== undefined) throw new AstridError(error.code, message, error.details);
      const { catalogueUrl, projectId, authority, bucket, bytesPerSecond } = request;
      const { host, pathname } = new URL(catalogueUrl);
      const next: SyncConnection = {
        projectId,
        where: `${host}${pathname}`,
        authority,
        bucket: bucket && withoutKeys(bucket),
        bytesPerSecond,
      };
      await exchanges.pause(async () => {
        const earlier = await connection();
        await secrets.set(SECRETS.catalogueUrl, catalogueUrl);
        await secrets.set(SECRETS.accessKeyId, bucket?.accessKeyId);
        await secrets.set(SECRETS.secretAccessKey, bucket?.secretAccessKey);
        if (earlier?.projectId !== projectId || earlier.where !== next.where) await changes.startOver();
        if (JSON.stringify(earlier?.bucket) !== JSON.stringify(next.bucket)) {
          await cutoutMirror.startOver();
          await blobLedger.startOver();
        }
        await settings.set(CONNECTION_KEY, next);
        lastError = undefined;
      });
      if (runsAlone) schedule(0, EVERY_MS);
      return next;
    },
    disconnect: () =>
      exchanges.pause(async () => {
        await settings.set(CONNECTION_KEY, null);
        for (const name of Object.values(SECRETS)) await secrets.set(name, undefined);
        lastError = undefined;
      }),
    exchange: exchanges.exchange,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await exchanges.close();
      await service.collection.close();
      await pixels.close();
    },
  };

  function schedule(inMs: number, pauseMs: number): void {
    clearTimeout(timer);
    if (isClosed) return;
    timer = setTimeout(() => void keepUp(pauseMs), inMs);
    timer.unref();
  }

  async function keepUp(pauseMs: number): Promise<void> {
    if ((await connection()) === undefined) return;
    try {
      await service.exchange();
      schedule(EVERY_MS, EVERY_MS);
    } catch {
      // Kept as the last error, and told where that shows; here it must not end the program.
      schedule(pauseMs, Math.min(pauseMs * 2, AT_MOST_MS));
    }
  }

  if (runsAlone) schedule(2000, EVERY_MS);
  return service;
}

function withoutKeys({ endpoint, bucket, prefix, region }: BucketPlace): BucketPlace {
  return { endpoint, bucket, prefix, region };
}
