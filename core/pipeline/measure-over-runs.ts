import {
  DEFAULT_FORCED_FLUX_CONFIG,
  type ForcedPhotometry,
  forcePhotometryTask,
  type KeptDifference,
} from '../domains/differencing/index.ts';
import { type SkyPosition, skyToPixel } from '../domains/observations/index.ts';
import type { CalibratedExposure } from '../domains/preprocessing/index.ts';
import {
  AstridError,
  isAstridError,
  type StopSignal,
  type TaskRunner,
  throwIfStopped,
  toErrorRecord,
} from '../utils/index.ts';
import { loadArtefact } from './artefact.ts';
import type { BlobReader, RunRecord, RunRepository, StageRunRepository } from './ports.ts';
import type { StageName } from './stage.ts';
import { calibrateFluxes } from './stages/compare-with-catalogs.ts';

/** What one finished run says of a place: a change on its own science image's flux scale, or why there is none. */
export type RunPoint = RunPointFacts &
  (
    | {
        readonly kind: 'measured';
        readonly xPx: number;
        readonly yPx: number;
        /** Science minus template, science e-; the error holds noise and the pair's own subtraction error. */
        readonly changeE: number;
        readonly changeErrE: number;
        /** On the science image as it is, neighbours left alone, science e-. */
        readonly directE: number;
        readonly directErrE: number;
        /** nJy for one science electron here, where the exposure has a zeropoint. */
        readonly nJyPerE?: number | undefined;
        /** Science electrons for one template electron here: runs of one template share its scale. */
        readonly fluxRatio: number;
        readonly chi2: number;
        readonly maskedFraction: number;
      }
    | { readonly kind: 'failed'; readonly errorCode: string; readonly errorMessage: string }
  );

interface RunPointFacts {
  readonly runId: string;
  readonly sciencePath: string;
  readonly templatePath: string;
  readonly midpointMjdTai?: number | undefined;
  readonly band?: string | undefined;
  readonly exposureS?: number | undefined;
  readonly fwhmPx?: number | undefined;
  readonly grade?: 'green' | 'yellow' | 'red' | undefined;
}

/** Where finished runs and what they made are found. */
export interface RunArchive {
  readonly runs: Pick<RunRepository, 'list'>;
  readonly stageRuns: Pick<StageRunRepository, 'latest' | 'find'>;
  readonly blobs: Pick<BlobReader, 'get'>;
  readonly tasks: TaskRunner;
}

const PAGE = 500;
/** A field reaches no further from its centre than its half diagonal; this much more for distortion. */
const MARGIN = 1.1;
const RAD = Math.PI / 180;
/** AB magnitude of 1 nJy. */
const MAG_OF_NJY = 31.4;

/**
 * Measure a place of the sky in every finished run whose field covers it, from what the runs have kept.
 *
 * Nothing is computed again but the fluxes. A run whose pixels are gone is a point that says so.
 *
 * @returns in order of time; those without a time last.
 * @throws internal/stopped
 */
export async function measureOverRuns(
  place: SkyPosition,
  archive: RunArchive,
  signal?: StopSignal,
): Promise<readonly RunPoint[]> {
  const points: RunPoint[] = [];
  for (const run of await findCovering(place, archive.runs)) {
    throwIfStopped(signal);
    const { science } = run;
    const facts = {
      runId: run.id,
      sciencePath: run.sciencePath,
      templatePath: run.templatePath,
      midpointMjdTai: science?.midpointMjdTai,
      band: science?.band,
      exposureS: science?.exposureS,
      fwhmPx: science?.fwhmPx,
      grade: run.grade,
    };
    try {
      const measured = await measureRun(place, run, archive, signal);
      if (measured) points.push({ ...facts, ...measured });
    } catch (error) {
      if (!isAstridError(error) || error.code === 'internal/stopped') throw error;
      const { code, message } = toErrorRecord(error);
      points.push({ ...facts, kind: 'failed', errorCode: code, errorMessage: message });
    }
  }
  return points.sort((a, b) => timeOf(a) - timeOf(b));
}

