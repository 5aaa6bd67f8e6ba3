import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { findRoute, isPublic, LOCAL, NOBODY, type Principal } from '../api/index.ts';
import { respondError, respondProblem, toProblem } from '../api/respond.ts';
import { type ErrorCode, isAstridError } from '../utils/index.ts';
import { createRateLimiter, type Rate, rateHeaders, type Taken } from './limit-rate.ts';

/** Largest body that is read: the contract's are a few hundred bytes. */
export const MAX_BODY_BYTES = 1 << 20;

/** Names that only mean this machine: any other in `Host` is a page that had its name rebound to it. */
export const LOOPBACK_NAMES: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/** Whoever passed, and what the answer is to say of it. */
export interface Passed {
  readonly principal: Principal;
  readonly headers: Readonly<Record<string, string>>;
  /** Be told when the credential is good no more: answers that go on end then. @returns stops telling */
  readonly whenOver?: ((tell: () => void) => () => void) | undefined;
}

/** What every request passes before it reaches the door: who asks, or the answer to one that may not. */
export type Guard = (incoming: IncomingMessage) => Promise<Passed | Response>;

/** Knows one kind of credential. */
export interface Authority {
  /** Whether a text is meant to be one. */
  isMine(credential: string): boolean;
  /** Whether it was let in a moment ago, so that looking at it costs nothing. */
  isRemembered(credential: string): boolean;
  /** @throws api/unauthorized and whatever keeps it from knowing */
  admit(credential: string): Promise<Principal>;
  /** Be told when a credential that was let in is good no more. @returns stops telling */
  whenOver(credential: string, tell: () => void): () => void;
}

/** How often whom. */
export interface Rates {
  readonly principal: Rate;
  /** All that comes from one address, or one /64 of IPv6. */
  readonly address: Rate;
  /** Credentials that were not good, by address. */
  readonly failure: Rate;
}

/** A hundred a second for each program, and ten guesses at a key followed by one every six seconds. */
export const RATES: Rates = {
  principal: { perSecond: 100, burst: 300 },
  address: { perSecond: 1000, burst: 3000 },
  failure: { perSecond: 1 / 6, burst: 10 },
};

/** What a guard goes by. */
export interface GuardOptions {
  readonly port: number;
  readonly scheme: 'http' | 'https';
  /** Whether a name in `Host` means this host. */
  readonly isOwnName: (name: string) => boolean;
  /** Of the person at this machine; absent where nobody is trusted for being there. */
  readonly token?: string | undefined;
  /** Whether the window is served, or the API alone. */
  readonly hasWindow: boolean;
  readonly authorities: readonly Authority[];
  readonly rates: Rates;
}

/**
 * Make the check that every request passes before it reaches the door.
 *
 * Its order: what is malformed or from a foreign page; what is open to all; the person at this machine, who is not
 * counted; then by address, by credential and by principal. A credential that is not known already is looked at only
 * while its address has guesses left: those that are known are not kept out by somebody else's guessing.
 */
