/**
 * `npm run bench:sync`: how long it takes to send 100,000 labels and to fetch a million rows, and what memory it needs.
 *
 * PostgreSQL is real and on this machine; the workspaces are in temporary folders.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import {
  administerCatalogue,
  openCatalogue,
  readCatalogueMigrations,
} from '../../core/adapters/catalogue/index.ts';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { type ExchangeReport, exchangeChanges } from '../../core/domains/sync/index.ts';
import { makeUuidV7 } from '../../core/utils/index.ts';
import { MIGRATIONS, seedWorkspace } from '../support/seed-workspace.ts';
import { startPostgres } from '../support/start-postgres.ts';

const { values } = parseArgs({
  options: { labels: { type: 'string', default: '100000' }, rows: { type: 'string', default: '1000000' } },
});
const labels = Number(values.labels);
const rows = Number(values.rows);
const RUNS = 100;
const PER_RUN = 150;
const LABELS = 4;
const PROJECT = '0195b000-0000-7000-8000-0000000000aa';

const folder = mkdtempSync(join(tmpdir(), 'astrid-bench-sync-'));
const server = await startPostgres();
try {
  await server.createDatabase('sky');
  const owner = administerCatalogue({ url: server.address('sky') });
  await owner.setUp(readCatalogueMigrations(resolve('migrations/postgres')));
  await owner.createProject({ id: PROJECT, name: 'bench' });
  const password = await owner.addMember(PROJECT, 'ada', 'admin');
  await owner.close();
  const catalogue = openCatalogue({ url: server.address('sky', 'ada', password) }, PROJECT);

  const first = join(folder, 'first');
  await seedWorkspace(first);
  writeLabels(first, labels);
  const sending = await openDatabase(options(first));
  const sent = await measure(
    (onProgress) => exchangeChanges(sending.changes, catalogue, { onProgress }),
    labels,
  );
  console.log(
    `sent      ${sent.report.sent} changes   ${seconds(sent)}   ${rate(sent.report.sent, sent)}   ${memory(sent)}`,
  );
  sending.close();

  // The rest of the million is there already: a fresh workstation joins an old project.
  await fillCatalogue(labels, rows);
  const second = await openDatabase(options(join(folder, 'second')));
  const fetched = await measure(
    (onProgress) => exchangeChanges(second.changes, catalogue, { onProgress }),
    rows,
  );
  console.log(
    `received  ${fetched.report.received} changes   ${seconds(fetched)}   ${rate(fetched.report.received, fetched)}   ${memory(fetched)}`,
  );
  second.close();
  await catalogue.close();
} finally {
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Write what a team has shared into the catalogue, night after night: 100 runs with 150 candidates each, then four
 * labels of each candidate, given in no order. Ids grow with time, as those that the program makes do.
 */
async function fillCatalogue(already: number, many: number): Promise<void> {
  const perNight = RUNS * (1 + PER_RUN + PER_RUN * LABELS);
  const nights = Math.ceil((many - already) / perNight);
  const uuid = (kind: number, n: string): string =>
    `('019c' || lpad(to_hex((${n}) >> 16), 4, '0') || '-' || lpad(to_hex((${n}) & 65535), 4, '0') || '-7000-8000-' ||
      lpad('${kind}', 2, '0') || substr(md5((${n})::text), 1, 10))`;
  const insert = (entity: string, kind: number, perRow: number, offset: number, value: string): string => `
    INSERT INTO astrid.changes (project_id, seq, id, kind, entity, key, value, clock, author, received_at)
    SELECT '${PROJECT}', ${already + 1000} + night * ${perNight} + ${offset} + i + 1, ${uuid(kind, 'n')}::uuid, 'append',
      '${entity}', ${uuid(kind, 'n')}, ${value}, '019c' || lpad(to_hex(n), 8, '0') || '-0000', 'ada', now()
    FROM generate_series(0, ${nights - 1}) AS night, generate_series(0, ${RUNS * perRow - 1}) AS i,
      LATERAL (SELECT night * ${RUNS * perRow} + i AS n) AS row
    WHERE night * ${perNight} + ${offset} + i < ${many - already}`;
  const candidates = RUNS * PER_RUN;
  const candidate = `night * ${candidates} + (i::bigint * 7919) % ${candidates}`;
  const statements = [
    insert(
      'run',
      1,
      1,
      0,
      `jsonb_build_object('id', ${uuid(1, 'n')}, 'createdAt', '2026-01-01T00:00:00.000Z',
        'gradeReasons', '[]'::jsonb, 'scienceName', 'science-' || n || '.fits', 'templateName', 'template-' || n || '.fits')`,
    ),
    insert(
      'detection',
      2,
      PER_RUN,
      RUNS,
      `jsonb_build_object('id', ${uuid(2, 'n')}, 'runId', ${uuid(1, `n / ${PER_RUN}`)},
        'createdAt', '2026-01-01T00:00:00.000Z', 'rank', n % ${PER_RUN}, 'score', (n::bigint * 37 % 1000) / 1000.0,
        'modelVersion', 'cnn-1', 'executionProvider', 'cpu', 'xPx', n::bigint * 7919 % 2048,
        'yPx', n::bigint * 104729 % 2048, 'raDeg', (n::bigint * 7919 % 36000000) / 100000.0,
        'decDeg', (n::bigint * 104729 % 1700000) / 10000.0 - 85, 'fluxE', 1200, 'fluxErrE', 100, 'snr', 5 + n % 40,
        'scorr', 5 + n % 40, 'isNegative', n % 3 = 0, 'areaPx', 21, 'maskBits', 0, 'mag', 18 + (n % 30) / 10.0,
        'flags', '[]'::jsonb, 'tripletSha256', md5('low' || n) || md5('high' || n),
        'features', '{"elongation": 1.1, "fwhm": 2.4}'::jsonb)`,
    ),
    insert(
      'curation-event',
      3,
      PER_RUN * LABELS,
      RUNS * (1 + PER_RUN),
      `jsonb_build_object('id', ${uuid(3, 'n')}, 'kind', 'label',
        'verdict', CASE n % 3 WHEN 0 THEN 'real' ELSE 'bogus' END, 'candidateId', ${uuid(2, candidate)},
        'curator', 'curator-' || i / ${candidates}, 'at', '2026-01-02T00:00:00.000Z',
        'clock', '019c' || lpad(to_hex(n), 8, '0') || '-0000', 'purpose', 'work', 'scoreVisible', true, 'score', 0.5,
        'modelVersion', 'cnn-1', 'decisionMs', 900)`,
    ),
    `UPDATE astrid.projects SET head = (SELECT max(seq) FROM astrid.changes)`,
    'ANALYZE astrid.changes',
  ];
  for (const statement of statements) await server.query('sky', statement);
}

