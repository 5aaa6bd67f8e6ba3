import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Piscina } from 'piscina';
import { type TaskReply, unpackLists } from '../../pipeline/tasks.ts';
import type { Task } from '../../utils/index.ts';
import { fromErrorRecord } from '../../utils/index.ts';
import type { ExecutionProvider, Scorer } from './model.ts';
import { findModel, nameModelVersion, readModel } from './read-manifest.ts';
import { closeModelTask, openModelTask, scoreRowsTask } from './tasks.ts';

export interface ScorerOptions {
  /** Folder of the models: `<modelsDir>/<name>/<version>`. */
  readonly modelsDir: string;
  /** Name of the model. Default `real-bogus`. */
  readonly name?: string | undefined;
  /** Version of it. Default: the newest. */
  readonly version?: string | undefined;
  /** Folder of the thread entries, and how their names end. */
  readonly workersDir: string;
  readonly workersExtension: '.ts' | '.js';
  /** Execution providers to try, best first. Default: all that the machine has, GPUs before the CPU. */
  readonly providers?: readonly ExecutionProvider[] | undefined;
}

/** Rows scored at once when speed is measured: as many as a crowded field has detections. */
const MEASURED_ROWS = 2048;

/** How long speed is measured, ms. */
const MEASURED_MS = 400;

/**
 * Open a version of the real-bogus model, the newest unless another is asked for, on a thread of its own.
 *
 * @throws detection/model-missing, detection/model-corrupt
 */
export async function createScorer(options: ScorerOptions): Promise<Scorer> {
  const { folder, manifest } = readModel(
    findModel(options.modelsDir, options.name ?? 'real-bogus', options.version),
  );
  // Its own builds tell their maker which models are run, over the network, unless this is set before they are loaded.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const pool = new Piscina({
    filename: join(options.workersDir, `score${options.workersExtension}`),
    // The session is the thread's: it may neither have a sister nor retire.
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
  });
  const run = async <Input, Output>(task: Task<Input, Output>, input: Input): Promise<Output> => {
    const reply = (await pool.run({ name: task.name, input })) as TaskReply;
    if (!reply.ok) throw fromErrorRecord(reply.error);
    return unpackLists(reply.value) as Output;
  };
  const modelVersion = nameModelVersion(manifest);
  const { features } = manifest.input;
  try {
    const { provider, notes } = await run(openModelTask, { folder, providers: options.providers });
    return {
      modelVersion,
      executionProvider: provider,
      notes,
      threshold: manifest.threshold,
      score: async (detections) => {
        const rows = Float32Array.from(
          detections.flatMap((detection) => features.map((name) => detection.features[name]!)),
        );
        const scores = await run(scoreRowsTask, { rows, count: detections.length });
        return { scores: Array.from(scores), modelVersion, executionProvider: provider };
      },
      measure: async () => {
        const { inputs } = manifest.verification;
        const rows = Float32Array.from(
          Array.from({ length: MEASURED_ROWS }, (_, i) => inputs[i % inputs.length]!).flat(),
        );
        await run(scoreRowsTask, { rows, count: MEASURED_ROWS });
        const startedMs = performance.now();
        let count = 0;
        while (performance.now() - startedMs < MEASURED_MS) {
          await run(scoreRowsTask, { rows, count: MEASURED_ROWS });
          count += MEASURED_ROWS;
        }
        return { rows: count, seconds: (performance.now() - startedMs) / 1000 };
      },
      close: async () => {
        await run(closeModelTask, undefined);
        await pool.destroy();
      },
    };
  } catch (error) {
    await pool.destroy();
    throw error;
  }
}
