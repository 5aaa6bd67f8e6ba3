/**
 * Do the work of a night's end over and over until killed: `node write-until-killed.ts FOLDER MIGRATIONS`.
 *
 * After each write that was reported done it prints what, one JSON document a line.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { createFolderBlobStore } from '../../core/adapters/storage/index.ts';

const [folder, migrationsFolder] = process.argv.slice(2);
const database = await openDatabase({
  folder: folder!,
  migrationsFolder: migrationsFolder!,
  log: { warn: () => undefined },
});
const blobs = await createFolderBlobStore(join(folder!, 'blobs'));
const say = (what: Record<string, unknown>): void => void writeSync(1, `${JSON.stringify(what)}\n`);

for (let night = 0; ; night++) {
  const run = await database.runs.create({
    sciencePath: `/night/${night}.fits`,
    templatePath: '/template.fits',
    options: { allowBandMismatch: false },
  });
  say({ run: run.id });
  const claim = await database.queue.claim({ worker: 'child', leaseMs: 60_000 });
  const key = { stage: 'persist', codeVersion: '1', configHash: 'c', inputHash: 'i' };
  const started = await database.stageRuns.start({ runId: claim!.runId, ...key }, claim!.lease);
  const pixels = new Float32Array(64 * 1024).fill(night + Math.random());
  const sha256 = await blobs.put(new Uint8Array(pixels.buffer));
  say({ blob: sha256 });
  await database.stageRuns.finishWithCandidates({
    stageRunId: started.id,
    lease: claim!.lease,
    seconds: 1,
    metrics: {},
    output: { night },
    planes: [{ kind: 'science', sha256, width: 256, height: 256, dtype: 'float32', unit: 'e-' }],
    modelVersion: '1',
    executionProvider: 'cpu',
    detections: Array.from({ length: 40 }, (_, n) => ({
      detection: {
        xPx: n * 10,
        yPx: night,
        fluxE: 1,
        fluxErrE: 1,
        snr: n,
        scorr: n,
        isNegative: false,
        areaPx: 1,
        maskBits: 0,
        flags: [],
        vetoes: [],
        features: {},
      },
      score: n / 40,
      rank: 40 - n,
      triplet: createHash('sha512').update(`${night} ${n}`).digest(),
    })),
  });
  say({ stage: claim!.runId, candidates: 40 });
  await database.runs.finish(claim!.runId, claim!.lease);
  say({ finished: claim!.runId });
  const { items } = await database.detections.list({
    runId: claim!.runId,
    vetoed: false,
    order: 'rank',
    limit: 3,
  });
  for (const candidate of items) {
    const label = await database.labels.append({
      id: candidate.id.replace(/^......../, '0aaaaaaa'),
      candidateId: candidate.id,
      verdict: 'real',
      curator: 'child',
      scoreVisible: true,
    });
    say({ label: label.id });
  }
}
