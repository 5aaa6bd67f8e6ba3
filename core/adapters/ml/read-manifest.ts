import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FEATURE_NAMES } from '../../domains/detection/index.ts';
import { AstridError } from '../../utils/index.ts';
import type { ModelManifest } from './model.ts';

const manifestSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  file: z.string().regex(/^[\w.-]+$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  input: z.object({ name: z.string(), features: z.array(z.string()).min(1) }),
  output: z.object({ name: z.string() }),
  threshold: z.number().min(0).max(1),
  verification: z.object({
    inputs: z.array(z.array(z.number())).min(1),
    outputs: z.array(z.number()).min(1),
  }),
});

/** A model as it lies on disk: checked against its own manifest. */
export interface StoredModel {
  readonly folder: string;
  readonly manifest: ModelManifest;
  readonly bytes: Uint8Array;
}

/**
 * Find a version of a model, the newest unless another is asked for: `<modelsDir>/<name>/<version>/manifest.json`.
 *
 * @throws detection/model-missing
 */
export function findModel(modelsDir: string, name: string, version?: string): string {
  const folder = join(modelsDir, name);
  const versions = listFolders(folder);
  const found = version === undefined ? versions[0] : versions.find((known) => known === version);
  if (found === undefined)
    throw missing(
      folder,
      version === undefined ? 'There is no version of it.' : `There is no version ${version}.`,
    );
  return join(folder, found);
}

/** List the versions of every model, the newest of each first. */
export function listModelFolders(
  modelsDir: string,
): readonly { readonly name: string; readonly version: string; readonly folder: string }[] {
  return listFolders(modelsDir).flatMap((name) =>
    listFolders(join(modelsDir, name))
      .filter((version) => existsSync(join(modelsDir, name, version, 'manifest.json')))
      .map((version) => ({ name, version, folder: join(modelsDir, name, version) })),
  );
}

function listFolders(folder: string): string[] {
  try {
    const names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    // 10 is newer than 9, and 1.2 older than 1.10.
    return names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  } catch {
    return [];
  }
}

/**
 * Read a model's manifest and graph, and check that they belong together and to this program.
 *
 * @throws detection/model-missing, detection/model-corrupt
 */
export function readModel(folder: string): StoredModel {
  const text = readPart(folder, 'manifest.json').toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw corrupt(folder, `manifest.json is not JSON (${(error as Error).message}).`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw corrupt(folder, `manifest.json: ${issue?.path.join('.')}: ${issue?.message}.`);
  }
  const manifest = parsed.data;
  const known: readonly string[] = FEATURE_NAMES;
  const unknown = manifest.input.features.filter((feature) => !known.includes(feature));
  if (unknown.length > 0) {
    throw corrupt(folder, `It wants features that this version does not measure: ${unknown.join(', ')}.`);
  }
  const { inputs, outputs } = manifest.verification;
  if (
    inputs.length !== outputs.length ||
    inputs.some((row) => row.length !== manifest.input.features.length)
  ) {
    throw corrupt(folder, 'manifest.json: the verification rows do not fit the features.');
  }
  const bytes = readPart(folder, manifest.file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== manifest.sha256) {
    throw corrupt(folder, `${manifest.file} has SHA-256 ${sha256}, the manifest says ${manifest.sha256}.`);
  }
  return { folder, manifest, bytes };
}

/** Name a model as it is stored with every score. */
export function nameModelVersion({ name, version }: Pick<ModelManifest, 'name' | 'version'>): string {
  return `${name}-${version}`;
}

/** The error of a model whose files do not fit together. */
export function corrupt(folder: string, why: string): AstridError {
  return new AstridError(
    'detection/model-corrupt',
    `The score model in ${folder} cannot be used. ${why} Restore the folder, or train it again with models/train-real-bogus.ts.`,
    { folder },
  );
}

function missing(folder: string, why: string): AstridError {
  return new AstridError(
    'detection/model-missing',
    `No score model in ${folder}. ${why} Restore the folder, or train it with models/train-real-bogus.ts.`,
    { folder },
  );
}

function readPart(folder: string, file: string): Buffer {
  try {
    return readFileSync(join(folder, file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw missing(folder, `${file} is not there.`);
    throw corrupt(folder, `${file} cannot be read (${code}).`);
  }
}
