/**
 * How long a queue of many runs takes to list, filter and order: `node tests/bench/queue.ts [RUNS]`, default 100000.
 *
 * Prints one row a question, medians of 9, milliseconds: of the process's own time, which other programs do not
 * lengthen, and of wall time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { parseRunFilter, type RunQuery } from '../../core/pipeline/index.ts';
import { MIGRATIONS, makeId } from '../support/seed-workspace.ts';

const count = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), 'astrid-queue-'));
const open = () => openDatabase({ folder, migrationsFolder: MIGRATIONS, log: { warn: () => undefined } });
(await open()).close();
const sqlite = new Database(join(folder, 'workspace.sqlite'));
const insert =
  sqlite.prepare(`INSERT INTO runs (id, created_at, status, science_path, template_path, options_json,
  science_json, grade, candidate_count, queued_at, sky_json) VALUES (?, ?, ?, ?, ?, '{}', ?, ?, ?, ?, ?)`);
const sky = JSON.stringify(Array.from({ length: 400 }, (_, i) => 10 + i / 1000));
sqlite.transaction(() => {
  for (let i = 0; i < count; i++) {
    const at = new Date(1.7e12 + i * 60_000).toISOString();
    const science = {
      path: `/data/night-${i % 900}/field-${i % 5000}.fits`,
      name: `field-${i}`,
      object: `field ${i % 5000}`,
      instrument: 'CAMERA',
      band: 'ugrizy'[i % 6],
      seeingArcsec: 0.8 + (i % 97) / 40,
      midpointMjdTai: 60000 + i / 110,
      width: 4096,
      height: 4096,
    };
    insert.run(
      makeId(i),
      at,
      i % 50 === 3 ? 'failed' : 'done',
      science.path,
      '/data/template.fits',
      JSON.stringify(science),
      ['green', 'yellow', 'red'][i % 3],
      i % 211,
      at,
      sky,
    );
  }
})();
sqlite.close();
const database = await open();
const questions: Readonly<Record<string, Omit<RunQuery, 'limit'>>> = {
  'newest, top': { offset: 0 },
  'newest, middle': { offset: count / 2 },
  'by name, end': { order: 'name', isAscending: true, offset: count - 100 },
  'by seeing': { order: 'seeing', offset: 1000 },
  'by candidates': { order: 'candidates', offset: 0 },
  'a word that few have': { offset: 0, conditions: parseRunFilter('field-4321') },
  'a word that none has': { offset: 0, conditions: parseRunFilter('nothing-like-it') },
  'a word that all have': { offset: 0, conditions: parseRunFilter('field') },
  'a word that all have, by name': { order: 'name', offset: 0, conditions: parseRunFilter('field') },
  'the same, in the middle': { order: 'name', offset: count / 2, conditions: parseRunFilter('field') },
  'a word that few have, by seeing': { order: 'seeing', offset: 0, conditions: parseRunFilter('field-4321') },
  'a word that none has, by candidates': {
    order: 'candidates',
    offset: 0,
    conditions: parseRunFilter('nothing-like-it'),
  },
  'three words, one left out': { offset: 0, conditions: parseRunFilter('field camera -night-7') },
  'without failed, red, of one band': {
    offset: 0,
    conditions: parseRunFilter('-status:failed grade:red band:r'),
  },
  'not all labelled, by seeing': { order: 'seeing', offset: 0, conditions: parseRunFilter('is:unlabelled') },
  'one night, by name': { offset: 0, order: 'name', conditions: parseRunFilter('night:2024-01-15') },
};
process.stdout.write(`${count} runs, medians of 9\nprocessor ms  clock ms\n`);
for (const [name, query] of Object.entries(questions))
  await print(name, () => database.runs.list({ limit: 100, ...query }));
await print('nights', () => database.runs.listNights());
database.close();
rmSync(folder, { recursive: true, force: true });

async function print(name: string, ask: () => Promise<unknown>): Promise<void> {
  const walls: number[] = [];
  const cpus: number[] = [];
  for (let i = 0; i < 9; i++) {
    const before = process.cpuUsage();
    const startedMs = performance.now();
    await ask();
    walls.push(performance.now() - startedMs);
    const { user, system } = process.cpuUsage(before);
    cpus.push((user + system) / 1000);
  }
  const [cpuMs, wallMs] = [cpus, walls].map((times) => times.sort((a, b) => a - b)[4]!);
  process.stdout.write(`${cpuMs!.toFixed(1).padStart(12)}${wallMs!.toFixed(1).padStart(10)}  ${name}\n`);
}
