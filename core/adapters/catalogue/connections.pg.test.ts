import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeCertificates } from '../../../tests/support/make-certificates.ts';
import { hasPooler, startPooler } from '../../../tests/support/start-pooler.ts';
import { findFreePort, type LocalPostgres, startPostgres } from '../../../tests/support/start-postgres.ts';
import type { Change } from '../../domains/sync/index.ts';
import { administerCatalogue, openCatalogue, readCatalogueMigrations } from './index.ts';

const PROJECT = '0195b000-0000-7000-8000-000000000001';
const MIGRATIONS = readCatalogueMigrations('migrations/postgres');
// What a server's certificate is for, and another authority's of the same name.
const trusted = makeCertificates('IP:127.0.0.1');
const other = makeCertificates('IP:127.0.0.1');

let server: LocalPostgres;
let password = '';
let made = 0;

beforeAll(async () => {
  server = await startPostgres(
    trusted && {
      settings: { ssl: 'on', ssl_cert_file: 'crt', ssl_key_file: 'key' },
      files: { crt: trusted.certificate, key: trusted.key },
    },
  );
  await server.createDatabase('sky');
  const owner = administerCatalogue({ url: server.address('sky') });
  await owner.setUp(MIGRATIONS);
  await owner.createProject({ id: PROJECT, name: 'north' });
  password = (await owner.addMember(PROJECT, 'ada', 'admin'))!;
  await owner.close();
});
afterAll(() => server?.remove());

const address = (): string => server.address('sky', 'ada', password);

function makeLabel(): Change {
  const id = `0195c000-0000-7000-8000-${(++made).toString(16).padStart(12, '0')}`;
  const clock = `${Date.now().toString(16).padStart(12, '0')}-0000`;
  return {
    id,
    kind: 'append',
    entity: 'curation-event',
    key: id,
    value: { id, curator: 'ada', clock },
    clock,
  };
}

async function countStored(ids: readonly string[]): Promise<number> {
  const [row] = await server.query<{ n: number }>(
    'sky',
    `SELECT count(*)::int AS n FROM astrid.changes WHERE id IN (${ids.map((id) => `'${id}'`).join(', ')})`,
  );
  return row!.n;
}

async function failure(work: () => Promise<unknown>): Promise<{ code?: string; message: string }> {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  return { message: 'it worked' };
}

describe('through a pooler that gives every transaction another session', () => {
  it.skipIf(!hasPooler())('all of it works (skipped without PgBouncer)', async () => {
    const [{ owner } = { owner: '' }] = await server.query<{ owner: string }>(
      'sky',
      'SELECT current_user AS owner',
    );
    const ownPassword = decodeURIComponent(new URL(server.address('sky')).password);
    const pooler = await startPooler(server, 'sky', { ada: password, [owner]: ownPassword });
    const sessions = new Set<number>();
    try {
      // The owner's part too: its lock is the transaction's.
      const admin = administerCatalogue({ url: pooler.address('sky', owner, ownPassword) });
      expect(await admin.setUp(MIGRATIONS)).toBe(MIGRATIONS.length);
      await admin.close();
      const first = openCatalogue({ url: pooler.address('sky', 'ada', password) }, PROJECT);
      const second = openCatalogue({ url: pooler.address('sky', 'ada', password) }, PROJECT);
      const { project } = await first.examine();
      const labels = Array.from({ length: 60 }, makeLabel);
      await Promise.all(
        labels.map(async (label, n) => {
          await (n % 2 === 0 ? first : second).push([label]);
          await (n % 3 === 0 ? first : second).pull(project.head, 10);
        }),
      );
      for (const { pid } of await server.query<{ pid: number }>(
        'sky',
        `SELECT pid FROM pg_stat_activity WHERE usename = 'ada' AND query LIKE '%astrid%'`,
      ))
        sessions.add(pid);
      const pulled = await second.pull(project.head, 100);
      expect(pulled.map(({ id }) => id).sort()).toEqual(labels.map(({ id }) => id));
      expect(pulled.map(({ seq }) => seq)).toEqual(labels.map((_, n) => project.head + 1 + n));
      await first.close();
      await second.close();
    } finally {
      await pooler.close();
    }
    expect(sessions.size).toBeGreaterThan(1);
  });

  it.skipIf(!hasPooler())(
    'a full pooler is told from one that is gone (skipped without PgBouncer)',
    async () => {
      const pooler = await startPooler(server, 'sky', { ada: password }, 1);
      const url = pooler.address('sky', 'ada', password);
      const first = openCatalogue({ url }, PROJECT);
      const second = openCatalogue({ url }, PROJECT);
      try {
        // Whoever looked whether the pooler listens may be counted for a moment more.
        await vi.waitFor(() => first.pull(0, 1), { timeout: 20_000, interval: 200 });
        const { code, message } = await failure(() => second.pull(0, 1));
        expect(code).toBe('sync/unreachable');
        expect(message).toContain('no connection to spare');
      } finally {
        await first.close();
        await second.close();
        await pooler.close();
      }
    },
  );
});

