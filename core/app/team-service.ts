import { randomBytes } from 'node:crypto';
import {
  administerCatalogue,
  type CatalogueAddress,
  type CatalogueAdministration,
  type MemberProject,
  type MemberRole,
  type ProjectMember,
  readCatalogueMigrations,
} from '../adapters/catalogue/index.ts';
import { makeUuidV7 } from '../utils/index.ts';
import { refuseOddHost } from './examine-connection.ts';

/** Projects and who is in them, as the rest of the program sees it. */
export interface TeamService {
  /** The connected project. @throws sync/not-connected, sync/not-a-member */
  read(): Promise<{
    readonly project: { readonly id: string; readonly name: string };
    readonly login: string;
    readonly role: MemberRole;
    readonly members: readonly ProjectMember[];
  }>;
  /**
   * Let a person into the connected project, or give one who is in another role.
   *
   * @returns the password of a login that was made for it
   * @throws sync/not-connected, sync/admins-only, sync/bad-login, sync/foreign-login, sync/last-admin
   */
  letIn(login: string, role: MemberRole): Promise<string | undefined>;
  /** @throws sync/not-connected, sync/admins-only, sync/last-admin, sync/member-not-found */
  shutOut(login: string): Promise<void>;
  /**
   * Begin a project; an empty database is made a catalogue first.
   *
   * @throws sync/owner-only, sync/admins-only, sync/project-exists, sync/bad-login, sync/foreign-login
   */
  createProject(wanted: {
    readonly catalogueUrl: string;
    readonly authority?: string | undefined;
    readonly name: string;
    /** Its first admin; `undefined` is the login of the address. */
    readonly login?: string | undefined;
  }): Promise<{
    readonly project: MemberProject;
    readonly login: string;
    readonly password?: string | undefined;
  }>;
}

/**
 * Manage projects and their members.
 *
 * @param connected where the connected project is, with its password. @throws sync/not-connected
 * @param migrationsDir the steps of the shared schema.
 */
export function createTeamService(
  connected: () => Promise<CatalogueAddress & { readonly projectId: string }>,
  migrationsDir: string,
): TeamService {
  const open = async <Result>(
    address: CatalogueAddress,
    work: (desk: CatalogueAdministration) => Promise<Result>,
  ): Promise<Result> => {
    const desk = administerCatalogue(address);
    try {
      return await work(desk);
    } finally {
      await desk.close();
    }
  };
  const atProject = async <Result>(
    work: (desk: CatalogueAdministration, projectId: string) => Promise<Result>,
  ): Promise<Result> => {
    const { projectId, ...address } = await connected();
    return open(address, (desk) => work(desk, projectId));
  };
  return {
    read: () =>
      atProject(async (desk, projectId) => {
        const team = await desk.readTeam(projectId);
        // Whoever reads it is in it: others see no project at all. The owner of the database may see it from outside.
        const own = team.members.find(({ login }) => login === team.login);
        return { ...team, role: own?.role ?? 'admin' };
      }),
    letIn: (login, role) => atProject((desk, projectId) => desk.addMember(projectId, login, role)),
    shutOut: (login) => atProject((desk, projectId) => desk.revokeMember(projectId, login)),
    createProject: async ({ catalogueUrl, authority, name, login }) => {
      await refuseOddHost(catalogueUrl);
      return open({ url: catalogueUrl, authority }, async (desk) => {
        await desk.setUp(readCatalogueMigrations(migrationsDir));
        const id = makeUuidV7(Date.now(), randomBytes(10));
        const founded = await desk.foundProject({ id, name }, login);
        return { project: { id, name, role: 'admin' }, ...founded };
      });
    },
  };
}
