import { createHash, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { KeyDesk, Principal } from '../api/index.ts';
import type { KeptKey, KeyRepository } from '../pipeline/index.ts';
import { AstridError, makeUuidV7 } from '../utils/index.ts';
import type { Authority } from './guard-requests.ts';
import { whenLater } from './when-later.ts';

/**
 * OWASP's least for argon2id: 19 MiB, two passes, one lane. A secret here is 256 random bits, which no cost of a hash
 * adds anything to; the cost is for a database that was copied.
 *
 * The package and not Node's own `crypto.argon2`: Electron's Node is built on BoringSSL, which has none. 2 is argon2id.
 */
const COST = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** A key as programs bear it: what finds it, and what opens it. */
const KEY = /^astrid_([0-9a-f]{12})_([0-9a-f]{64})$/;

/** A key that was not used for so long is hashed again when it comes back, ms. */
const REMEMBER_MS = 5 * 60_000;

/** How long a last use may wait to be written down, ms. */
const WRITE_WITHIN_MS = 30_000;

/** Hashes worked out at a time, and how many may wait: the rest are told to come back. */
const AT_ONCE = 2;
const MOST_WAITING = 64;

const DAY_MS = 86_400_000;

/** The keys of a workspace: makes, revokes, and knows them again. */
export interface KeyRing extends KeyDesk, Authority {
  /** Write down what was last used. */
  close(): Promise<void>;
}

/**
 * Open the keys of a workspace.
 *
 * The process holds the workspace alone, so what it has in memory is what holds: a revoked key is let in no more from
 * that moment on, and a key in use costs one SHA-256 a request.
 */
export function openKeyRing(
  keys: KeyRepository,
  {
    now = Date.now,
    opens: matches = verify,
  }: {
    readonly now?: (() => number) | undefined;
    /** Whether a secret is the one that a hash was made of. */
    readonly opens?: ((secretHash: string, secret: string) => Promise<boolean>) | undefined;
  } = {},
): KeyRing {
  /** Every key by its id. */
  let kept: Promise<Map<string, KeptKey>> | undefined;
  /** Keys that were opened, by their digest: their id, and until when that is believed. */
  const remembered = new Map<string, { readonly id: string; until: number }>();
  /** Hashes being worked out, by digest: a burst of one key costs one. */
  const pending = new Map<string, Promise<boolean>>();
  const uses = new Map<string, string>();
  /** Who wants to know that a key is revoked, by its id. */
  const watching = new Map<string, Set<() => void>>();
  const limit = createTurnstile(AT_ONCE, MOST_WAITING);
  let writing: NodeJS.Timeout | undefined;

  const all = (): Promise<Map<string, KeptKey>> => {
    kept ??= keys.list().then(
      (rows) => new Map(rows.map((row) => [row.id, row])),
      (error: unknown) => {
        // A database that could not be read once is asked again.
        kept = undefined;
        throw error;
      },
    );
    return kept;
  };
  const writeUses = async (): Promise<void> => {
    clearTimeout(writing);
    writing = undefined;
    if (uses.size === 0) return;
    const written = new Map(uses);
    uses.clear();
    try {
      await keys.touch(written);
    } catch (error) {
      // They are written with the next use.
      for (const [id, at] of written) if (!uses.has(id)) uses.set(id, at);
      throw error;
    }
    const known = await all();
    for (const [id, lastUsedAt] of written) {
      const key = known.get(id);
      if (key !== undefined) known.set(id, { ...key, lastUsedAt });
    }
  };
  const noteUse = (id: string): void => {
    uses.set(id, new Date(now()).toISOString());
    writing ??= setTimeout(() => void writeUses().catch(() => undefined), WRITE_WITHIN_MS).unref();
  };
  const opens = (digest: string, secret: string, key: KeptKey): Promise<boolean> => {
    const waiting = pending.get(digest);
    if (waiting !== undefined) return waiting;
    // argon2's own comparison takes the same time wherever two hashes differ.
    const work = limit(() => matches(key.secretHash, secret)).finally(() => pending.delete(digest));
    pending.set(digest, work);
    return work;
  };
  const isFresh = (digest: string): boolean => (remembered.get(digest)?.until ?? 0) > now();

  return {
    isMine: (text) => text.startsWith('astrid_'),
    isRemembered: (text) => isFresh(digestOf(text)),
    admit: async (text) => {
      const [, id = '', secret = ''] = KEY.exec(text) ?? [];
      const key = (await all()).get(id);
      if (key === undefined) throw unknownKey();
      const digest = digestOf(text);
      if (!isFresh(digest) && !(await opens(digest, secret, key))) throw unknownKey();
      remembered.set(digest, { id, until: now() + REMEMBER_MS });
      if (remembered.size > 10_000) forgetStale(remembered, now());
      // As it is now: it may have been revoked while its hash was worked out.
      const current = (await all()).get(id) ?? key;
      if (current.revokedAt !== undefined)
        throw unauthorized(
          `The key ${current.name} was revoked on ${dayOf(current.revokedAt)}; ask an admin for another.`,
        );
      if (Date.parse(current.expiresAt) <= now())
        throw unauthorized(
          `The key ${current.name} expired on ${dayOf(current.expiresAt)}; ask an admin for another.`,
        );
      noteUse(id);
      return {
        kind: 'key',
        id: `key:${id}`,
        name: current.name,
        role: current.role,
        scopes: current.scopes as Principal['scopes'],
        curatorId: current.curatorId,
      };
    },
    list: async () => {
      await writeUses();
      return [...(await all()).values()]
        .map(withoutHash)
        .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    },
    create: async ({ name, role, scopes, expiresInDays, curatorId }, by) => {
      const id = randomBytes(6).toString('hex');
      const secret = randomBytes(32).toString('hex');
      const at = now();
      const key: KeptKey = {
        id,
        secretHash: await hash(secret, COST),
        name,
        role,
        scopes,
        curatorId: curatorId ?? makeUuidV7(at, randomBytes(10)),
        createdAt: new Date(at).toISOString(),
        createdBy: by.id,
        expiresAt: new Date(at + expiresInDays * DAY_MS).toISOString(),
      };
      const known = await all();
      await keys.add(key);
      known.set(id, key);
      return { key: `astrid_${id}_${secret}`, record: withoutHash(key) };
    },
    revoke: async (id) => {
      const known = await all();
      const record = await keys.revoke(id);
      const key = known.get(id);
      if (key !== undefined) known.set(id, { ...key, revokedAt: record.revokedAt });
      for (const tell of [...(watching.get(id) ?? [])]) tell();
      return record;
    },
    whenOver: (text, tell) => {
      const [, id = ''] = KEY.exec(text) ?? [];
      const told = watching.get(id) ?? new Set();
      watching.set(id, told.add(tell));
      let stop: (() => void) | undefined;
      let isOver = false;
      void all().then((known) => {
        const { expiresAt = '', revokedAt } = known.get(id) ?? {};
        // It may have been revoked since it was let in.
        const left = revokedAt === undefined ? Date.parse(expiresAt) - now() : 0;
        if (!isOver) stop = whenLater(left, tell);
      });
      return () => {
        isOver = true;
        stop?.();
        told.delete(tell);
        if (told.size === 0 && watching.get(id) === told) watching.delete(id);
      };
    },
    close: writeUses,
  };
}

/** Let so many through at a time, in the order in which they came. @throws api/too-many-requests */
function createTurnstile(atOnce: number, mostWaiting: number) {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (inside >= atOnce) {
      if (waiting.length >= mostWaiting)
        throw new AstridError(
          'api/too-many-requests',
          'Too many keys are being looked at; try again in a moment.',
          { retryAfterS: 1 },
        );
      // Whoever leaves hands its place on.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else inside++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) inside--;
      else next();
    }
  };
}

function forgetStale(remembered: Map<string, { readonly until: number }>, now: number): void {
  for (const [digest, { until }] of remembered) if (until <= now) remembered.delete(digest);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function withoutHash({ secretHash: _, ...record }: KeptKey) {
  return record;
}

function unknownKey(): AstridError {
  return unauthorized('This key is not one of this workspace; an admin makes one with "astrid keys create".');
}

function unauthorized(message: string): AstridError {
  return new AstridError('api/unauthorized', message);
}

function dayOf(instant: string): string {
  return instant.slice(0, 10);
}
