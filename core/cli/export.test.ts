import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeSharedFolder } from '../../tests/line/run-astrid.ts';
import { seedWorkspace } from '../../tests/support/seed-workspace.ts';
import type { Console } from './console.ts';
import { runExport } from './export.ts';

const workspace = makeSharedFolder();
const folder = makeSharedFolder();
const quiet = (): void => undefined;
const out: Console = { print: quiet, say: quiet, status: quiet, complain: quiet };

beforeAll(async () => {
  await seedWorkspace(workspace);
});

describe('astrid export', () => {
  it('writes a table to a file', async () => {
    const file = join(folder, 'candidates.csv');
    await runExport('candidates', { format: 'csv', out: file, workspace }, out);
    expect(readFileSync(file, 'utf8').split('\n').length).toBeGreaterThan(2);
  });

  it.each([
    ['a table that is not there', 'nights', { format: 'csv' }, 'catalog/table-not-found'],
    ['a format that is not known', 'candidates', { format: 'xls' }, 'catalog/unknown-format'],
    ['a filter that cannot be read', 'candidates', { format: 'csv', filter: '{bad' }, 'catalog/bad-filter'],
  ])('says what is wrong with %s, and writes nothing', async (_, table, options, code) => {
    const file = join(folder, 'refused');
    await expect(runExport(table, { ...options, out: file, workspace }, out)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/\w+ .*/),
    });
    expect(readdirSync(folder).filter((name) => name.startsWith('refused'))).toEqual([]);
  });
});
