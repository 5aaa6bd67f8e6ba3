/**
 * How fast the catalogue of a million detections is searched, plotted and exported:
 * `npx node tests/bench/catalog.ts [--rows 1000000] [--keep FOLDER] [--exports]`.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { exportTable } from '../../core/app/export-table.ts';
import type { CatalogQuery } from '../../core/pipeline/index.ts';
import { createRandom } from '../../core/utils/index.ts';
import { MIGRATIONS, makeId } from '../support/seed-workspace.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    keep: { type: 'string' },
    exports: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
/** Detections that one curator has judged and that wait for a second label. */
const labelled = Math.floor(rows / 50);
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'astrid-bench-'));
const LIST = { filter: {}, order: 'score', isFalling: true, limit: 100 } satisfies CatalogQuery;

if (!existsSync(join(folder, 'workspace.sqlite'))) await fill();
const slow = new Map<string, number>();
const database = await openDatabase({
  folder,
  migrationsFolder: MIGRATIONS,
  log: {
    warn: ({ statement, milliseconds }) =>
      void slow.set(String(statement).slice(0, 90), Number(milliseconds)),
  },
});
const { catalog } = database;
try {
  const before = process.memoryUsage();
  let longestMs = 0;
  let lastMs = performance.now();
  const ticking = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastMs - 5);
    lastMs = performance.now();
  }, 5);
  const warmMs = await time(() => catalog.warm());
  clearInterval(ticking);
  const after = process.memoryUsage();
  const megabytes = (after.arrayBuffers - before.arrayBuffers) / 2 ** 20;
  console.log(
    `${rows} detections: columns in memory after ${(warmMs / 1000).toFixed(2)} s (others wait ${longestMs.toFixed(0)} ms at most), ${megabytes.toFixed(0)} MB`,
  );
  await measureLists();
  await measurePlots();
  await measureOthersEyes();
  await measureNews();
  if (values.exports) await measureExports();
  for (const [statement, milliseconds] of slow)
    console.log(`over 40 ms by the clock: ${milliseconds} ms ${statement}`);
} finally {
  database.close();
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

/** Print the median and the worst of many, each with a filter or place of its own so that nothing is found again. */
async function repeat(name: string, work: (n: number) => Promise<unknown>): Promise<void> {
  const taken: { wallMs: number; cpuMs: number }[] = [];
  for (let n = 0; n < 21; n++) {
    const before = process.cpuUsage();
    const wallMs = await time(() => work(n));
    const { user, system } = process.cpuUsage(before);
    taken.push({ wallMs, cpuMs: (user + system) / 1000 });
  }
  const spread = (of: 'wallMs' | 'cpuMs'): string => {
    const sorted = taken.map((one) => one[of]).sort((a, b) => a - b);
    return `${sorted[10]!.toFixed(1).padStart(7)} worst ${sorted[20]!.toFixed(1).padStart(6)}`;
  };
  console.log(`${name.padEnd(44)} processor ms ${spread('cpuMs')}   clock ms ${spread('wallMs')}`);
}

async function measureLists(): Promise<void> {
  const list = catalog.listDetections;
  for (const order of ['score', 'snr', 'mag', 'raDeg', 'midpointMjdTai'])
    await repeat(`first page by ${order}`, (n) => list({ ...LIST, order, isFalling: n % 2 === 0 }));
  await repeat('any page by its place', (n) => list({ ...LIST, offset: Math.floor((n / 21) * rows) }));
  let cursor: string | undefined;
  await repeat('the next page by cursor', async () => {
    cursor = (await list({ ...LIST, cursor })).nextCursor;
  });
  await repeat('score range, ordered by S/N', (n) =>
    list({ ...LIST, order: 'snr', filter: { ranges: [{ column: 'score', from: n / 50, to: 0.9 }] } }),
  );
  await repeat('ten rows of all, ordered by magnitude', (n) =>
    list({
      ...LIST,
      order: 'mag',
      filter: { ranges: [{ column: 'score', from: n / 30, to: n / 30 + 1e-5 }] },
    }),
  );
  await repeat('verdict included, model excluded', (n) =>
    list({
      ...LIST,
      filter: {
        ranges: [{ column: 'snr', from: 5 + n / 100 }],
        words: [
          { column: 'verdict', names: ['real', 'bogus'] },
          { column: 'model', names: ['other'], isExcluded: true },
        ],
      },
    }),
  );
  await repeat('lasso of 60 points on score and S/N', (n) =>
    list({
      ...LIST,
      filter: {
        lassos: [
          {
            x: 'score',
            y: 'snr',
            isLogY: true,
            points: Array.from({ length: 60 }, (_, k) => {
              const angle = (2 * Math.PI * k) / 60;
              return [0.5 + 0.3 * Math.cos(angle), 10 ** (1.2 + (0.3 + n / 100) * Math.sin(angle))] as const;
            }),
          },
        ],
      },
    }),
  );
  await repeat('objects by number of detections', (n) =>
    catalog.listObjects({
      ...LIST,
      order: 'detectionCount',
      filter: { ranges: [{ column: 'score', from: n / 30 }] },
    }),
  );
}

async function measurePlots(): Promise<void> {
  const score = { column: 'score', isLog: false, from: 0, to: 1, bins: 50 };
  const filterOf = (n: number) => ({ ranges: [{ column: 'snr', from: 5 + n / 100 }] });
  await repeat('score distribution by verdict', (n) =>
    catalog.countBins('detections', filterOf(n), score, 'verdict'),
  );
  await repeat('S/N against score, 60 x 60', (n) =>
    catalog.countCells(
      'detections',
      filterOf(n),
      { ...score, bins: 60 },
      { column: 'snr', isLog: true, bins: 60 },
      2000,
    ),
  );
  await repeat('sky, 60 x 60', (n) =>
    catalog.countCells(
      'detections',
      filterOf(n),
      { column: 'raDeg', isLog: false, bins: 60 },
      { column: 'decDeg', isLog: false, bins: 60 },
      2000,
    ),
  );
}

/** The same before the eyes of a curator who has judged nothing of what waits for a second label. */
async function measureOthersEyes(): Promise<void> {
  const seen = catalog.seenBy(makeId(2));
  const score = { column: 'score', isLog: false, from: 0, to: 1, bins: 50 };
  const filterOf = (n: number) => ({
    ranges: [{ column: 'snr', from: 5 + n / 100 }],
    words: [{ column: 'verdict', names: ['none'] }],
  });
  const first = await time(() => seen.listDetections(LIST));
  console.log(`${labelled} labels of another are covered in ${first.toFixed(0)} ms, once after each label`);
  await repeat('before other eyes: by verdict', (n) => seen.listDetections({ ...LIST, filter: filterOf(n) }));
  await repeat('before other eyes: scores by verdict', (n) =>
    seen.countBins('detections', filterOf(n), score, 'verdict'),
  );
}

async function measureNews(): Promise<void> {
  const { items } = await catalog.listDetections(LIST);
  await repeat('first page right after a label', async (n) => {
    await database.labels.append({
      id: makeId(Date.now() * 64 + n),
      candidateId: items[n]!.id,
      verdict: 'real',
      curator: 'bench',
      scoreVisible: true,
    });
    await catalog.listDetections(LIST);
  });
}

async function measureExports(): Promise<void> {
  for (const format of ['csv', 'votable', 'fits', 'parquet', 'ds9'] as const) {
    globalThis.gc?.();
    let bytes = 0;
    let peak = 0;
    const before = process.cpuUsage();
    const taken = await time(async () => {
      for await (const chunk of exportTable(catalog, 'detections', format, {})) {
        bytes += chunk.length;
        peak = Math.max(peak, process.memoryUsage().rss);
      }
    });
    const { user, system } = process.cpuUsage(before);
    console.log(
      `export as ${format.padEnd(8)} processor ${((user + system) / 1e6).toFixed(1).padStart(5)} s, clock ${(taken / 1000).toFixed(1).padStart(5)} s, ${(bytes / 2 ** 20).toFixed(0).padStart(5)} MB written, process at most ${(peak / 2 ** 20).toFixed(0)} MB`,
    );
  }
}

/** Fill a workspace as years of nights would: runs of a thousand detections, five sights of each object. */
async function fill(): Promise<void> {
  (await openDatabase({ folder, migrationsFolder: MIGRATIONS, log: { warn: () => undefined } })).close();
  const sqlite = new Database(join(folder, 'workspace.sqlite'));
  sqlite.pragma('synchronous = OFF');
  const random = createRandom(1);
  const perRun = 1000;
  const sights = 5;
  const features = JSON.stringify(
    Object.fromEntries(Array.from({ length: 30 }, (_, k) => [`feature${k}`, k / 7])),
  );
  const cutout = '0'.repeat(64);
  const instant = '2026-03-01T00:00:00.000Z';
  const addRun = sqlite.prepare(
    `INSERT INTO runs (id, created_at, queued_at, status, science_path, template_path, options_json, science_json,
       candidate_count) VALUES (?, ?, ?, 'done', ?, '/night/template.fits', '{"allowBandMismatch":false}', ?, ?)`,
  );
  const add = sqlite.prepare(
    `INSERT INTO detections (id, run_id, created_at, is_vetoed, rank, score, model_version, execution_provider, x_px,
       y_px, ra_deg, dec_deg, flux_e, flux_err_e, snr, scorr_sigma, is_negative, area_px, mask_bits, mag,
       triplet_sha256, flags_json, vetoes_json, features_json)
     VALUES (?, ?, '${instant}', ?, ?, ?, 'real-bogus/1', 'cpu', ?, ?, ?, ?, ?, 100, ?, ?, 0, 21, 0, ?, '${cutout}',
       '[]', '[]', ?)`,
  );
  const addObject = sqlite.prepare(
    `INSERT INTO sky_objects (id, name, created_at, revision, ra_deg, dec_deg, position_err_arcsec, zone,
       detection_count, first_mjd_tai, last_mjd_tai, best_score, best_snr, brightest_mag)
     VALUES (?, ?, '${instant}', ?, ?, ?, 0.1, ?, ${sights}, 60000, 60004, ?, ?, ?)`,
  );
  const addLink = sqlite.prepare(
    'INSERT INTO sky_object_detections (detection_id, object_id, position_err_arcsec) VALUES (?, ?, 0.2)',
  );
  const markRun = sqlite.prepare(`INSERT INTO associated_runs (run_id, at) VALUES (?, '${instant}')`);
  sqlite.exec(`INSERT INTO cutouts (sha256, bytes) VALUES ('${cutout}', x'00')`);
  sqlite.exec('BEGIN');
  let objects = 0;
  let field: { ra: number; dec: number; id: string }[] = [];
  for (let n = 0; n * perRun < rows; n++) {
    const runId = makeId(0x10000000 + n);
    const name = `field-${n}`;
    const science = {
      path: `/night/${name}.fits`,
      name,
      band: 'gri'[n % 3],
      midpointMjdTai: 60_000 + n / 10,
      width: 2048,
      height: 2048,
    };
    addRun.run(runId, instant, instant, science.path, JSON.stringify(science), perRun);
    markRun.run(runId);
    const isFirst = n % sights === 0;
    if (isFirst) field = [];
    for (let k = 0; k < Math.min(perRun, rows - n * perRun); k++) {
      // A few are surely real, most are near 0.
      const score = random.uniform() ** 3;
      const snr = 5 * (1 - random.uniform()) ** -0.6;
      const mag = 25 - 2.5 * Math.log10(snr);
      if (isFirst) {
        const ra = ((n / sights) % 360) + random.uniform() * 0.9;
        const dec = -20 + random.uniform();
        const id = makeId(0x40000000 + objects++);
        addObject.run(
          id,
          `AstrID ${objects}`,
          objects,
          ra % 360,
          dec,
          Math.floor(dec / 0.01),
          score,
          snr,
          mag,
        );
        field.push({ ra: ra % 360, dec, id });
      }
      const place = field[k] ?? field[0]!;
      const id = makeId(0x80000000 + n * perRun + k);
      add.run(
        id,
        runId,
        k % 10 === 9 ? 1 : 0,
        k + 1,
        score,
        random.uniform() * 2048,
        random.uniform() * 2048,
        place.ra,
        place.dec,
        100 * snr,
        snr,
        snr,
        k % 4 === 0 ? null : mag,
        features,
      );
      addLink.run(id, place.id);
    }
  }
  // One in fifty bears one label, and waits for another.
  sqlite.exec(`
    CREATE TEMP TABLE labelled AS SELECT id, run_id FROM detections WHERE rowid % 50 = 0;
    UPDATE detections SET label_id = id, label_verdict = 'bogus' WHERE rowid % 50 = 0;
    INSERT INTO standing_labels (candidate_id, curator, label_id, run_id, verdict)
      SELECT id, '${makeId(1)}', id, run_id, 'bogus' FROM labelled;
    INSERT INTO candidate_states (candidate_id, labels, verdict, is_flagged, comments, consensus)
      SELECT id, 1, 'bogus', 0, 0, 'waiting' FROM labelled`);
  sqlite.exec('COMMIT');
  sqlite.close();
}
