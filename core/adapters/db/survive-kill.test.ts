import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  MIGRATIONS,
  makeTemporaryFolder,
  openTemporaryDatabase,
} from '../../../tests/support/temporary-workspace.ts';
import { createFolderBlobStore } from '../storage/index.ts';

const writer = fileURLToPath(new URL('../../../tests/support/write-until-killed.ts', import.meta.url));

/** Let a process write until it has said some things, kill it the hard way a moment later, return what it said. */
async function writeAndKill(
  folder: string,
  lines: number,
  extraMs: number,
): Promise<readonly Record<string, string>[]> {
  const child = spawn(process.execPath, [writer, folder, MIGRATIONS], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    let isDue = false;
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (isDue || said.split('\n').length <= lines) return;
      isDue = true;
      setTimeout(() => child.kill('SIGKILL'), extraMs);
    });
    child.once('exit', (_, signal) =>
      signal === 'SIGKILL' ? resolve() : reject(new Error('the writer ended')),
    );
  });
  return said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('a process killed at any moment loses nothing it reported and leaves nothing half-written or twice', async () => {
  const folder = makeTemporaryFolder();
  const said: Record<string, string>[] = [];
  // Odd waits, so that the kills fall into different writes.
  for (const [lines, extraMs] of [
    [1, 1],
    [4, 0],
    [12, 4],
  ] as const)
    said.push(...(await writeAndKill(folder, lines, extraMs)));
  const database = await openTemporaryDatabase({ folder });
  const blobs = await createFolderBlobStore(join(folder, 'blobs'));

  const list = async (query: { readonly runId: string }) =>
    database.detections.list({ ...query, vetoed: false, order: 'rank', limit: 1000 });
  for (const { run, blob, stage, finished, label } of said) {
    if (run) expect((await database.runs.get(run)).id).toBe(run);
    if (blob) expect(await blobs.get(blob)).toHaveLength(256 * 1024);
    if (stage) expect((await list({ runId: stage })).total).toBe(40);
    if (finished) expect((await database.runs.get(finished)).status).toBe('done');
    if (label)
      expect((await database.labels.list({ limit: 1000 })).items.map(({ id }) => id)).toContain(label);
  }
  expect(said.filter(({ label }) => label).length).toBeGreaterThan(0);

  const runs = (await database.runs.list({ limit: 1000 })).items;
  for (const run of runs) {
    const { total } = await list({ runId: run.id });
    expect(run.candidateCount).toBe(total);
    expect([0, 40]).toContain(total);
    // No run is left with a worker that is dead.
    if (said.some(({ finished }) => finished === run.id)) expect(run.status).toBe('done');
    // One that two of the kills fell into is not tried a third time.
    else if (run.status === 'failed') expect(run.error?.code).toBe('pipeline/killed-the-program');
    else expect(['queued', 'done']).toContain(run.status);
    const events = await database.events.read({ afterId: 0, limit: 10_000, runId: run.id });
    const count = (kind: string): number => events.filter((event) => event.kind === kind).length;
    expect(count('run.queued')).toBe(1);
    expect(count('candidate.found')).toBe(total);
    expect(count('run.finished')).toBe(run.status === 'done' ? 1 : 0);
    expect(count('detection.validated')).toBe(run.labelledCount);
    const stages = await database.stageRuns.latest([run.id]);
    expect(stages.filter(({ status }) => status === 'running')).toEqual([]);
    for (const plane of await database.planes.list(run.id)) expect(await blobs.has(plane.sha256)).toBe(true);
  }
  const ids = (await database.events.read({ afterId: 0, limit: 100_000 })).map(({ id }) => id);
  expect(ids).toEqual(ids.map((_, position) => position + 1));
});