describe.skipIf(trusted === undefined)('an encrypted connection (skipped without openssl)', () => {
  const examine = (authority: string | undefined, url = address()): Promise<unknown> => {
    const catalogue = openCatalogue({ url, authority }, PROJECT);
    return catalogue.examine().finally(() => catalogue.close());
  };

  it('is used where the authority is known', async () => {
    const catalogue = openCatalogue({ url: address(), authority: trusted!.authority }, PROJECT);
    expect(await catalogue.examine()).toMatchObject({ login: 'ada' });
    const encrypted = await server.query<{ ssl: boolean }>(
      'sky',
      `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'ada'`,
    );
    expect(encrypted).toEqual([{ ssl: true }]);
    await catalogue.close();
  });

  it('is refused where another authority signed the certificate, whatever the address asks for', async () => {
    for (const url of [address(), `${address()}?sslmode=require`, `${address()}?sslmode=no-verify`]) {
      const { code, message } = await failure(() => examine(other!.authority, url));
      expect(code).toBe('sync/certificate-not-trusted');
      expect(message).toMatch(/^The certificate of 127\.0\.0\.1:\d+\/sky could not be verified/);
      expect(message).not.toContain(password);
    }
  });

  it('is refused where the certificate is that of another server', async () => {
    const { code, message } = await failure(() =>
      examine(trusted!.authority, address().replace('127.0.0.1', 'localhost')),
    );
    expect(code).toBe('sync/certificate-not-trusted');
    expect(message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('is not given up where the server has none', async () => {
    const plain = await startPostgres();
    try {
      const { code } = await failure(() => examine(trusted!.authority, plain.address('postgres')));
      expect(code).toBe('sync/no-tls');
    } finally {
      await plain.remove();
    }
  });
});

describe('a connection that is lost', () => {
  it('after the server has taken what was sent: sent again, it is there once', async () => {
    const line = await openLine(server.port);
    const catalogue = openCatalogue(
      { url: address().replace(`:${server.port}/`, `:${line.port}/`) },
      PROJECT,
    );
    const labels = [makeLabel(), makeLabel()];
    await catalogue.pull(0, 1);
    line.swallowAnswers();
    const pushing = failure(() => catalogue.push(labels));
    await expect.poll(() => countStored(labels.map(({ id }) => id))).toBe(2);
    line.cut();
    expect(await pushing).toMatchObject({ code: 'sync/unreachable' });
    expect((await catalogue.push(labels)).map(({ status }) => status)).toEqual(['known', 'known']);
    expect(await countStored(labels.map(({ id }) => id))).toBe(2);
    await catalogue.close();
    await line.close();
  });

  it('in the middle of a transaction: nothing of it is there, and sent again all of it is', async () => {
    const catalogue = openCatalogue({ url: address() }, PROJECT);
    const labels = [makeLabel(), makeLabel(), makeLabel()];
    // It waits for the project, which another holds, and is ended there by an administrator.
    const held = server.query(
      'sky',
      `BEGIN; SELECT FROM astrid.projects FOR UPDATE; SELECT pg_sleep(3); COMMIT`,
    );
    const waiting = `SELECT pid FROM pg_stat_activity WHERE usename = 'ada' AND wait_event_type = 'Lock'`;
    await expect
      .poll(
        async () =>
          (await server.query('sky', `SELECT FROM pg_stat_activity WHERE query LIKE 'BEGIN; SELECT FROM%'`))
            .length,
      )
      .toBeGreaterThan(0);
    const pushing = failure(() => catalogue.push(labels));
    await expect.poll(async () => (await server.query('sky', waiting)).length, { timeout: 10_000 }).toBe(1);
    await server.query('sky', `SELECT pg_terminate_backend(pid) FROM (${waiting}) AS one`);
    expect(await pushing).toMatchObject({ code: 'sync/unreachable' });
    await held;
    expect(await countStored(labels.map(({ id }) => id))).toBe(0);
    expect((await catalogue.push(labels)).map(({ status }) => status)).toEqual(Array(3).fill('stored'));
    await catalogue.close();
  });

  it('by a restart of the server: what is asked next is answered', async () => {
    const catalogue = openCatalogue({ url: address() }, PROJECT);
    await catalogue.examine();
    await server.stop();
    expect(await failure(() => catalogue.examine())).toMatchObject({ code: 'sync/unreachable' });
    await server.start();
    expect(await catalogue.examine()).toMatchObject({ login: 'ada' });
    await catalogue.close();
  });

  it('for want of connections is told as that', async () => {
    await server.query('sky', 'ALTER ROLE ada CONNECTION LIMIT 0');
    const catalogue = openCatalogue({ url: address() }, PROJECT);
    const { code, message } = await failure(() => catalogue.examine());
    await server.query('sky', 'ALTER ROLE ada CONNECTION LIMIT -1');
    expect(code).toBe('sync/unreachable');
    expect(message).toContain('no connection to spare');
    expect(await catalogue.examine()).toMatchObject({ login: 'ada' });
    await catalogue.close();
  });
});

interface Line {
  readonly port: number;
  /** Let nothing through that the server says. */
  swallowAnswers(): void;
  /** End the connections there are; new ones are whole. */
  cut(): void;
  close(): Promise<void>;
}

/** A line to a server that can be cut in the middle of a sentence. */
async function openLine(to: number): Promise<Line> {
  const port = await findFreePort();
  const sockets = new Set<Socket>();
  let swallows = false;
  const line: Server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    const mine = swallows;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (chunk) => {
      if (!swallows || mine) near.write(chunk);
    });
  });
  await new Promise<void>((done) => line.listen(port, '127.0.0.1', done));
  return {
    port,
    swallowAnswers: () => {
      swallows = true;
    },
    cut: () => {
      swallows = false;
      for (const socket of sockets) socket.destroy();
    },
    close: () => new Promise((done) => line.close(() => done())),
  };
}
