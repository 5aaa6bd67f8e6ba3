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
};
