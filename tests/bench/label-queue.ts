/**
 * How long the questions of the labelling queue take over a workspace of many detections, and what a label costs.
 *
 * `node tests/bench/label-queue.ts [--detections 1000000] [--labels 20000] [--keep FOLDER]`: prints one row a question,
 * medians of 9, milliseconds: of the process's own time, which other programs do not lengthen, and of wall time.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { openDatabase } from '../../core/adapters/db/index.ts';
import type { NewCurationEvent, QueueFilter, QueueOrder } from '../../core/domains/curation/index.ts';
import { MIGRATIONS, makeId } from '../support/seed-workspace.ts';

const { values } = parseArgs({
  options: {
    detections: { type: 'string', default: '1000000' },
    labels: { type: 'string', default: '20000' },
    keep: { type: 'string' },
  },
});
const count = Number(values.detections);
const labelled = Number(values.labels);
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'astrid-queue-'));
const open = () => openDatabase({ folder, migrationsFolder: MIGRATIONS, log: { warn: () => undefined } });
const ANN = makeId(901);
const BOB = makeId(902);
const RUNS = 500;

if (!existsSync(join(folder, 'workspace.sqlite'))) {
  (await open()).close();
  fill(join(folder, 'workspace.sqlite'));
}

/** Detections of every field at random scores; the first so many of the best are labelled by two curators. */
function fill(file: string): void {
  const sqlite = new Database(file);
  sqlite.pragma('synchronous = OFF');
  sqlite.function('pick', { deterministic: true }, (n: unknown, of: unknown) => {
    const x = Math.imul(Number(n) ^ 0x9e3779b9, 0x85ebca6b);
    const y = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((y ^ (y >>> 16)) >>> 0) % Number(of);
  });
  sqlite.exec(`
    BEGIN;
    WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ${RUNS - 1})
    INSERT INTO runs (id, created_at, status, science_path, template_path, options_json, science_json, queued_at)
      SELECT printf('01900000-0000-7000-8001-%012x', n), '2026-03-01T00:00:00.000Z', 'done', 's' || n, 't', '{}',
        json_object('path', 's' || n, 'band', substr('griz', 1 + n % 4, 1)), '2026-03-01T00:00:00.000Z' FROM n;
    INSERT INTO cutouts (sha256, bytes) VALUES ('${'0'.repeat(64)}', x'00');
    WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ${count - 1})
    INSERT INTO detections (id, run_id, created_at, is_vetoed, rank, score, uncertainty, novelty, gain, model_version,
        execution_provider, x_px, y_px, ra_deg, dec_deg, flux_e, flux_err_e, snr, scorr_sigma, is_negative, area_px,
        mask_bits, triplet_sha256, flags_json, vetoes_json, features_json)
      SELECT printf('01900000-0000-7000-8002-%012x', n), printf('01900000-0000-7000-8001-%012x', n / ${Math.ceil(count / RUNS)}),
        '2026-03-01T00:00:00.000Z', pick(n + 7, 10) = 0, n, score, abs(score - 0.5), pick(n + 3, 1000) / 100.0,
        pick(n + 4, 1000) / 1000.0, 'model-1', 'cpu', pick(n + 1, 2048), pick(n + 2, 2048), 10, 10, 1000, 100,
        5 + pick(n + 5, 1000) / 10.0, 9, 0, 20, 0, '${'0'.repeat(64)}',
        CASE pick(n + 6, 20) WHEN 0 THEN '["edge"]' WHEN 1 THEN '["near-saturated"]' ELSE '[]' END, '[]',
        json_object('elongation', 1 + pick(n, 100) / 100.0, 'size', pick(n, 77) / 10.0)
      FROM (SELECT n, pick(n + 9, 100000) / 100000.0 AS score FROM n);
    CREATE TEMP TABLE best AS SELECT id, run_id, row_number() OVER (ORDER BY score DESC) AS n FROM detections
      WHERE is_vetoed = 0 ORDER BY score DESC LIMIT ${labelled};
    INSERT INTO standing_labels (candidate_id, curator, label_id, run_id, verdict, class_id) SELECT id, '${ANN}', id, run_id, iif(n % 3, 'bogus', 'real'), 'dipole' FROM best;
    INSERT INTO standing_labels (candidate_id, curator, label_id, run_id, verdict, class_id) SELECT id, '${BOB}', id, run_id, iif(n % 4, 'bogus', 'real'), NULL FROM best
      WHERE n % 2 = 0;
    INSERT INTO candidate_states SELECT id, 1 + (n % 2 = 0), iif(n % 3, 'bogus', 'real'), 'dipole', n % 50 = 0, 0,
      iif(n % 2, 'waiting', 'agreed') FROM best;
    UPDATE detections SET is_ranked = 1, label_id = iif(id IN (SELECT id FROM best), id, NULL);
    COMMIT;`);
  sqlite.close();
}

