import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id } from './shared.ts';

/** What a principal may do, the least first; each may do all that those before it may. */
export const ROLES = ['viewer', 'labeller', 'operator', 'admin'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/** What a key may be kept to. */
export const SCOPES = [
  'observations:read',
  'pipeline:read',
  'pipeline:write',
  'differencing:read',
  'differencing:write',
  'detection:read',
  'detection:write',
  'catalog:read',
  'curation:read',
  'curation:write',
  'sync:read',
  'sync:write',
  'api:read',
  'api:write',
] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

/** Who asks, as the program sees it. */
export const PrincipalFacts = z.object({
  kind: z
    .enum(['local', 'key', 'token'])
    .describe('the window and the printed token; an API key; a sign-in elsewhere'),
  id: z.string(),
  name: z.string(),
  role: Role,
  scopes: z.array(Scope).optional().describe('not given: all that the role may'),
  curatorId: Id.optional().describe('whom its labels are signed by; not given: the curator chosen here'),
});
export type PrincipalFacts = z.infer<typeof PrincipalFacts>;

export const access = {
  whoAmI: oc
    .route({ method: 'GET', path: '/me', summary: 'Who asks, and what that one may do', tags: ['api'] })
    .output(PrincipalFacts),
};
