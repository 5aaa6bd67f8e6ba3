import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { MIGRATIONS, makeId } from '../../../tests/support/temporary-workspace.ts';
import { createConnection } from './connection.ts';
import { migrate, readMigrations } from './migrate.ts';
import { writeCursor } from './page-cursor.ts';
import { createCatalogRepository } from './repositories/catalog.ts';
import { createCurationStore, createLabelRepository } from './repositories/curation.ts';
import { createCutoutMirror } from './repositories/cutouts.ts';
import { createDetectionRepository } from './repositories/detection.ts';
import { createReviewRepository } from './repositories/differencing.ts';
import { createEventLog } from './repositories/events.ts';
import { createLabelQueueStore } from './repositories/label-queue.ts';
import { createPlaneRepository } from './repositories/planes.ts';
import { replaceDetections } from './repositories/replace-detections.ts';
import { createRunQueue } from './repositories/run-queue.ts';
import { createRunRepository } from './repositories/runs.ts';
import { createBlobLedger } from './repositories/shared-blobs.ts';
import { createStageRunRepository } from './repositories/stage-runs.ts';

const statements: string[] = [];
const sqlite = new Database(':memory:');
migrate(sqlite, readMigrations(MIGRATIONS), 'it');
const prepare = sqlite.prepare.bind(sqlite);
Object.defineProperty(sqlite, 'prepare', {
  configurable: true,
  value: (source: string) => {
    statements.push(source);
    return prepare(source);
  },
});
// What the repositories' hot questions come to in SQL is taken from them, not written down twice.
const connect = () =>
  createConnection(captured(sqlite), {
    file: 'it',
    clock: () => new Date(0),
    makeId: () => makeId(1),
    log: console,
  });
const connection = connect();

function captured(handle: Database.Database): Database.Database {
  return new Proxy(handle, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    // The connection puts its own timed `prepare` on the handle; keep ours below it.
    defineProperty: () => true,
  });
}

async function plansOf(ask: () => Promise<unknown>): Promise<readonly string[]> {
  statements.length = 0;
  await ask();
  return statements.flatMap((source) => {
    const parameters = Array<null>((source.match(/\?/g) ?? []).length).fill(null);
    const named = (source.match(/@\w+/g) ?? []).map((name) => [name.slice(1), null] as const);
    const given = named.length > 0 ? [Object.fromEntries(named)] : parameters;
    const rows = prepare(`EXPLAIN QUERY PLAN ${source}`).all(...given) as { detail: string }[];
    return rows.map(({ detail }) => detail);
  });
}

async function expectIndexed(ask: () => Promise<unknown>, ...indexes: readonly string[]): Promise<void> {
  const plans = await plansOf(ask);
  expect(plans.length).toBeGreaterThan(0);
  // A SCAN without an index reads the whole table; a temporary tree sorts all rows to show a page.
  expect(
    plans.filter(
      (plan) =>
        // A list that was given is read from end to end.
        /^SCAN (?!CONSTANT ROW|.*(USING (COVERING )?INDEX|VIRTUAL TABLE))/.test(plan) ||
        /TEMP B-TREE/.test(plan),
    ),
  ).toEqual([]);
  for (const index of indexes) expect(plans.join('\n')).toContain(index);
}

