import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { type BucketAddress, openBucket } from '../../core/adapters/storage/index.ts';
import { MIGRATIONS } from '../support/seed-workspace.ts';
import { chooseSizes, hashOf, hashOfFile, makeBlob } from './make-blob.ts';
import type { SenderNews, SenderSetup, ServerNews, ServerSetup } from './model.ts';

/** What is carried, and what stands in the way. */
export interface CarryOptions {
  readonly folder: string;
  readonly objects: number;
  readonly bytes: number;
  readonly failShare: number;
  readonly kills: number;
  readonly tuning: { readonly partBytes: number; readonly silenceMs: number };
  readonly bytesPerSecond?: number | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** What came of it. */
export interface CarryReport {
  readonly seconds: number;
  readonly bytes: number;
  readonly killed: number;
  readonly requests: number;
  readonly failed: Readonly<Record<string, number>>;
  /** Times that an object was written; as many as there are objects where each arrived once. */
  readonly written: number;
  /** Addresses that are not in the bucket, and those whose bytes are others there. */
  readonly missing: readonly string[];
  readonly wrong: readonly string[];
  /** Objects that nobody sent. */
  readonly strange: number;
  readonly unfinishedUploads: number;
  /** What the ledger still has to send. */
  readonly toSend: number;
  /** Most memory of any of the senders. */
  readonly senderRssMb: number;
  readonly downloadSeconds: number;
  readonly downloaded: number;
}

/**
 * Send blobs through a bad server by a sender that is killed again and again, and look at what arrived.
 */
export async function carryBlobs(options: CarryOptions): Promise<CarryReport> {
  const { folder, objects, failShare, kills, tuning, onProgress } = options;
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace, { recursive: true });
  const sizes = chooseSizes(objects, options.bytes, tuning.partBytes);
  const blobs: { sha256: string; bytes: number }[] = [];
  for (const [n, bytes] of sizes.entries()) blobs.push({ sha256: await hashOf(makeBlob(n, bytes)), bytes });
  const list = join(folder, 'blobs.json');
  writeFileSync(list, JSON.stringify(blobs));
  await fillLedger(workspace, blobs);

  const serverSetup: ServerSetup = {
    folder: join(folder, 's3'),
    failShare,
    slowMs: 1000,
    minPartBytes: Math.min(tuning.partBytes, 5 * 1024 * 1024),
    seed: 11,
  };
  const server = fork(resolve('tests/blobs/serve.ts'), [JSON.stringify(serverSetup)]);
  const told = async (): Promise<ServerNews> => ((await once(server, 'message')) as [ServerNews])[0];
  const { endpoint } = await told();
  const address: BucketAddress = { endpoint, bucket: 'sky', accessKeyId: 'key', secretAccessKey: 'not told' };
  const setup: SenderSetup = {
    folder: workspace,
    address,
    tuning,
    bytesPerSecond: options.bytesPerSecond,
    blobs: list,
  };
  const startedMs = performance.now();
  let killed = 0;
  let senderRssMb = 0;
  let before = 0;
  try {
    for (let isDone = false; !isDone; ) {
      // Killed each time after another share of the work, wherever it is then.
      const killAfter = killed < kills ? Math.ceil(objects / (kills + 1)) : undefined;
      const sender = fork(resolve('tests/blobs/send.ts'), [JSON.stringify({ ...setup, killAfter })]);
      const news = await watch(sender, (rssMb) => {
        senderRssMb = Math.max(senderRssMb, rssMb);
      });
      if (news === undefined) {
        killed++;
        before += killAfter ?? 0;
        onProgress?.(`killed ${killed} times, about ${before} of ${objects} sent`);
      } else if (news.kind === 'failed') throw new Error(news.message);
      else isDone = true;
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const stored = join(folder, 's3', 'objects');
    const names = readdirSync(stored).filter((name) => !name.endsWith('.meta') && !name.endsWith('.draft'));
    const there = new Map(names.map((name) => [decodeURIComponent(name).split('/').at(-1)!, name]));
    const wrong: string[] = [];
    for (const [sha256, name] of there)
      if ((await hashOfFile(join(stored, name))) !== sha256) wrong.push(sha256);
    const known = new Set(blobs.map(({ sha256 }) => sha256));

    const bucket = openBucket(address, tuning);
    onProgress?.('fetching all of it');
    const fetchedMs = performance.now();
    let downloaded = 0;
    const waiting = [...blobs];
    const lane = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        let bytes = 0;
        for await (const chunk of bucket.download(next.sha256)) bytes += chunk.length;
        if (bytes === next.bytes) downloaded++;
      }
    };
    await Promise.all(Array.from({ length: 6 }, lane));
    const downloadSeconds = (performance.now() - fetchedMs) / 1000;
    server.send(0);
    const { requests, failed, written } = await told();
    let unfinishedUploads = 0;
    for await (const _ of bucket.listUnfinished()) unfinishedUploads++;
    bucket.close();
    const database = await openLedger(workspace);
    const { count: toSend } = await database.blobLedger.countToSend();
    database.close();
    return {
      seconds,
      bytes: sizes.reduce((sum, one) => sum + one, 0),
      killed,
      requests,
      failed,
      written,
      missing: blobs.flatMap(({ sha256 }) => (there.has(sha256) ? [] : [sha256])),
      wrong,
      strange: [...there.keys()].filter((sha256) => !known.has(sha256)).length,
      unfinishedUploads,
      toSend,
      senderRssMb,
      downloadSeconds,
      downloaded,
    };
  } finally {
    server.kill();
  }
}

/** Follow a sender to its end. @returns `undefined` where it was killed */
async function watch(
  sender: ChildProcess,
  onMemory: (rssMb: number) => void,
): Promise<SenderNews | undefined> {
  let last: SenderNews | undefined;
  sender.on('message', (news: SenderNews) => {
    if (news.kind !== 'failed') onMemory(news.rssMb);
    if (news.kind !== 'progress') last = news;
  });
  const [code, signal] = (await once(sender, 'exit')) as [number | null, string | null];
  if (signal === 'SIGKILL') return undefined;
  return last ?? { kind: 'failed', message: `the sender ended with ${code}` };
}

const openLedger = (folder: string) =>
  openDatabase({ folder, migrationsFolder: MIGRATIONS, log: { warn: () => undefined } });

/** Enter blobs as those of which the catalogue was told already. */
async function fillLedger(
  workspace: string,
  blobs: readonly { readonly sha256: string; readonly bytes: number }[],
): Promise<void> {
  (await openLedger(workspace)).close();
  const sqlite = new Database(join(workspace, 'workspace.sqlite'));
  sqlite.exec(`INSERT INTO outbox (change_id, kind, entity, key, sent_at)
    VALUES ('told', 'set', 'run', 'all', '2026-01-01T00:00:00.000Z')`);
  const insert = sqlite.prepare(
    `INSERT INTO shared_blobs (sha256, bytes, change_id, used_at) VALUES (?, ?, 'told', '2026-01-01T00:00:00.000Z')`,
  );
  sqlite.transaction(() => {
    for (const { sha256, bytes } of blobs) insert.run(sha256, bytes);
  })();
  sqlite.close();
}
