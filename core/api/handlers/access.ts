import { implement } from '@orpc/server';
import type { KeyRecord } from '../../pipeline/index.ts';
import { AstridError } from '../../utils/index.ts';
import type { Principal } from '../access.ts';
import { ApiKey, contract, type NewApiKey, PrincipalFacts } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';

const os = implement(contract.access).$context<Asking>();

/** Answer what is asked of who may do what. */
export function answerAccess({ access, audit }: Services) {
  return {
    whoAmI: os.whoAmI.handler(({ context: { principal } }) => PrincipalFacts.parse(principal)),
    listKeys: os.listKeys.handler(async () => ({ items: (await access.list()).map(toApiKey) })),
    createKey: os.createKey.handler(async ({ input, context: { principal } }) => {
      refuseMoreThanOwn(input, principal);
      const { key, record } = await access.create(input, principal);
      return { key, record: toApiKey(record) };
    }),
    revokeKey: os.revokeKey.handler(async ({ input }) => toApiKey(await access.revoke(input.id))),
    listAudit: os.listAudit.handler(async ({ input }) => {
      const page = await audit.list(input);
      return { ...page, items: [...page.items] };
    }),
  };
}

/** A key that is kept to scopes makes none that may do more. @throws api/forbidden */
function refuseMoreThanOwn({ scopes }: NewApiKey, { name, scopes: own }: Principal): void {
  if (own === undefined) return;
  const more = scopes?.filter((scope) => !own.includes(scope));
  if (more?.length === 0) return;
  throw new AstridError(
    'api/forbidden',
    `${name} is kept to ${own.join(', ')} and can make no key for ${more?.join(', ') ?? 'everything'}.`,
    { own: [...own] },
  );
}

function toApiKey(record: KeyRecord): ApiKey {
  const state =
    record.revokedAt !== undefined
      ? 'revoked'
      : record.expiresAt <= new Date().toISOString()
        ? 'expired'
        : 'active';
  return ApiKey.parse({ ...record, state });
}
