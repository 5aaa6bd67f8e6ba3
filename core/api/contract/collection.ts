import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Instant } from './shared.ts';

/** What is to be collected: pixels that nobody in the project refers to any more. */
export const CollectionRequest = z.object({
  graceDays: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(30)
    .describe('what was stored within so many days stays, whoever refers to it or not'),
  isDryRun: z.boolean().default(true).describe('say what would go, and take nothing away'),
  where: z
    .array(z.enum(['here', 'bucket']))
    .min(1)
    .max(2)
    .default(['here']),
});
export type CollectionRequest = z.infer<typeof CollectionRequest>;

const Counts = z.object({
  seen: z.number().int(),
  seenBytes: z.number().int(),
  removed: z.number().int().describe('gone, or those that would go'),
  removedBytes: z.number().int(),
  young: z.number().int().describe('nobody refers to them, and they are not old enough to go'),
  aborted: z.number().int().optional().describe('uploads in parts that were never completed'),
});

/** The collection that runs, or the one that ran last since the program was started. */
export const Collection = z.object({
  kind: z.enum(['none', 'running', 'done', 'stopped', 'failed']),
  graceDays: z.number().int().optional(),
  isDryRun: z.boolean().optional(),
  where: z.array(z.enum(['here', 'bucket'])).optional(),
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
  here: Counts.optional(),
  bucket: Counts.optional(),
  failure: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type Collection = z.infer<typeof Collection>;

const path = '/sync/collection' as const;
const tags = ['sync'];

export const collection = {
  getCollection: oc
    .route({ method: 'GET', path, summary: 'How far the collection of unwanted pixels is, or was', tags })
    .output(Collection),
  startCollection: oc
    .route({
      method: 'POST',
      path,
      summary: 'Take away pixels that nobody refers to, or say what would go; it goes on by itself',
      description: 'The bucket’s are for an admin of the project to take away.',
      successStatus: 202,
      tags,
    })
    .input(CollectionRequest)
    .output(Collection),
  stopCollection: oc
    .route({ method: 'DELETE', path, summary: 'Stop the collection that runs', tags })
    .output(Collection),
};
