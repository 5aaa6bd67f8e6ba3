import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase, type WorkspaceDatabase } from '../../core/adapters/db/index.ts';
import { createFolderBlobStore } from '../../core/adapters/storage/index.ts';
import type { ProcessReport, StageRunRecord } from '../../core/pipeline/index.ts';
import { LINE } from '../../core/pipeline/line.ts';
import { createRandom } from '../../core/utils/index.ts';
import { MIGRATIONS } from '../support/seed-workspace.ts';
import { makeSharedFolder, runAstrid, simulatePair, startAstrid } from './run-astrid.ts';

const STAGES = LINE.map(({ name }) => name);

const folder = makeSharedFolder();
const workspace = join(folder, 'workspace');
let database: WorkspaceDatabase | undefined;

beforeAll(() => simulatePair(join(folder, 'field'), { sizePx: 160, stars: 50 }).then(() => undefined));
afterEach(() => closeDatabase());

function processArgs(where = workspace): string[] {
  const pair = [
    '--science',
    join(folder, 'field/science.fits'),
    '--template',
    join(folder, 'field/template.fits'),
  ];
  return ['process', '--json', ...pair, '--workspace', where];
}

async function open(): Promise<WorkspaceDatabase> {
  database = await openDatabase({
    folder: workspace,
    migrationsFolder: MIGRATIONS,
    log: { warn: () => undefined },
  });
  return database;
}

function closeDatabase(): void {
  database?.close();
  database = undefined;
}

async function runToTheEnd(where?: string): Promise<ProcessReport> {
  const { code, stdout, stderr } = await runAstrid(processArgs(where));
  expect(stderr).not.toContain('internal/bug');
  expect(code).toBe(0);
  return JSON.parse(stdout) as ProcessReport;
}

/** What a report says of the sky; ids and durations differ between workspaces. */
function findingsOf({ candidates, vetoed, registration, difference, grade }: ProcessReport) {
  const strip = ({ id: _id, ...rest }: ProcessReport['candidates'][number]) => rest;
  return { candidates: candidates.map(strip), vetoed: vetoed.map(strip), registration, difference, grade };
}

/** Stages that a killed process said were done. */
function stagesSaid(stderr: string): string[] {
  return Array.from(stderr.matchAll(/^(\w+) +\d+\.\d\d s$/gm), ([, stage]) => stage!);
}

describe('a line that is killed', { timeout: 300_000 }, () => {
  test('at every boundary and in between goes on where it was, to the same end', async () => {
    const random = createRandom(2026);
    // While it starts, as soon as each stage is said to be done, and somewhere in the work after it.
    const moments = [
      { afterMs: 150 + random.uniform() * 400 },
      { afterMs: 500 + random.uniform() * 1500 },
      ...STAGES.flatMap((stage) => [
        { stage, afterMs: 0 },
        ...(stage === 'ingest' || stage === 'register' || stage === 'detect'
          ? [{ stage, afterMs: random.uniform() * 600 }]
          : []),
      ]),
    ];
    const done = new Map<string, StageRunRecord>();
    let runId: string | undefined;
    for (const moment of moments) {
      const running = startAstrid(processArgs());
      // A stage that a run before this one has done is said at once, with 0.00 s.
      if ('stage' in moment) await running.said(`${moment.stage} `);
      await new Promise((resolve) => setTimeout(resolve, moment.afterMs));
      running.child.kill('SIGKILL');
      const { stderr } = await running.ended;

      const { runs, stageRuns } = await open();
      const { items, total } = await runs.list({ limit: 10 });
      expect(total).toBeLessThanOrEqual(1);
      const [run] = items;
      if (run) {
        runId ??= run.id;
        expect(run.id).toBe(runId);
        const rows = await stageRuns.latest([run.id]);
        for (const stage of stagesSaid(stderr)) {
          const row = rows.find((each) => each.stage === stage);
          expect(row).toMatchObject({ status: 'done' });
          // Done is done: not run again by any later process.
          if (done.has(stage)) expect(row).toEqual(done.get(stage));
          done.set(stage, row!);
        }
        expect(rows.some(({ status }) => status === 'running')).toBe(false);
      }
      closeDatabase();
    }
    expect([...done.keys()]).toEqual(STAGES);

    const report = await runToTheEnd();
    const undisturbed = await runToTheEnd(join(folder, 'undisturbed'));
    expect(report.runId).toBe(runId);
    expect(report.candidates.length).toBeGreaterThan(0);
    expect(findingsOf(report)).toEqual(findingsOf(undisturbed));

    const { stageRuns, events, planes, detections } = await open();
    expect(await stageRuns.latest([runId!])).toEqual([...done.values()]);
    const log = await events.read({ afterId: 0, limit: 10_000 });
    expect(log.map(({ id }) => id)).toEqual(log.map((_, position) => position + 1));
    const count = (kind: string): number => log.filter((event) => event.kind === kind).length;
    expect(count('run.queued')).toBeGreaterThanOrEqual(1);
    expect(count('observation.ingested')).toBe(2);
    expect(count('observation.preprocessed')).toBe(2);
    expect(count('detection.scored')).toBe(1);
    expect(count('stage.finished')).toBe(STAGES.length);
    expect(count('stage.started')).toBe(STAGES.length + count('stage.failed'));
    // Else no kill fell into the work of a stage, and little was tried.
    expect(count('stage.failed')).toBeGreaterThan(0);
    expect(count('candidate.found')).toBe(report.candidates.length);
    const { total } = await detections.list({ vetoed: false, order: 'rank', limit: 1 });
    expect(total).toBe(report.candidates.length);
    const blobs = await createFolderBlobStore(join(workspace, 'blobs'));
    // Reading a blob whole checks it against its address.
    for (const { sha256, width, height, dtype } of await planes.list(runId!))
      expect((await blobs.get(sha256)).length).toBe(width * height * (dtype === 'float32' ? 4 : 2));
    closeDatabase();

    expect((await runToTheEnd()).candidates).toEqual(report.candidates);
  });

  test('refuses a second process while it runs, and is not disturbed by it', async () => {
    const where = join(folder, 'contested');
    const first = startAstrid(processArgs(where));
    await first.said('ingest ');
    // It holds still, so that it does not come to its end before the second has started.
    first.child.kill('SIGSTOP');
    const second = await runAstrid(processArgs(where));
    first.child.kill('SIGCONT');
    const holder = `is in use by another AstrID (process ${first.child.pid})`;
    expect(second.stderr).toContain(`workspace/in-use: The workspace ${where} ${holder}`);
    expect({ code: second.code, stdout: second.stdout }).toEqual({ code: 3, stdout: '' });
    const { code, stdout } = await first.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout).status).toBe('done');
  });
});
