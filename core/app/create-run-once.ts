import { randomBytes } from 'node:crypto';
import type { NewRun, RunRecord, RunRepository, SettingRepository } from '../pipeline/index.ts';
import { makeUuidV7 } from '../utils/index.ts';

/**
 * Queue a pair under a name of the workspace; the same name again gives the same run.
 *
 * The run's id is on disk under the name before the run is: a crash between the two leaves a name whose run is made
 * by the next call, and never a run that nobody knows of.
 */
export async function createRunOnce(
  { runs, settings }: { readonly runs: RunRepository; readonly settings: SettingRepository },
  name: string,
  run: Omit<NewRun, 'id'>,
): Promise<RunRecord> {
  const known = await settings.get(name);
  const id = typeof known === 'string' ? known : makeUuidV7(Date.now(), randomBytes(10));
  if (known !== id) await settings.set(name, id);
  return runs.create({ ...run, id });
}
