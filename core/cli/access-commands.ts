import type { Command } from 'commander';
import type { Console } from './console.ts';
import { SERVED, WORKSPACE } from './workspace-option.ts';

/** Add what lets others in: serving, and the keys that programs come with. */
export function addAccessCommands(program: Command, makeConsole: () => Console): void {
  const keys = program
    .command('keys')
    .description('Keys with which programs use the API: who may come, as what, until when.');
  keys
    .command('list', { isDefault: true })
    .description('List keys with their role, and when each was last used; what `astrid keys` alone does.')
    .option(...SERVED)
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./keys.ts')).runKeysList(options, makeConsole()));
  keys
    .command('create')
    .description('Make a key and print it, this once.')
    .argument('<name>', 'whose it is, for people')
    .option('--role <name>', 'viewer, labeller, operator or admin', 'viewer')
    .option('--scope <names...>', 'keep it to these, e.g. catalog:read (default: all that its role may)')
    .option('--days <number>', 'days until it expires, 1 to 3650', '90')
    .option('--curator <id>', 'sign its labels as this curator (default: as one of its own)')
    .option(...SERVED)
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (name: string, options) =>
      (await import('./keys.ts')).runKeysCreate(name, options, makeConsole()),
    );
  keys
    .command('revoke')
    .description('Let a key in no more, at once.')
    .argument('<id>', 'as `astrid keys` prints it')
    .option(...SERVED)
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (id: string, options) =>
      (await import('./keys.ts')).runKeysRevoke(id, options, makeConsole()),
    );
  keys
    .command('audit')
    .description('Say who wrote what over the API, newest first.')
    .option('--principal <id>', 'only what this one wrote: local, key:ID, ...')
    .option('--limit <number>', 'how many, 1 to 1000', '50')
    .option(...SERVED)
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./keys.ts')).runKeysAudit(options, makeConsole()));

  program
    .command('serve')
    .description('Serve the workstation to a browser on this machine; over SSH: ssh -L PORT:127.0.0.1:PORT.')
    .option('--port <number>', 'port; 0 takes a free one', '0')
    .option('--no-open', 'do not open the system browser')
    .option('--api', 'serve the REST API alone, without the window')
    .option(
      '--listen <address>',
      'address to listen at (default: 127.0.0.1); one that other machines reach needs --api and a certificate',
    )
    .option('--tls-cert <file>', 'PEM of the certificate and its chain; read again when it is renewed')
    .option('--tls-key <file>', 'PEM of its key')
    .option('--name <names...>', 'names this host is reached under (default: those of the certificate)')
    .option('--rate <number>', 'requests a second that each key or sign-in may make (default: 100)')
    .option(
      '--jwt-issuer <url>',
      'let in who signed in there, e.g. https://REF.supabase.co/auth/v1; as a viewer unless the token says more',
    )
    .option('--jwt-keys <url>', 'its key set (default: ISSUER/.well-known/jwks.json)')
    .option('--jwt-audience <name>', 'audience of its tokens (default: authenticated)')
    .option('--jwt-role-claim <path>', 'where a token tells the role (default: app_metadata.astrid_role)')
    .option(
      '--jwt-shared-secret',
      'legacy: its tokens are signed with the secret in ASTRID_JWT_SECRET (HS256), and with nothing else',
    )
    .option(...WORKSPACE)
    .action(async (options) => (await import('./serve.ts')).runServe(options, makeConsole()));
}
