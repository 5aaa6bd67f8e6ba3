import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Instant, pageOf, pageQuery } from './shared.ts';

/** One decision of one person on one difference: an event that is never changed, only taken back by another. */
export const Review = z.object({
  id: Id,
  runId: Id,
  decision: z.enum(['accepted', 'rejected']),
  comment: z.string().optional(),
  curator: z.string(),
  decidedAt: Instant,
});
export type Review = z.infer<typeof Review>;

const Grade = z.enum(['green', 'yellow', 'red']);

/** What the grade of a difference rests on. */
export const DifferenceFacts = z.object({
  runId: Id,
  method: z.string().optional(),
  grade: Grade.optional(),
  checks: z
    .array(
      z.object({
        name: z.string(),
        value: z.string().describe('the number with its unit'),
        accepted: z.string().describe('where it should be'),
        grade: Grade,
        sentence: z.string().describe('what follows from the number'),
      }),
    )
    .describe('empty where the run has no difference'),
  remarks: z.array(z.string()).describe('what else was said of the difference: engines that were tried'),
  numbers: z.record(z.string(), z.number()),
  starScores: z
    .array(z.object({ xPx: z.number(), yPx: z.number(), score: z.number() }))
    .optional()
    .describe('worst S_corr at each constant star; absent in runs made before it was kept'),
  registration: z
    .object({
      method: z.string(),
      matched: z.number().int(),
      rmsPx: z.number(),
      overlap: z.number(),
      templateScale: z.number().optional().describe('side of a science pixel in template px'),
      residuals: z
        .array(z.object({ xPx: z.number(), yPx: z.number(), dxPx: z.number(), dyPx: z.number() }))
        .optional()
        .describe("the template's star less the science image's, science px"),
    })
    .optional(),
  review: Review.optional().describe('the newest decision that was not taken back'),
});
export type DifferenceFacts = z.infer<typeof DifferenceFacts>;

export const differencing = {
  explainDifference: oc
    .route({
      method: 'GET',
      path: '/runs/{id}/difference',
      summary: 'What the grade of a difference rests on',
      tags: ['differencing'],
    })
    .input(z.object({ id: Id }))
    .output(DifferenceFacts),
  createReview: oc
    .route({
      method: 'POST',
      path: '/runs/{runId}/reviews',
      summary: 'Accept or reject a difference; answered only once it is on disk',
      successStatus: 201,
      tags: ['differencing'],
    })
    .input(
      z.object({
        runId: Id,
        id: Id.describe('made by the client; sent twice, it is stored once'),
        decision: Review.shape.decision,
        comment: z.string().min(1).max(2000).optional(),
      }),
    )
    .output(Review),
  retractReview: oc
    .route({
      method: 'POST',
      path: '/reviews/{id}/retract',
      summary: 'Take a decision back; the event stays in the history',
      tags: ['differencing'],
    })
    .input(z.object({ id: Id, retractionId: Id }))
    .output(z.object({ id: Id, runId: Id, retractedAt: Instant })),
  listReviews: oc
    .route({
      method: 'GET',
      path: '/reviews',
      summary: 'List decisions that stand, newest first',
      tags: ['differencing'],
    })
    .input(z.object({ ...pageQuery, runId: Id.optional() }))
    .output(pageOf(Review)),
};
