import type { App, ConnectionRequest } from '../app/index.ts';
import { AstridError, readAll } from '../utils/index.ts';
import { type Console, count, formatTable } from './console.ts';
import { readAddress, readAuthority } from './read-address.ts';
import { withApp } from './with-app.ts';

interface SyncOptions {
  readonly workspace?: string;
  readonly json?: boolean;
}

/** Run `astrid sync`: send and fetch until there is nothing more. @throws sync/not-connected, sync/unreachable, ... */
export async function runSync(
  options: SyncOptions & { readonly dryRun?: boolean },
  out: Console,
): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync }, signal) => {
    if (options.dryRun) {
      const waiting = await sync.changes.countOutgoing();
      const { cutoutsToSend, cutoutsToFetch } = await sync.status();
      if (options.json) out.print(JSON.stringify({ version: 1, waiting, cutoutsToSend, cutoutsToFetch }));
      else {
        out.print(
          formatTable(
            ['to send', 'count'],
            waiting.map(({ entity, count: n }) => [entity, String(n)]),
          ),
        );
        out.print(`${count(cutoutsToSend, 'triplet')} to send, ${cutoutsToFetch} to fetch; nothing was sent`);
      }
      return;
    }
    const timer = setInterval(() => out.status(describeActivity(sync.activity())), 200);
    try {
      const report = await sync.exchange(signal);
      if (options.json) out.print(JSON.stringify({ version: 1, ...report }));
      else {
        out.print(
          `${count(report.sent, 'change')} sent, ${report.received} received; ${count(report.cutoutsSent, 'triplet')} sent, ${report.cutoutsFetched} fetched`,
        );
        if (report.imagesSent + report.evicted > 0)
          out.print(`${count(report.imagesSent, 'image')} sent, ${report.evicted} made room here`);
        if (report.imagesDamaged > 0)
          out.complain(
            `${count(report.imagesDamaged, 'image')} cannot be read as stored and did not go; check the disk, and process again`,
          );
        if (report.cutoutsMissing > 0)
          out.say(
            `${count(report.cutoutsMissing, 'triplet')} not in the bucket yet: their workstation has not sent them`,
          );
        if (report.refused > 0)
          out.complain(`${count(report.refused, 'change')} refused and put aside: see “astrid sync refused”`);
      }
    } finally {
      clearInterval(timer);
    }
  });
}

/** Run `astrid sync status`. */
export async function runSyncStatus(options: SyncOptions, out: Console): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    const connection = await sync.connection();
    const status = await sync.status();
    if (options.json) {
      out.print(JSON.stringify({ version: 1, connection, ...status }));
      return;
    }
    out.print(
      connection == null
        ? 'not connected: everything is on this machine, and nothing is lost by that'
        : `connected to ${connection.where}${connection.bucket ? ` and ${connection.bucket.bucket}` : ', without a bucket'}`,
    );
    out.print(
      formatTable(
        ['to send', 'refused', 'held', 'conflicts', 'triplets to send', 'to fetch', 'last exchange'],
        [
          [
            ...[status.toSend, status.refused, status.held, status.conflicts].map(String),
            String(status.cutoutsToSend),
            String(status.cutoutsToFetch),
            status.lastExchangeAt ?? 'never',
          ],
        ],
      ),
    );
    const { bytes, keptBytes, limitBytes, toEvict } = status.local;
    out.print(
      formatTable(
        ['images to send', 'GB', 'of the bucket here, GB', 'kept, GB', 'limit, GB', 'make room, GB'],
        [
          [
            String(status.imagesToSend.count),
            ...[status.imagesToSend.bytes, bytes, keptBytes, limitBytes, toEvict.bytes].map((one) =>
              (one / 1e9).toFixed(2),
            ),
          ],
        ],
      ),
    );
  });
}

/** Run `astrid sync mirror`. @throws pipeline/run-not-found, sync/no-images, sync/mirror-never */
export async function runSyncMirror(
  runId: string,
  options: SyncOptions & { readonly keep?: boolean; readonly unkeep?: boolean },
  out: Console,
): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    if (options.unkeep) {
      await sync.keepRun(runId, false);
      out.print('its images may make room again');
      return;
    }
    const answer = await sync.mirrorRun(runId);
    if (options.keep) await sync.keepRun(runId, true);
    if (options.json)
      out.print(JSON.stringify({ version: 1, run: runId, answer, isKept: options.keep === true }));
    else out.print(ANSWERS[answer]);
    if (options.keep) out.say('its images stay here whatever the limit');
  });
}

