import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Instant, pageOf, pageQuery } from './shared.ts';

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
  'catalog:write',
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

const KeyId = z.string().regex(/^[0-9a-f]{12}$/, { error: 'the id of a key is the part between its two _' });
const scopes = z
  .array(Scope)
  .min(1)
  .max(SCOPES.length)
  .optional()
  .describe('what it is kept to; not given: all that its role may');

/** A key of a program, without what opens it. */
export const ApiKey = z.object({
  id: KeyId,
  name: z.string(),
  role: Role,
  scopes,
  curatorId: Id.describe('whom its labels are signed by'),
  state: z.enum(['active', 'expired', 'revoked']),
  createdAt: Instant,
  createdBy: z.string().describe('the principal that made it'),
  expiresAt: Instant,
  revokedAt: Instant.optional(),
  lastUsedAt: Instant.optional(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** Days a key lasts unless told otherwise. */
export const KEY_DAYS = 90;

export const NewApiKey = z.object({
  name: z
    .string()
    .trim()
    .min(1)
    .max(80)
    .regex(/^\P{Cc}*$/u, { error: 'a name has no control characters' }),
  role: Role,
  scopes,
  expiresInDays: z.number().int().min(1).max(3650).default(KEY_DAYS),
  curatorId: Id.optional().describe('sign its labels as this curator; not given: as one of its own'),
});
export type NewApiKey = z.infer<typeof NewApiKey>;

/** One request that wrote, or was kept from it. */
export const AuditEntry = z.object({
  at: Instant,
  requestId: z.string().describe('as `X-Request-Id` of the answer'),
  principal: z.string(),
  principalName: z.string(),
  method: z.string(),
  route: z.string(),
  path: z.string(),
  status: z.number().int(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const access = {
  whoAmI: oc
    .route({ method: 'GET', path: '/me', summary: 'Who asks, and what that one may do', tags: ['api'] })
    .output(PrincipalFacts),
  listKeys: oc
    .route({ method: 'GET', path: '/keys', summary: 'Keys of programs, newest first', tags: ['api'] })
    .output(z.object({ items: z.array(ApiKey) })),
  createKey: oc
    .route({
      method: 'POST',
      path: '/keys',
      summary: 'Make a key; it is told once and kept nowhere',
      successStatus: 201,
      tags: ['api'],
    })
    .input(NewApiKey)
    .output(z.object({ key: z.string(), record: ApiKey })),
  revokeKey: oc
    .route({
      method: 'POST',
      path: '/keys/{id}/revoke',
      summary: 'Let a key in no more, from this moment on',
      tags: ['api'],
    })
    .input(z.object({ id: KeyId }))
    .output(ApiKey),
  listAudit: oc
    .route({ method: 'GET', path: '/audit', summary: 'Who wrote what, newest first', tags: ['api'] })
    .input(z.object({ ...pageQuery, principal: z.string().max(300).optional() }))
    .output(pageOf(AuditEntry)),
};
