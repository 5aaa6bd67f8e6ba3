import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AstridError } from '../../utils/errors.ts';

/** One value of a measurement. */
export interface MetricPoint {
  readonly atMs: number;
  readonly value: number;
  readonly step: number;
}

/** A run as a file store of MLflow has it, whoever wrote it. */
export interface ReadMlflowRun {
  readonly experimentId: string;
  readonly experiment: string;
  readonly runId: string;
  readonly name: string;
  readonly user: string;
  readonly status: 'running' | 'scheduled' | 'finished' | 'failed' | 'killed' | 'unknown';
  readonly startedAt?: string | undefined;
  readonly endedAt?: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  /** All values of each, in the order in which they were logged. */
  readonly metrics: Readonly<Record<string, readonly MetricPoint[]>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Paths under the run's artifacts, with their sizes; none where they are kept elsewhere. */
  readonly artifacts: readonly { readonly path: string; readonly bytes: number }[];
  readonly artifactUri: string;
}

/** RunStatus of MLflow's protocol, by its numbers. */
const STATUS = ['unknown', 'running', 'scheduled', 'finished', 'failed', 'killed'] as const;

/**
 * Read the runs of a folder that MLflow keeps as a file store, newest first; those that were deleted are left out.
 *
 * @throws storage/not-mlflow where it is no such folder, or a run in it cannot be read
 */
export async function readMlflowRuns(folder: string): Promise<readonly ReadMlflowRun[]> {
  const root = resolve(folder);
  const runs: ReadMlflowRun[] = [];
  let isStore = false;
  for (const experimentId of await listFolders(root)) {
    // What MLflow keeps of models, and what it has thrown away, lies beside its experiments.
    if (!/^\d+$/.test(experimentId)) continue;
    const experiment = await readMeta(join(root, experimentId));
    if (experiment === undefined) continue;
    isStore = true;
    for (const runId of await listFolders(join(root, experimentId))) {
      if (!/^[0-9a-f]{32}$/.test(runId)) continue;
      const place = join(root, experimentId, runId);
      const meta = await readMeta(place);
      if (meta === undefined || meta.lifecycle_stage === 'deleted') continue;
      runs.push(await readRun(place, meta, { experimentId, experiment: experiment.name ?? experimentId }));
    }
  }
  if (!isStore)
    throw new AstridError(
      'storage/not-mlflow',
      `${folder} is no folder that MLflow keeps runs in: it has no experiment with a meta.yaml. Name the mlruns folder.`,
      { folder },
    );
  return runs.sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? 1 : -1));
}

type Meta = Readonly<Record<string, string | undefined>>;

async function readRun(
  place: string,
  meta: Meta,
  of: { readonly experimentId: string; readonly experiment: string },
): Promise<ReadMlflowRun> {
  const texts = async (part: string): Promise<Record<string, string>> =>
    Object.fromEntries(
      await Promise.all(
        (await listFiles(join(place, part))).map(
          async ({ path }) => [path, await readFile(join(place, part, path), 'utf8')] as const,
        ),
      ),
    );
  const tags = await texts('tags');
  const metrics = Object.entries(await texts('metrics')).map(
    ([key, text]) => [key, readPoints(text, join(place, 'metrics', key))] as const,
  );
  const artifactUri = meta.artifact_uri ?? '';
  return {
    ...of,
    runId: meta.run_id ?? meta.run_uuid ?? '',
    name: tags['mlflow.runName'] ?? meta.run_name ?? '',
    user: tags['mlflow.user'] ?? meta.user_id ?? '',
    status: STATUS[Number(meta.status)] ?? 'unknown',
    startedAt: readTime(meta.start_time),
    endedAt: readTime(meta.end_time),
    params: await texts('params'),
    metrics: Object.fromEntries(metrics),
    tags,
    artifacts: await listFiles(await findArtifacts(place, artifactUri)),
    artifactUri,
  };
}

/** Where the artifacts lie: beside the run, also where the folder was moved since its address was written. */
async function findArtifacts(place: string, uri: string): Promise<string> {
  const beside = join(place, 'artifacts');
  if ((await stat(beside).catch(() => undefined))?.isDirectory() === true) return beside;
  return uri.startsWith('file:') && URL.canParse(uri) ? fileURLToPath(uri) : beside;
}

/** Lines of `milliseconds value step`; newer versions say more after that. */
function readPoints(text: string, path: string): readonly MetricPoint[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [at = '', value = '', step = '0'] = line.trim().split(/\s+/);
      const point = { atMs: Number(at), value: readNumber(value), step: Number(step) };
      if (Number.isFinite(point.atMs) && Number.isInteger(point.step) && point.value !== undefined)
        return point as MetricPoint;
      throw new AstridError('storage/not-mlflow', `${path} has a line that is no measurement: “${line}”.`, {
        path,
      });
    });
}

function readNumber(text: string): number | undefined {
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const number = Number(text);
  return text === '' || Number.isNaN(number) ? undefined : number;
}

function readTime(text: string | undefined): string | undefined {
  const ms = Number(text);
  return text === undefined || !Number.isFinite(ms) || ms <= 0 ? undefined : new Date(ms).toISOString();
}

/** The facts of a meta.yaml: names with one plain or quoted value each, which is all that MLflow writes into it. */
async function readMeta(place: string): Promise<Meta | undefined> {
  const path = join(place, 'meta.yaml');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // A folder without one is no run; one that may not be read is not the same as none.
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new AstridError('storage/not-mlflow', `${path} cannot be read: ${error.message}.`, { path });
  });
  if (text === undefined) return undefined;
  return Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const [, key, value = ''] = /^([A-Za-z_]\w*):\s*(.*?)\s*$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, unquote(value)] as const];
    }),
  );
}

function unquote(value: string): string | undefined {
  if (value === '' || value === 'null' || value === '~') return undefined;
  if (/^'.*'$/s.test(value)) return value.slice(1, -1).replaceAll("''", "'");
  if (/^".*"$/s.test(value)) {
    try {
      return String(JSON.parse(value));
    } catch {
      return value.slice(1, -1);
    }
  }
  return value;
}

async function listFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Files under a folder by their path with `/`: names of MLflow may have it. Links are not followed. */
async function listFiles(
  folder: string,
): Promise<readonly { readonly path: string; readonly bytes: number }[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        return { path: relative(folder, path).split(sep).join('/'), bytes: (await stat(path)).size };
      }),
  );
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
