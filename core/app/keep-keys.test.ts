import { verify } from '@node-rs/argon2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MIGRATIONS, makeTemporaryFolder } from '../../tests/support/temporary-workspace.ts';
import { openDatabase } from '../adapters/db/index.ts';
import { LOCAL } from '../api/index.ts';
import type { KeyRepository } from '../pipeline/index.ts';
import { openKeyRing } from './keep-keys.ts';

const DAY_MS = 86_400_000;
const wanted = { name: 'night script', role: 'labeller', expiresInDays: 30 } as const;

async function openRing() {
  const folder = makeTemporaryFolder();
  const database = await openDatabase({ folder, migrationsFolder: MIGRATIONS, log: console });
  onTestFinished(() => database.close());
  const clock = { ms: Date.parse('2026-03-01T20:00:00.000Z') };
  const now = () => clock.ms;
  const asked = { list: 0, touch: 0 };
  const broken = { next: 0 };
  const failOnce = (): void => {
    if (broken.next-- > 0) throw new Error('database is locked');
    broken.next = 0;
  };
  const counted: KeyRepository = {
    ...database.keys,
    list: async () => {
      asked.list++;
      failOnce();
      return database.keys.list();
    },
    touch: async (uses) => {
      asked.touch++;
      failOnce();
      return database.keys.touch(uses);
    },
  };
  return {
    database,
    clock,
    asked,
    broken,
    ring: openKeyRing(counted, { now }),
    again: (opens = verify) => openKeyRing(database.keys, { now, opens }),
  };
}

