import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Label, Purpose, Verdict } from './curation.ts';
import { Id, Instant, PlaneRef, pageOf, pageQuery, Sha256, SkyPosition } from './shared.ts';

export const QueueOrder = z.enum(['score', 'uncertainty', 'novelty', 'gain', 'snr']);
export type QueueOrder = z.infer<typeof QueueOrder>;

const words = z.array(z.string().max(100)).min(1).max(200);

/** What candidates must have, or must not have; all that are given hold at once, any of a list is enough. */
export const QueueTraits = z.object({
  verdicts: z.array(Verdict).min(1).optional().describe('the newest label, whoever gave it'),
  classIds: words.optional(),
  runIds: z.array(Id).min(1).max(500).optional(),
  bands: words.optional(),
  flags: words.optional().describe('what detection calls unusual: near-saturated, edge, dipole ...'),
  isFlagged: z.boolean().optional().describe('marked for follow-up by anyone'),
  labelledByMe: z.boolean().optional(),
  labelledByAnyone: z.boolean().optional(),
  consensus: z
    .array(z.enum(['waiting', 'agreed', 'retired', 'disputed', 'to-adjudicate', 'adjudicated']))
    .min(1)
    .optional(),
});
export type QueueTraits = z.infer<typeof QueueTraits>;

const range = z.object({ min: z.number().optional(), max: z.number().optional() });

/** Which candidates a queue holds. */
export const QueueFilter = z.object({
  include: QueueTraits.optional(),
  exclude: QueueTraits.optional(),
  score: range.optional(),
  snr: range.optional(),
  vetoed: z.boolean().optional(),
});
export type QueueFilter = z.infer<typeof QueueFilter>;

/**
 * A candidate as the labelling screen may know it.
 *
 * While the curator is blind, nothing the model said is in it: no score, no rank.
 */
export const QueueItem = z.object({
  candidateId: Id,
  runId: Id,
  purpose: Purpose,
  tripletSha256: Sha256,
  xPx: z.number(),
  yPx: z.number(),
  raDeg: z.number().optional(),
  decDeg: z.number().optional(),
  fluxE: z.number(),
  fluxErrE: z.number(),
  snr: z.number(),
  scorr: z.number(),
  isNegative: z.boolean(),
  mag: z.number().optional(),
  flags: z.array(z.string()),
  vetoes: z.array(z.object({ rule: z.string(), reason: z.string() })),
  features: z.record(z.string(), z.number()),
  score: z.number().optional().describe('only where the curator is not blind, or has asked for it'),
  label: Label.optional().describe('the asking curator’s own'),
  isFlagged: z.boolean().describe('by the asking curator'),
  comments: z.number().int().describe('that the asking curator may see'),
});
export type QueueItem = z.infer<typeof QueueItem>;

/** The science image of one run at a candidate's place; cut it from `/blob/{sha256}?x=&y=&width=&height=`. */
export const Epoch = z.object({
  runId: Id,
  midpointMjdTai: z.number().optional(),
  band: z.string().optional(),
  xPx: z.number(),
  yPx: z.number(),
  plane: PlaneRef,
  isOwn: z.boolean().describe('the run that found the candidate'),
});
export type Epoch = z.infer<typeof Epoch>;

/** A filter that was given a name. */
export const SavedFilter = z.object({
  name: z.string().trim().min(1).max(60),
  order: QueueOrder,
  filter: QueueFilter,
});
export type SavedFilter = z.infer<typeof SavedFilter>;

/** A star of an imported catalogue near a candidate. */
export const Neighbour = z.object({
  catalog: z.string(),
  id: z.string(),
  ...SkyPosition.shape,
  separationArcsec: z.number(),
  isVariable: z.boolean(),
  mags: z.array(z.object({ band: z.string(), mag: z.number() })),
});
export type Neighbour = z.infer<typeof Neighbour>;

const reader = { curatorId: Id.optional().describe('who asks: nobody but oneself') };
const signer = { curatorId: Id.optional().describe('who signs; not given, oneself') };

export const labelling = {
  listQueue: oc
    .route({
      method: 'POST',
      path: '/labelling/queue',
      summary: 'What a curator is to label, in order; a page may be short and still have a next',
      tags: ['curation'],
    })
    .input(
      z.object({
        order: QueueOrder.default('score'),
        filter: QueueFilter.default({}),
        isBlind: z.boolean().default(true),
        hasControls: z.boolean().default(false).describe('mix gold and repeats into the work'),
        limit: z.number().int().min(1).max(1000).default(200),
        cursor: z.string().optional(),
        ...reader,
      }),
    )
    .output(
      z.object({
        items: z.array(QueueItem),
        nextCursor: z.string().optional(),
        left: z
          .object({ count: z.number().int(), isAtLeast: z.boolean() })
          .optional()
          .describe('how many match, with the first page'),
      }),
    ),
  revealScore: oc
    .route({
      method: 'POST',
      path: '/candidates/{candidateId}/reveal',
      summary: 'Show the score to a curator, and record that it was shown',
      tags: ['curation'],
    })
    .input(z.object({ candidateId: Id, id: Id, ...signer }))
    .output(z.object({ score: z.number(), modelVersion: z.string() })),
  listHistory: oc
    .route({
      method: 'GET',
      path: '/labelling/history',
      summary: 'A curator’s newest decisions',
      tags: ['curation'],
    })
    .input(
      z.object({
        ...pageQuery,
        limit: z.coerce.number().int().min(1).max(200).default(50),
        ...reader,
      }),
    )
    .output(pageOf(Label)),
  listEpochs: oc
    .route({
      method: 'GET',
      path: '/candidates/{id}/epochs',
      summary: 'Science images of all finished runs that cover a candidate’s place, by time',
      tags: ['curation'],
    })
    .input(z.object({ id: Id }))
    .output(z.object({ items: z.array(Epoch) })),
  listNeighbours: oc
    .route({
      method: 'GET',
      path: '/candidates/{id}/neighbours',
      summary: 'Stars of the imported catalogues near a candidate, nearest first',
      tags: ['curation'],
    })
    .input(z.object({ id: Id, radiusArcsec: z.coerce.number().gt(0).max(120).default(10) }))
    .output(z.object({ catalogs: z.array(z.string()), items: z.array(Neighbour) })),
  listFilters: oc
    .route({
      method: 'GET',
      path: '/labelling/filters',
      summary: 'Filters that were named',
      tags: ['curation'],
    })
    .output(z.object({ items: z.array(SavedFilter) })),
  getFilter: oc
    .route({
      method: 'GET',
      path: '/labelling/filters/{name}',
      summary: 'One filter',
      tags: ['curation'],
    })
    .input(z.object({ name: z.string() }))
    .output(SavedFilter),
  saveFilter: oc
    .route({
      method: 'PUT',
      path: '/labelling/filters/{name}',
      summary: 'Keep a filter under a name',
      tags: ['curation'],
    })
    .input(SavedFilter)
    .output(z.object({ savedAt: Instant })),
  dropFilter: oc
    .route({
      method: 'DELETE',
      path: '/labelling/filters/{name}',
      summary: 'Forget a filter',
      tags: ['curation'],
    })
    .input(z.object({ name: z.string() }))
    .output(z.object({ name: z.string() })),
};
