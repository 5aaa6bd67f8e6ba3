import { createHash } from 'node:crypto';
import { decodeJwt, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { ROLES, type Role } from '../api/contract/index.ts';
import type { Principal } from '../api/index.ts';
import { AstridError, isAstridError } from '../utils/index.ts';
import { createKeySet } from './fetch-key-set.ts';
import type { Authority } from './guard-requests.ts';
import { whenLater } from './when-later.ts';

/** Whose sign-ins are believed, and what they say of a person. */
export interface SignInRules {
  /** As in `iss`: of Supabase `https://<ref>.supabase.co/auth/v1`. */
  readonly issuer: string;
  /** As in `aud`. */
  readonly audience: string;
  /** Where the role is, with dots between steps; whoever has none there is a viewer. Must be out of users' own reach. */
  readonly roleClaim: string;
  readonly keys: /** Public keys: ES256 and RS256. */
    | { readonly kind: 'jwks'; readonly url: string }
    /** The secret that a project shared in the past: HS256, and nothing else. */
    | { readonly kind: 'shared-secret'; readonly secret: string };
}

/** Clocks of two machines differ, s. */
const TOLERANCE_S = 5;

/** A token that was checked is believed for so long, ms. */
const REMEMBER_MS = 60_000;
const MOST_REMEMBERED = 10_000;

/** Three parts, the last of which `none` leaves empty; the first is a JSON object. */
const TOKEN = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;

/** What a token is refused for, in words. */
const REASONS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'it has expired; sign in again',
  ERR_JOSE_ALG_NOT_ALLOWED: 'it is signed in a way that is not accepted here',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature is not right',
  ERR_JWKS_NO_MATCHING_KEY:
    'its key is none of the issuer’s; a Supabase project that still signs with a shared secret publishes none',
};

/**
 * Believe the sign-ins of one issuer.
 *
 * One verifier knows one kind of key: a public key is never taken for a shared secret (algorithm confusion), and `none`
 * is no signature.
 *
 * @throws api/bad-sign-in where the rules cannot be kept
 * @see RFC 8725, JSON Web Token Best Current Practices
 */
export function openSignIns(
  rules: SignInRules,
  { now = Date.now }: { readonly now?: (() => number) | undefined } = {},
): Authority {
  checkRules(rules);
  const verify = createVerifier(rules, now);
  const remembered = new Map<string, { readonly principal: Principal; readonly untilMs: number }>();
  const recall = (token: string): Principal | undefined => {
    const known = remembered.get(digestOf(token));
    return known !== undefined && known.untilMs > now() ? known.principal : undefined;
  };

  return {
    isMine: (text) => TOKEN.test(text),
    isRemembered: (token) => recall(token) !== undefined,
    admit: async (token) => {
      const known = recall(token);
      if (known !== undefined) return known;
      const payload = await verify(token);
      const principal = readPrincipal(payload, rules);
      if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value!);
      const untilMs = Math.min(now() + REMEMBER_MS, payload.exp! * 1000);
      remembered.set(digestOf(token), { principal, untilMs });
      return principal;
    },
    // It was let in: what it says of its end is true.
    whenOver: (token, tell) => whenLater((decodeJwt(token).exp! + TOLERANCE_S) * 1000 - now(), tell),
  };
}

function createVerifier(
  { issuer, audience, keys }: SignInRules,
  now: () => number,
): (token: string) => Promise<JWTPayload> {
  const options = (algorithms: string[]): JWTVerifyOptions => ({
    algorithms,
    issuer,
    audience,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: TOLERANCE_S,
    currentDate: new Date(now()),
  });
  const keySet = keys.kind === 'jwks' ? createKeySet(new URL(keys.url), { now }) : undefined;
  // The text itself: Supabase takes its bytes for the secret, and not what they would be as base64.
  const secret = keys.kind === 'shared-secret' ? new TextEncoder().encode(keys.secret) : undefined;
  return async (token) => {
    try {
      const { payload } =
        keySet !== undefined
          ? await jwtVerify(token, keySet, options(['ES256', 'RS256']))
          : await jwtVerify(token, secret!, options(['HS256']));
      return payload;
    } catch (error) {
      if (isAstridError(error)) throw error;
      throw unauthorized(reasonOf(error));
    }
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed)
    return `its “${error.claim}” is not what is wanted here`;
  const code = error instanceof errors.JOSEError ? error.code : '';
  return REASONS[code] ?? 'it cannot be read';
}

function readPrincipal(payload: JWTPayload, { issuer, roleClaim }: SignInRules): Principal {
  const { sub = '', email, is_anonymous: isAnonymous } = payload;
  // In Supabase anybody at all may be signed in so.
  if (isAnonymous === true) throw unauthorized('it is an anonymous sign-in');
  const role = roleClaim
    .split('.')
    .reduce<unknown>(
      (at, step) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined,
      payload,
    );
  return {
    kind: 'token',
    id: `token:${sub}`,
    // For people and terminals: nothing in it may be more than a letter.
    name: (typeof email === 'string' && email !== '' ? email : sub).replace(/\p{Cc}/gu, '').slice(0, 80),
    role: ROLES.find((one): one is Role => one === role) ?? 'viewer',
    curatorId: curatorOf(issuer, sub),
  };
}

/** The same person signs as the same curator on every workstation. */
function curatorOf(issuer: string, sub: string): string {
  const hex = createHash('sha256').update(`${issuer}\n${sub}`).digest('hex');
  return `01900000-0000-7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
}

/** @throws api/bad-sign-in */
function checkRules({ issuer, audience, roleClaim, keys }: SignInRules): void {
  const bad = (message: string): AstridError => new AstridError('api/bad-sign-in', message, { issuer });
  if (URL.parse(issuer) === null || audience === '')
    throw bad(
      `The issuer "${issuer}" is no address, or the audience is empty; give both as tokens bear them.`,
    );
  if (/^(user_metadata|raw_user_meta_data)(\.|$)/.test(roleClaim))
    throw bad(
      `Users may write ${roleClaim} themselves, and would choose their role; take app_metadata instead.`,
    );
  if (keys.kind === 'shared-secret' && keys.secret.length < 32)
    throw bad('A shared secret of fewer than 32 characters can be guessed; take public keys instead.');
  if (keys.kind !== 'jwks') return;
  const url = URL.parse(keys.url);
  const isHere = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol !== 'https:' && !isHere)
    throw bad(`Keys from ${keys.url} could be anybody’s; give an https address.`);
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

function unauthorized(reason: string): AstridError {
  return new AstridError('api/unauthorized', `This sign-in is not accepted: ${reason}.`);
}
