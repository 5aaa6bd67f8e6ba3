import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { administerCatalogue, readCatalogueMigrations } from '../../core/adapters/catalogue/index.ts';
import { makeSharedFolder } from '../line/run-astrid.ts';
import { openShared, type SharedWorkspace } from '../support/open-shared.ts';
import { seedWorkspace } from '../support/seed-workspace.ts';
import { type LocalPostgres, startPostgres } from '../support/start-postgres.ts';

const PROJECTS = {
  winter: '0195b000-0000-7000-8000-0000000000aa',
  summer: '0195b000-0000-7000-8000-0000000000bb',
} as const;
const folder = makeSharedFolder();
let server: LocalPostgres;
let mountain: SharedWorkspace;

beforeAll(async () => {
  server = await startPostgres();
  for (const [name, id] of Object.entries(PROJECTS)) {
    await server.createDatabase(name);
    const owner = administerCatalogue({ url: server.address(name) });
    await owner.setUp(readCatalogueMigrations('migrations/postgres'));
    await owner.foundProject({ id, name }, undefined);
    await owner.close();
  }
  await seedWorkspace(join(folder, 'mountain'));
  mountain = await openShared(join(folder, 'mountain'));
}, 120_000);
afterAll(async () => {
  await mountain?.close();
  await server?.remove();
});

const connect = (name: keyof typeof PROJECTS) =>
  mountain.sync.connect({ catalogueUrl: server.address(name), projectId: PROJECTS[name] });
const countIn = async (name: string): Promise<number> => {
  const [row] = await server.query<{ n: number }>(name, 'SELECT count(*)::int AS n FROM astrid.changes');
  return row!.n;
};

describe('a workspace that is connected to another project amid an exchange', () => {
  it('gives the new project all that it has, and the old one nothing more', async () => {
    const { sync } = mountain;
    await connect('winter');
    const { toSend } = await sync.status();
    expect(toSend).toBeGreaterThan(0);
    // Somebody holds the log of the old project: what goes there is on its way for as long.
    const holder = new pg.Client(server.address('winter'));
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE astrid.changes IN EXCLUSIVE MODE');
    const exchange = sync.exchange();
    // It is stopped, unless this machine is so slow that it was let go first.
    exchange.catch(() => undefined);
    await vi.waitFor(
      async () => {
        const waiting = await server.query(
          'winter',
          "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'relation'",
        );
        expect(waiting).toHaveLength(1);
      },
      { timeout: 20_000 },
    );
    const connecting = connect('summer');
    // Long enough for a connection that does not wait for the exchange; one that does is let go here.
    await Promise.race([connecting, new Promise((done) => setTimeout(done, 1500))]);
    await holder.query('COMMIT');
    await holder.end();
    await connecting;
    await exchange.catch(() => undefined);
    expect(sync.lastError()).toBeUndefined();
    const atWinter = await countIn('winter');
    expect(await sync.status()).toMatchObject({ toSend, lastExchangeAt: undefined });

    expect(await sync.exchange()).toMatchObject({ sent: toSend });
    expect(await countIn('summer')).toBe(toSend);
    expect(await countIn('winter')).toBe(atWinter);
  }, 60_000);

  it('does not call an exchange done that was stopped, and stops none of others', async () => {
    const { sync } = mountain;
    const asking = new AbortController();
    const [mine, others] = [sync.exchange(asking.signal), sync.exchange()];
    asking.abort();
    await expect(mine).rejects.toMatchObject({ code: 'internal/stopped' });
    expect(await others).toMatchObject({ sent: 0 });
    expect((await sync.status()).lastExchangeAt).toEqual(expect.any(String));
  });
});
