import { asc, eq, isNull, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { type CatalogueAddress, connectPool, nameServer } from './connect.ts';
import { explainPostgresError } from './explain-postgres-error.ts';
import type { MemberRole } from './manage-members.ts';
import { members, projects } from './schema.ts';

/** A project as one of its members sees it. */
export interface MemberProject {
  readonly id: string;
  readonly name: string;
  readonly role: MemberRole;
}

/**
 * List the projects of a catalogue that a login is a member of, by name.
 *
 * @throws sync/bad-address and what else keeps the catalogue from answering
 */
export async function listProjects(address: CatalogueAddress): Promise<readonly MemberProject[]> {
  const pool = connectPool(address);
  try {
    return await drizzle({ client: pool })
      .select({ id: projects.id, name: projects.name, role: members.role })
      .from(projects)
      .innerJoin(
        members,
        sql`${members.projectId} = ${projects.id} AND ${eq(members.login, sql`session_user`)}`,
      )
      .where(isNull(members.revokedAt))
      .orderBy(asc(projects.name), asc(projects.id));
  } catch (error) {
    throw explainPostgresError(error, nameServer(address));
  } finally {
    await pool.end();
  }
}