describe('hot questions use their index', () => {
  const run = makeId(7);
  const detections = createDetectionRepository(connection);
  const stageRuns = createStageRunRepository(connection);
  const labels = createLabelRepository(connection);
  const events = createEventLog(connection);
  const curation = createCurationStore(connection);
  const labelQueue = createLabelQueueStore(connection);

  test("a run's candidates by score", () =>
    expectIndexed(
      () => detections.list({ runId: run, vetoed: false, order: 'score', limit: 100 }),
      'detections_by_run',
    ));

  test.each(['score', 'snr', 'rank'] as const)('all candidates by %s', (order) =>
    expectIndexed(() => detections.list({ vetoed: false, order, limit: 100 }), `detections_by_${order}`),
  );

  test('the next page of all candidates', () =>
    expectIndexed(
      () =>
        detections.list({
          vetoed: false,
          order: 'score',
          limit: 100,
          cursor: Buffer.from(JSON.stringify(['score', 0.5, run])).toString('base64url'),
        }),
      'detections_by_score',
    ));

  test("a run's earlier detections when it is processed again", () =>
    expectIndexed(
      () =>
        connection.write(() =>
          replaceDetections(connection, run, {
            stageRunId: run,
            lease: run,
            seconds: 0,
            metrics: {},
            output: null,
            modelVersion: '',
            executionProvider: '',
            detections: [],
          }),
        ),
      'detections_by_run',
      'label_events_by_candidate',
    ));

  test('pixels that go to the bucket, and those of a page that may lie elsewhere', async () => {
    const ledger = createBlobLedger(connection);
    await expectIndexed(() => ledger.listToSend(100, ''), 'shared_blobs_to_send');
    await expectIndexed(() => ledger.listMirrored(100, ''), 'planes_by_blob');
    await expectIndexed(() => ledger.listShared(['a', 'b']), 'PRIMARY KEY');
    await expectIndexed(() => ledger.size('a'), 'PRIMARY KEY');
    await expectIndexed(() => createCutoutMirror(connection).listToSend(64, ''), 'cutouts_to_send');
    await expectIndexed(() => createCutoutMirror(connection).listToFetch(64, ''), 'cutouts_to_fetch');
  });

  test('one candidate with its label', () =>
    expectIndexed(() => detections.get(run).catch(() => undefined), 'sqlite_autoindex_detections_1'));

  test('candidates and objects as columns, and the rows of a page by their own numbers', async () => {
    const catalog = createCatalogRepository(connection);
    const page = { filter: {}, order: 'score', isFalling: true, limit: 100 };
    const { items } = await catalog.listDetections(page);
    expect(items).toEqual([]);
    const prepared = statements.filter((source) => /^SELECT/.test(source.trim()));
    const plans = prepared.flatMap((source) => {
      const parameters = Array<null>((source.match(/\?/g) ?? []).length).fill(null);
      const named = source.includes('@asker') ? [{ asker: 'c' }] : [];
      const plan = prepare(`EXPLAIN QUERY PLAN ${source}`).all(...parameters, ...named);
      return (plan as { detail: string }[]).map(({ detail }) => detail);
    });
    expect(plans.join('\n')).toContain('COVERING INDEX detections_columns (run_id=? AND superseded_at=?)');
    expect(plans.join('\n')).toContain('SEARCH d USING INTEGER PRIMARY KEY (rowid=?)');
    expect(plans.join('\n')).toContain('sky_objects_by_revision');
    expect(plans.join('\n')).toContain('sky_object_detections_by_object');
    // All runs are listed once, when the columns are first read.
    expect(plans.filter((plan) => /^SCAN (?!json_each|.*USING)/.test(plan))).toEqual([]);
  });

  test('runs, newest first', () =>
    expectIndexed(() => createRunRepository(connection).list({ limit: 100 }), 'runs_by_age'));

  test('runs of a filter, of a night, and by name, without reading their rows', async () => {
    const list = createRunRepository(connection).list;
    const word = { kind: 'word', isExcluded: true, word: 'x' } as const;
    await expectIndexed(
      () => list({ limit: 100, offset: 5, conditions: [word] }),
      'COVERING INDEX runs_by_filter',
    );
    await expectIndexed(() => list({ limit: 100, order: 'name' }), 'runs_by_name');
    await expectIndexed(() => list({ limit: 100, order: 'night', isAscending: true }), 'runs_by_night');
    await expectIndexed(() => createRunRepository(connection).listNights(), 'COVERING INDEX runs_by_night');
  });

  test('what was done since a moment', () =>
    expectIndexed(
      () => stageRuns.listExecutions({ since: '2026', limit: 100, cursor: writeCursor(['2026', 5]) }),
      'stage_runs_by_start',
    ));

  test('how scores of a model lie', async () => {
    const plans = await plansOf(() => detections.countScores('model', 200));
    // Groups are few: a tree of at most 800 of them is no sort of all rows.
    expect(plans.join('\n')).toContain('COVERING INDEX detections_by_model');
  });

  test('names of candidates, best first', () =>
    expectIndexed(() => detections.listNames(100), 'detections_by_score'));

  test('runs of one status', () =>
    expectIndexed(
      () => createRunRepository(connection).list({ limit: 100, status: 'done' }),
      'runs_by_status',
    ));

  test('the run to take up next', () =>
    expectIndexed(() => createRunQueue(connection).claim({ worker: 'w', leaseMs: 1 }), 'runs_to_claim'));

  test('the result of a stage', () =>
    expectIndexed(
      () => stageRuns.find({ runId: run, stage: 's', codeVersion: 'v', configHash: 'c', inputHash: 'i' }),
      'stage_runs_done',
    ));

  test("a run's labels and all labels", async () => {
    await expectIndexed(() => labels.list({ limit: 10, runId: run }), 'label_events_by_run');
    await expectIndexed(() => labels.list({ limit: 10, candidateId: run }), 'label_events_by_candidate');
  });

  test("a run's decisions, and the newest of many runs", async () => {
    const reviews = createReviewRepository(connection);
    await expectIndexed(() => reviews.list({ limit: 10, runId: run }), 'review_events_by_run');
    await expectIndexed(() => reviews.latest([run, makeId(8)]), 'review_events_by_run');
  });

  test.each(['score', 'uncertainty', 'novelty', 'gain', 'snr'] as const)(
    'the labelling queue by %s, whatever is included or left out',
    async (order) => {
      const filter = {
        include: { labelledByMe: false, bands: ['r'] },
        exclude: { verdicts: ['bogus'], classIds: ['dipole'], consensus: ['agreed'], isFlagged: true },
        score: { min: 0.1 },
        snr: { min: 5 },
      };
      const plans = await plansOf(() => labelQueue.list({ curator: 'c', order, filter, limit: 100 }));
      expect(plans.filter((plan) => /TEMP B-TREE FOR ORDER BY/.test(plan))).toEqual([]);
      expect(plans.join('\n')).toContain(`COVERING INDEX detections_by_${order}`);
      expect(plans.join('\n')).toMatch(/SEARCH s USING PRIMARY KEY/);
      expect(plans.join('\n')).toMatch(/SEARCH m USING PRIMARY KEY/);
    },
  );

  test('what is open, what is gold, what a curator has judged, and whose labels stand', async () => {
    await expectIndexed(() => curation.listOpen(10), 'candidate_states_open');
    await expectIndexed(() => curation.listGold(), 'candidate_states_gold');
    await expectIndexed(() => labelQueue.listJudged('c', 10), 'standing_labels_by_curator');
    await expectIndexed(() => labelQueue.listUnranked(10), 'detections_unranked');
    await expectIndexed(
      () => curation.history('c', { limit: 50, cursor: writeCursor([5]) }),
      'label_events_by_curator',
    );
    await expectIndexed(() => curation.ratings(run), 'standing_labels_by_run');
    // What is prepared once for a connection is prepared again for another.
    const { fold } = createCurationStore(connect());
    await expectIndexed(() => fold([run]), 'label_events_by_candidate', 'foreign_candidates_here');
  });

  test('what a blob holds', () =>
    expectIndexed(() => createPlaneRepository(connection).describe('0'.repeat(64)), 'planes_by_blob'));

  test('events after an id, of all runs and of one', async () => {
    await expectIndexed(() => events.read({ afterId: 5, limit: 10 }), 'INTEGER PRIMARY KEY');
    await expectIndexed(() => events.read({ afterId: 5, limit: 10, runId: run }), 'events_by_run');
  });
});