function options(workspace: string): Parameters<typeof openDatabase>[0] {
  return { folder: workspace, migrationsFolder: MIGRATIONS, log: { warn: () => undefined } };
}

/** Labels as a person gives them, without waiting for the disk after each. */
function writeLabels(workspace: string, many: number): void {
  const sqlite = new Database(join(workspace, 'workspace.sqlite'));
  sqlite.function('make_id', () => makeUuidV7(Date.now(), randomBytes(10)));
  // Five words on each candidate, as a team gives them; where the candidates lie is no matter here.
  const candidates = Array.from({ length: Math.ceil(many / 5) }, (_, n) =>
    makeUuidV7(1_760_000_000_000 + n, randomBytes(10)),
  );
  const insert =
    sqlite.prepare(`INSERT INTO label_events (id, kind, candidate_id, at, clock, curator, verdict, purpose,
    is_score_visible) VALUES (?, 'label', ?, '2026-03-01T00:00:00.000Z', ?, 'curator', 'real', 'work', 1)`);
  sqlite.transaction(() => {
    for (let n = 0; n < many; n++)
      insert.run(
        makeUuidV7(1_770_000_000_000 + n, randomBytes(10)),
        candidates[n % candidates.length],
        `${(1_770_000_000_000 + n).toString(16).padStart(12, '0')}-0000`,
      );
  })();
  sqlite.close();
}

interface Measured {
  readonly report: ExchangeReport;
  readonly ms: number;
  /** Processor time of this process, without PostgreSQL's. */
  readonly cpuMs: number;
  readonly peakBytes: number;
  /** Memory at first and after each tenth. */
  readonly bytes: readonly number[];
}

async function measure(
  work: (onProgress: (report: ExchangeReport) => void) => Promise<ExchangeReport>,
  expected: number,
): Promise<Measured> {
  const rss = (): number => process.memoryUsage().rss;
  const bytes = [rss()];
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, rss());
  }, 100);
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const report = await work(({ sent, received }) => {
    peakBytes = Math.max(peakBytes, rss());
    if (sent + received >= (bytes.length * expected) / 10) bytes.push(rss());
  });
  clearInterval(timer);
  const { user, system } = process.cpuUsage(before);
  const ms = performance.now() - startedMs;
  return { report, ms, cpuMs: (user + system) / 1000, peakBytes, bytes };
}

function seconds({ ms, cpuMs }: Measured): string {
  return `${(ms / 1000).toFixed(1)} s (${(cpuMs / 1000).toFixed(1)} s of processor)`;
}

function rate(many: number, { ms }: Measured): string {
  return `${Math.round(many / (ms / 1000))} a second`;
}

function memory({ peakBytes, bytes }: Measured): string {
  const mib = (one: number): string => Math.round(one / 1024 / 1024).toString();
  return `memory after each tenth ${bytes.map(mib).join(' ')} MiB, ${mib(peakBytes)} at most`;
}
