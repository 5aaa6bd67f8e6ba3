import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Instant } from './shared.ts';

/** What of this workspace could be shared, and with whom it is. */
export const SyncState = z.object({
  /** Nothing is connected yet: everything is on this machine alone. */
  isConnected: z.literal(false),
  labelEvents: z.array(z.object({ kind: z.string(), count: z.number().int() })).describe('on disk, by kind'),
  curators: z.number().int(),
  events: z.number().int().describe('rows of the durable event log'),
  lastLabelAt: Instant.optional(),
  lastEventAt: Instant.optional(),
  runs: z.number().int(),
});
export type SyncState = z.infer<typeof SyncState>;

export const sync = {
  getSyncState: oc
    .route({
      method: 'GET',
      path: '/sync',
      summary: 'What could be shared, and with whom it is',
      tags: ['sync'],
    })
    .output(SyncState),
};
