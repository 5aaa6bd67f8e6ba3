import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { WorkspaceDatabase } from '../adapters/db/index.ts';
import { parseImageName } from '../adapters/imaging/index.ts';
import type { Scorer } from '../adapters/ml/index.ts';
import {
  hashOf,
  type LineServices,
  makeProcessReport,
  type ProcessReport,
  type ProgressListener,
  type RunClaim,
  type RunOptions,
  type StageName,
  workClaim,
} from '../pipeline/index.ts';
import { AstridError, readAll } from '../utils/index.ts';
import { createRunOnce } from './create-run-once.ts';
import { parseLineConfig, readConfigFile } from './parse-config.ts';

/** A pair to process now. */
export interface PairRequest {
  readonly sciencePath: string;
  readonly templatePath: string;
  readonly allowBandMismatch?: boolean | undefined;
  readonly configPath?: string | undefined;
  /** Differencing engine, in the place of the configuration's. */
  readonly method?: string | undefined;
  readonly calibration?:
    | {
        readonly biasPath?: string | undefined;
        readonly darkPath?: string | undefined;
        readonly flatPath?: string | undefined;
      }
    | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly onStage?: ((stage: StageName, seconds: number) => void) | undefined;
  readonly onNote?: ((note: string) => void) | undefined;
}

/**
 * Run the line on a pair to its end and report.
 *
 * The same pair with the same settings is one run of the workspace however often it is asked for: what was cut off
 * is resumed, what is done is read back, and files that changed are processed anew.
 *
 * @throws what the line throws
 */
export async function processPair(
  services: LineServices & WorkspaceDatabase & { readonly scorer: Scorer },
  request: PairRequest,
): Promise<ProcessReport> {
  const { runs, queue, stageRuns, detections, scorer } = services;
  const options = optionsOf(request);
  const config = parseLineConfig(options.config);
  const sciencePath = absolute(request.sciencePath);
  const templatePath = absolute(request.templatePath);
  const key = `pair:${await hashOf({ sciencePath, templatePath, options })}`;
  const created = await createRunOnce(services, key, { sciencePath, templatePath, options });
  let run = await runs.retry(created.id);
  const claim: RunClaim | undefined = await queue.claim({
    worker: `direct-${process.pid}`,
    leaseMs: 30_000,
    runId: run.id,
  });
  if (!claim) {
    throw new AstridError(
      'pipeline/run-busy',
      `This pair is being processed by another worker; wait for it to end.`,
      {
        runId: run.id,
      },
    );
  }
  const results = await workClaim(services, claim, {
    config,
    signal: request.signal,
    onProgress: request.onProgress,
    onStage: request.onStage,
    onNote: (_stage, note) => request.onNote?.(note),
  });
  results?.letGo();
  run = await runs.get(run.id);
  const everything = { runId: run.id, limit: 1000, order: 'rank' as const };
  const [stages, candidates, vetoed] = await Promise.all([
    stageRuns.latest([run.id]),
    readAll((cursor) => detections.list({ ...everything, vetoed: false, cursor })),
    readAll((cursor) => detections.list({ ...everything, vetoed: true, cursor })),
  ]);
  return makeProcessReport({ run, stages, candidates, vetoed, scoreThreshold: scorer.threshold });
}

function optionsOf({ allowBandMismatch, configPath, calibration, method }: PairRequest): RunOptions {
  const file = configPath === undefined ? {} : readConfigFile(configPath);
  const given = Object.entries(calibration ?? {}).flatMap(([name, path]) =>
    path === undefined ? [] : [[name, absolute(path)] as const],
  );
  const over = (part: string, fields: object) => ({
    [part]: { ...(file[part] as object | undefined), ...fields },
  });
  const config = {
    ...file,
    ...(given.length > 0 ? over('calibration', Object.fromEntries(given)) : {}),
    ...(method === undefined ? {} : over('differencing', { method })),
  };
  return { allowBandMismatch: allowBandMismatch === true, config };
}

// A relative path means the caller's folder; the run may be resumed from another.
function absolute(name: string): string {
  if (statSync(name, { throwIfNoEntry: false })) return resolve(name);
  const { path, hdu } = parseImageName(name);
  return hdu === undefined ? resolve(path) : `${resolve(path)}[${hdu}]`;
}
