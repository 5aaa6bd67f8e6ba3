/**
 * `npm run bench:sync`: how long it takes to send 100,000 labels and to fetch a million rows, and what memory it needs.
 *
 * PostgreSQL is real and on this machine; the workspaces are in temporary folders.
 */
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
import { exchangeChanges } from '../../core/domains/sync/index.ts';
import { MIGRATIONS, seedWorkspace } from '../support/seed-workspace.ts';
import { startPostgres } from '../support/start-postgres.ts';

const { values } = parseArgs({
  options: { labels: { type: 'string', default: '100000' }, rows: { type: 'string', default: '1000000' } },
});
const labels = Number(values.labels);
const rows = Number(values.rows);
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
  const sent = await measure(() => exchangeChanges(sending.changes, catalogue, { batch: 2000 }));
  console.log(
    `sent      ${sent.report.sent} changes   ${seconds(sent)}   ${rate(sent.report.sent, sent)}   ${memory(sent)}`,
  );
  sending.close();

  // The rest of the million is there already: a fresh workstation joins an old project.
  await server.query(
    'sky',
    `INSERT INTO astrid.changes (project_id, seq, id, kind, entity, key, value, clock, author, received_at)
     SELECT project_id, ${labels + 1000} + row_number() OVER (), md5(n::text || id::text)::uuid, kind, entity,
       md5(n::text || id::text)::uuid::text,
       jsonb_set(jsonb_set(value, '{id}', to_jsonb(md5(n::text || id::text)::uuid::text)),
         '{candidateId}', to_jsonb(md5(n::text || (value ->> 'candidateId'))::uuid::text)), clock, author, received_at
     FROM astrid.changes, generate_series(1, ${Math.ceil(rows / labels)}) AS n
     WHERE entity = 'curation-event' LIMIT ${Math.max(0, rows - labels)}`,
  );
  const second = await openDatabase(options(join(folder, 'second')));
  const fetched = await measure(() => exchangeChanges(second.changes, catalogue, { batch: 5000 }));
  console.log(
    `received  ${fetched.report.received} changes   ${seconds(fetched)}   ${rate(fetched.report.received, fetched)}   ${memory(fetched)}`,
  );
  second.close();
  await catalogue.close();
} finally {
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
}

function options(workspace: string): Parameters<typeof openDatabase>[0] {
  return { folder: workspace, migrationsFolder: MIGRATIONS, log: { warn: () => undefined } };
}

/** Labels as a person gives them, without waiting for the disk after each. */
function writeLabels(workspace: string, many: number): void {
  const sqlite = new Database(join(workspace, 'workspace.sqlite'));
  sqlite.function('make_id', () => crypto.randomUUID());
  // Five words on each candidate, as a team gives them; where the candidates lie is no matter here.
  const candidates = Array.from({ length: Math.ceil(many / 5) }, () => crypto.randomUUID());
  const insert =
    sqlite.prepare(`INSERT INTO label_events (id, kind, candidate_id, at, clock, curator, verdict, purpose,
    is_score_visible) VALUES (?, 'label', ?, '2026-03-01T00:00:00.000Z', ?, 'curator', 'real', 'work', 1)`);
  sqlite.transaction(() => {
    for (let n = 0; n < many; n++)
      insert.run(
        crypto.randomUUID(),
        candidates[n % candidates.length],
        `${(1_770_000_000_000 + n).toString(16).padStart(12, '0')}-0000`,
      );
  })();
  sqlite.close();
}

interface Measured<Report> {
  readonly report: Report;
  readonly ms: number;
  /** Processor time of this process, without PostgreSQL's. */
  readonly cpuMs: number;
  readonly startBytes: number;
  readonly peakBytes: number;
}

async function measure<Report>(work: () => Promise<Report>): Promise<Measured<Report>> {
  const startBytes = process.memoryUsage().rss;
  let peakBytes = startBytes;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
  }, 100);
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const report = await work();
  clearInterval(timer);
  const { user, system } = process.cpuUsage(before);
  const ms = performance.now() - startedMs;
  return { report, ms, cpuMs: (user + system) / 1000, startBytes, peakBytes };
}

function seconds({ ms, cpuMs }: Measured<unknown>): string {
  return `${(ms / 1000).toFixed(1)} s (${(cpuMs / 1000).toFixed(1)} s of processor)`;
}

function rate(many: number, { ms }: Measured<unknown>): string {
  return `${Math.round(many / (ms / 1000))} a second`;
}

function memory({ startBytes, peakBytes }: Measured<unknown>): string {
  const mib = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
  return `memory ${mib(startBytes)} at first, ${mib(peakBytes)} at most`;
}
