import { and, asc, eq, isNull } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { AstridError } from '../../utils/errors.ts';
import { makePassword } from './make-password.ts';
import { members, projects } from './schema.ts';

/** What a member of a project may do; each may do what those before it may. */
export const MEMBER_ROLES = ['viewer', 'labeller', 'operator', 'admin'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

/** Somebody who is in a project now. */
export interface ProjectMember {
  readonly login: string;
  readonly role: MemberRole;
  readonly since: string;
}

/** A project and who is in it, as one of them sees it. */
export interface ProjectTeam {
  readonly project: { readonly id: string; readonly name: string };
  /** Whoever asks. */
  readonly login: string;
  readonly members: readonly ProjectMember[];
}

/** What an admin of a project, or the owner of its catalogue, does. */
export interface TeamDesk {
  /** @throws sync/not-a-member */
  readTeam(projectId: string): Promise<ProjectTeam>;
  /**
   * Let a person in with a login of their own, or give one who is in another role.
   *
   * @returns the password of a login that was made for it; `undefined` where the login was there before.
   * @throws sync/admins-only, sync/bad-login, sync/foreign-login, sync/last-admin
   */
  addMember(projectId: string, login: string, role: MemberRole): Promise<string | undefined>;
  /**
   * Shut a person out; what the person did stays.
   *
   * @throws sync/admins-only, sync/last-admin, sync/member-not-found
   */
  revokeMember(projectId: string, login: string): Promise<void>;
}

/** Do what has to do with members over connections of the caller's. */
export function createTeamDesk(pool: pg.Pool, where: string): TeamDesk {
  return {
    readTeam: async (projectId) => {
      const orm = drizzle({ client: pool });
      const [project] = await orm
        .select({ id: projects.id, name: projects.name })
        .from(projects)
        .where(eq(projects.id, projectId));
      const { rows } = await pool.query<{ login: string }>('SELECT session_user::text AS login');
      const { login } = rows[0]!;
      if (project === undefined)
        throw new AstridError(
          'sync/not-a-member',
          `The login ${login} on ${where} is no member of this project; ask an admin of the project for membership.`,
          { where, login, projectId },
        );
      const found = await orm
        .select({ login: members.login, role: members.role, since: members.since })
        .from(members)
        .where(and(eq(members.projectId, projectId), isNull(members.revokedAt)))
        .orderBy(asc(members.login));
      return {
        project,
        login,
        members: found.map((member) => ({ ...member, since: new Date(member.since).toISOString() })),
      };
    },
    addMember: (projectId, login, role) => letIn(pool, projectId, login, role),
    revokeMember: async (projectId, login) => {
      const { rows } = await pool.query<{ was_in: boolean }>('SELECT astrid.shut_out($1, $2) AS was_in', [
        projectId,
        login,
      ]);
      if (rows[0]?.was_in !== true)
        throw new AstridError('sync/member-not-found', `${login} is no member of this project.`, { login });
    },
  };
}

/** Let a login into a project over one connection. @returns the password of a login that was made */
export async function letIn(
  client: Pick<pg.Pool, 'query'>,
  projectId: string,
  login: string,
  role: MemberRole,
): Promise<string | undefined> {
  const { password, verifier } = makePassword();
  const { rows } = await client.query<{ is_new: boolean }>('SELECT astrid.let_in($1, $2, $3, $4) AS is_new', [
    projectId,
    login,
    role,
    verifier,
  ]);
  return rows[0]?.is_new === true ? password : undefined;
}
