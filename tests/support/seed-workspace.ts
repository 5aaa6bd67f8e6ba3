import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { createFolderBlobStore } from '../../core/adapters/storage/index.ts';
import type { Detection } from '../../core/domains/detection/index.ts';
import { makeCompleteness } from './known-completeness.ts';

/** Where the shipped migrations are. */
export const MIGRATIONS = fileURLToPath(new URL('../../migrations/sqlite', import.meta.url));

/** A UUIDv7 that is told apart by its last digits. */
export function makeId(n: number): string {
  return `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** A detection with plausible numbers. */
export function makeDetection(xPx: number, yPx: number, changes: Partial<Detection> = {}): Detection {
  return {
    xPx,
    yPx,
    fluxE: 1200,
    fluxErrE: 100,
    snr: 12,
    scorr: 12.5,
    isNegative: false,
    areaPx: 21,
    maskBits: 0,
    flags: [],
    vetoes: [],
    features: { elongation: 1.1 },
    ...changes,
  };
}

/** Numbers of a difference that is graded green. */
export const GOOD_NUMBERS = {
  fluxRatio: 1.01,
  fluxRatioScatter: 0.01,
  fluxRatioStars: 80,
  modelError: 0.01,
  scorrMadStd: 1,
  scorrMedian: 0,
  starsTested: 120,
  kernelStarsBeyond5Sigma: 0,
  psfStarsScience: 60,
  psfStarsTemplate: 70,
  whiteness: 0.02,
} as const;
function makeSmallFits(): Buffer {
  const cards = [
    'SIMPLE  =                    T',
    'BITPIX  =                   16',
    'NAXIS   =                    2',
    'NAXIS1  =                    8',
    'NAXIS2  =                    6',
    'BZERO   =                 1000',
    'BLANK   =               -32768',
    "BUNIT   = 'adu     '           / what a pixel counts",
    'HISTORY flat-fielded by hand',
    'END',
  ];
  const header = cards.map((card) => card.padEnd(80)).join('');
  const data = Buffer.alloc(2880);
  for (let i = 0; i < 48; i++) data.writeInt16BE(i === 19 ? -32768 : 10 * Math.floor(i / 8) + (i % 8), 2 * i);
  return Buffer.concat([Buffer.from(header.padEnd(2880), 'latin1'), data]);
}

/** What a seeded workspace holds. */
export interface Seed {
  readonly doneRunId: string;
  readonly failedRunId: string;
  /** A plane of 40 x 30 px whose pixel (x, y) is 100 y + x. */
  readonly plane: { readonly sha256: string; readonly bytes: Uint8Array };
  /** A FITS file of 8 x 6 px of 16 bits, blank at (3, 2), elsewhere 1000 + 10 y + x. */
  readonly imagePath: string;
  /** Newest event when seeding was over. */
  readonly lastEventId: number;
}

/** Fill a workspace as a night would: one run with twelve candidates and a vetoed detection, one that failed. */
export async function seedWorkspace(folder: string): Promise<Seed> {
  const database = await openDatabase({
    folder,
    migrationsFolder: MIGRATIONS,
    log: { warn: () => undefined },
  });
  const blobs = await createFolderBlobStore(join(folder, 'blobs'));
  const imagePath = join(folder, 'look & see.fits');
  writeFileSync(imagePath, makeSmallFits());
  const pixels = Float32Array.from({ length: 40 * 30 }, (_, n) => 100 * Math.floor(n / 40) + (n % 40));
  const bytes = new Uint8Array(pixels.buffer);
  const sha256 = await blobs.put(bytes);

  for (const [id, name] of [
    [makeId(1), 'good'],
    [makeId(2), 'bad'],
  ] as const)
    await database.runs.create({
      id,
      sciencePath: `/night/${name}.fits`,
      templatePath: '/night/template.fits',
      options: { allowBandMismatch: false },
    });
  const good = (await database.queue.claim({ worker: 'seed', leaseMs: 60_000 }))!;
  const key = { codeVersion: '1', configHash: 'c', inputHash: 'i' };
  const ingest = await database.stageRuns.start({ runId: good.runId, stage: 'ingest', ...key }, good.lease);
  await database.stageRuns.finish({
    stageRunId: ingest.id,
    lease: good.lease,
    seconds: 0.25,
    metrics: { sources: 120 },
    output: null,
    planes: [{ kind: 'science', sha256, width: 40, height: 30, dtype: 'float32', unit: 'e-' }],
    run: { science: { path: '/night/good.fits', name: 'good', band: 'r', width: 40, height: 30 } },
    events: [{ kind: 'observation.ingested' }],
  });
  const persist = await database.stageRuns.start({ runId: good.runId, stage: 'persist', ...key }, good.lease);
  const veto = { rule: 'edge', reason: 'it touches the edge of the image' };
  await database.stageRuns.finishWithCandidates({
    stageRunId: persist.id,
    lease: good.lease,
    seconds: 0.5,
    metrics: {},
    output: null,
    run: {
      grade: 'green',
      gradeReasons: [],
      registration: {
        method: 'wcs+stars',
        matched: 80,
        rmsPx: 0.1,
        overlap: 1,
        templateScale: 1,
        residuals: [{ xPx: 10, yPx: 12, dxPx: 0.01, dyPx: -0.02 }],
      },
      sky: {
        stepPx: 40,
        columns: 2,
        rows: 2,
        raDeg: [10, 11, 10, 11],
        decDeg: [0, 0, 1, 1],
        pixelScaleArcsec: 0.4,
      },
      difference: { method: 'zogy', ...GOOD_NUMBERS },
      starScores: [{ xPx: 10, yPx: 12, score: 1.5 }],
    },
    modelVersion: 'model-1',
    executionProvider: 'cpu',
    detections: Array.from({ length: 13 }, (_, n) => ({
      detection: makeDetection(
        3 * n,
        10,
        n === 12 ? { vetoes: [veto] } : { raDeg: 10 + n / 1000, decDeg: 0.5 },
      ),
      score: (12 - n) / 12,
      rank: n + 1,
      triplet: makeTriplet(n),
    })),
  });
  const completeness = await database.stageRuns.start(
    { runId: good.runId, stage: 'completeness', ...key },
    good.lease,
  );
  await database.stageRuns.finish({
    stageRunId: completeness.id,
    lease: good.lease,
    seconds: 0.5,
    metrics: {},
    output: null,
    run: { completeness: makeCompleteness(40, 30) },
  });
  await database.runs.finish(good.runId, good.lease);
  const bad = (await database.queue.claim({ worker: 'seed', leaseMs: 60_000 }))!;
  const failed = await database.stageRuns.start({ runId: bad.runId, stage: 'ingest', ...key }, bad.lease);
  const error = { code: 'imaging/not-fits', message: 'bad.fits is not FITS.', details: {} } as const;
  await database.stageRuns.fail({ stageRunId: failed.id, lease: bad.lease, seconds: 0.01, error });
  await database.runs.finish(bad.runId, bad.lease, error);
  const lastEventId = await database.events.lastId();
  database.close();
  return { doneRunId: good.runId, failedRunId: bad.runId, plane: { sha256, bytes }, imagePath, lastEventId };
}

/** Write a stand-in for the built window, for doors that are tested without a build. */
export function writeWindow(folder: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>AstrID</title><div id="root"></div>');
  writeFileSync(join(folder, 'assets', 'main-0123abcd.js'), 'export {};\n');
  writeFileSync(join(folder, '.hidden'), 'not for you');
}

/** Address of the triplet of the nth seeded detection. */
export function addressOfTriplet(n: number): string {
  return createHash('sha256').update(makeTriplet(n)).digest('hex');
}

function makeTriplet(n: number): Uint8Array {
  return new Uint8Array(new Float32Array(3 * 63 * 63).fill(n).buffer);
}
