import { randomBytes } from 'node:crypto';
import { AstridError } from '../../utils/errors.ts';
import { type CatalogueAddress, connectPool, nameServer } from './connect.ts';
import { explainPostgresError } from './explain-postgres-error.ts';
import { type CatalogueMigration, migrateCatalogue } from './migrate-catalogue.ts';

/** What a member of a project may do; each may do what those before it may. */
export const MEMBER_ROLES = ['viewer', 'labeller', 'operator', 'admin'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

/** What the owner of a shared catalogue does. */
export interface CatalogueAdministration {
  /** Make or update the schema. @returns the version found before, 0 for none */
  setUp(migrations: readonly CatalogueMigration[]): Promise<number>;
  createProject(project: { readonly id: string; readonly name: string }): Promise<void>;
  /**
   * Let a person in, with a login of their own.
   *
   * @returns the password of a login that was made for it; `undefined` where the login was there before.
   * @throws sync/bad-login
   */
  addMember(projectId: string, login: string, role: MemberRole): Promise<string | undefined>;
  /** Shut a person out; what the person did stays. */
  revokeMember(projectId: string, login: string): Promise<void>;
  close(): Promise<void>;
}

/** Open a shared catalogue as the one who owns its database. */
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
  return {
    setUp: (migrations) =>
      attempt(async () => {
        const client = await pool.connect();
        try {
          return await migrateCatalogue(client, migrations);
        } finally {
          client.release();
        }
      }),
    createProject: ({ id, name }) =>
      attempt(async () => {
        await pool.query(
          'INSERT INTO astrid.projects (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING',
          [id, name],
        );
      }),
    addMember: (projectId, login, role) =>
      attempt(async () => {
        // A role's name cannot be a parameter: only names that need no quoting care are made.
        if (!/^[a-z][a-z0-9_]{0,62}$/.test(login))
          throw new AstridError(
            'sync/bad-login',
            `“${login}” cannot be a login; use small letters, digits and _, a letter first.`,
            { login },
          );
        const { rows } = await pool.query('SELECT FROM pg_roles WHERE rolname = $1', [login]);
        const password = rows.length > 0 ? undefined : randomBytes(24).toString('base64url');
        if (password !== undefined) await pool.query(`CREATE ROLE "${login}" LOGIN PASSWORD '${password}'`);
        await pool.query(`GRANT astrid_member TO "${login}"`);
        await pool.query(
          `INSERT INTO astrid.members (project_id, login, role) VALUES ($1, $2, $3)
           ON CONFLICT (project_id, login) DO UPDATE SET role = $3, revoked_at = NULL`,
          [projectId, login, role],
        );
        return password;
      }),
    revokeMember: (projectId, login) =>
      attempt(async () => {
        await pool.query(
          'UPDATE astrid.members SET revoked_at = now() WHERE project_id = $1 AND login = $2',
          [projectId, login],
        );
      }),
    close: () => pool.end(),
  };
}
