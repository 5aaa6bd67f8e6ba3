import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Instant, PlaneRef, pageOf, pageQuery, SkyPosition } from './shared.ts';

/** The steps of the line, in order. */
export const StageName = z.enum([
  'ingest',
  'preprocess',
  'register',
  'difference',
  'detect',
  'score',
  'persist',
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
  candidateCount: z.number().int().describe('candidates that passed the vetoes'),
  labelledCount: z.number().int(),
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
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

/** Everything the field view needs beyond the run itself. */
export const Field = z.object({
  run: Run,
  planes: z.array(PlaneRef),
  sky: SkyLattice.optional(),
  registration: z
    .object({ method: z.string(), matched: z.number().int(), rmsPx: z.number(), overlap: z.number() })
    .optional(),
  difference: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
});
export type Field = z.infer<typeof Field>;

export const pipeline = {
  listRuns: oc
    .route({ method: 'GET', path: '/runs', summary: 'List runs, newest first', tags: ['pipeline'] })
    .input(z.object({ ...pageQuery, status: Run.shape.status.optional() }))
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
      summary: 'Simulate the sample night and queue it',
      successStatus: 201,
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
