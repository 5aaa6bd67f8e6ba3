import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Confidence, Label, Verdict } from './curation.ts';
import { Id, Instant, pageOf, pageQuery, Sha256 } from './shared.ts';

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

/** One version of a score model as it lies on disk. */
export const Model = z.object({
  name: z.string(),
  version: z.string(),
  modelVersion: z.string().describe('what is stored with every score it makes'),
  /** Scores now; at most one does. */
  isInUse: z.boolean(),
  /** Scores from the next run on. */
  isChosen: z.boolean(),
  /** Why it cannot be used. */
  problem: z.string().optional(),
  executionProvider: z.string().optional().describe('of the one in use'),
  notes: z.array(z.string()).describe('why no better execution provider computes'),
  threshold: z.number().optional(),
  features: z.array(z.string()),
  bytes: z.number().int().optional(),
  card: z.string().optional().describe('its card, Markdown'),
  metrics: z.record(z.string(), z.unknown()).describe('of its test set, from the manifest'),
  trainedWith: z.string().optional(),
});
export type Model = z.infer<typeof Model>;

/** A run as a folder of MLflow has it, whoever wrote it. */
export const ModelRun = z.object({
  runId: z.string(),
  name: z.string(),
  experiment: z.string(),
  status: z.enum(['running', 'scheduled', 'finished', 'failed', 'killed', 'unknown']),
  user: z.string().describe('empty where nobody is named'),
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
  params: z.record(z.string(), z.string()),
  metrics: z.record(
    z.string(),
    z.object({
      last: z.string().describe('the newest value; NaN and Infinity as they are called'),
      count: z.number().int().describe('values that were logged'),
    }),
  ),
  artifacts: z.array(z.object({ path: z.string(), bytes: z.number().int() })),
  artifactUri: z.string().describe('where they are, if not in the folder'),
});
export type ModelRun = z.infer<typeof ModelRun>;

/** How fast a model scores here. */
export const Throughput = z.object({
  modelVersion: z.string(),
  executionProvider: z.string(),
  rows: z.number().int(),
  seconds: z.number(),
});
export type Throughput = z.infer<typeof Throughput>;

/** How the candidates of a model lie by score, and what people say of them. */
export const ScoreCounts = z.object({
  bins: z.number().int().describe('steps of equal width from 0 to 1'),
  real: z.array(z.number().int()),
  bogus: z.array(z.number().int()),
  unsure: z.array(z.number().int()),
  unlabelled: z.array(z.number().int()),
});
export type ScoreCounts = z.infer<typeof ScoreCounts>;

/** What is to be scored: detections of a run, some detections, or numbers as a detection has them. */
const ScoreRequest = z.union([
  z.object({ runId: Id }).describe('every detection of a run, vetoed ones too'),
  z.object({ detectionIds: z.array(Id).min(1).max(1000) }),
  z.object({
    features: z
      .array(z.record(z.string(), z.number()))
      .min(1)
      .max(10_000)
      .describe('features by name; `GET /models` says which a model wants'),
  }),
]);

/** What the model in use says now; nothing of it is stored. */
export const InferredScores = z.object({
  modelVersion: z.string(),
  executionProvider: z.string(),
  threshold: z.number(),
  scores: z
    .array(
      z.object({
        detectionId: Id.optional(),
        score: z.number().min(0).max(1),
        storedScore: z.number().optional(),
        storedModelVersion: z.string().optional(),
      }),
    )
    .describe('in the order asked for; those of a run best first as stored'),
});
export type InferredScores = z.infer<typeof InferredScores>;

export const detection = {
  inferScores: oc
    .route({
      method: 'POST',
      path: '/detections/infer',
      summary: 'Score detections or features with the model in use',
      tags: ['detection'],
    })
    .input(ScoreRequest)
    .output(InferredScores),
  validateDetection: oc
    .route({
      method: 'POST',
      path: '/detections/{id}/validate',
      summary: 'Give a verdict on a detection, vetoed or not; answered only once it is on disk',
      successStatus: 201,
      tags: ['detection'],
    })
    .input(
      z.object({
        id: Id,
        labelId: Id.optional().describe('made by the client; sent twice, it is stored once'),
        verdict: Verdict,
        confidence: Confidence.optional(),
        reason: z.string().max(500).optional(),
        curatorId: Id.optional().describe('who signs; not given, oneself'),
      }),
    )
    .output(Label),
  listModels: oc
    .route({ method: 'GET', path: '/models', summary: 'Score models, newest first', tags: ['detection'] })
    .output(
      z.object({
        models: z.array(Model),
        choices: z.array(z.object({ version: z.string(), at: Instant })).describe('oldest first'),
      }),
    ),
  listModelRuns: oc
    .route({
      method: 'GET',
      path: '/models/runs',
      summary: 'Runs in a folder of MLflow on this machine, newest first',
      tags: ['detection'],
    })
    .input(z.object({ folder: z.string().min(1).max(4096).describe('the folder that MLflow keeps runs in') }))
    .output(z.object({ runs: z.array(ModelRun) })),
  promoteModel: oc
    .route({
      method: 'POST',
      path: '/models/{name}/{version}/promote',
      summary: 'Score with this version from the next run on',
      tags: ['detection'],
    })
    .input(z.object({ name: z.string(), version: z.string() }))
    .output(z.object({ models: z.array(Model) })),
  measureModel: oc
    .route({
      method: 'POST',
      path: '/models/measure',
      summary: 'Measure how fast the model in use scores here',
      tags: ['detection'],
    })
    .output(Throughput),
  countScores: oc
    .route({
      method: 'GET',
      path: '/models/{modelVersion}/scores',
      summary: 'Candidates of a model by score, and what people say of them',
      tags: ['detection'],
    })
    .input(z.object({ modelVersion: z.string() }))
    .output(ScoreCounts),
  listCandidateNames: oc
    .route({
      method: 'GET',
      path: '/candidates/names',
      summary: 'Candidates in the fewest words, best score first',
      tags: ['detection'],
    })
    .input(z.object({ limit: z.coerce.number().int().min(1).max(50_000).default(10_000) }))
    .output(
      z.object({
        names: z.array(
          z.object({
            id: Id,
            runId: Id,
            rank: z.number().int(),
            score: z.number(),
            snr: z.number(),
            raDeg: z.number().optional(),
            decDeg: z.number().optional(),
          }),
        ),
      }),
    ),
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
