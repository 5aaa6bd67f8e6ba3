import { createScorer, createSubstituteScorer, describeModels, type Scorer } from '../adapters/ml/index.ts';
import type { PoolState } from '../adapters/threads/index.ts';
import type { ModelRegistry } from '../api/ports.ts';
import type { Detection } from '../domains/detection/index.ts';
import type { SettingRepository } from '../pipeline/index.ts';
import { AstridError, isAstridError } from '../utils/index.ts';
import type { AppPaths } from './paths.ts';

/** The model that scores by default. */
const NAME = 'real-bogus';

/** What the workspace keeps its choice of a model under. */
const KEY = 'model-choice';

/** Which version was chosen, and all choices before. */
interface Choice {
  readonly version?: string | undefined;
  readonly history: readonly { readonly version: string; readonly at: string }[];
}

/** The scorer of a workspace: the version that was chosen, exchanged only between runs. */
export interface HeldScorer {
  /** Speaks for whichever version is in use. */
  readonly scorer: Scorer;
  readonly registry: ModelRegistry;
  /** What its thread is at. */
  state(): PoolState;
  /** Take up a newly chosen version; to be called when no run is underway. */
  settle(): Promise<void>;
}

/**
 * Open the workspace's score model: the chosen version, else the newest; without any, S/N stands in for it.
 *
 * @throws detection/model-corrupt
 */
export async function holdScorer(
  paths: Pick<AppPaths, 'modelsDir' | 'workersDir' | 'workersExtension'>,
  settings: SettingRepository,
): Promise<HeldScorer> {
  let choice = ((await settings.get(KEY)) as Choice | undefined) ?? { history: [] };
  let inUse = await open(choice.version);
  let openVersion = choice.version;

  async function open(version: string | undefined): Promise<Scorer> {
    try {
      return await createScorer({ ...paths, name: NAME, version });
    } catch (error) {
      if (!isAstridError(error) || error.code !== 'detection/model-missing') throw error;
      // A version that was chosen and is gone: the newest does the work; none at all: people still label.
      return version === undefined ? createSubstituteScorer() : open(undefined);
    }
  }

  const work = { underway: 0, finished: 0 };
  /** Resolves when all that was begun is over: a version that is exchanged is closed only then. */
  let settled: Promise<unknown> = Promise.resolve();
  const using = <Result>(ask: (current: Scorer) => Promise<Result>): Promise<Result> => {
    const mine = ask(inUse);
    // Only that it is over is kept: what was answered is its asker's.
    settled = Promise.allSettled([settled, mine]).then(() => undefined);
    return mine;
  };
  const scorer: Scorer = {
    get modelVersion() {
      return inUse.modelVersion;
    },
    get executionProvider() {
      return inUse.executionProvider;
    },
    get notes() {
      return inUse.notes;
    },
    get threshold() {
      return inUse.threshold;
    },
    score: async (detections, triplets) => {
      work.underway++;
      try {
        return await using((current) => current.score(detections, triplets));
      } finally {
        work.underway--;
        work.finished++;
      }
    },
    measure: () => using((current) => current.measure()),
    close: () => inUse.close(),
  };

  const list: ModelRegistry['list'] = async () => {
    const installed = describeModels(paths.modelsDir);
    const newest = installed.find(({ name, problem }) => name === NAME && problem === undefined);
    const chosen =
      installed.find(({ name, version }) => name === NAME && version === choice.version) ?? newest;
    return installed.map((model) => {
      const isInUse = model.modelVersion === inUse.modelVersion;
      return {
        ...model,
        features: [...model.features],
        metrics: { ...model.metrics },
        isInUse,
        isChosen: model === chosen,
        executionProvider: isInUse ? inUse.executionProvider : undefined,
        notes: isInUse ? [...inUse.notes] : [],
      };
    });
  };

  return {
    scorer,
    state: () => ({
      threads: inUse.executionProvider === 'none' ? 0 : 1,
      most: 1,
      running: Math.min(1, work.underway),
      waiting: Math.max(0, work.underway - 1),
      finished: work.finished,
    }),
    settle: async () => {
      if (choice.version === openVersion) return;
      const next = await open(choice.version);
      const last = inUse;
      inUse = next;
      openVersion = choice.version;
      await settled;
      await last.close();
    },
    registry: {
      list,
      choices: () => choice.history,
      promote: async (name, version) => {
        const model = describeModels(paths.modelsDir).find(
          (one) => one.name === name && one.version === version,
        );
        if (model === undefined || name !== NAME)
          throw new AstridError(
            'detection/model-missing',
            `There is no version ${version} of a model ${name} that scores candidates; nothing was changed.`,
            { name, version },
          );
        if (model.problem !== undefined)
          throw new AstridError('detection/model-corrupt', model.problem, { name, version });
        choice = { version, history: [...choice.history, { version, at: new Date().toISOString() }] };
        await settings.set(KEY, choice);
        return list();
      },
      measure: async () => {
        if (inUse.executionProvider === 'none')
          throw new AstridError(
            'detection/model-missing',
            'No score model is installed: nothing to measure.',
          );
        const { modelVersion, executionProvider } = inUse;
        const { rows, seconds } = await scorer.measure();
        return {
          modelVersion,
          executionProvider,
          rows,
          seconds,
        };
      },
      score: async (rows) => {
        const features = (await list()).find(({ isInUse }) => isInUse)?.features;
        if (features === undefined)
          throw new AstridError('detection/model-missing', 'No score model is installed: nothing can score.');
        const missing = features.filter((name) => rows.some((row) => row[name] === undefined));
        if (missing.length > 0)
          throw new AstridError(
            'detection/features-missing',
            `${inUse.modelVersion} needs ${missing.join(', ')} of everything that it scores.`,
            { missing },
          );
        const { modelVersion, executionProvider, scores } = await scorer.score(
          // A model reads the features; the rest of a detection it is not told.
          rows.map((row) => ({ features: row }) as Detection),
          [],
        );
        return { scores, modelVersion, executionProvider, threshold: inUse.threshold };
      },
    },
  };
}
