import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Instant, pageOf, pageQuery } from './shared.ts';

/** Where blobs are mirrored: Cloudflare R2 or another S3, without its keys. */
const BucketPlace = z.object({
  endpoint: z.url({ protocol: /^https?$/ }).max(500),
  bucket: z.string().min(1).max(255),
  prefix: z.string().max(200).optional().describe('begins every key'),
  region: z.string().max(100).optional().describe('R2: auto'),
});

/** The project that this workspace shares, without its secrets. */
export const SyncConnection = z.object({
  projectId: Id,
  where: z.string().describe('server and database'),
  bucket: BucketPlace.optional(),
  bytesPerSecond: z.number().int().positive().optional(),
});
export type SyncConnection = z.infer<typeof SyncConnection>;

const Failure = z.object({ code: z.string(), message: z.string() });

/** What of this workspace is shared, what waits, and what it holds. */
export const SyncState = z.object({
  /** Absent where nothing is connected: everything is on this machine alone. */
  connection: SyncConnection.optional(),
  activity: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('idle') }),
    z.object({ kind: z.literal('exchanging'), sent: z.number().int(), received: z.number().int() }),
    z.object({ kind: z.literal('mirroring'), sent: z.number().int(), fetched: z.number().int() }),
  ]),
  isOffline: z.boolean().describe('the catalogue did not answer when it was asked last: a normal state'),
  lastError: Failure.optional(),
  secretsKept: z.string().describe('where passwords and keys are kept, in words'),
  toSend: z.number().int().describe('changes that wait'),
  toSendByKind: z
    .array(z.object({ entity: z.string(), count: z.number().int() }))
    .describe('things that wait, each once however often it was changed'),
  refused: z.number().int().describe('put aside, with the catalogue’s reason'),
  held: z.number().int().describe('received, and of a kind or a run that is not known here yet'),
  conflicts: z.number().int(),
  cutoutsToSend: z.number().int(),
  cutoutsToFetch: z.number().int(),
  imagesToSend: z.object({ count: z.number().int(), bytes: z.number().int() }),
  arrivals: z
    .array(z.object({ sha256: z.string(), bytes: z.number().int(), loadedBytes: z.number().int() }))
    .describe('images that are being fetched, because somebody looks at them'),
  local: z
    .object({
      bytes: z.number().int(),
      keptBytes: z.number().int().describe('of fields that are to stay whatever the limit'),
      limitBytes: z.number().int(),
      toEvict: z
        .object({ count: z.number().int(), bytes: z.number().int() })
        .describe('what makes room with the next exchange'),
    })
    .describe('images that the bucket has and that lie here too'),
  sent: z.number().int().describe('changes, since this project was connected'),
  received: z.number().int(),
  lastExchangeAt: Instant.optional(),
  labelEvents: z.array(z.object({ kind: z.string(), count: z.number().int() })).describe('on disk, by kind'),
  curators: z.number().int(),
  events: z.number().int().describe('rows of the durable event log'),
  lastLabelAt: Instant.optional(),
  lastEventAt: Instant.optional(),
  runs: z.number().int(),
});
export type SyncState = z.infer<typeof SyncState>;

/** What is given to connect; passwords and keys are kept in the keychain, never in the database. */
export const ConnectionRequest = z.object({
  catalogueUrl: z.string().min(1).max(2000).describe('postgresql://LOGIN:PASSWORD@HOST:PORT/DATABASE'),
  projectId: z.uuid(),
  authority: z.string().max(50_000).optional().describe('PEM of the authority of the server’s certificate'),
  bucket: BucketPlace.extend({
    accessKeyId: z.string().min(1).max(200),
    secretAccessKey: z.string().min(1).max(500),
  }).optional(),
  bytesPerSecond: z.number().int().positive().optional(),
});
export type ConnectionRequest = z.infer<typeof ConnectionRequest>;

/** A project as one of its members sees it. */
export const MemberProject = z.object({
  id: Id,
  name: z.string(),
  role: z.enum(['viewer', 'labeller', 'operator', 'admin']),
});
export type MemberProject = z.infer<typeof MemberProject>;

/** One thing that a connection needs, and whether it is there. */
export const ConnectionStep = z.object({
  name: z.enum(['catalogue', 'bucket']),
  state: z.enum(['ok', 'failed']),
  message: z.string(),
  code: z.string().optional(),
});
export type ConnectionStep = z.infer<typeof ConnectionStep>;

