import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id } from './shared.ts';

/** What people may call a sky object. */
export const GivenName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, { error: 'a name has no control characters' });

/** What a sky object is called. */
export const ObjectName = z.object({
  id: Id,
  name: z.string().describe('after its first place; never changed'),
  givenName: z.string().optional().describe('by people; all workstations of a project are told'),
});
export type ObjectName = z.infer<typeof ObjectName>;

const path = '/catalog/objects/{id}/name' as const;
const tags = ['catalog'];

export const objects = {
  listObjectNames: oc
    .route({
      method: 'GET',
      path: '/catalog/object-names',
      summary: 'Sky objects that people gave a name, by name',
      tags,
    })
    .input(z.object({ limit: z.coerce.number().int().min(1).max(10_000).default(1000) }))
    .output(z.object({ items: z.array(ObjectName.extend({ raDeg: z.number(), decDeg: z.number() })) })),
  getObjectName: oc
    .route({
      method: 'GET',
      path,
      summary: 'What a sky object is called; its ETag may be sent as If-Match',
      tags,
    })
    .input(z.object({ id: Id }))
    .output(ObjectName),
  putObjectName: oc
    .route({
      method: 'PUT',
      path,
      summary: 'Call a sky object by a name; the others of the project are told',
      tags,
    })
    .input(z.object({ id: Id, givenName: GivenName }))
    .output(ObjectName),
  dropObjectName: oc
    .route({ method: 'DELETE', path, summary: 'Call a sky object after its place again', tags })
    .input(z.object({ id: Id }))
    .output(ObjectName),
};
