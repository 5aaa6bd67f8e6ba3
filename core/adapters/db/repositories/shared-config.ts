import { eq } from 'drizzle-orm';
import type { Connection } from '../connection.ts';
import { runs } from '../schema/index.ts';
import { readField } from './read-field.ts';

/** The field by which a workstation tells what a run changed of the line's configuration. */
export const CONFIG_FIELD = 'config';

/** Note with a run of another workstation what it was made with; call it inside a transaction marked as receiving. */
export function showConfig(connection: Connection, runId: string): void {
  const { orm } = connection;
  const run = orm
    .select({ origin: runs.origin, options: runs.options })
    .from(runs)
    .where(eq(runs.id, runId))
    .get();
  if (run === undefined || run.origin === null) return;
  const config = readField(connection, { entity: 'run', key: runId, field: CONFIG_FIELD })?.current.value;
  if (config === null || typeof config !== 'object') return;
  orm
    .update(runs)
    .set({ options: { ...run.options, config: config as Readonly<Record<string, unknown>> } })
    .where(eq(runs.id, runId))
    .run();
}
