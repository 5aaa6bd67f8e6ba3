import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWorkstation } from '../../../tests/support/open-workstation.ts';
import { exportModel } from '../../app/export-model.ts';

test('runs of MLflow are read where they lie, and a folder that holds none says so', async () => {
  const { fetch, folder } = await openWorkstation();
  const ask = async (of: string) => {
    const query = new URLSearchParams({ folder: of });
    const response = await fetch(new Request(`http://127.0.0.1/api/v1/models/runs?${query}`));
    return { status: response.status, told: await response.json() };
  };
  const mlruns = join(folder, 'mlruns');
  const { runId } = await exportModel('models', mlruns, { name: 'real-bogus', user: 'ada' });
  const { runs } = (await ask(mlruns)).told;
  expect(runs).toMatchObject([{ runId, status: 'finished', user: 'ada' }]);
  expect(Object.values(runs[0].metrics)).toContainEqual({
    last: expect.stringMatching(/^0\.\d+$/),
    count: 1,
  });
  expect(runs[0].artifacts.map(({ path }: { path: string }) => path)).toContain('model/model.onnx');
  expect(await ask(folder)).toMatchObject({ told: { code: 'storage/not-mlflow' } });
});
