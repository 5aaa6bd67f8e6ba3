import { throwIfStopped } from '../utils/index.ts';
import type { LineConfig } from './config.ts';
import { LINE } from './line.ts';
import type { RunRecord } from './ports.ts';
import type { ProgressListener } from './progress.ts';
import { learn, type Stage, type StageName, type StageOutputs, type StagePorts } from './stage.ts';

/**
 * Run the line's first stages in memory: nothing is kept.
 *
 * For commands that write their own files, for training and for benchmarks.
 *
 * @param until the last stage to run.
 * @throws what the failing stage throws; internal/stopped
 */
export async function runStages<Last extends Exclude<StageName, 'persist'>>(
  pair: Pick<RunRecord, 'sciencePath' | 'templatePath' | 'options'>,
  until: Last,
  options: {
    readonly ports: StagePorts;
    readonly config: LineConfig;
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ProgressListener | undefined;
    readonly onNote?: ((stage: StageName, note: string) => void) | undefined;
    readonly onStage?: ((stage: StageName) => void) | undefined;
  },
): Promise<Readonly<Partial<StageOutputs>> & Pick<StageOutputs, Last>> {
  const outputs: Partial<Record<StageName, unknown>> = {};
  let run = {
    ...pair,
    id: 'in-memory',
    createdAt: '',
    status: 'running',
    gradeReasons: [],
    candidateCount: 0,
    labelledCount: 0,
    attempts: 1,
  } as RunRecord;
  for (const stage of LINE as readonly Stage[]) {
    throwIfStopped(options.signal);
    const context = {
      run,
      config: options.config,
      ports: options.ports,
      signal: options.signal,
      need: async <Name extends StageName>(name: Name) => outputs[name] as StageOutputs[Name],
      report: (fraction: number, message: string) =>
        options.onProgress?.({ runId: run.id, stage: stage.name, fraction, message }),
    };
    const output = await stage.run(context);
    outputs[stage.name] = output;
    const summary = await stage.summarise(output, context);
    run = learn(run, summary.run ?? {});
    for (const note of summary.notes ?? []) options.onNote?.(stage.name, note);
    options.onStage?.(stage.name);
    if (stage.name === until) break;
  }
  return outputs as Partial<StageOutputs> & Pick<StageOutputs, Last>;
}
