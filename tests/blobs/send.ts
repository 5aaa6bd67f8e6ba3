/**
 * A workstation that sends what its ledger says, as a process of its own that can be killed.
 *
 * The bytes of each blob are made when its turn comes, so that a large test needs no second copy of everything.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { limitBandwidth, openBucket } from '../../core/adapters/storage/index.ts';
import { sendBlobs } from '../../core/domains/sync/index.ts';
import { isAstridError } from '../../core/utils/index.ts';
import { MIGRATIONS } from '../support/seed-workspace.ts';
import { makeBlob } from './make-blob.ts';
import type { SenderNews, SenderSetup } from './model.ts';

const setup = JSON.parse(process.argv[2]!) as SenderSetup;
const tell = (news: SenderNews): void => void process.send!(news);
const rssMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);
const numbers = new Map(
  (JSON.parse(readFileSync(setup.blobs, 'utf8')) as { sha256: string; bytes: number }[]).map(
    ({ sha256, bytes }, n) => [sha256, { n, bytes }],
  ),
);
const drafts = join(setup.folder, 'drafts');
rmSync(drafts, { recursive: true, force: true });
mkdirSync(drafts, { recursive: true });

function writeDraft(sha256: string): string {
  const { n, bytes } = numbers.get(sha256)!;
  const path = join(drafts, sha256);
  const file = openSync(path, 'w');
  for (const piece of makeBlob(n, bytes)) writeSync(file, piece);
  closeSync(file);
  return path;
}

const database = await openDatabase({
  folder: setup.folder,
  migrationsFolder: MIGRATIONS,
  log: { warn: () => undefined },
});
const bucket = openBucket(setup.address, setup.tuning);
const pace = limitBandwidth(() => setup.bytesPerSecond, {
  nowMs: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
});
const sent = 0;
const known = 0;
for (;;) {
  try {
    const report = await sendBlobs(
      database.blobLedger,
      {
        send: async (sha256) => {
          const path = writeDraft(sha256);
          try {
            return await bucket.upload(sha256, path, { pace });
          } finally {
            rmSync(path);
          }
        },
      },
      {
        onProgress: (now) => {
          const done = sent + known + now.sent + now.known;
          tell({ kind: 'progress', done, rssMb: rssMb() });
          // Others are on their way at that moment, wherever they are. From outside it would come late on a busy machine.
          if (setup.killAfter !== undefined && done >= setup.killAfter) process.kill(process.pid, 'SIGKILL');
        },
      },
    );
    tell({
      kind: 'end',
      sent: sent + report.sent,
      known: known + report.known,
      damaged: report.damaged.length,
      rssMb: rssMb(),
    });
    break;
  } catch (error) {
    // As the workstation does: it tries again after a while.
    if (!isAstridError(error) || error.code !== 'storage/unreachable') {
      tell({ kind: 'failed', message: error instanceof Error ? (error.stack ?? '') : String(error) });
      break;
    }
    await sleep(200);
  }
}
bucket.close();
database.close();
process.disconnect();
