import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Review } from './differencing.ts';
import { Id, Instant, PlaneRef, pageOf, pageQuery, Sha256, SkyPosition } from './shared.ts';

/** The steps of the line, in order. */
export const StageName = z.enum([
  'ingest',
  'preprocess',
  'register',
  'difference',
  'detect',
  'score',
  'persist',
  'completeness',
]);
export type StageName = z.infer<typeof StageName>;

export const StageState = z.object({
  stage: StageName,
  status: z.enum(['pending', 'running', 'done', 'failed']),
  seconds: z.number().optional(),
  startedAt: Instant.optional(),
  finishedAt: Instant.optional(),
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
  /** Numbers the stage found, e.g. `sources`, `fwhmPx`, `rmsPx`, `scorrMadStd`, `candidates`. */
  metrics: z.record(z.string(), z.number()),
});
export type StageState = z.infer<typeof StageState>;

export const ExposureSummary = z.object({
  path: z.string(),
  name: z.string(),
  object: z.string().optional(),
  instrument: z.string().optional(),
  band: z.string().optional(),
  exposureS: z.number().optional(),
  midpointMjdTai: z.number().optional(),
  width: z.number().int(),
  height: z.number().int(),
  fwhmPx: z.number().optional(),
  seeingArcsec: z.number().optional(),
  center: SkyPosition.optional(),
});
export type ExposureSummary = z.infer<typeof ExposureSummary>;

/** One passage of the line over one pair: what the queue shows as a field. */
export const Run = z.object({
  id: Id,
  createdAt: Instant,
  status: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  sciencePath: z.string(),
  templatePath: z.string(),
  /** Present once the stage `ingest` has read the headers. */
  science: ExposureSummary.optional(),
  template: ExposureSummary.optional(),
  stages: z.array(StageState),
  grade: z.enum(['green', 'yellow', 'red']).optional(),
  gradeReasons: z.array(z.string()),
  config: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('what it changed of the configuration of the line'),
  candidateCount: z.number().int().describe('candidates that passed the vetoes'),
  labelledCount: z.number().int(),
  origin: z.string().optional().describe('login whose workstation made it, where it is another’s'),
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
  review: Review.optional().describe('the newest decision on its difference that was not taken back'),
  errorDetails: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('numbers of the failure: path, byte offset'),
  /** The science image, for a small picture. */
  picture: z.object({ sha256: Sha256, width: z.number().int(), height: z.number().int() }).optional(),
});
export type Run = z.infer<typeof Run>;

/**
 * A lattice of sky positions over the image, dense enough for the readout under the cursor.
 *
 * Node (i, j) is at pixel (i * stepPx, j * stepPx), zero-based; interpolate the unit vectors, not the angles.
 */
export const SkyLattice = z.object({
  stepPx: z.number().int(),
  columns: z.number().int(),
  rows: z.number().int(),
  raDeg: z.array(z.number()),
  decDeg: z.array(z.number()),
  pixelScaleArcsec: z.number(),
});
export type SkyLattice = z.infer<typeof SkyLattice>;

const Estimate = z.object({ value: z.number(), error: z.number().describe('1 sigma') });

/** Efficiency against S/N or magnitude: ceiling / (1 + exp(-+(s - centre) / width)). */
export const EfficiencyCurve = z.object({
  ceiling: z.number(),
  centre: z.number(),
  width: z.number(),
  at50: Estimate.optional().describe('where half of all are found'),
  at90: Estimate.optional(),
  bins: z.array(
    z.object({
      from: z.number(),
      to: z.number(),
      injected: z.number().int(),
      found: z.number().int(),
      low: z.number().describe('central 68 % interval (Beta)'),
      high: z.number(),
    }),
  ),
});
export type EfficiencyCurve = z.infer<typeof EfficiencyCurve>;

const group = {
  injected: z.number().int(),
  found: z.number().int(),
  snr50: Estimate.optional(),
  snr90: Estimate.optional(),
  mag50: z.number().optional(),
  mag90: z.number().optional(),
};

/** What stars injected into an image say of its depth. */
export const Completeness = z.object({
  seed: z.number().int(),
  thresholdSigma: z.number(),
  injected: z.number().int(),
  detected: z.number().int(),
  found: z.number().int().describe('candidates: detected and not vetoed'),
  calledReal: z.number().int().optional(),
  usableFraction: z.number(),
  bySnr: EfficiencyCurve.describe('hostless stars; candidates'),
  detectedBySnr: EfficiencyCurve,
  realBySnr: EfficiencyCurve.optional(),
  byMag: EfficiencyCurve,
  magnitudes: z.enum(['instrumental', 'calibrated']).describe('instrumental: -2.5 log10(e-/s)'),
  hostless: z.object(group),
  hosted: z.object(group).optional(),
  cells: z.array(z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number(), ...group })),
  hosts: z.array(z.object({ fromE: z.number(), toE: z.number(), ...group })),
  fluxBias: Estimate.optional(),
  positionRmsPx: Estimate.optional(),
  pullMean: Estimate,
  pullSigma: Estimate,
  vetoes: z.record(z.string(), z.number().int()),
});
export type Completeness = z.infer<typeof Completeness>;

