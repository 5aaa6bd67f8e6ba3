import { implement } from '@orpc/server';
import {
  type PlaneRecord,
  parseRunFilter,
  type ReviewRecord,
  type RunRecord,
  type StageRunRecord,
} from '../../pipeline/index.ts';
import { Completeness, contract, PlaneRef, type Run, StageName, type StageState } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';

const os = implement(contract.pipeline).$context<Asking>();

/** Answer what is asked of runs. */
export function answerPipeline(services: Services) {
  const toRuns = async (runs: readonly RunRecord[]): Promise<Run[]> => {
    const ids = runs.map(({ id }) => id);
    const [stageRuns, reviews, pictures] = await Promise.all([
      services.stageRuns.latest(ids),
      services.reviews.latest(ids),
      services.planes.ofKind(ids, 'science'),
    ]);
    // A list of fields must not pull their images over the network.
    const away = await services.findAway([...pictures.values()].map(({ sha256 }) => sha256));
    return runs.map((run) => {
      const picture = pictures.get(run.id);
      return toRun(
        run,
        stageRuns.filter(({ runId }) => runId === run.id),
        reviews.find(({ runId }) => runId === run.id),
        picture && away.has(picture.sha256) ? undefined : picture,
      );
    });
  };
  const answer = async (run: RunRecord): Promise<Run> => (await toRuns([run]))[0]!;

  return {
    listNights: os.listNights.handler(async () => ({
      nights: (await services.runs.listNights()).map(({ nightMjd, ...night }) => ({
        date: new Date((nightMjd - UNIX_EPOCH_MJD) * 86_400_000).toISOString().slice(0, 10),
        ...night,
      })),
    })),
    listExecutions: os.listExecutions.handler(async ({ input }) => {
      const { items, ...page } = await services.stageRuns.listExecutions(input);
      const executions = items.map((execution) => ({
        id: execution.id,
        runId: execution.runId,
        name: execution.object ?? execution.sciencePath.split(/[\\/]/).slice(-2).join('/'),
        stage: execution.stage,
        status: execution.status,
        startedAt: execution.startedAt,
        finishedAt: execution.finishedAt,
        seconds: execution.seconds,
        worker: execution.worker,
        runStatus: execution.runStatus,
        errorCode: execution.error?.code,
        errorMessage: execution.error?.message,
      }));
      return { ...page, items: executions };
    }),
    listRuns: os.listRuns.handler(async ({ input: { filter, ascending, ...query } }) => {
      const page = await services.runs.list({
        ...query,
        isAscending: ascending,
        conditions: filter === undefined ? undefined : parseRunFilter(filter),
      });
      return { ...page, items: await toRuns(page.items) };
    }),
    createRun: os.createRun.handler(async ({ input, context }) =>
      answer(await services.commands.createRun({ ...input, id: input.id ?? context.madeId })),
    ),
    createSampleNight: os.createSampleNight.handler(async () => ({
      runs: await toRuns(await services.commands.createSampleNight()),
    })),
    getRun: os.getRun.handler(async ({ input }) => answer(await services.runs.get(input.id))),
    getField: os.getField.handler(async ({ input }) => {
      const run = await services.runs.get(input.id);
      const planes = await services.planes.list(input.id);
      return {
        run: await answer(run),
        // A run keeps planes for its own later stages too; those that a screen shows are named in the contract.
        planes: planes.flatMap((plane) => {
          const shown = PlaneRef.safeParse(plane);
          return shown.success ? [shown.data] : [];
        }),
        sky: run.sky && { ...run.sky, raDeg: [...run.sky.raDeg], decDeg: [...run.sky.decDeg] },
        registration: run.registration,
        difference: run.difference,
        completeness: run.completeness && Completeness.parse(run.completeness),
      };
    }),
    cancelRun: os.cancelRun.handler(async ({ input }) => answer(await services.commands.cancelRun(input.id))),
    retryRun: os.retryRun.handler(async ({ input }) => answer(await services.commands.retryRun(input.id))),
  };
}

/** MJD of 1970-01-01. */
const UNIX_EPOCH_MJD = 40587;

function toRun(
  run: RunRecord,
  stageRuns: readonly StageRunRecord[],
  review: ReviewRecord | undefined,
  picture: PlaneRecord | undefined,
): Run {
  const { sky, registration, difference, completeness, starScores, options, attempts, error, ...shown } = run;
  return {
    ...shown,
    gradeReasons: [...run.gradeReasons],
    config: options.config && { ...options.config },
    stages: StageName.options.map((stage) =>
      toStageState(
        stage,
        run,
        stageRuns.find((one) => one.stage === stage),
      ),
    ),
    errorCode: error?.code,
    errorMessage: error?.message,
    review,
    errorDetails: error && { ...error.details },
    picture: picture && { sha256: picture.sha256, width: picture.width, height: picture.height },
  };
}

function toStageState(stage: StageName, run: RunRecord, latest: StageRunRecord | undefined): StageState {
  // What failed or was cut off runs again with a run that waits: it is not the run's state any more.
  if (latest === undefined || (run.status === 'queued' && latest.status !== 'done'))
    return { stage, status: 'pending', metrics: {} };
  const { status, seconds, startedAt, finishedAt, error, metrics } = latest;
  return {
    stage,
    status,
    seconds,
    startedAt,
    finishedAt,
    errorCode: error?.code,
    errorMessage: error?.message,
    metrics: { ...metrics },
  };
}
