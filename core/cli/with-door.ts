import { API_PREFIX, Problem } from '../api/contract/index.ts';
import { LOCAL } from '../api/index.ts';
import { AstridError, type ErrorCode, isAstridError } from '../utils/index.ts';
import type { Console } from './console.ts';
import { withApp } from './with-app.ts';

/** Which workspace: one that is opened here, or one that is served. */
export interface DoorOptions {
  readonly workspace?: string;
  readonly url?: string;
}

/** Ask the API. @returns what it answers, unread */
export type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Reach the API of a workspace: of one that is served with a key of it, of any other by opening it. */
export async function withDoor(
  options: DoorOptions,
  out: Console,
  work: (ask: Ask) => Promise<void>,
): Promise<void> {
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
    // Who answers well and says nothing that can be read is another server, or one that was cut off.
    if (response.ok && (answer !== undefined || response.status === 204)) return answer;
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