const ANSWERS = {
  sending: 'its images go to the bucket with the next sync',
  shared: 'its images are in the bucket, or on their way',
  asked: 'its workstation is asked with the next sync; the images come after the one that follows there',
} as const;

/** Run `astrid sync collect`. @throws sync/not-connected, sync/admins-only, sync/bucket-shared, sync/bad-grace */
export async function runSyncCollect(
  options: SyncOptions & {
    readonly dryRun?: boolean;
    readonly graceDays: string;
    readonly here?: boolean;
  },
  out: Console,
): Promise<void> {
  const graceDays = Number(options.graceDays);
  if (!(graceDays >= 1))
    throw new AstridError('sync/bad-grace', `--grace-days ${options.graceDays}: give one day or more.`);
  const isDryRun = options.dryRun === true;
  await withApp({ workspace: options.workspace, out }, async ({ sync }, signal) => {
    const report = await sync.collect({
      graceMs: graceDays * 86_400_000,
      isDryRun,
      where: options.here || (await sync.connection())?.bucket === undefined ? ['here'] : ['here', 'bucket'],
      signal,
    });
    if (options.json) {
      out.print(JSON.stringify({ version: 1, isDryRun, graceDays, ...report }));
      return;
    }
    const rows = Object.entries(report).flatMap(([where, found]) => (found ? [{ where, found }] : []));
    out.print(
      formatTable(
        ['where', 'blobs', 'GB', isDryRun ? 'would go' : 'gone', 'GB', 'too young', 'uploads aborted'],
        rows.map(({ where, found }) => [
          where,
          String(found.seen),
          (found.seenBytes / 1e9).toFixed(2),
          String(found.removed),
          (found.removedBytes / 1e9).toFixed(2),
          String(found.young),
          'aborted' in found ? String(found.aborted) : '-',
        ]),
      ),
    );
  });
}

/** Run `astrid sync conflicts`. */
export async function runSyncConflicts(options: SyncOptions, out: Console): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    const conflicts = await readAll((cursor) => sync.changes.listConflicts({ cursor, limit: 1000 }));
    if (options.json) {
      out.print(JSON.stringify({ version: 1, conflicts }));
      return;
    }
    if (conflicts.length === 0) out.print('no conflicts');
    for (const { entity, key, field, current, losers } of conflicts) {
      out.print(`${entity} ${key}, ${field}:`);
      for (const [mark, { id, value, author }] of [
        ['now', current] as const,
        ...losers.map((one) => ['lost', one] as const),
      ])
        out.print(`  ${mark.padEnd(4)}  ${JSON.stringify(value)}  by ${author ?? 'this workstation'}  ${id}`);
      out.print(`  settle with: astrid sync resolve ${entity} ${key} ${field} ID`);
    }
  });
}

/** Run `astrid sync resolve`. @throws sync/conflict-not-found */
export async function runSyncResolve(
  name: readonly [string, string, string, string],
  options: SyncOptions,
  out: Console,
): Promise<void> {
  const [entity, key, field, versionId] = name;
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    const conflicts = await readAll((cursor) => sync.changes.listConflicts({ cursor, limit: 1000 }));
    const known = conflicts.find(
      (conflict) => conflict.entity === entity && conflict.key === key && conflict.field === field,
    );
    if (known === undefined)
      throw new AstridError('sync/conflict-not-found', `There is no conflict on ${entity} ${key} ${field}.`);
    await sync.changes.resolve(known, versionId);
    out.print('settled; the others are told with the next sync');
  });
}

/** Run `astrid sync refused`: what the catalogue would not take, and why; `--retry` sends it again. */
export async function runSyncRefused(
  options: SyncOptions & { readonly retry?: boolean },
  out: Console,
): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    if (options.retry) {
      out.print(`${count(await sync.changes.retryRefused(), 'change')} go again with the next sync`);
      return;
    }
    const refused = await readAll((cursor) => sync.changes.listRefused({ cursor, limit: 1000 }));
    if (options.json) out.print(JSON.stringify({ version: 1, refused }));
    else if (refused.length === 0) out.print('nothing was refused');
    else
      out.print(
        formatTable(
          ['what', 'which', 'code', 'why'],
          refused.map(({ entity, key, code, reason }) => [entity, key, code, reason]),
        ),
      );
  });
}

