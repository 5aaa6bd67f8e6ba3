import type { App } from '../app/index.ts';
import { AstridError } from '../utils/index.ts';
import { type Console, count, formatTable } from './console.ts';
import { withApp } from './with-app.ts';

/** Which workspace, and how it is told. */
export interface SyncOptions {
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
