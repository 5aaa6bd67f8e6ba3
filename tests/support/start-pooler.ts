import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, type LocalPostgres } from './start-postgres.ts';

/** PgBouncer before a PostgreSQL, giving every transaction whichever session is free. */
export interface LocalPooler {
  address(database: string, login: string, password: string): string;
  close(): Promise<void>;
}

// As PostgreSQL's, this program refuses to run as root.
const NOBODY = 65534;

/** Tell whether this machine has PgBouncer. */
export function hasPooler(): boolean {
  return spawnSync('pgbouncer', ['--version']).status === 0;
}

/**
 * Start PgBouncer in transaction mode, otherwise as it is without a setting of anybody's: what it refuses of a client
 * by default, it refuses here.
 *
 * @param logins who may pass, and their passwords.
 * @param clients how many may be connected at once.
 */
export async function startPooler(
  server: LocalPostgres,
  database: string,
  logins: Readonly<Record<string, string>>,
  clients = 100,
): Promise<LocalPooler> {
  const folder = mkdtempSync(join(tmpdir(), 'astrid-pooler-'));
  const port = await findFreePort();
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  writeFileSync(
    join(folder, 'users'),
    Object.entries(logins)
      .map(([login, password]) => `${quoted(login)} ${quoted(password)}\n`)
      .join(''),
  );
  writeFileSync(
    join(folder, 'settings'),
    `[databases]
${database} = host=127.0.0.1 port=${server.port} dbname=${database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${join(folder, 'users')}
pool_mode = transaction
default_pool_size = 3
min_pool_size = 3
server_round_robin = 1
max_client_conn = ${clients}
`,
  );
  const isRoot = process.getuid?.() === 0;
  if (isRoot) for (const name of ['', 'users', 'settings']) chownSync(join(folder, name), NOBODY, NOBODY);
  const pooler = spawn('pgbouncer', ['-q', join(folder, 'settings')], {
    stdio: 'ignore',
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const ended = new Promise<void>((done) => pooler.once('exit', () => done()));
  await waitForPort(port);
  return {
    address: (name, login, password) =>
      `postgresql://${encodeURIComponent(login)}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`,
    close: async () => {
      pooler.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function waitForPort(port: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const isOpen = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true)).once('error', () => done(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    if (attempt === 300) throw new Error(`nothing listens on port ${port}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}
