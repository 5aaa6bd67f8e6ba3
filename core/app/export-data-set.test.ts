import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  claimRun,
  finishWith,
  makeDetection,
  makeId,
  makeScored,
  makeTemporaryFolder,
  openTemporaryDatabase,
} from '../../tests/support/temporary-workspace.ts';
import { readDataProject } from '../adapters/dvc/index.ts';
import { exportDataSet, verifyDataSet } from './export-data-set.ts';

it('what people taught becomes a data set of DVC that says which is which', async () => {
  const database = await openTemporaryDatabase();
  const claim = await claimRun(database);
  await finishWith(
    database,
    claim,
    [0, 1, 2].map((n) => makeScored(makeDetection(10 * n, 20), 0.9 - n / 10, n + 1)),
  );
  const { items } = await database.detections.list({ vetoed: false, order: 'rank', limit: 10 });
  const curator = await database.curationRules.currentCurator('ada');
  const label = (n: number, verdict: 'real' | 'bogus') =>
    database.curation.record(curator.id, [
      {
        kind: 'label',
        id: makeId(700 + n),
        candidateId: items[n]!.id,
        purpose: 'work',
        verdict,
        scoreVisible: false,
      },
    ]);
  await label(0, 'real');
  await label(1, 'bogus');
  const folder = makeTemporaryFolder();
  const parts = { trainingSet: database.trainingSet, triplets: database.cutouts };
  const written = await exportDataSet(parts, folder, 'dataset');
  expect(written).toMatchObject({ examples: 2, withoutPixels: 0, files: 3 });
  const file = join(folder, 'dataset.dvc');
  expect(await verifyDataSet(file)).toMatchObject({ files: 3, verdicts: { real: 1, bogus: 1 } });

  const files = new Map<string, Uint8Array>();
  for await (const { relpath, bytes } of readDataProject(file)) files.set(relpath, bytes);
  const [head, ...rows] = Buffer.from(files.get('examples.csv')!).toString('utf8').trimEnd().split('\n');
  expect(head).toMatch(/^id,triplet,verdict,classId,consensus,labels,runId,score,/);
  // Rows are in the order of ids, and those that were made in one millisecond have none of rank.
  expect(rows).toContainEqual(expect.stringContaining(`${items[0]!.id},triplets/${items[0]!.id}.npy,real,`));
  const array = Buffer.from(files.get(`triplets/${items[0]!.id}.npy`)!);
  // The format of NumPy, version 1.0: the pixels begin at a multiple of 64.
  expect(array.subarray(0, 8).toString('latin1')).toBe('\u0093NUMPY\u0001\u0000');
  const headBytes = 10 + array.readUInt16LE(8);
  expect(headBytes % 64).toBe(0);
  expect(array.subarray(10, headBytes).toString('latin1')).toContain("'shape': (3, 63, 63)");
  expect(array.length - headBytes).toBe(3 * 63 * 63 * 4);

  // The same labels are the same data set; another is another.
  const before = readFileSync(file, 'utf8');
  await exportDataSet(parts, folder, 'dataset');
  expect(readFileSync(file, 'utf8')).toBe(before);
  await label(2, 'real');
  expect((await exportDataSet(parts, folder, 'dataset')).md5).not.toBe(written.md5);
});