export function createGuard({
  port,
  scheme,
  isOwnName,
  token,
  hasWindow,
  authorities,
  rates,
}: GuardOptions): Guard {
  // Cookies know no ports: two hosts on one machine must not take each other's.
  const cookie = `astrid-${port}`;
  const session = randomBytes(32).toString('base64url');
  const principals = createRateLimiter(rates.principal);
  const addresses = createRateLimiter(rates.address);
  const failures = createRateLimiter(rates.failure);

  /** Find out whose a credential is. */
  const admit = async (
    authority: Authority | undefined,
    credential: string,
    address: string,
  ): Promise<Principal | Response> => {
    if (authority?.isRemembered(credential) !== true) {
      const left = failures.look(address);
      if (!left.isAllowed) return tooMany('failed logins', failures.rate, left);
    }
    try {
      if (authority !== undefined) return await authority.admit(credential);
    } catch (error) {
      if (!isAstridError(error)) throw error;
      if (error.code === 'api/unauthorized') failures.charge(address);
      return respondError(error, { 'x-content-type-options': 'nosniff' });
    }
    failures.charge(address);
    return unauthorized(token !== undefined && hasWindow);
  };

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
    if (!isOwnName(host.replace(/:\d+$/, '').toLowerCase()))
      return refuse(403, 'api/foreign-host', `This host does not answer to the name "${host}".`);
    if (headers.origin !== undefined && headers.origin !== `${scheme}://${host}`)
      return refuse(403, 'api/foreign-origin', `Pages of ${headers.origin} may not ask this host.`);

    const url = new URL(`${scheme}://${host}${target}`);
    const given = url.searchParams.get('token');
    const isNavigation = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !(isNavigation && given !== null))
      return refuse(403, 'api/foreign-origin', 'Pages of other sites may not ask this host.');

    if (isPublic(method, url)) return { principal: NOBODY, headers: {} };
    if (!hasWindow && findRoute(method, url) === 'api.window')
      return refuse(404, 'api/not-found', 'This host serves the API alone; it is at /api/v1.');

    const [, bearer] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
    if (token !== undefined) {
      if (given !== null && method === 'GET' && isSame(given, token))
        return enter(url, scheme, cookie, session);
      if (bearer !== undefined && isSame(bearer, token)) return { principal: LOCAL, headers: {} };
      const held = readCookie(headers.cookie, cookie);
      if (held !== undefined && isSame(held, session)) return { principal: LOCAL, headers: {} };
    }

    const address = addressOf(incoming);
    const fromThere = addresses.take(address);
    if (!fromThere.isAllowed) return tooMany('address', addresses.rate, fromThere);
    if (bearer === undefined) return unauthorized(token !== undefined && hasWindow);
    const authority = authorities.find((one) => one.isMine(bearer));
    const principal = await admit(authority, bearer, address);
    if (principal instanceof Response) return principal;
    const taken = principals.take(principal.id);
    if (!taken.isAllowed) return tooMany('principal', principals.rate, taken);
    return {
      principal,
      headers: rateHeaders('principal', principals.rate, taken),
      whenOver: (tell) => authority?.whenOver(bearer, tell) ?? (() => undefined),
    };
  };
}

/** Take the token out of the address, and give a cookie for it. */
function enter(url: URL, scheme: 'http' | 'https', cookie: string, session: string): Response {
  url.searchParams.delete('token');
  // The address bar, the history and the window's own requests never see the token.
  return new Response(null, {
    status: 303,
    headers: {
      location: `${url.pathname.replace(/^\/+/, '/')}${url.search}`,
      'set-cookie': `${cookie}=${session}; Path=/; HttpOnly; SameSite=Strict${scheme === 'https' ? '; Secure' : ''}`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    },
  });
}

function unauthorized(hasToken: boolean): Response {
  return refuse(
    401,
    'api/unauthorized',
    hasToken
      ? 'Open the address that astrid serve printed, with its token; a program sends that token, or a key, as "Authorization: Bearer ...".'
      : 'Send a key as "Authorization: Bearer KEY"; an admin makes one with astrid keys create.',
    { 'www-authenticate': 'Bearer realm="AstrID"' },
  );
}

function tooMany(what: string, rate: Rate, taken: Taken): Response {
  const wait = Math.max(1, taken.retryAfterS);
  return refuse(
    429,
    'api/too-many-requests',
    what === 'failed logins'
      ? `Too many keys from this address were not good; try again in ${wait} s.`
      : `Too many requests of this ${what}; try again in ${wait} s.`,
    rateHeaders(what, rate, { ...taken, isAllowed: false }),
  );
}

/** Where a request comes from; of IPv6 the network, as one host has as many addresses as it likes. */
function addressOf({ socket }: IncomingMessage): string {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::');
  const front = head.split(':');
  const back = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::') ? Array<string>(8 - front.length - back.length).fill('0') : [];
  return `${[...front, ...zeros, ...back].slice(0, 4).join(':')}::/64`;
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
export function refuse(
  status: number,
  code: ErrorCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return respondProblem(toProblem({ code, message }, status), {
    'x-content-type-options': 'nosniff',
    ...headers,
  });
}
