/**
 * `npm run sync:trial`: two workstations that share a catalogue, all of it on this machine.
 *
 * It starts PostgreSQL (from npm) and a stand-in for S3, makes a project with two members, connects two workspaces,
 * and says how to open them. Ctrl-C ends the servers; the workspaces stay where they are.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { administerCatalogue, readCatalogueMigrations } from '../../core/adapters/catalogue/index.ts';
import { startS3StandIn } from '../services/s3-stand-in.ts';
import { startPostgres } from '../support/start-postgres.ts';

const PROJECT = '0195b000-0000-7000-8000-0000000000aa';
const folder = resolve('.cache/sync-trial');
mkdirSync(folder, { recursive: true });
const server = await startPostgres();
const bucket = await startS3StandIn({ folder: `${folder}/bucket`, bucket: 'sky', accessKeyId: 'trial' });
await server.createDatabase('sky');
const owner = administerCatalogue({ url: server.address('sky') });
await owner.setUp(readCatalogueMigrations(resolve('migrations/postgres')));
await owner.createProject({ id: PROJECT, name: 'trial' });
console.log(`PostgreSQL on port ${server.port}; a stand-in for S3 (not S3) at ${bucket.endpoint}\n`);
for (const login of ['ada', 'vera']) {
  const password = await owner.addMember(PROJECT, login, 'operator');
  const workspace = `${folder}/${login}`;
  // Not waited for by standing still: the stand-in answers from this process.
  const connecting = spawn(
    process.execPath,
    [
      'core/cli/bin.mjs',
      ...['sync', 'connect', '--project', PROJECT, '--endpoint', bucket.endpoint, '--bucket', 'sky'],
      ...['--access-key-id', 'trial', '--workspace', workspace],
    ],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        ASTRID_PASSPHRASE: 'trial',
        ASTRID_CATALOGUE_URL: server.address('sky', login, password),
        ASTRID_BUCKET_SECRET_ACCESS_KEY: 'trial',
      },
    },
  );
  const [status] = (await once(connecting, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`${login} could not be connected`);
  console.log(
    `open ${login}'s workstation with\n  ASTRID_PASSPHRASE=trial npx astrid serve --workspace ${workspace}\n`,
  );
}
await owner.close();
console.log(
  'Process something in one, press Ctrl+8 and U in both, and label it in the other. Ctrl-C ends the servers.',
);
const end = async (): Promise<void> => {
  await bucket.close();
  await server.remove();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());
