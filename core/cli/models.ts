import { userInfo } from 'node:os';
import { exportModel, pathsOfCheckout, readModelRuns } from '../app/index.ts';
import { CHECKOUT } from './checkout.ts';
import { type Console, formatTable } from './console.ts';

/** Run `astrid models export`. @throws detection/model-missing, detection/model-corrupt */
export async function runModelsExport(
  version: string | undefined,
  options: { readonly mlflow: string; readonly name: string; readonly json?: boolean },
  out: Console,
): Promise<void> {
  const { modelsDir } = pathsOfCheckout(CHECKOUT);
  const written = await exportModel(modelsDir, options.mlflow, {
    name: options.name,
    version,
    user: userInfo().username,
  });
  if (options.json) out.print(JSON.stringify({ version: 1, ...written }));
  else {
    out.print(`${written.model}: run ${written.runId}${written.isNew ? '' : ', which was there already'}`);
    out.say(`look at it with: mlflow ui --backend-store-uri file:${options.mlflow}`);
  }
}

/** Run `astrid models runs`: runs of MLflow in a line each, or one with all that is known of it. @throws storage/not-mlflow */
export async function runModelsRuns(
  wanted: string | undefined,
  options: { readonly mlflow: string; readonly json?: boolean },
  out: Console,
): Promise<void> {
  const runs = await readModelRuns(options.mlflow, wanted);
  if (options.json) {
    // JSON has no NaN: what was measured as one is told in words.
    out.print(
      JSON.stringify({ version: 1, runs }, (_, value) =>
        typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
      ),
    );
    return;
  }
  if (wanted === undefined) {
    out.print(
      formatTable(
        ['run', 'name', 'experiment', 'status', 'started', 'params', 'metrics', 'artifacts'],
        runs.map((run) => [
          run.runId.slice(0, 12),
          run.name,
          run.experiment,
          run.status,
          run.startedAt?.slice(0, 16) ?? '-',
          String(Object.keys(run.params).length),
          String(Object.keys(run.metrics).length),
          String(run.artifacts.length),
        ]),
      ),
    );
    return;
  }
  for (const run of runs) {
    out.print(
      `${run.name} of ${run.experiment}, run ${run.runId}, ${run.status}, by ${run.user || 'nobody named'}`,
    );
    out.print(
      formatTable(
        ['what', 'name', 'value'],
        [
          ...Object.entries(run.params).map(([name, value]) => ['param', name, firstLine(value)]),
          ...Object.entries(run.metrics).map(([name, points]) => [
            'metric',
            name,
            `${points.at(-1)?.value}${points.length > 1 ? ` (last of ${points.length})` : ''}`,
          ]),
          ...Object.entries(run.tags).map(([name, value]) => ['tag', name, firstLine(value)]),
          ...run.artifacts.map(({ path, bytes }) => ['artifact', path, `${bytes} bytes`]),
        ],
      ),
    );
    if (run.artifacts.length === 0)
      out.say(`its artifacts are kept at ${run.artifactUri || 'no known place'}`);
  }
}

function firstLine(text: string): string {
  const [line = '', ...more] = text.split('\n');
  const short = line.length > 80 ? `${line.slice(0, 79)}…` : line;
  return more.length > 0 && !short.endsWith('…') ? `${short} …` : short;
}