const FieldVersion = z.object({
  id: z.string(),
  value: z.unknown(),
  /** Login that sent it; absent while only this workstation has it. */
  author: z.string().optional(),
  clock: z.string(),
});

/** A field that people changed without knowing of each other. */
export const SyncConflict = z.object({
  entity: z.string(),
  key: z.string(),
  field: z.string(),
  current: FieldVersion,
  losers: z.array(FieldVersion),
});
export type SyncConflict = z.infer<typeof SyncConflict>;

/** A change that the catalogue would not take. */
export const RefusedChange = z.object({
  changeId: z.string(),
  entity: z.string(),
  key: z.string(),
  at: Instant,
  code: z.string(),
  reason: z.string(),
});
export type RefusedChange = z.infer<typeof RefusedChange>;

const tags = ['sync'];

export const sync = {
  getSyncState: oc
    .route({
      method: 'GET',
      path: '/sync',
      summary: 'With whom this workspace is shared, and what waits',
      tags,
    })
    .output(SyncState),
  exchange: oc
    .route({
      method: 'POST',
      path: '/sync/exchange',
      summary: 'Send and fetch until there is nothing more',
      tags,
    })
    .output(
      z.object({
        sent: z.number().int(),
        refused: z.number().int(),
        received: z.number().int(),
        cutoutsSent: z.number().int(),
        cutoutsFetched: z.number().int(),
        cutoutsMissing: z.number().int().describe('not in the bucket yet'),
        imagesSent: z.number().int(),
        imagesDamaged: z.number().int().describe('cannot be read here as they were stored, and did not go'),
        evicted: z.number().int().describe('images that made room here; the bucket has them'),
      }),
    ),
  mirrorRun: oc
    .route({
      method: 'POST',
      path: '/sync/runs/{id}/mirror',
      summary:
        'Have the images of a run in the bucket: sent from here, or asked of the workstation that has them',
      tags,
    })
    .input(z.object({ id: Id }))
    .output(
      z.object({
        answer: z
          .enum(['sending', 'shared', 'asked'])
          .describe(
            'sending: with the next exchange; shared: told of already; asked: their workstation is asked',
          ),
      }),
    ),
  keepRun: oc
    .route({
      method: 'PUT',
      path: '/sync/runs/{id}/keep',
      summary: 'Keep the images of a run here whatever the limit, fetching what is elsewhere; or no longer',
      tags,
    })
    .input(z.object({ id: Id, isKept: z.boolean() }))
    .output(z.object({ isKept: z.boolean() })),
  listProjects: oc
    .route({
      method: 'POST',
      path: '/sync/projects',
      summary: 'Projects of a catalogue that a login is a member of',
      tags,
    })
    .input(ConnectionRequest.pick({ catalogueUrl: true, authority: true }))
    .output(z.object({ items: z.array(MemberProject) })),
  examineConnection: oc
    .route({ method: 'POST', path: '/sync/examine', summary: 'Try a connection without keeping it', tags })
    .input(ConnectionRequest)
    .output(z.object({ steps: z.array(ConnectionStep) })),
  connect: oc
    .route({ method: 'POST', path: '/sync/connect', summary: 'Keep a connection if all of it works', tags })
    .input(ConnectionRequest)
    .output(SyncConnection),
  disconnect: oc
    .route({
      method: 'POST',
      path: '/sync/disconnect',
      summary: 'Share no more; the workspace keeps all it has',
      tags,
    })
    .output(z.object({ isConnected: z.literal(false) })),
  listConflicts: oc
    .route({
      method: 'GET',
      path: '/sync/conflicts',
      summary: 'Fields that people set without knowing of each other',
      tags,
    })
    .input(z.object(pageQuery))
    .output(pageOf(SyncConflict)),
  resolveConflict: oc
    .route({
      method: 'POST',
      path: '/sync/conflicts/resolve',
      summary: 'Settle a conflict with one of its values; the others are told',
      tags,
    })
    .input(
      z.object({
        entity: z.string().max(100),
        key: z.string().max(400),
        field: z.string().max(200),
        versionId: z.string().max(100),
      }),
    )
    .output(z.object({ conflicts: z.number().int() })),
  listRefused: oc
    .route({
      method: 'GET',
      path: '/sync/refused',
      summary: 'Changes that the catalogue would not take, and why',
      tags,
    })
    .input(z.object(pageQuery))
    .output(pageOf(RefusedChange)),
  retryRefused: oc
    .route({ method: 'POST', path: '/sync/refused/retry', summary: 'Send refused changes again', tags })
    .output(z.object({ count: z.number().int() })),
};
