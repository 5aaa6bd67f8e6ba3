import type { Command } from 'commander';
import type { Console } from './console.ts';
import { WORKSPACE } from './workspace-option.ts';

const CATALOGUE = [
  '--catalogue <url>',
  'address of the catalogue with login and password; - reads it from stdin (default: ASTRID_CATALOGUE_URL)',
] as const;

/** Register `astrid sync` and what is under it. */
export function addSyncCommands(program: Command, makeConsole: () => Console): void {
  const sync = program
    .command('sync')
    .description('Share labels and candidates with other workstations through a catalogue and a bucket.');
  sync
    .command('now', { isDefault: true })
    .description('Send what is new here and fetch what is new there; what `astrid sync` alone does.')
    .option('--dry-run', 'say what would be sent, and send nothing')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./sync.ts')).runSync(options, makeConsole()));
  sync
    .command('status')
    .description('Say with whom this workspace is shared, and what waits.')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./sync.ts')).runSyncStatus(options, makeConsole()));
  sync
    .command('connect')
    .description('Try a project of a shared catalogue, and keep the connection if all of it works.')
    .option('--project <id>', 'the project (default: the only one of the login; see `astrid sync projects`)')
    .option(...CATALOGUE)
    .option('--authority <file>', 'PEM of the authority of the server’s certificate')
    .option('--endpoint <url>', 'the bucket’s S3 endpoint')
    .option('--bucket <name>', 'the bucket; its secret is read from ASTRID_BUCKET_SECRET_ACCESS_KEY')
    .option('--prefix <text>', 'begins every key in the bucket')
    .option('--region <name>', 'region of the bucket (default: auto, as R2 wants it)')
    .option('--access-key-id <id>', 'key of the bucket (default: ASTRID_BUCKET_ACCESS_KEY_ID)')
    .option('--limit <kib>', 'most that goes to and from the bucket, KiB a second')
    .option(...WORKSPACE)
    .action(async (options) => (await import('./sync-connection.ts')).runSyncConnect(options, makeConsole()));
  sync
    .command('projects')
    .description('List the projects of a shared catalogue that a login is a member of.')
    .option(...CATALOGUE)
    .option('--authority <file>', 'PEM of the authority of the server’s certificate')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) =>
      (await import('./sync-connection.ts')).runSyncProjects(options, makeConsole()),
    );
  sync
    .command('mirror')
    .description(
      'Have the images of a run in the bucket: sent from here, or asked of the workstation that has them.',
    )
    .argument('<run>', 'id of the run')
    .option('--keep', 'keep them here whatever the limit, fetching what is elsewhere')
    .option('--unkeep', 'let them make room again')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (run: string, options) =>
      (await import('./sync.ts')).runSyncMirror(run, options, makeConsole()),
    );
  sync
    .command('policy')
    .description('Say what of the pixels goes to the bucket, or change it.')
    .option('--images <when>', 'images of fields: on-request, always or never')
    .option('--raw <when>', 'files that fields were made of: never, or with-images: wherever their images go')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./mirror-policy.ts')).runSyncPolicy(options, makeConsole()));
  sync
    .command('raw')
    .description('Fetch the files that a run of another workstation was made of, where they are shared.')
    .argument('<run>', 'id of the run')
    .requiredOption('--out <folder>', 'where to put them')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (run: string, options) =>
      (await import('./mirror-policy.ts')).runSyncRaw(run, options, makeConsole()),
    );
  sync
    .command('collect')
    .description(
      'Take away pixels, here and in the bucket, that nobody in the project refers to any more; the bucket’s by an admin.',
    )
    .option('--dry-run', 'say what would go, and take nothing away')
    .option('--grace-days <days>', 'what was stored within so many days stays, whatever refers to it', '30')
    .option('--here', 'only in this workspace')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./sync.ts')).runSyncCollect(options, makeConsole()));
  sync
    .command('disconnect')
    .description('Share no more; the workspace keeps all it has.')
    .option(...WORKSPACE)
    .action(async (options) =>
      (await import('./sync-connection.ts')).runSyncDisconnect(options, makeConsole()),
    );
  sync
    .command('conflicts')
    .description('Show fields that people changed without knowing of each other, with what each said.')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) =>
      (await import('./sync-conflicts.ts')).runSyncConflicts(options, makeConsole()),
    );
  sync
    .command('resolve')
    .description('Settle a conflict with one of its values.')
    .argument('<entity>')
    .argument('<key>')
    .argument('<field>')
    .argument('<id>', 'the value to keep, as “astrid sync conflicts” prints it')
    .option(...WORKSPACE)
    .action(async (entity: string, key: string, field: string, id: string, options) =>
      (await import('./sync-conflicts.ts')).runSyncResolve([entity, key, field, id], options, makeConsole()),
    );
  sync
    .command('refused')
    .description('Show what the catalogue would not take, and why.')
    .option('--retry', 'send it again with the next sync')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./sync-conflicts.ts')).runSyncRefused(options, makeConsole()));
  sync
    .command('setup')
    .description(
      'As the owner of a PostgreSQL database: make it a shared catalogue, or bring one up to date.',
    )
    .option(...CATALOGUE)
    .option('--authority <file>', 'PEM of the authority of the server’s certificate')
    .option('--project <name>', 'make a project; an admin of another project may do that too')
    .option('--id <uuid>', 'its id (default: a new one)')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./team.ts')).runSyncSetup(options, makeConsole()));
  sync
    .command('members')
    .description('List who is in the project that this workspace shares.')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./team.ts')).runSyncMembers(options, makeConsole()));
  sync
    .command('member')
    .description(
      'As an admin of a project, or the owner: let a person in with a login of their own, or give another role.',
    )
    .argument('<login>', 'small letters, digits and _')
    .option('--project <id>', 'the project (default: the one that this workspace shares)')
    .option('--role <name>', 'viewer, labeller, operator or admin', 'labeller')
    .option('--revoke', 'shut the person out; what was shared stays')
    .option(...CATALOGUE)
    .option('--authority <file>', 'PEM of the authority of the server’s certificate')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (login: string, options) =>
      (await import('./team.ts')).runSyncMember(login, options, makeConsole()),
    );
}
