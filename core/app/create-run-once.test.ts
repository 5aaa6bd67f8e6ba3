import { describe, expect, test } from 'vitest';
import { openTemporaryDatabase } from '../../tests/support/temporary-workspace.ts';
import { createRunOnce } from './create-run-once.ts';

const pair = { sciencePath: '/a.fits', templatePath: '/b.fits', options: { allowBandMismatch: false } };

describe('a run under a name', () => {
  test('is one run however often it is asked for', async () => {
    const database = await openTemporaryDatabase();
    const first = await createRunOnce(database, 'pair', pair);
    expect(await createRunOnce(database, 'pair', pair)).toEqual(first);
    expect((await createRunOnce(database, 'other', pair)).id).not.toBe(first.id);
    expect((await database.runs.list({ limit: 10 })).total).toBe(2);
  });

  test('is one run too if the program died between name and run', async () => {
    const database = await openTemporaryDatabase();
    const died = async () => {
      throw new Error('killed');
    };
    const dying = { settings: database.settings, runs: { ...database.runs, create: died } };
    await expect(createRunOnce(dying, 'pair', pair)).rejects.toThrow('killed');
    const { id } = await createRunOnce(database, 'pair', pair);
    expect((await createRunOnce(database, 'pair', pair)).id).toBe(id);
    expect((await database.runs.list({ limit: 10 })).total).toBe(1);
  });
});
