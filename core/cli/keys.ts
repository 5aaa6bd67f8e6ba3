import { z } from 'zod';
import { API_PREFIX, ApiKey, AuditEntry, NewApiKey, Problem, pageOf, SCOPES } from '../api/contract/index.ts';
import { LOCAL } from '../api/index.ts';
import { AstridError, type ErrorCode, isAstridError } from '../utils/index.ts';
import { type Console, formatTable } from './console.ts';
import { withApp } from './with-app.ts';

/** Which workspace: one that is opened here, or one that is served. */
interface KeyOptions {
  readonly workspace?: string;
  readonly url?: string;
  readonly json?: boolean;
}

/** Ask the API. @returns what it answers, unread */
type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>;

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

/** Reach the API of a workspace: of one that is served with a key of it, of any other by opening it. */
async function withDoor(options: KeyOptions, out: Console, work: (ask: Ask) => Promise<void>): Promise<void> {
  const { url } = options;
  if (url !== undefined) {
    const key = process.env.ASTRID_API_KEY ?? '';
    const base = checkUrl(url, key);
    const send = (request: Request): Promise<Response> =>
      fetch(request, {
        headers: { ...Object.fromEntries(request.headers), authorization: `Bearer ${key}` },
      }).catch((error: Error) => {
        const { message } = error.cause instanceof Error ? error.cause : error;
        throw new AstridError('api/unreachable', `${base} does not answer: ${message}.`, { url });
      });
    await work(askThrough(send, base));
    return;
  }
  try {
    await withApp({ workspace: options.workspace, out }, (app) =>
      work(askThrough((request) => app.fetch(request, LOCAL), 'astrid://app')),
    );
  } catch (error) {
    if (!isAstridError(error) || error.code !== 'workspace/in-use') throw error;
    throw new AstridError(
      error.code,
      `${error.message} Where it is served, ask there: --url ADDRESS, with the key of an admin in ASTRID_API_KEY; in its window, Settings has the keys.`,
      error.details,
    );
  }
}

function askThrough(send: (request: Request) => Promise<Response>, base: string): Ask {
  return async (method, path, body) => {
    const response = await send(
      new Request(`${base}${API_PREFIX}${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      }),
    );
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer;
    const problem = Problem.safeParse(answer);
    throw new AstridError(
      (problem.success ? problem.data.code : 'api/unreachable') as ErrorCode,
      problem.success ? problem.data.detail : `${base} answers ${response.status}, and not as AstrID does.`,
    );
  };
}

/** @throws api/bad-url, api/unauthorized */
function checkUrl(text: string, key: string): string {
  const url = URL.parse(text);
  const isHere = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && isHere)))
    throw new AstridError(
      'api/bad-url',
      `--url ${text} is not where a key may be sent: https://..., or http://127.0.0.1:PORT on this machine.`,
      { url: text },
    );
  if (key === '')
    throw new AstridError(
      'api/unauthorized',
      'Set ASTRID_API_KEY to the key of an admin, or to the token that astrid serve printed.',
    );
  return url.origin;
}
