import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeModels, findModel, readModel } from '../adapters/ml/index.ts';
import { describeOnnx, writeMlflowRun } from '../adapters/mlflow/index.ts';

/** A model that was written for MLflow. */
export interface ExportedModel {
  readonly model: string;
  readonly experimentId: string;
  readonly runId: string;
  /** Whether it was not there yet. */
  readonly isNew: boolean;
}

/**
 * Write a version of a model as a run of MLflow: what it was trained with, what it measured, its card, and the network
 * as MLflow serves it. The same model has the same ids wherever it is written.
 *
 * @param version the newest by default.
 * @throws detection/model-missing, detection/model-corrupt
 */
export async function exportModel(
  modelsDir: string,
  folder: string,
  options: { readonly name: string; readonly version?: string | undefined; readonly user: string },
): Promise<ExportedModel> {
  const {
    manifest,
    bytes,
    folder: modelFolder,
  } = readModel(findModel(modelsDir, options.name, options.version));
  const { modelVersion, metrics = {} } =
    describeModels(modelsDir).find(
      ({ name, version }) => name === manifest.name && version === manifest.version,
    ) ?? {};
  const text = await readFile(join(modelFolder, 'manifest.json'), 'utf8');
  const { training } = JSON.parse(text) as { readonly training?: unknown };
  const experiment = `astrid-${manifest.name}`;
  const experimentId = String(BigInt(`0x${digest(experiment).slice(0, 15)}`) % 10n ** 18n).padStart(18, '1');
  const runId = digest(`${manifest.name} ${manifest.version} ${manifest.sha256}`);
  const createdAt = (await stat(join(modelFolder, manifest.file))).mtime;
  const card = await readFile(join(modelFolder, 'card.md'), 'utf8').catch(() => '');
  const isNew = await writeMlflowRun(folder, {
    experimentId,
    experiment,
    runId,
    name: modelVersion ?? `${manifest.name}-${manifest.version}`,
    user: options.user,
    startedAt: createdAt,
    endedAt: createdAt,
    params: {
      threshold: String(manifest.threshold),
      features: manifest.input.features.join(','),
      ...Object.fromEntries(flatten('training', training).map(([key, value]) => [key, String(value)])),
    },
    metrics: Object.fromEntries(
      flatten('', metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    ),
    tags: {
      'mlflow.source.name': 'astrid',
      'mlflow.source.type': 'LOCAL',
      'mlflow.note.content': card,
      'astrid.sha256': manifest.sha256,
    },
    artifacts: {
      'manifest.json': text,
      ...(card === '' ? {} : { 'card.md': card }),
      ...describeOnnx({
        runId,
        modelUuid: digest(manifest.sha256),
        createdAt,
        bytes,
        input: { name: manifest.input.name, width: manifest.input.features.length },
        output: { name: manifest.output.name },
      }),
    },
  });
  return { model: `${manifest.name} ${manifest.version}`, experimentId, runId, isNew };
}

/** Facts of a tree by their path with dots; lists as one text. */
function flatten(path: string, node: unknown): readonly (readonly [string, number | string | boolean])[] {
  if (Array.isArray(node)) return [[path, node.join(',')]];
  if (node !== null && typeof node === 'object')
    return Object.entries(node).flatMap(([key, value]) =>
      flatten([path, key.replace(/[^\w.\- ]/g, '_')].filter(Boolean).join('.'), value),
    );
  return typeof node === 'number' || typeof node === 'string' || typeof node === 'boolean'
    ? [[path, node]]
    : [];
}

function digest(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
