import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAstridError } from '../../utils/index.ts';
import { listModelFolders, nameModelVersion, readModel } from './read-manifest.ts';

/** One version of a model as it lies on disk. */
export interface InstalledModel {
  readonly name: string;
  readonly version: string;
  readonly modelVersion: string;
  /** Why it cannot be used. */
  readonly problem?: string | undefined;
  readonly threshold?: number | undefined;
  readonly features: readonly string[];
  readonly bytes?: number | undefined;
  readonly card?: string | undefined;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly trainedWith?: string | undefined;
}

/** What a manifest says for people; the program does not need it. */
const Described = z.object({
  metrics: z.record(z.string(), z.unknown()).default({}),
  training: z.object({ command: z.string().optional() }).default({}),
});

/** Describe every version of every model in a folder, the newest of each first. */
export function describeModels(modelsDir: string): readonly InstalledModel[] {
  return listModelFolders(modelsDir).map(({ name, version, folder }) => {
    const card = readText(join(folder, 'card.md'));
    try {
      const { manifest } = readModel(folder);
      const described = Described.parse(JSON.parse(readText(join(folder, 'manifest.json'))!));
      return {
        name,
        version,
        modelVersion: nameModelVersion(manifest),
        threshold: manifest.threshold,
        features: manifest.input.features,
        bytes: statSync(join(folder, manifest.file)).size,
        card,
        metrics: described.metrics,
        trainedWith: described.training.command,
      };
    } catch (error) {
      if (!isAstridError(error)) throw error;
      const modelVersion = nameModelVersion({ name, version });
      return { name, version, modelVersion, problem: error.message, features: [], card, metrics: {} };
    }
  });
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
