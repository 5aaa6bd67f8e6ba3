import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { administerCatalogueAt, MEMBER_ROLES } from '../app/administer-catalogue.ts';
import { AstridError, makeUuidV7 } from '../utils/index.ts';
import { CHECKOUT } from './checkout.ts';
import { type Console, formatTable } from './console.ts';
import { readAddress, readAuthority } from './read-address.ts';
import { withApp } from './with-app.ts';

/** Run `astrid sync setup`: make or update the schema of a shared catalogue, and a project in it. */
export async function runSyncSetup(
  options: {
    readonly catalogue?: string;
    readonly authority?: string;
    readonly project?: string;
    readonly id?: string;
    readonly json?: boolean;
  },
  out: Console,
): Promise<void> {
  const address = {
    url: await readAddress(options.catalogue),
    authority: await readAuthority(options.authority),
  };
  const id = options.id ?? makeUuidV7(Date.now(), randomBytes(10));
  await administerCatalogueAt(address, join(CHECKOUT, 'migrations/postgres'), async (owner, migrations) => {
    const found = await owner.setUp(migrations);
    if (options.project !== undefined) await owner.createProject({ id, name: options.project });
    if (options.json) {
      out.print(
        JSON.stringify({
          version: 1,
          found,
          schema: migrations.length,
          project: options.project ? id : undefined,
        }),
      );
      return;
    }
    out.say(
      found === migrations.length
        ? 'the catalogue was set up already'
        : `the catalogue is set up (schema ${migrations.length})`,
    );
    if (options.project !== undefined) out.print(`project ${options.project}: ${id}`);
  });
}

/** Run `astrid sync members`. @throws sync/not-connected */
export async function runSyncMembers(
  options: { readonly workspace?: string; readonly json?: boolean },
  out: Console,
): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    const { project, login, members } = await sync.team.read();
    if (options.json) {
      out.print(JSON.stringify({ version: 1, project, login, members }));
      return;
    }
    out.print(`${project.name} ${project.id}, as ${login}`);
    out.print(
      formatTable(
        ['login', 'role', 'since'],
        members.map((member) => [member.login, member.role, member.since]),
      ),
    );
  });
}

/**
 * Run `astrid sync member`: let a person into a project, with a login of their own, or `--revoke` it.
 *
 * Without `--project` it is the one that the workspace shares, as whoever it is connected as.
 */
export async function runSyncMember(
  login: string,
  options: {
    readonly catalogue?: string;
    readonly authority?: string;
    readonly project?: string;
    readonly role: string;
    readonly revoke?: boolean;
    readonly workspace?: string;
    readonly json?: boolean;
  },
  out: Console,
): Promise<void> {
  const role = MEMBER_ROLES.find((known) => known === options.role);
  if (role === undefined)
    throw new AstridError('sync/bad-role', `--role ${options.role}: choose ${MEMBER_ROLES.join(', ')}.`);
  const tell = (password: string | undefined): void => {
    if (options.json) {
      out.print(
        JSON.stringify({ version: 1, login, ...(options.revoke ? { revoked: true } : { role, password }) }),
      );
      return;
    }
    out.print(options.revoke ? `${login} is a member no more; what was shared stays` : `${login} is ${role}`);
    if (password !== undefined) out.print(`password, shown once: ${password}`);
  };
  const { project } = options;
  if (project === undefined) {
    await withApp({ workspace: options.workspace, out }, async ({ sync: { team } }) => {
      if (options.revoke) await team.shutOut(login);
      tell(options.revoke ? undefined : await team.letIn(login, role));
    });
    return;
  }
  const address = {
    url: await readAddress(options.catalogue),
    authority: await readAuthority(options.authority),
  };
  await administerCatalogueAt(address, join(CHECKOUT, 'migrations/postgres'), async (desk) => {
    if (options.revoke) await desk.revokeMember(project, login);
    tell(options.revoke ? undefined : await desk.addMember(project, login, role));
  });
}
