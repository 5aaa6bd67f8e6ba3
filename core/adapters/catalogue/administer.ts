import type pg from 'pg';
import { AstridError } from '../../utils/errors.ts';
import { type CatalogueAddress, connectPool, nameServer } from './connect.ts';
import { explainPostgresError } from './explain-postgres-error.ts';
import { createTeamDesk, letIn, type TeamDesk } from './manage-members.ts';
import { type CatalogueMigration, migrateCatalogue } from './migrate-catalogue.ts';

/** A project that was begun. */
export interface FoundedProject {
  /** Who is its first admin. */
  readonly login: string;
  /** Of a login that was made for it. */
  readonly password?: string | undefined;
}

/** What the owner of a shared catalogue does; an admin of a project may do all of it but the first. */
export interface CatalogueAdministration extends TeamDesk {
  /** Make or update the schema. @returns the version found before, 0 for none @throws sync/owner-only */
  setUp(migrations: readonly CatalogueMigration[]): Promise<number>;
  /** @throws sync/admins-only, sync/project-exists */
  createProject(project: { readonly id: string; readonly name: string }): Promise<void>;
  /**
   * Begin a project with an admin, or neither.
   *
   * @param login who is its admin, made where it is not there; `undefined` is whoever asks.
   * @throws as `createProject` and `addMember`
   */
  foundProject(
    project: { readonly id: string; readonly name: string },
    login: string | undefined,
  ): Promise<FoundedProject>;
  close(): Promise<void>;
}

/** Open a shared catalogue as the one who owns its database, or as an admin of a project in it. */
export function administerCatalogue(address: CatalogueAddress): CatalogueAdministration {
  const pool = connectPool(address);
  const where = nameServer(address);
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw explainPostgresError(error, where);
    }
  };
  const withClient = async <Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> => {
    const client = await pool.connect();
    try {
      return await work(client);
    } finally {
      client.release();
    }
  };
  const team = createTeamDesk(pool, where);
  const create = (client: Pick<pg.Pool, 'query'>, { id, name }: { id: string; name: string }) =>
    client.query('SELECT astrid.create_project($1, $2)', [id, name]);
  return {
    setUp: (migrations) =>
      attempt(() =>
        withClient(async (client) => {
          try {
            return await migrateCatalogue(client, migrations);
          } catch (error) {
            if ((error as { code?: unknown }).code !== '42501') throw error;
            throw new AstridError(
              'sync/owner-only',
              `Only its owner can set up the catalogue on ${where}, or bring it up to date: give the address with the owner's login (on Supabase: postgres).`,
              { where },
            );
          }
        }),
      ),
    createProject: (project) => attempt(async () => void (await create(pool, project))),
    foundProject: (project, login) =>
      attempt(() =>
        withClient(async (client) => {
          await client.query('BEGIN');
          try {
            await create(client, project);
            const { rows } = await client.query<{ own: string }>('SELECT session_user::text AS own');
            const admin = login ?? rows[0]!.own;
            const password = await letIn(client, project.id, admin, 'admin');
            await client.query('COMMIT');
            return { login: admin, password };
          } catch (error) {
            await client.query('ROLLBACK').catch(() => undefined);
            throw error;
          }
        }),
      ),
    readTeam: (projectId) => attempt(() => team.readTeam(projectId)),
    addMember: (projectId, login, role) => attempt(() => team.addMember(projectId, login, role)),
    revokeMember: (projectId, login) => attempt(() => team.revokeMember(projectId, login)),
    close: () => pool.end(),
  };
}
