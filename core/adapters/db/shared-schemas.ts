import { z } from 'zod';
import type {
  SharedDetection,
  SharedPlane,
  SharedRawFile,
  SharedReview,
  SharedRun,
} from '../../domains/sync/index.ts';

const verdict = z.enum(['real', 'bogus', 'unsure']);
const eventBase = {
  id: z.string(),
  candidateId: z.string(),
  curator: z.string(),
  at: z.iso.datetime(),
  clock: z.string().regex(/^[0-9a-f]{12}-[0-9a-f]{4}$/),
};
/** One thing a person did to a candidate. */
export const CurationEventSchema = z.discriminatedUnion('kind', [
  z.object({
    ...eventBase,
    kind: z.literal('label'),
    verdict,
    classId: z.string().optional(),
    taxonomyId: z.string().optional(),
    taxonomyVersion: z.number().int().optional(),
    confidence: z.enum(['low', 'mid', 'high']).optional(),
    reason: z.string().optional(),
    purpose: z.enum(['work', 'gold', 'repeat']),
    decisionMs: z.number().int().optional(),
    scoreVisible: z.boolean(),
    score: z.number().optional(),
    modelVersion: z.string().optional(),
    viewHash: z.string().optional(),
  }),
  z.object({ ...eventBase, kind: z.literal('retraction'), retractsId: z.string() }),
  z.object({ ...eventBase, kind: z.literal('comment'), text: z.string() }),
  z.object({ ...eventBase, kind: z.literal('flag'), isSet: z.boolean() }),
  z.object({ ...eventBase, kind: z.literal('reveal'), score: z.number(), modelVersion: z.string() }),
  z.object({
    ...eventBase,
    kind: z.literal('adjudication'),
    verdict,
    classId: z.string().optional(),
    text: z.string().optional(),
  }),
]);
/** Where a candidate of another workspace lies. */
export const CandidatePlaceSchema = z.object({
  id: z.string(),
  scienceName: z.string(),
  templateName: z.string(),
  nthOfPair: z.number().int().min(0).optional(),
  xPx: z.number(),
  yPx: z.number(),
  isNegative: z.boolean(),
});

/** A version of a taxonomy. */
export const TaxonomySchema = z.object({
  id: z.string(),
  version: z.number().int().min(1),
  name: z.string(),
  classes: z.array(z.object({ id: z.string(), name: z.string(), verdict, key: z.string().optional() })),
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const id = z.string().min(1).max(100);
const facts = z.record(z.string(), z.unknown());

/** A run of another workstation. */
export const SharedRunSchema: z.ZodType<SharedRun> = z.object({
  id,
  createdAt: z.iso.datetime(),
  scienceName: z.string().min(1),
  templateName: z.string().min(1),
  nthOfPair: z.number().int().min(0).optional(),
  // The screens read the size; everything else of an exposure may be missing.
  science: facts.and(z.object({ name: z.string(), width: z.number(), height: z.number() })).optional(),
  template: facts.and(z.object({ name: z.string(), width: z.number(), height: z.number() })).optional(),
  grade: z.enum(['green', 'yellow', 'red']).optional(),
  gradeReasons: z.array(z.string()),
  completeness: facts.optional(),
});

/** A candidate of another workstation. */
export const SharedDetectionSchema: z.ZodType<SharedDetection> = z.object({
  id,
  runId: id,
  createdAt: z.iso.datetime(),
  rank: z.number().int(),
  score: z.number().min(0).max(1),
  modelVersion: z.string(),
  executionProvider: z.string(),
  xPx: z.number(),
  yPx: z.number(),
  raDeg: z.number().min(0).lt(360).optional(),
  decDeg: z.number().min(-90).max(90).optional(),
  fluxE: z.number(),
  fluxErrE: z.number(),
  snr: z.number(),
  scorr: z.number(),
  isNegative: z.boolean(),
  areaPx: z.number().int(),
  maskBits: z.number().int(),
  mag: z.number().optional(),
  tripletSha256: sha256,
  flags: z.array(z.string()),
  features: z.record(z.string(), z.number()),
});

/** Images of a run that others can fetch. */
export const SharedPlanesSchema: z.ZodType<readonly SharedPlane[]> = z
  .array(
    z.object({
      kind: z.string().min(1).max(100),
      sha256,
      width: z.number().int().min(1),
      height: z.number().int().min(1),
      dtype: z.enum(['float32', 'uint16']),
      unit: z.string().max(100),
    }),
  )
  .max(50);

/** Files of a run that others can fetch; a name is no path. */
export const SharedRawFilesSchema: z.ZodType<readonly SharedRawFile[]> = z
  .array(
    z.object({
      role: z.enum(['science', 'template']),
      name: z
        .string()
        .max(255)
        .regex(/^[^/\\\p{Cc}]+$/u)
        .refine((name) => name !== '.' && name !== '..'),
      sha256,
      bytes: z.number().int().min(0),
    }),
  )
  .max(2);

/** A decision of another workstation on a difference. */
export const SharedReviewSchema: z.ZodType<SharedReview> = z
  .object({
    id,
    kind: z.enum(['review', 'retraction']),
    runId: id,
    at: z.iso.datetime(),
    curator: z.string(),
    decision: z.enum(['accepted', 'rejected']).optional(),
    comment: z.string().optional(),
    retractsId: id.optional(),
  })
  .refine(({ kind, decision, retractsId }) => (kind === 'review' ? decision : retractsId) !== undefined);
