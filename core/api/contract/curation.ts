import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Instant, pageOf, pageQuery } from './shared.ts';

export const Verdict = z.enum(['real', 'bogus', 'unsure']);
export type Verdict = z.infer<typeof Verdict>;

/** One verdict of one person on one candidate: an event that is never changed, only taken back by another. */
export const Label = z.object({
  id: Id,
  candidateId: Id,
  verdict: Verdict,
  reason: z.string().optional(),
  curator: z.string(),
  decidedAt: Instant,
  decisionMs: z.number().int().optional().describe('time the candidate was on screen'),
  scoreVisible: z.boolean(),
});
export type Label = z.infer<typeof Label>;

export const curation = {
  createLabel: oc
    .route({
      method: 'POST',
      path: '/candidates/{candidateId}/labels',
      summary: 'Label a candidate; answered only once it is on disk',
      successStatus: 201,
      tags: ['curation'],
    })
    .input(
      z.object({
        candidateId: Id,
        id: Id.describe('made by the client; sent twice, it is stored once'),
        verdict: Verdict,
        reason: z.string().max(500).optional(),
        decisionMs: z.number().int().min(0).optional(),
        scoreVisible: z.boolean().default(true),
      }),
    )
    .output(Label),
  retractLabel: oc
    .route({
      method: 'POST',
      path: '/labels/{id}/retract',
      summary: 'Take a label back; the event stays in the history',
      tags: ['curation'],
    })
    .input(z.object({ id: Id, retractionId: Id }))
    .output(z.object({ id: Id, candidateId: Id, retractedAt: Instant })),
  listLabels: oc
    .route({ method: 'GET', path: '/labels', summary: 'List labels, newest first', tags: ['curation'] })
    .input(z.object({ ...pageQuery, candidateId: Id.optional(), runId: Id.optional() }))
    .output(pageOf(Label)),
};
