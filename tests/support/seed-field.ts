/** Fill a workspace with one field whose every pixel is known: `node seed-field.ts FOLDER`. */
import { join } from 'node:path';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { createFolderBlobStore } from '../../core/adapters/storage/index.ts';
import { makeCompleteness } from './known-completeness.ts';
import { FIELD, pixelOf } from './known-field.ts';
import { GOOD_NUMBERS, MIGRATIONS, makeDetection, makeId } from './seed-workspace.ts';

/** Detections that did not become candidates, one a dipole along +x. */
const VETOED = [
  {
    rule: 'dipole',
    reason: 'an opposite lobe has 0.84 of its significance',
    features: { isDipole: 1, dipoleSeparationPx: 3.2, dipoleAngleRad: 0.3, dipoleFluxE: 900 },
  },
  { rule: 'edge', reason: '1.5 px from the edge of an image', features: { elongation: 1.1 } },
  { rule: 'masked', reason: 'its centre is masked: SAT', features: { elongation: 1.4 } },
];

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

// A row of saturated pixels with its trail, and a border without data.
const mask = Uint16Array.from({ length: width * height }, (_, i) => {
  const x = i % width;
  const y = Math.floor(i / width);
  return (y === 250 && x > 300 && x < 420 ? 2 : 0) | (x < 4 || x >= width - 4 ? 16 : 0);
});
planes.push({
  kind: 'mask' as const,
  sha256: await blobs.put(new Uint8Array(mask.buffer)),
  width,
  height,
  dtype: 'uint16' as const,
  unit: 'bits',
});

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
  run: {
    grade: 'yellow',
    gradeReasons: ['Neighbouring pixels of the difference are correlated (0.14).'],
    difference: { method: 'zogy', ...GOOD_NUMBERS, whiteness: 0.14 },
    registration: {
      method: 'stars',
      matched: 60,
      rmsPx: 0.06,
      overlap: 1,
      templateScale: 1.1,
      residuals: Array.from({ length: 60 }, (_, n) => ({
        xPx: 30 + ((n * 113) % (width - 60)),
        yPx: 30 + ((n * 71) % (height - 60)),
        dxPx: 0.04 * Math.cos(n),
        dyPx: 0.03 * Math.sin(2 * n),
      })),
    },
    starScores: Array.from({ length: 60 }, (_, n) => ({
      xPx: 30 + ((n * 113) % (width - 60)),
      yPx: 30 + ((n * 71) % (height - 60)),
      score: 3 * Math.sin(n) + (n === 17 ? 4 : 0),
    })),
  },
  modelVersion: 'model-1',
  executionProvider: 'cpu',
  detections: Array.from({ length: FIELD.candidates }, (_, n) => ({
    detection: makeDetection(20 + 2.5 * n, 30 + ((n * 37) % 440), { mag: 18 + n / 100 }),
    score: 1 - n / FIELD.candidates,
    rank: n + 1,
    triplet: new Uint8Array(Float32Array.from({ length: 3 * 63 * 63 }, (_, i) => n + (i % 63)).buffer),
  })).concat(
    VETOED.map(({ rule, reason, features }, n) => ({
      detection: makeDetection(200 + 60 * n, 400, { vetoes: [{ rule, reason }], features, snr: 9 - n }),
      score: 0.1,
      rank: FIELD.candidates + n + 1,
      triplet: new Uint8Array(Float32Array.from({ length: 3 * 63 * 63 }, (_, i) => -n + (i % 63)).buffer),
    })),
  ),
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
