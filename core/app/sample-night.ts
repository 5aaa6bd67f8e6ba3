import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SimulateConfig } from '../domains/observations/index.ts';
import type { RunRecord, RunRepository, SettingRepository } from '../pipeline/index.ts';
import type { TaskRunner } from '../utils/index.ts';
import { createRunOnce } from './create-run-once.ts';
import { simulatedPaths, writeSimulatedField } from './write-simulated-field.ts';

/** One field of the sample night. */
export interface SampleField {
  readonly name: string;
  readonly config: Partial<SimulateConfig>;
}

/**
 * The night that is offered where there is no data yet: three simulated fields, from kind to unkind.
 *
 * Small enough to be processed before one's eyes, and the same everywhere.
 */
export const SAMPLE_NIGHT: readonly SampleField[] = [
  { name: 'field-1-easy', config: { sizePx: 768, transients: 12, seed: 101, difficulty: 'easy' } },
  { name: 'field-2-survey', config: { sizePx: 1024, transients: 16, seed: 102, difficulty: 'survey' } },
  { name: 'field-3-hard', config: { sizePx: 1024, transients: 16, seed: 103, difficulty: 'hard' } },
];

const folderOf = (workspaceDir: string, { name }: SampleField): string =>
  resolve(workspaceDir, 'sample-night', name);

/** Queue the fields of the sample night, each once; their files are made when their turn comes. */
export async function queueSampleNight(
  database: { readonly runs: RunRepository; readonly settings: SettingRepository },
  workspaceDir: string,
): Promise<readonly RunRecord[]> {
  const runs: RunRecord[] = [];
  for (const field of SAMPLE_NIGHT) {
    const { science, template } = simulatedPaths(folderOf(workspaceDir, field));
    runs.push(
      await createRunOnce(database, `sample-night:${field.name}`, {
        sciencePath: science,
        templatePath: template,
        options: { allowBandMismatch: false },
      }),
    );
  }
  return runs;
}

/**
 * Simulate the field of a run of the sample night, unless its files are there; other runs need nothing.
 *
 * @param onBegin told before it takes a while.
 * @throws observations/disk-full, observations/unwritable, internal/stopped
 */
export async function makeSampleFiles(
  workspaceDir: string,
  sciencePath: string,
  threads: TaskRunner,
  signal: AbortSignal,
  onBegin: () => void,
): Promise<void> {
  const field = SAMPLE_NIGHT.find(
    (one) => simulatedPaths(folderOf(workspaceDir, one)).science === sciencePath,
  );
  if (field === undefined) return;
  const folder = folderOf(workspaceDir, field);
  // The truth is written last: with it the field is whole, and may bear labels by now.
  if (existsSync(simulatedPaths(folder).truth)) return;
  onBegin();
  await writeSimulatedField(folder, field.config, threads, { signal });
}
