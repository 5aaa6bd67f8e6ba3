import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { AstridError } from '../utils/index.ts';

/** Keys older than this are asked for again before they are used, ms: the edge that Supabase serves them from keeps them as long. */
const FRESH_MS = 10 * 60_000;

/** Keys older than this are believed no more, though their server does not answer, ms. */
const KEEP_MS = 24 * 3_600_000;

/** Pause between two questions, ms: tokens with made-up key ids have the server asked no more often. */
const COOLDOWN_MS = 30_000;

const TIMEOUT_MS = 5000;
const MOST_BYTES = 64 * 1024;

const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/**
 * Keep the public keys of a sign-in server.
 *
 * While it does not answer, the keys that are known go on for a day; a key that is not among them has it asked again.
 *
 * @param url of the JSON Web Key Set.
 * @throws api/sign-in-unreachable when a key is wanted that only the server could tell of
 * @see RFC 7517
 */
export function createKeySet(
  url: URL,
  { now = Date.now }: { readonly now?: (() => number) | undefined } = {},
): JWTVerifyGetKey {
  let held: { readonly find: JWTVerifyGetKey; readonly atMs: number } | undefined;
  let askedMs = Number.NEGATIVE_INFINITY;
  let problem: string | undefined;
  let asking: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    askedMs = now();
    try {
      const keys = await loadKeys(url);
      held = { find: createLocalJWKSet(keys), atMs: now() };
      problem = undefined;
    } catch (error) {
      const { message } =
        error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error);
      problem = message;
    }
  };
  const refresh = async (): Promise<void> => {
    if (asking === undefined && now() - askedMs < COOLDOWN_MS) return;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    await asking;
  };

  return async (header, token) => {
    if (held === undefined || now() - held.atMs > FRESH_MS) await refresh();
    if (held === undefined || now() - held.atMs > KEEP_MS) throw unreachable(url, problem);
    try {
      return await held.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    await refresh();
    // It may be a new key that cannot be asked for now: that is not its bearer's fault.
    if (problem !== undefined) throw unreachable(url, problem);
    return held.find(header, token);
  };
}

async function loadKeys(url: URL): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    // A key set lies where it was said to lie: nobody leads elsewhere.
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MOST_BYTES) throw new Error('it answers more than a key set could be');
  }
  return KeySet.parse(JSON.parse(text)) as JSONWebKeySet;
}

function unreachable(url: URL, problem: string | undefined): AstridError {
  return new AstridError(
    'api/sign-in-unreachable',
    `The keys that sign-ins are checked with cannot be had from ${url.host}${problem === undefined ? '' : ` (${problem})`}; try again in a moment, or come with a key.`,
    { host: url.host, retryAfterS: COOLDOWN_MS / 1000 },
  );
}
