import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isPublic, LOCAL, NOBODY, type Principal } from '../api/index.ts';
import { respondError, respondProblem, toProblem } from '../api/respond.ts';
import { type ErrorCode, isAstridError } from '../utils/index.ts';
import type { KeyRing } from './keep-keys.ts';

/** Largest body that is read: the contract's are a few hundred bytes. */
export const MAX_BODY_BYTES = 1 << 20;

/** Names that only mean this machine: any other in `Host` is a page that had its name rebound to it. */
const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** What every request passes before it reaches the door: who asks, or the answer to one that may not. */
export type Guard = (incoming: IncomingMessage) => Promise<Principal | Response>;

/** What a guard goes by. */
export interface GuardOptions {
  readonly port: number;
  /** Of the person at this machine. */
  readonly token: string;
  readonly keys?: Pick<KeyRing, 'isKey' | 'admit'> | undefined;
}

/** Make the check that every request passes before it reaches the door. */
export function createGuard({ port, token, keys }: GuardOptions): Guard {
  // Cookies know no ports: two hosts on one machine must not take each other's.
  const cookie = `astrid-${port}`;
  const session = randomBytes(32).toString('base64url');

  return async (incoming) => {
    const { headers, method = '' } = incoming;
    const target = incoming.url ?? '';
    if (!target.startsWith('/')) return refuse(400, 'api/bad-path', 'Ask for a path of this host.');
    if (!['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method))
      return refuse(405, 'api/method-not-allowed', `${method} is not allowed here.`);
    if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES)
      return refuse(413, 'api/body-too-large', `A body has at most ${MAX_BODY_BYTES} bytes.`);

    const host = headers.host ?? '';
    // A tunnel (ssh -L) may have another port at its near end; the name is what rebinding cannot fake.
    if (!LOOPBACK_NAMES.has(host.replace(/:\d+$/, '')))
      return refuse(
        403,
        'api/foreign-host',
        `This host answers to 127.0.0.1 and localhost only, not to "${host}".`,
      );
    if (headers.origin !== undefined && headers.origin !== `http://${host}`)
      return refuse(403, 'api/foreign-origin', `Pages of ${headers.origin} may not ask this host.`);

    const url = new URL(`http://${host}${target}`);
    const given = url.searchParams.get('token');
    const isNavigation = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !(isNavigation && given !== null))
      return refuse(403, 'api/foreign-origin', 'Pages of other sites may not ask this host.');

    if (given !== null && method === 'GET' && isSame(given, token)) {
      url.searchParams.delete('token');
      // The address bar, the history and the window's own requests never see the token.
      return new Response(null, {
        status: 303,
        headers: {
          location: `${url.pathname.replace(/^\/+/, '/')}${url.search}`,
          'set-cookie': `${cookie}=${session}; Path=/; HttpOnly; SameSite=Strict`,
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
        },
      });
    }
    const [, bearer] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
    if (bearer !== undefined && isSame(bearer, token)) return LOCAL;
    if (bearer !== undefined && keys?.isKey(bearer)) return admit(() => keys.admit(bearer));
    const held = readCookie(headers.cookie, cookie);
    if (held !== undefined && isSame(held, session)) return LOCAL;
    if (isPublic(method, url)) return NOBODY;
    return refuse(
      401,
      'api/unauthorized',
      'Open the address that astrid serve printed, with its token; a program sends it as "Authorization: Bearer TOKEN".',
    );
  };
}

/** Let in whom an authority knows; what it says of anybody else is the answer. */
async function admit(ask: () => Promise<Principal>): Promise<Principal | Response> {
  try {
    return await ask();
  } catch (error) {
    if (!isAstridError(error)) throw error;
    return respondError(error, { 'x-content-type-options': 'nosniff' });
  }
}

/** Compare secrets in a time that tells nothing of either. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

function readCookie(header: string | undefined, name: string): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Answer a request that does not reach the door. */
export function refuse(status: number, code: ErrorCode, message: string): Response {
  return respondProblem(toProblem({ code, message }, status), { 'x-content-type-options': 'nosniff' });
}