const database = await open();
const run = makeId(0).replace('-8000-', '-8001-');
const QUESTIONS: readonly (readonly [string, QueueFilter])[] = [
  ['everything', {}],
  ['not labelled by me', { include: { labelledByMe: false } }],
  ['labelled by nobody', { include: { labelledByAnyone: false } }],
  ['labelled by me', { include: { labelledByMe: true } }],
  ['bogus dipoles', { include: { verdicts: ['bogus'], classIds: ['dipole'] } }],
  ['one field, not by me', { include: { runIds: [run], labelledByMe: false } }],
  ['band r, no edge', { include: { bands: ['r'], labelledByMe: false }, exclude: { flags: ['edge'] } }],
  ['S/N 90-100 at score 0.4-0.6', { snr: { min: 90, max: 100 }, score: { min: 0.4, max: 0.6 } }],
  ['S/N above 104.8: almost none', { snr: { min: 104.8 } }],
  ['nothing fits', { include: { flags: ['no such flag'] } }],
  ['flagged, not agreed', { include: { isFlagged: true }, exclude: { consensus: ['agreed', 'retired'] } }],
  ['vetoed', { vetoed: true }],
];
console.log(`${count} detections, ${labelled} of them labelled; ms of processor / of wall, medians of 9\n`);
console.log(
  `${'question'.padEnd(32)}${['score', 'uncertainty', 'novelty', 'gain', 'snr', 'count'].map((o) => o.padStart(15)).join('')}`,
);
let worst = 0;
for (const [name, filter] of QUESTIONS) {
  const cells = [];
  for (const order of ['score', 'uncertainty', 'novelty', 'gain', 'snr'] satisfies QueueOrder[])
    cells.push(await time(() => database.labelQueue.list({ curator: ANN, order, filter, limit: 200 })));
  cells.push(await time(() => database.labelQueue.count({ curator: ANN, filter })));
  worst = Math.max(worst, ...cells.map(({ cpuMs }) => cpuMs));
  console.log(name.padEnd(32) + cells.map(({ text }) => text.padStart(15)).join(''));
}
console.log(`\nslowest: ${worst.toFixed(1)} ms of processor`);

const { items } = await database.labelQueue.list({
  curator: BOB,
  order: 'snr',
  filter: { include: { labelledByAnyone: false } },
  limit: 200,
});
// The disk's own share: one small row a transaction in a file beside it, taken in turn with the labels.
const bare = new Database(join(folder, 'bare.sqlite'));
bare.pragma('page_size = 16384');
bare.pragma('journal_mode = WAL');
bare.pragma('synchronous = FULL');
bare.exec('CREATE TABLE IF NOT EXISTS said (id TEXT PRIMARY KEY, verdict TEXT) STRICT');
const insert = bare.prepare('INSERT OR REPLACE INTO said VALUES (?, ?)');
const labelTimes: number[] = [];
const bareTimes: number[] = [];
let cpuUs = 0;
for (const [n, { candidateId }] of items.entries()) {
  const event: NewCurationEvent = {
    kind: 'label',
    id: makeId(2_000_000 + n + (Date.now() % 1e9)),
    candidateId,
    verdict: 'bogus',
    purpose: 'work',
    scoreVisible: false,
  };
  const cpu = process.cpuUsage();
  let started = performance.now();
  await database.curation.record(BOB, [event]);
  labelTimes.push(performance.now() - started);
  const { user, system } = process.cpuUsage(cpu);
  cpuUs += user + system;
  started = performance.now();
  insert.run(event.id, 'bogus');
  bareTimes.push(performance.now() - started);
}
bare.close();
const describeTimes = (times: number[]): string => {
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(part * (times.length - 1))]!.toFixed(2);
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, worst ${at(1)} ms`;
};
console.log(
  `a label on disk (fsync'd, ${labelTimes.length} of them): ${describeTimes(labelTimes)}; processor ${(cpuUs / 1000 / labelTimes.length).toFixed(2)} ms each`,
);
console.log(`one bare row on the same disk, in turn with them: ${describeTimes(bareTimes)}`);
database.close();
if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });

async function time(ask: () => Promise<unknown>) {
  const walls: number[] = [];
  const cpus: number[] = [];
  for (let i = 0; i < 9; i++) {
    const before = process.cpuUsage();
    const started = performance.now();
    await ask();
    walls.push(performance.now() - started);
    const { user, system } = process.cpuUsage(before);
    cpus.push((user + system) / 1000);
  }
  const [cpuMs, wallMs] = [cpus, walls].map((times) => times.sort((a, b) => a - b)[4]!) as [number, number];
  return { cpuMs, text: `${cpuMs.toFixed(1)} / ${wallMs.toFixed(1)}` };
}