describe('a key', () => {
  test('is recognisable, opens as what it was made for, and is kept nowhere', async () => {
    const { ring, database } = await openRing();
    const { key, record } = await ring.create({ ...wanted, scopes: ['curation:write'] }, LOCAL);
    expect(key).toMatch(new RegExp(`^astrid_${record.id}_[0-9a-f]{64}$`));
    expect(await ring.admit(key)).toEqual({
      kind: 'key',
      id: `key:${record.id}`,
      name: 'night script',
      role: 'labeller',
      scopes: ['curation:write'],
      curatorId: record.curatorId,
    });
    const [kept] = await database.keys.list();
    expect(kept!.secretHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(JSON.stringify(kept)).not.toContain(key.slice(-64));
    expect(kept).toMatchObject({ createdBy: 'local', expiresAt: '2026-03-31T20:00:00.000Z' });
  });

  test('is known to the next start of the program, and no other text is', async () => {
    const { ring, again } = await openRing();
    const { key, record } = await ring.create(wanted, LOCAL);
    const next = again();
    expect((await next.admit(key)).id).toBe(`key:${record.id}`);
    const last = key.endsWith('0') ? '1' : '0';
    for (const wrong of [
      `${key.slice(0, -1)}${last}`,
      `${key}0`,
      key.toUpperCase(),
      key.replace(record.id, '000000000000'),
      `astrid_${record.id}_`,
      'astrid_',
      '',
    ])
      await expect(next.admit(wrong)).rejects.toMatchObject({ code: 'api/unauthorized' });
  });

  test('that is revoked is let in no more from that moment on, although it was remembered', async () => {
    const { ring, again } = await openRing();
    const { key, record } = await ring.create(wanted, LOCAL);
    await ring.admit(key);
    const revoked = await ring.revoke(record.id);
    await expect(ring.admit(key)).rejects.toMatchObject({
      code: 'api/unauthorized',
      message: /revoked on 2/,
    });
    expect(await ring.revoke(record.id)).toEqual(revoked);
    await expect(again().admit(key)).rejects.toMatchObject({ message: expect.stringMatching(/revoked/) });
    await expect(ring.revoke('000000000000')).rejects.toMatchObject({ code: 'api/key-not-found' });
  });

  test('that is revoked while its hash is worked out is not let in', async () => {
    const { ring, again } = await openRing();
    const { key, record } = await ring.create(wanted, LOCAL);
    const fresh = again();
    const admitted = fresh.admit(key);
    // Held as admitted before it can settle.
    const seen = expect(admitted).rejects.toMatchObject({ message: expect.stringMatching(/revoked/) });
    await fresh.revoke(record.id);
    await seen;
  });

  test('expires, although it was remembered', async () => {
    const { ring, clock } = await openRing();
    const { key } = await ring.create(wanted, LOCAL);
    clock.ms += 30 * DAY_MS - 1;
    await ring.admit(key);
    clock.ms += 1;
    await expect(ring.admit(key)).rejects.toMatchObject({
      message: expect.stringMatching(/expired on 2026-03-31/),
    });
  });

  test('that came a moment ago costs no hash; a burst of it costs one', async () => {
    const { ring, again, clock } = await openRing();
    const { key } = await ring.create(wanted, LOCAL);
    let hashes = 0;
    const next = again(async (secretHash, secret) => {
      hashes++;
      return verify(secretHash, secret);
    });
    await Promise.all(Array.from({ length: 200 }, () => next.admit(key)));
    for (let n = 0; n < 200; n++) await next.admit(key);
    expect(hashes).toBe(1);
    expect(next.isRemembered(key)).toBe(true);
    clock.ms += 6 * 60_000;
    expect(next.isRemembered(key)).toBe(false);
    await next.admit(key);
    expect(hashes).toBe(2);
  });

  test('has its last use written down now and then, and when it is asked for', async () => {
    const { ring, asked, database, clock } = await openRing();
    const { key } = await ring.create(wanted, LOCAL);
    for (let n = 0; n < 50; n++) await ring.admit(key);
    expect(asked.touch).toBe(0);
    clock.ms += 1000;
    await ring.admit(key);
    expect((await ring.list())[0]!.lastUsedAt).toBe('2026-03-01T20:00:01.000Z');
    expect(asked.touch).toBe(1);
    await ring.admit(key);
    await ring.close();
    expect((await database.keys.list())[0]!.lastUsedAt).toBe('2026-03-01T20:00:01.000Z');
    expect(asked.list).toBe(1);
  });

  test('is known and its use kept, although the database failed once', async () => {
    const { ring, broken } = await openRing();
    broken.next = 1;
    await expect(ring.list()).rejects.toThrow('locked');
    const { key } = await ring.create(wanted, LOCAL);
    await ring.admit(key);
    broken.next = 1;
    await expect(ring.list()).rejects.toThrow('locked');
    expect(await ring.list()).toMatchObject([{ lastUsedAt: '2026-03-01T20:00:00.000Z' }]);
  });

  test('tells whoever goes on by it when it is revoked, and when it expires', async () => {
    const { ring, clock } = await openRing();
    const { key, record } = await ring.create(wanted, LOCAL);
    const over = (): Promise<void> => new Promise((resolve) => void ring.whenOver(key, resolve));
    let isTold = false;
    const stop = ring.whenOver(key, () => {
      isTold = true;
    });
    stop();
    clock.ms += 30 * DAY_MS - 10;
    await over();
    clock.ms -= DAY_MS;
    const revoked = over();
    await ring.revoke(record.id);
    await revoked;
    // Too late to hear of it, and not too late to know.
    await over();
    expect(isTold).toBe(false);
  });

  test('cannot be changed or removed, not even in the database', async () => {
    const { ring, database } = await openRing();
    const { record } = await ring.create(wanted, LOCAL);
    await ring.revoke(record.id);
    const kept = (await database.keys.list())[0]!;
    await expect(database.keys.add(kept)).rejects.toThrow();
    expect((await ring.list()).map(({ id }) => id)).toEqual([record.id]);
  });
});

describe('those who guess', () => {
  test('wait for each other, and beyond a number are told to come back', async () => {
    const { ring, again } = await openRing();
    const { key } = await ring.create(wanted, LOCAL);
    const guesses = Array.from(
      { length: 80 },
      (_, n) => `${key.slice(0, -2)}${n.toString(16).padStart(2, '0')}`,
    );
    const one = again();
    const codes = await Promise.all(
      guesses
        .filter((guess) => guess !== key)
        .map((guess) => one.admit(guess).catch(({ code }: { code: string }) => code)),
    );
    expect(codes.filter((code) => code === 'api/too-many-requests').length).toBeGreaterThan(5);
    expect(codes.filter((code) => code === 'api/unauthorized')).toHaveLength(66);
  }, 60_000);
});