/** Run `astrid sync connect`. @throws what the first step that fails says */
export async function runSyncConnect(
  options: SyncOptions & {
    readonly catalogue?: string;
    readonly project?: string;
    readonly authority?: string;
    readonly endpoint?: string;
    readonly bucket?: string;
    readonly prefix?: string;
    readonly region?: string;
    readonly accessKeyId?: string;
    readonly limit?: string;
  },
  out: Console,
): Promise<void> {
  const catalogueUrl = await readAddress(options.catalogue);
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    const authority = await readAuthority(options.authority);
    const request: ConnectionRequest = {
      catalogueUrl,
      projectId: options.project ?? chooseOnly(await sync.listProjects({ catalogueUrl, authority })),
      authority,
      bucket: readBucket(options),
      bytesPerSecond: options.limit === undefined ? undefined : Number(options.limit) * 1024,
    };
    for (const { name, state, message } of await sync.examine(request))
      out.say(`${state === 'ok' ? 'ok    ' : 'failed'}  ${name}: ${message}`);
    const { where } = await sync.connect(request);
    out.print(`connected to ${where}`);
  });
}

/** Run `astrid sync projects`. @throws what keeps the catalogue from answering */
export async function runSyncProjects(
  options: SyncOptions & { readonly catalogue?: string; readonly authority?: string },
  out: Console,
): Promise<void> {
  const catalogueUrl = await readAddress(options.catalogue);
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    const authority = await readAuthority(options.authority);
    const projects = await sync.listProjects({ catalogueUrl, authority });
    if (options.json) out.print(JSON.stringify({ version: 1, projects }));
    else if (projects.length === 0) out.print('this login is a member of no project');
    else
      out.print(
        formatTable(
          ['project', 'you are', 'id'],
          projects.map(({ name, role, id }) => [name, role, id]),
        ),
      );
  });
}

/** The project that is meant where none is named. @throws sync/not-a-member, sync/which-project */
function chooseOnly(projects: readonly { readonly id: string; readonly name: string }[]): string {
  const [only, ...others] = projects;
  if (only === undefined)
    throw new AstridError('sync/not-a-member', 'This login is a member of no project; ask an admin of one.');
  if (others.length > 0)
    throw new AstridError(
      'sync/which-project',
      `This login is a member of ${projects.map(({ name }) => `“${name}”`).join(', ')}; choose one with --project (“astrid sync projects” lists their ids).`,
    );
  return only.id;
}

/** Run `astrid sync disconnect`. */
export async function runSyncDisconnect(options: SyncOptions, out: Console): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    await sync.disconnect();
    out.print('disconnected; the workspace keeps all it has, and its password and keys are forgotten');
  });
}

function readBucket(options: {
  readonly endpoint?: string;
  readonly bucket?: string;
  readonly prefix?: string;
  readonly region?: string;
  readonly accessKeyId?: string;
}): ConnectionRequest['bucket'] {
  const { endpoint, bucket, prefix, region } = options;
  if (endpoint === undefined && bucket === undefined) return undefined;
  const accessKeyId = options.accessKeyId ?? process.env.ASTRID_BUCKET_ACCESS_KEY_ID;
  const secretAccessKey = process.env.ASTRID_BUCKET_SECRET_ACCESS_KEY;
  if (!endpoint || !bucket || !accessKeyId || !secretAccessKey)
    throw new AstridError(
      'sync/bad-address',
      'A bucket needs --endpoint, --bucket, an access key (--access-key-id or ASTRID_BUCKET_ACCESS_KEY_ID) and its secret in ASTRID_BUCKET_SECRET_ACCESS_KEY.',
    );
  return { endpoint, bucket, prefix, region, accessKeyId, secretAccessKey };
}

function describeActivity(activity: ReturnType<App['sync']['activity']>): string {
  switch (activity.kind) {
    case 'idle':
      return 'asking the catalogue';
    case 'exchanging':
      return `${activity.sent} sent, ${activity.received} received`;
    case 'mirroring':
      return `triplets: ${activity.sent} sent, ${activity.fetched} fetched`;
  }
}
