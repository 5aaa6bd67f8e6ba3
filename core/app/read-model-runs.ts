import { type ReadMlflowRun, readMlflowRuns } from '../adapters/mlflow/index.ts';
import type { ModelRun } from '../api/contract/index.ts';
import { AstridError } from '../utils/index.ts';

/**
 * Read runs of MLflow back from its folder, newest first.
 *
 * @param wanted the id, the beginning of an id, or the name of one; all of them by default.
 * @throws storage/not-mlflow, storage/not-found
 */
export async function readModelRuns(
  folder: string,
  wanted: string | undefined,
): Promise<readonly ReadMlflowRun[]> {
  const runs = await readMlflowRuns(folder);
  if (wanted === undefined) return runs;
  const found = runs.filter(({ runId, name }) => runId.startsWith(wanted) || name === wanted);
  if (found.length > 0) return found;
  throw new AstridError('storage/not-found', `${folder} has no run “${wanted}”.`, { folder, wanted });
}

/** Read runs of MLflow as the API tells them: the newest value of each measurement, and how many there were. @throws storage/not-mlflow */
export async function listModelRuns(folder: string): Promise<readonly ModelRun[]> {
  return (await readModelRuns(folder, undefined)).map(
    ({
      runId,
      name,
      experiment,
      status,
      user,
      startedAt,
      endedAt,
      params,
      metrics,
      artifacts,
      artifactUri,
    }) => ({
      runId,
      name,
      experiment,
      status,
      user,
      startedAt,
      endedAt,
      params: { ...params },
      metrics: Object.fromEntries(
        Object.entries(metrics).map(([metric, points]) => [
          metric,
          { last: String(points.at(-1)?.value ?? ''), count: points.length },
        ]),
      ),
      artifacts: [...artifacts],
      artifactUri,
    }),
  );
}
