import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTemporaryFolder, openTemporaryDatabase } from '../../tests/support/temporary-workspace.ts';
import { createInlineRunner, type TaskRunner } from '../utils/index.ts';
import { makeSampleFiles, queueSampleNight, SAMPLE_NIGHT } from './sample-night.ts';

/** Simulates small fields in the place of those that are asked for. */
const small: TaskRunner = {
  concurrency: 1,
  run: (task, input, context) =>
    createInlineRunner().run(task, { ...input, sizePx: 128, transients: 2 }, context),
};
const never = new AbortController().signal;

test('the night is queued at once, before there are files, and only once however often it is asked for', async () => {
  const database = await openTemporaryDatabase();
  const runs = await queueSampleNight(database, database.folder);
  expect(runs.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued']);
  expect(existsSync(runs[0]!.sciencePath)).toBe(false);
  const again = await queueSampleNight(database, database.folder);
  expect(again.map(({ id }) => id)).toEqual(runs.map(({ id }) => id));
});

test('the files of a field are made when its run begins, and not again', async () => {
  const database = await openTemporaryDatabase();
  const [run] = await queueSampleNight(database, database.folder);
  let begun = 0;
  const make = () => makeSampleFiles(database.folder, run!.sciencePath, small, never, () => begun++);
  await make();
  expect(begun).toBe(1);
  const folder = join(database.folder, 'sample-night', SAMPLE_NIGHT[0]!.name);
  expect(readdirSync(folder).sort()).toEqual(['science.fits', 'template.fits', 'truth.csv']);
  await make();
  expect(begun).toBe(1);
});

test('who stops leaves no field half made, and other runs need no files', async () => {
  const folder = makeTemporaryFolder();
  const science = join(folder, 'sample-night', SAMPLE_NIGHT[1]!.name, 'science.fits');
  const stopped = AbortSignal.abort();
  await expect(makeSampleFiles(folder, science, small, stopped, () => undefined)).rejects.toMatchObject({
    code: 'internal/stopped',
  });
  expect(existsSync(science)).toBe(false);
  const begin = (): never => {
    throw new Error('nothing was to be made');
  };
  await makeSampleFiles(folder, join(folder, 'science.fits'), small, never, begin);
});