/** Everything the field view needs beyond the run itself. */
export const Field = z.object({
  run: Run,
  planes: z.array(PlaneRef),
  sky: SkyLattice.optional(),
  registration: z
    .object({ method: z.string(), matched: z.number().int(), rmsPx: z.number(), overlap: z.number() })
    .optional(),
  difference: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
  completeness: Completeness.optional(),
});
export type Field = z.infer<typeof Field>;

/** What a list of runs may be in the order of. */
export const RunOrder = z.enum(['created', 'night', 'name', 'seeing', 'candidates']);
export type RunOrder = z.infer<typeof RunOrder>;

/** One night of the queue. */
export const Night = z.object({
  date: z.iso.date().describe('of its evening: from noon to noon UTC'),
  runs: z.number().int(),
  done: z.number().int(),
  failed: z.number().int(),
  candidates: z.number().int(),
});
export type Night = z.infer<typeof Night>;

/** One execution of one stage, with who did it and on what. */
export const Execution = z.object({
  id: Id,
  runId: Id,
  name: z.string().describe('what the field is called'),
  stage: z.string(),
  status: z.enum(['running', 'done', 'failed']),
  startedAt: Instant,
  finishedAt: Instant.optional(),
  seconds: z.number().optional(),
  worker: z.string().optional(),
  runStatus: Run.shape.status,
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
});
export type Execution = z.infer<typeof Execution>;

export const pipeline = {
  listNights: oc
    .route({
      method: 'GET',
      path: '/nights',
      summary: 'Nights that there are runs of, newest first',
      tags: ['pipeline'],
    })
    .output(z.object({ nights: z.array(Night) })),
  listExecutions: oc
    .route({
      method: 'GET',
      path: '/executions',
      summary: 'Executions of stages since a moment, newest first',
      tags: ['pipeline'],
    })
    .input(
      z.object({
        ...pageQuery,
        since: Instant,
        limit: z.coerce.number().int().min(1).max(5000).default(2000),
      }),
    )
    .output(pageOf(Execution)),
  listRuns: oc
    .route({ method: 'GET', path: '/runs', summary: 'List runs, newest first', tags: ['pipeline'] })
    .input(
      z.object({
        ...pageQuery,
        status: Run.shape.status.optional(),
        filter: z
          .string()
          .max(500)
          .optional()
          .describe(
            'words, -words, status:failed, grade:red, band:r, night:2026-03-01, candidates>10, seeing<1.5, is:unlabelled',
          ),
        order: RunOrder.default('created'),
        ascending: z.stringbool().default(false),
        offset: z.coerce
          .number()
          .int()
          .min(0)
          .optional()
          .describe('runs to skip, instead of a cursor: pages then shift with what is added'),
      }),
    )
    .output(pageOf(Run)),
  createRun: oc
    .route({
      method: 'POST',
      path: '/runs',
      summary: 'Queue a pair of FITS files',
      successStatus: 201,
      tags: ['pipeline'],
    })
    .input(
      z.object({
        id: Id.optional().describe('given by the client, the same id queues the pair once'),
        sciencePath: z.string().min(1),
        templatePath: z.string().min(1),
        allowBandMismatch: z.boolean().default(false),
      }),
    )
    .output(Run),
  createSampleNight: oc
    .route({
      method: 'POST',
      path: '/runs/sample-night',
      summary: 'Queue the sample night; its fields are simulated as their turn comes',
      successStatus: 202,
      tags: ['pipeline'],
    })
    .output(z.object({ runs: z.array(Run) })),
  getRun: oc
    .route({ method: 'GET', path: '/runs/{id}', summary: 'One run', tags: ['pipeline'] })
    .input(z.object({ id: Id }))
    .output(Run),
  getField: oc
    .route({
      method: 'GET',
      path: '/runs/{id}/field',
      summary: 'Planes and sky of one run',
      tags: ['pipeline'],
    })
    .input(z.object({ id: Id }))
    .output(Field),
  cancelRun: oc
    .route({ method: 'POST', path: '/runs/{id}/cancel', summary: 'Stop a run', tags: ['pipeline'] })
    .input(z.object({ id: Id }))
    .output(Run),
  retryRun: oc
    .route({
      method: 'POST',
      path: '/runs/{id}/retry',
      summary: 'Run the missing stages again',
      tags: ['pipeline'],
    })
    .input(z.object({ id: Id }))
    .output(Run),
};
