import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, PlaneRef } from './shared.ts';

/** Whether this workstation speaks with other programs on this machine, and with which. */
export const SampState = z.object({
  isOn: z.boolean().describe('off until a person switches it on'),
  link: z.enum(['off', 'no-hub', 'connected', 'failed']),
  message: z.string().optional().describe('why there is no link'),
  peers: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        takesImages: z.boolean(),
        takesTables: z.boolean(),
        takesPlaces: z.boolean(),
      }),
    )
    .describe('other programs at the hub that take something'),
});
export type SampState = z.infer<typeof SampState>;

/** What another program sent: told on the event stream without an id (`event: samp`), because it is not kept. */
export const SampNews = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('peers') }),
  z.object({
    kind: z.literal('image'),
    from: z.string(),
    name: z.string(),
    path: z.string().describe('a FITS file on this machine'),
  }),
  z.object({
    kind: z.literal('table'),
    from: z.string(),
    id: z.string(),
    name: z.string(),
    rowCount: z.number().int(),
  }),
  z.object({
    kind: z.literal('rows'),
    from: z.string(),
    tableId: z.string(),
    rows: z.array(z.number().int().min(0)).describe('zero-based'),
    candidateIds: z.array(Id).optional().describe('of those rows, where the table is one that AstrID sent'),
  }),
  z.object({
    kind: z.literal('point'),
    from: z.string(),
    raDeg: z.number(),
    decDeg: z.number(),
  }),
  z.object({ kind: z.literal('refused'), from: z.string(), message: z.string() }),
]);
export type SampNews = z.infer<typeof SampNews>;

/** Places of a table that another program sent; a row without a place has none. */
export const SampTable = z.object({
  id: z.string(),
  name: z.string(),
  from: z.string(),
  raDeg: z.array(z.number().nullable()),
  decDeg: z.array(z.number().nullable()),
});
export type SampTable = z.infer<typeof SampTable>;

const to = z.string().max(200).optional().describe('a peer; without one, all that take it');
const told = z.object({ told: z.number().int().describe('how many programs were told') });

export const samp = {
  getSamp: oc
    .route({ method: 'GET', path: '/samp', summary: 'Whether SAMP is on, and who is there', tags: ['samp'] })
    .output(SampState),
  switchSamp: oc
    .route({ method: 'PUT', path: '/samp', summary: 'Switch SAMP on or off', tags: ['samp'] })
    .input(z.object({ isOn: z.boolean() }))
    .output(SampState),
  sendImage: oc
    .route({
      method: 'POST',
      path: '/samp/images',
      summary: 'Send an image of a run as FITS',
      tags: ['samp'],
    })
    .input(z.object({ runId: Id, plane: PlaneRef.shape.kind, to }))
    .output(told),
  sendCandidates: oc
    .route({
      method: 'POST',
      path: '/samp/tables',
      summary: 'Send the candidates of a run as a VOTable',
      tags: ['samp'],
    })
    .input(z.object({ runId: Id, to }))
    .output(told),
  pointAt: oc
    .route({
      method: 'POST',
      path: '/samp/places',
      summary: 'Point others at a place on the sky',
      tags: ['samp'],
    })
    .input(z.object({ raDeg: z.number().min(0).lt(360), decDeg: z.number().min(-90).max(90), to }))
    .output(told),
  getTable: oc
    .route({
      method: 'GET',
      path: '/samp/tables/{id}',
      summary: 'Places of a table that was received',
      tags: ['samp'],
    })
    .input(z.object({ id: z.string().max(500) }))
    .output(SampTable),
};
