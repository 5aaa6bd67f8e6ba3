/** Fill a workspace with one field whose every pixel is known: `node seed-field.ts FOLDER`. */
import { join } from 'node:path';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { createFolderBlobStore } from '../../core/adapters/storage/index.ts';
import { makeCompleteness } from './known-completeness.ts';
import { FIELD, pixelOf } from './known-field.ts';
import { MIGRATIONS, makeDetection, makeId } from './seed-workspace.ts';

const folder = process.argv[2]!;
const database = await openDatabase({ folder, migrationsFolder: MIGRATIONS, log: { warn: () => undefined } });
const blobs = await createFolderBlobStore(join(folder, 'blobs'));
const { width, height, step } = FIELD;

const planes = [];
for (const [kind, unit] of [
  ['science', 'e-'],
  ['template', 'e-'],
  ['difference', 'e-'],
  ['score', 'sigma'],
] as const) {
  const pixels = Float32Array.from({ length: width * height }, (_, i) =>
    pixelOf(kind, i % width, Math.floor(i / width)),
  );
  const sha256 = await blobs.put(new Uint8Array(pixels.buffer));
  planes.push({ kind, sha256, width, height, dtype: 'float32' as const, unit });
}

const id = makeId(1);
await database.runs.create({
  id,
  sciencePath: '/night/known.fits',
  templatePath: '/night/template.fits',
  options: { allowBandMismatch: false },
});
const claim = (await database.queue.claim({ worker: 'seed', leaseMs: 60_000 }))!;
const key = { codeVersion: '1', configHash: 'c', inputHash: 'i' };
const ingest = await database.stageRuns.start({ runId: id, stage: 'ingest', ...key }, claim.lease);
const columns = Math.floor((width - 1) / step) + 2;
const rows = Math.floor((height - 1) / step) + 2;
const nodes = Array.from(
  { length: columns * rows },
  (_, i) => [i % columns, Math.floor(i / columns)] as const,
);
await database.stageRuns.finish({
  stageRunId: ingest.id,
  lease: claim.lease,
  seconds: 0.25,
  metrics: { widthPx: width, heightPx: height },
  output: null,
  planes,
  run: {
    science: { path: '/night/known.fits', name: 'known', object: 'known field', band: 'r', width, height },
    sky: {
      stepPx: step,
      columns,
      rows,
      // East is left: right ascension falls with x.
      raDeg: nodes.map(([i]) => FIELD.raDeg - (i * step * FIELD.scaleArcsec) / 3600),
      decDeg: nodes.map(([, j]) => FIELD.decDeg + (j * step * FIELD.scaleArcsec) / 3600),
      pixelScaleArcsec: FIELD.scaleArcsec,
    },
  },
});
const persist = await database.stageRuns.start({ runId: id, stage: 'persist', ...key }, claim.lease);
await database.stageRuns.finishWithCandidates({
  stageRunId: persist.id,
  lease: claim.lease,
  seconds: 0.5,
  metrics: { candidates: FIELD.candidates },
  output: null,
  run: { grade: 'green', gradeReasons: [], difference: { method: 'zogy', scorrMadStd: 1 } },
  modelVersion: 'model-1',
  executionProvider: 'cpu',
  detections: Array.from({ length: FIELD.candidates }, (_, n) => ({
    detection: makeDetection(20 + 2.5 * n, 30 + ((n * 37) % 440), { mag: 18 + n / 100 }),
    score: 1 - n / FIELD.candidates,
    rank: n + 1,
    triplet: new Uint8Array(Float32Array.from({ length: 3 * 63 * 63 }, (_, i) => n + (i % 63)).buffer),
  })),
});
const completeness = await database.stageRuns.start(
  { runId: id, stage: 'completeness', ...key },
  claim.lease,
);
await database.stageRuns.finish({
  stageRunId: completeness.id,
  lease: claim.lease,
  seconds: 0.5,
  metrics: {},
  output: null,
  run: { completeness: makeCompleteness(width, height) },
});
await database.runs.finish(id, claim.lease);
database.close();
