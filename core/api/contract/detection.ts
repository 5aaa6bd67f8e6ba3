import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Label, Verdict } from './curation.ts';
import { Id, pageOf, pageQuery, Sha256 } from './shared.ts';

/** A detection that passed the vetoes and has a score. */
export const Candidate = z.object({
  id: Id,
  runId: Id,
  rank: z.number().int().describe('1 is the best of its run'),
  xPx: z.number(),
  yPx: z.number(),
  raDeg: z.number().optional(),
  decDeg: z.number().optional(),
  fluxE: z.number(),
  fluxErrE: z.number(),
  snr: z.number(),
  scorr: z.number(),
  isNegative: z.boolean(),
  score: z.number().min(0).max(1).describe('real-bogus, 1 = real'),
  modelVersion: z.string(),
  executionProvider: z.string(),
  flags: z.array(z.string()),
  vetoes: z.array(z.object({ rule: z.string(), reason: z.string() })),
  features: z.record(z.string(), z.number()),
  mag: z.number().optional(),
  /** 3 x 63 x 63 little-endian floats: science, template, difference; NaN outside the image. */
  tripletSha256: Sha256,
  /** The newest verdict that was not taken back. */
  label: Label.optional(),
});
export type Candidate = z.infer<typeof Candidate>;

/** What one finished run says of a place on the sky. */
const runPoint = {
  runId: Id,
  sciencePath: z.string(),
  templatePath: z.string(),
  midpointMjdTai: z.number().optional(),
  band: z.string().optional(),
  exposureS: z.number().optional(),
  fwhmPx: z.number().optional(),
  grade: z.enum(['green', 'yellow', 'red']).optional(),
};

/** A forced flux of one run, or why there is none. */
export const RunPoint = z.discriminatedUnion('kind', [
  z.object({
    ...runPoint,
    kind: z.literal('measured'),
    xPx: z.number(),
    yPx: z.number(),
    changeE: z.number().describe('science minus template, science e-; negative where it faded'),
    changeErrE: z.number(),
    directE: z.number().describe('on the science image as it is, neighbours left alone, science e-'),
    directErrE: z.number(),
    nJyPerE: z.number().optional().describe('present where the exposure has a zeropoint'),
    fluxRatio: z.number().describe('science e- for one template e-: runs of one template share its scale'),
    chi2: z.number(),
    maskedFraction: z.number(),
  }),
  z.object({ ...runPoint, kind: z.literal('failed'), errorCode: z.string(), errorMessage: z.string() }),
]);
export type RunPoint = z.infer<typeof RunPoint>;

export const detection = {
  listCandidates: oc
    .route({ method: 'GET', path: '/candidates', summary: 'List candidates', tags: ['detection'] })
    .input(
      z.object({
        ...pageQuery,
        runId: Id.optional(),
        labelled: z.stringbool().optional(),
        verdict: Verdict.optional(),
        vetoed: z.stringbool().default(false).describe('true lists the vetoed detections instead'),
        minScore: z.coerce.number().min(0).max(1).optional(),
        order: z.enum(['score', 'snr', 'rank']).default('score'),
      }),
    )
    .output(pageOf(Candidate)),
  getCandidate: oc
    .route({ method: 'GET', path: '/candidates/{id}', summary: 'One candidate', tags: ['detection'] })
    .input(z.object({ id: Id }))
    .output(Candidate),
  measureLightCurve: oc
    .route({
      method: 'POST',
      path: '/light-curves',
      summary: 'Measure a place of the sky in every finished run that covers it, detected or not',
      tags: ['detection'],
    })
    .input(
      z.object({
        raDeg: z.number().min(0).lt(360),
        decDeg: z.number().min(-90).max(90),
      }),
    )
    .output(z.object({ points: z.array(RunPoint).describe('in order of time') })),
};
