import { z } from 'zod';
import { ApiKey, AuditEntry, NewApiKey, pageOf, SCOPES } from '../api/contract/index.ts';
import { AstridError } from '../utils/index.ts';
import { type Console, formatTable } from './console.ts';
import { type DoorOptions, withDoor } from './with-door.ts';

interface KeyOptions extends DoorOptions {
  readonly json?: boolean;
}

/** Run `astrid keys`: who may come, and when each was here last. */
export async function runKeysList(options: KeyOptions, out: Console): Promise<void> {
  await withDoor(options, out, async (ask) => {
    const { items } = z.object({ items: z.array(ApiKey) }).parse(await ask('GET', '/keys'));
    if (options.json) out.print(JSON.stringify({ version: 1, keys: items }));
    else if (items.length === 0) out.print('no keys: astrid keys create NAME --role viewer makes one');
    else
      out.print(
        formatTable(
          ['id', 'name', 'role', 'kept to', 'state', 'expires', 'last used'],
          items.map(({ id, name, role, scopes, state, expiresAt, lastUsedAt }) => [
            id,
            name,
            role,
            scopes?.join(' ') ?? 'all of it',
            state,
            expiresAt.slice(0, 10),
            lastUsedAt === undefined ? 'never' : `${lastUsedAt.slice(0, 16).replace('T', ' ')} UTC`,
          ]),
        ),
      );
  });
}

/** Run `astrid keys create`: the key is the only line on stdout. @throws api/invalid-input, api/forbidden */
export async function runKeysCreate(
  name: string,
  options: KeyOptions & {
    readonly role: string;
    readonly scope?: readonly string[];
    readonly days: string;
    readonly curator?: string;
  },
  out: Console,
): Promise<void> {
  const wanted = NewApiKey.safeParse({
    name,
    role: options.role,
    scopes: options.scope,
    expiresInDays: Number(options.days),
    curatorId: options.curator,
  });
  if (!wanted.success)
    throw new AstridError(
      'api/invalid-input',
      `The key was not made: ${wanted.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}. Roles are viewer, labeller, operator and admin; scopes ${SCOPES.join(', ')}.`,
    );
  await withDoor(options, out, async (ask) => {
    const { key, record } = z
      .object({ key: z.string(), record: ApiKey })
      .parse(await ask('POST', '/keys', wanted.data));
    if (options.json) out.print(JSON.stringify({ version: 1, key, record }));
    else {
      out.print(key);
      out.say(
        `${record.name}, ${record.role}, until ${record.expiresAt.slice(0, 10)}. It is shown this once: keep it now. A program sends it as "Authorization: Bearer KEY".`,
      );
    }
  });
}

/** Run `astrid keys revoke`. @throws api/key-not-found */
export async function runKeysRevoke(id: string, options: KeyOptions, out: Console): Promise<void> {
  await withDoor(options, out, async (ask) => {
    // Who pastes a whole key means the part between its two _.
    const [, part = id] = /^astrid_([0-9a-f]{12})_/.exec(id) ?? [];
    const record = ApiKey.parse(await ask('POST', `/keys/${encodeURIComponent(part)}/revoke`));
    if (options.json) out.print(JSON.stringify({ version: 1, record }));
    else out.print(`${record.name} (${record.id}) is let in no more`);
  });
}

/** Run `astrid keys audit`: who wrote what, newest first. */
export async function runKeysAudit(
  options: KeyOptions & { readonly principal?: string; readonly limit: string },
  out: Console,
): Promise<void> {
  await withDoor(options, out, async (ask) => {
    const query = new URLSearchParams({
      limit: options.limit,
      ...(options.principal === undefined ? {} : { principal: options.principal }),
    });
    const page = pageOf(AuditEntry).parse(await ask('GET', `/audit?${query}`));
    if (options.json) out.print(JSON.stringify({ version: 1, entries: page.items, total: page.total }));
    else if (page.items.length === 0) out.print('nothing was written over the API');
    else
      out.print(
        formatTable(
          ['when (UTC)', 'who', '', 'what', '', 'answer'],
          page.items.map(({ at, principal, principalName, method, path, route, status }) => [
            at.slice(0, 19).replace('T', ' '),
            principalName,
            principal,
            `${method} ${path}`,
            route,
            String(status),
          ]),
        ),
      );
  });
}