/** Finished runs whose field may cover a place. */
export async function findCovering(
  place: SkyPosition,
  runs: Pick<RunRepository, 'list'>,
): Promise<readonly RunRecord[]> {
  const covering: RunRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await runs.list({ status: 'done', limit: PAGE, cursor });
    covering.push(...page.items.filter((run) => mayCover(run, place)));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return covering;
}

function mayCover({ science }: RunRecord, place: SkyPosition): boolean {
  if (!science?.center || !science.seeingArcsec || !science.fwhmPx) return false;
  const scaleArcsec = science.seeingArcsec / science.fwhmPx;
  const { raDeg, decDeg } = science.center;
  const sine = Math.sin(((place.decDeg - decDeg) * RAD) / 2);
  const sineRa = Math.sin(((place.raDeg - raDeg) * RAD) / 2);
  const haversine = sine ** 2 + Math.cos(place.decDeg * RAD) * Math.cos(decDeg * RAD) * sineRa ** 2;
  const distanceArcsec = (2 * Math.asin(Math.min(1, Math.sqrt(haversine))) * 3600) / RAD;
  const reachPx = Math.hypot(science.width, science.height) / 2;
  return distanceArcsec <= MARGIN * reachPx * scaleArcsec;
}

type Measured = Extract<RunPoint, { kind: 'measured' }>;

async function measureRun(
  place: SkyPosition,
  run: RunRecord,
  archive: RunArchive,
  signal?: StopSignal,
): Promise<Omit<Measured, keyof RunPointFacts> | undefined> {
  const { science } = await loadStage<{ readonly science: CalibratedExposure }>('preprocess', run, archive);
  const at = science.wcs && skyToPixel(science.wcs, place.raDeg, place.decDeg);
  const { width, height } = science.science;
  const isInside = at && at.xPx > -0.5 && at.yPx > -0.5 && at.xPx < width - 0.5 && at.yPx < height - 0.5;
  if (!isInside) return undefined;
  const difference = await loadStage<KeptDifference>('difference', run, archive);
  const image = { science: science.science, variance: science.variance, mask: science.mask };
  const [forced] = await archive.tasks.run(
    forcePhotometryTask,
    { difference, science: image, positions: [at], config: DEFAULT_FORCED_FLUX_CONFIG },
    { signal },
  );
  if (Number.isNaN(forced!.difference.fluxE)) {
    throw new AstridError(
      'differencing/position-masked',
      `Every pixel at this place is masked in ${run.sciencePath} or in the template under it.`,
      { runId: run.id },
    );
  }
  const magnitudeAt = await calibrateFluxes(science, difference, { ports: { tasks: archive.tasks }, signal });
  return describeRun(forced!, magnitudeAt?.(1, at.xPx, at.yPx));
}

function describeRun(forced: ForcedPhotometry, magOfOneE: number | undefined) {
  return {
    kind: 'measured' as const,
    xPx: forced.xPx,
    yPx: forced.yPx,
    changeE: forced.difference.fluxE,
    changeErrE: Math.hypot(forced.difference.fluxErrE, forced.modelErrE),
    directE: forced.science.fluxE,
    directErrE: forced.science.fluxErrE,
    nJyPerE: magOfOneE === undefined ? undefined : 10 ** (-0.4 * (magOfOneE - MAG_OF_NJY)),
    fluxRatio: forced.fluxRatio,
    chi2: forced.difference.chi2,
    maskedFraction: forced.difference.maskedFraction,
  };
}

/** Load what a stage of a run has kept. @throws pipeline/result-missing */
async function loadStage<Output>(
  stage: StageName,
  run: RunRecord,
  { stageRuns, blobs }: RunArchive,
): Promise<Output> {
  const newest = (await stageRuns.latest([run.id])).find((record) => record.stage === stage);
  const kept = newest && (await stageRuns.find(newest));
  const artefact = (kept?.output as { readonly artefact?: string } | null | undefined)?.artefact;
  if (artefact === undefined) {
    throw new AstridError(
      'pipeline/result-missing',
      `The ${stage} of ${run.sciencePath} was not kept: run this field again.`,
      { runId: run.id, stage },
    );
  }
  return loadArtefact<Output>(blobs, artefact);
}

function timeOf({ midpointMjdTai }: RunPoint): number {
  return midpointMjdTai ?? Number.POSITIVE_INFINITY;
}
