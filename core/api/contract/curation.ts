import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Instant, pageOf, pageQuery } from './shared.ts';

export const Verdict = z.enum(['real', 'bogus', 'unsure']);
export type Verdict = z.infer<typeof Verdict>;

export const Confidence = z.enum(['low', 'mid', 'high']);
export type Confidence = z.infer<typeof Confidence>;

/** Why a candidate was shown: `gold` and `repeat` measure the curator, not the candidate. */
export const Purpose = z.enum(['work', 'gold', 'repeat']);
export type Purpose = z.infer<typeof Purpose>;

const ClassId = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);

/** One verdict of one person on one candidate: an event that is never changed, only taken back by another. */
export const Label = z.object({
  id: Id,
  candidateId: Id,
  verdict: Verdict,
  classId: ClassId.optional().describe('a class of the taxonomy in use at that time'),
  confidence: Confidence.optional(),
  reason: z.string().optional(),
  curator: z.string().describe('id of a profile'),
  purpose: Purpose.default('work'),
  decidedAt: Instant,
  decisionMs: z.number().int().optional().describe('time the candidate was on screen'),
  scoreVisible: z.boolean(),
});
export type Label = z.infer<typeof Label>;

/** A person who labels; the mark tells people apart by shape before colour. */
export const Curator = z.object({
  id: Id,
  name: z.string().trim().min(1).max(80),
  shortId: z.string().trim().min(1).max(4),
  colour: z.number().int().min(0).max(7),
  shape: z.enum(['disc', 'square', 'triangle', 'diamond', 'hexagon', 'cross']),
});
export type Curator = z.infer<typeof Curator>;

export const TaxonomyClass = z.object({
  id: ClassId,
  name: z.string().min(1).max(60),
  verdict: Verdict,
  key: z.string().regex(/^\d$/).optional().describe('the digit that chooses it'),
});
export type TaxonomyClass = z.infer<typeof TaxonomyClass>;

/** Classes that candidates may be given; a change is a new version. */
export const Taxonomy = z.object({
  id: z.string().min(1).max(60),
  version: z.number().int().min(1),
  name: z.string().min(1).max(80),
  classes: z.array(TaxonomyClass).max(60),
});
export type Taxonomy = z.infer<typeof Taxonomy>;

/** What a person did to a candidate, as it is sent; ids are made by the client, so that a repeated request is the same one. */
export const NewCurationEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('label'),
    id: Id,
    candidateId: Id,
    verdict: Verdict,
    classId: ClassId.optional(),
    confidence: Confidence.optional(),
    reason: z.string().max(500).optional(),
    purpose: Purpose.default('work'),
    decisionMs: z.number().int().min(0).optional(),
    scoreVisible: z.boolean().describe('whether the score was on screen; a revealed one counts by itself'),
    viewHash: z.string().max(64).optional().describe('hash of how the pixels were shown'),
  }),
  z.object({ kind: z.literal('retraction'), id: Id, retractsId: Id }),
  z.object({ kind: z.literal('comment'), id: Id, candidateId: Id, text: z.string().min(1).max(2000) }),
  z.object({ kind: z.literal('flag'), id: Id, candidateId: Id, isSet: z.boolean() }),
  z.object({
    kind: z.literal('adjudication'),
    id: Id,
    candidateId: Id,
    verdict: Verdict,
    classId: ClassId.optional(),
    text: z.string().max(2000).optional(),
  }),
]);
export type NewCurationEvent = z.infer<typeof NewCurationEvent>;

export const Comment = z.object({ id: Id, curator: z.string(), at: Instant, text: z.string() });

/** What stands of a candidate; others' words only where the asking curator has judged it, or where it is to be settled. */
export const CandidateCuration = z.object({
  candidateId: Id,
  labels: z.array(Label).describe('the newest of each curator, oldest first'),
  comments: z.array(Comment),
  flaggedBy: z.array(z.string()),
  isRevealed: z.boolean().describe('whether the asking curator has seen the score'),
  adjudication: z
    .object({ id: Id, curator: z.string(), at: Instant, verdict: Verdict, text: z.string().optional() })
    .optional(),
});
export type CandidateCuration = z.infer<typeof CandidateCuration>;

/** Agreement of curators on what they both judged; a figure that has no meaning yet is absent. */
export const Agreement = z.object({
  items: z.number().int().describe('candidates with two labels or more'),
  curators: z.number().int(),
  ratings: z.number().int(),
  percent: z.number().optional(),
  cohenKappa: z.number().optional(),
  krippendorffAlpha: z.number().optional(),
  gwetAc1: z.number().optional(),
});
export type Agreement = z.infer<typeof Agreement>;

/** How well a curator tells real from bogus, estimated from all labels together. */
export const CuratorSkill = z.object({
  curator: z.string(),
  ratings: z.number().int(),
  accuracy: z.number(),
  confusion: z.array(z.array(z.number())).describe('rows real, bogus; columns real, bogus, unsure'),
  selfAgreement: Agreement.optional().describe('first labels against repeats'),
  gold: z
    .object({ right: z.number().int(), total: z.number().int() })
    .describe('against adjudicated verdicts'),
});
export type CuratorSkill = z.infer<typeof CuratorSkill>;

