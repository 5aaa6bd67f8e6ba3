import { availableParallelism } from 'node:os';
import { createFileReader, fingerprintFile, readExposureTask } from '../adapters/imaging/index.ts';
import type { Scorer } from '../adapters/ml/index.ts';
import type { CatalogStore } from '../adapters/sky-tiles/index.ts';
import { createThreadRunner, type ThreadRunner } from '../adapters/threads/index.ts';
import type { Cone } from '../domains/catalog/index.ts';
import type { StagePorts } from '../pipeline/index.ts';
import type { TaskRunner } from '../utils/index.ts';
import { collectGarbage } from './collect-garbage.ts';
import { findNearbyCatalogs } from './find-nearby-catalogs.ts';
import type { AppPaths } from './paths.ts';

/** Make the pool of threads that pixel tasks run on; by default one for each processor, eight at most. */
export function createThreads(
  paths: AppPaths,
  threads = Math.max(1, Math.min(8, availableParallelism())),
): ThreadRunner {
  return createThreadRunner({
    workersDir: paths.workersDir,
    extension: paths.workersExtension,
    threads,
  });
}

/** What the line asks of a score model. */
export type LineScorer = Pick<Scorer, 'modelVersion' | 'threshold' | 'score'>;

/** Make what the stages need of the world; without a scorer for lines that end before the score. */
export function createStagePorts(
  threads: TaskRunner,
  scorer?: LineScorer,
  catalogs?: CatalogStore,
): StagePorts {
  const files = createFileReader();
  return {
    ...(catalogs === undefined
      ? {}
      : {
          catalogs: {
            version: catalogs.version,
            find: (cone: Cone, limit: number) => findNearbyCatalogs(catalogs, cone, limit),
          },
        }),
    tasks: threads,
    freeMemory: collectGarbage,
    readFile: (...part) => {
      files.read(...part);
      files.close();
    },
    readExposure: (path, signal) => threads.run(readExposureTask, { name: path }, { signal }),
    fingerprint: fingerprintFile,
    // Asked each time: another version may have been chosen since.
    get modelVersion() {
      return scorer?.modelVersion ?? 'none';
    },
    get scoreThreshold() {
      return scorer?.threshold ?? 1;
    },
    score: (detections, triplets) => {
      if (!scorer) throw new Error('this line was made without a score model');
      return scorer.score(detections, triplets);
    },
  };
}
