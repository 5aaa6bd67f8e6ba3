import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AstridError } from '../../utils/errors.ts';

/** A finished run as MLflow keeps it. */
export interface MlflowRun {
  /** Up to 18 digits. */
  readonly experimentId: string;
  readonly experiment: string;
  /** 32 hexadecimal digits. */
  readonly runId: string;
  readonly name: string;
  readonly user: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
  /** By their path under the run's artifacts. */
  readonly artifacts: Readonly<Record<string, string | Uint8Array>>;
}

/** RunStatus FINISHED and SourceType LOCAL of MLflow's protocol. */
const FINISHED = 3;
const LOCAL = 4;
/** What MLflow takes as the value of a parameter, characters. */
const MOST_OF_A_PARAM = 6000;
const MOST_OF_A_TAG = 5000;

/**
 * Write a run into a folder that MLflow reads as a file store: `mlflow ui --backend-store-uri file:FOLDER`.
 *
 * The run appears whole or not at all; one that is there stays as it is.
 *
 * @returns whether it was written.
 * @throws storage/not-mlflow for names that MLflow does not take
 */
export async function writeMlflowRun(folder: string, run: MlflowRun): Promise<boolean> {
  const root = resolve(folder);
  const experiment = join(root, run.experimentId);
  const place = join(experiment, run.runId);
  if (await exists(join(place, 'meta.yaml'))) return false;
  const startMs = run.startedAt.getTime();
  await writeUnlessThere(
    join(experiment, 'meta.yaml'),
    yaml({
      artifact_location: pathToFileURL(experiment).href,
      creation_time: startMs,
      experiment_id: run.experimentId,
      last_update_time: startMs,
      lifecycle_stage: 'active',
      name: run.experiment,
    }),
  );
  const draft = join(experiment, `.${run.runId}.${randomUUID()}`);
  try {
    const put = async (content: string | Uint8Array, ...steps: readonly string[]): Promise<void> => {
      const path = join(draft, ...steps);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content, { flush: true });
    };
    for (const part of ['artifacts', 'metrics', 'params', 'tags'])
      await mkdir(join(draft, part), { recursive: true });
    for (const [key, value] of Object.entries(run.params))
      await put(limited(value, MOST_OF_A_PARAM), 'params', checked(key));
    for (const [key, value] of Object.entries(run.metrics))
      await put(`${startMs} ${writeNumber(value)} 0\n`, 'metrics', checked(key));
    for (const [key, value] of Object.entries({
      'mlflow.runName': run.name,
      'mlflow.user': run.user,
      ...run.tags,
    }))
      await put(limited(value, MOST_OF_A_TAG), 'tags', checked(key));
    for (const [path, content] of Object.entries(run.artifacts))
      await put(content, 'artifacts', ...path.split('/').map(checked));
    await put(
      yaml({
        artifact_uri: pathToFileURL(join(place, 'artifacts')).href,
        end_time: run.endedAt.getTime(),
        entry_point_name: '',
        experiment_id: run.experimentId,
        lifecycle_stage: 'active',
        run_id: run.runId,
        run_name: run.name,
        run_uuid: run.runId,
        source_name: '',
        source_type: LOCAL,
        source_version: '',
        start_time: startMs,
        status: FINISHED,
        tags: [],
        user_id: run.user,
      }),
      'meta.yaml',
    );
    await rename(draft, place);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return true;
}

/** Write plain facts as YAML: a JSON text is one, and numbers and words that look alike stay apart. */
export function yaml(facts: Readonly<Record<string, unknown>>): string {
  return `${Object.entries(facts)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join('\n')}\n`;
}

function checked(key: string): string {
  if (/^[\w.\- ]{1,250}$/.test(key) && !/^\.+$/.test(key)) return key;
  throw new AstridError(
    'storage/not-mlflow',
    `MLflow takes no name like “${key}”: letters, digits, _, -, . and blanks.`,
    {
      key,
    },
  );
}

function limited(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function writeNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function writeUnlessThere(path: string, content: string): Promise<void> {
  if (await exists(path)) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content, { flush: true });
  await rename(draft, path);
}