/** The rules of consensus. */
export const ConsensusRules = z.object({
  labelsWanted: z.number().int().min(1).max(10).default(2),
  labelsOnDispute: z.number().int().min(1).max(15).default(3),
  retireAt: z.number().gt(0.5).lt(1).default(0.95),
  repeatFraction: z.number().min(0).max(0.5).default(0.03),
  goldFraction: z.number().min(0).max(0.5).default(0.05),
});
export type ConsensusRules = z.infer<typeof ConsensusRules>;

const reader = { curatorId: Id.optional().describe('who asks: nobody but oneself') };
const signer = { curatorId: Id.optional().describe('who signs; not given, oneself') };

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
        classId: ClassId.optional(),
        confidence: Confidence.optional(),
        reason: z.string().max(500).optional(),
        decisionMs: z.number().int().min(0).optional(),
        scoreVisible: z.boolean().default(true),
        ...signer,
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
    .input(z.object({ id: Id, retractionId: Id, ...signer }))
    .output(z.object({ id: Id, candidateId: Id, retractedAt: Instant })),
  listLabels: oc
    .route({ method: 'GET', path: '/labels', summary: 'List labels, newest first', tags: ['curation'] })
    .input(
      z.object({
        ...pageQuery,
        candidateId: Id.optional(),
        runId: Id.optional(),
        curator: z.string().optional(),
      }),
    )
    .output(pageOf(Label)),
  recordEvents: oc
    .route({
      method: 'POST',
      path: '/curation/events',
      summary: 'Record what a curator did, all of it or none; answered only once it is on disk',
      successStatus: 201,
      tags: ['curation'],
    })
    .input(z.object({ events: z.array(NewCurationEvent).min(1).max(200), ...signer }))
    .output(z.object({ recordedAt: Instant, labels: z.array(Label) })),
  getCuration: oc
    .route({
      method: 'GET',
      path: '/candidates/{id}/curation',
      summary: 'What people said of a candidate, as far as the asking curator may know it yet',
      tags: ['curation'],
    })
    .input(z.object({ id: Id, ...reader }))
    .output(CandidateCuration),
  listOpen: oc
    .route({
      method: 'GET',
      path: '/curation/open',
      summary:
        'Candidates whose labels differ, with all that was said of them, those that wait for a last word first',
      tags: ['curation'],
    })
    .input(z.object({ limit: z.coerce.number().int().min(1).max(200).default(50), ...reader }))
    .output(
      z.object({
        items: z.array(
          CandidateCuration.extend({
            state: z.enum(['disputed', 'to-adjudicate']),
            realProbability: z
              .number()
              .optional()
              .describe('from all labels that may be known, each weighted by how well its curator tells'),
          }),
        ),
      }),
    ),
  measureAgreement: oc
    .route({
      method: 'GET',
      path: '/curation/agreement',
      summary: 'How far curators agree, what each can tell, and how far the work has come',
      tags: ['curation'],
    })
    .input(z.object({ runId: Id.optional() }))
    .output(
      z.object({
        all: Agreement,
        pairs: z.array(z.object({ first: z.string(), second: z.string(), agreement: Agreement })),
        skills: z.array(CuratorSkill),
        prevalence: z.object({ real: z.number(), bogus: z.number() }).optional(),
        states: z.record(z.string(), z.number().int()).describe('candidates by state of consensus'),
      }),
    ),
  listCurators: oc
    .route({ method: 'GET', path: '/curators', summary: 'Who labels here', tags: ['curation'] })
    .output(z.object({ items: z.array(Curator), currentId: Id })),
  getCurator: oc
    .route({ method: 'GET', path: '/curators/{id}', summary: 'One profile', tags: ['curation'] })
    .input(z.object({ id: Id }))
    .output(Curator),
  saveCurator: oc
    .route({
      method: 'PUT',
      path: '/curators/{id}',
      summary: 'Make a profile or change one',
      tags: ['curation'],
    })
    .input(Curator)
    .output(Curator),
  chooseCurator: oc
    .route({
      method: 'POST',
      path: '/curators/{id}/choose',
      summary: 'Label as this curator from now on',
      tags: ['curation'],
    })
    .input(z.object({ id: Id }))
    .output(Curator),
  getTaxonomy: oc
    .route({ method: 'GET', path: '/taxonomy', summary: 'The taxonomy in use', tags: ['curation'] })
    .output(Taxonomy),
  compareTaxonomy: oc
    .route({
      method: 'POST',
      path: '/taxonomy/compare',
      summary: 'What a changed taxonomy would do to labels that were given',
      tags: ['curation'],
    })
    .input(Taxonomy)
    .output(
      z.object({
        changes: z.array(
          z.object({
            classId: z.string(),
            change: z.enum(['removed', 'verdict-changed', 'renamed', 'key-changed', 'added']),
            labels: z.number().int().describe('standing labels that bear the class'),
          }),
        ),
      }),
    ),
  saveTaxonomy: oc
    .route({
      method: 'POST',
      path: '/taxonomy',
      summary: 'Use a new version of a taxonomy; labels keep the version they were given in',
      successStatus: 201,
      tags: ['curation'],
    })
    .input(Taxonomy)
    .output(Taxonomy),
  getConsensus: oc
    .route({
      method: 'GET',
      path: '/curation/consensus',
      summary: 'The rules of consensus',
      tags: ['curation'],
    })
    .output(ConsensusRules),
  putConsensus: oc
    .route({
      method: 'PUT',
      path: '/curation/consensus',
      summary: 'Change the rules of consensus; the state of every labelled candidate follows',
      tags: ['curation'],
    })
    .input(ConsensusRules)
    .output(ConsensusRules),
};
