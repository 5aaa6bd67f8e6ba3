import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalPostgres, startPostgres } from '../../../tests/support/start-postgres.ts';
import {
  administerCatalogue,
  type CatalogueAdministration,
  listProjects,
  openCatalogue,
  readCatalogueMigrations,
} from './index.ts';

const NORTH = '0195b000-0000-7000-8000-000000000001';
const SOUTH = '0195b000-0000-7000-8000-000000000002';
const EAST = '0195b000-0000-7000-8000-000000000003';
const MIGRATIONS = readCatalogueMigrations('migrations/postgres');

let server: LocalPostgres;
const passwords = new Map<string, string>();

beforeAll(async () => {
  server = await startPostgres();
  // As a hosted database has it: its owner may make logins, and is no superuser.
  await server.query('postgres', `CREATE ROLE host LOGIN CREATEROLE PASSWORD 'host'`);
  await server.query('postgres', 'CREATE DATABASE sky OWNER host');
  await server.query('postgres', `CREATE ROLE other LOGIN PASSWORD 'other'`);
  await as('host', async (owner) => {
    expect(await owner.setUp(MIGRATIONS)).toBe(0);
    const founded = await owner.foundProject({ id: NORTH, name: 'north' }, 'anna');
    expect(founded.login).toBe('anna');
    passwords.set('anna', founded.password!);
    await owner.createProject({ id: SOUTH, name: 'south' });
    passwords.set('sue', (await owner.addMember(SOUTH, 'sue', 'admin'))!);
  });
});
afterAll(() => server?.remove());

const addressOf = (login: string): string => server.address('sky', login, passwords.get(login) ?? login);

async function as<Result>(
  login: string,
  work: (desk: CatalogueAdministration) => Promise<Result>,
): Promise<Result> {
  const desk = administerCatalogue({ url: addressOf(login) });
  try {
    return await work(desk);
  } finally {
    await desk.close();
  }
}

const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
    return 'fine';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe('an admin of a project', () => {
  it('sees its members and lets people in, who can sign in with the password that is told once', async () => {
    const password = await as('anna', (desk) => desk.addMember(NORTH, 'lea', 'labeller'));
    passwords.set('lea', password!);
    passwords.set('vic', (await as('anna', (desk) => desk.addMember(NORTH, 'vic', 'viewer')))!);
    const team = await as('lea', (desk) => desk.readTeam(NORTH));
    expect(team).toMatchObject({
      project: { id: NORTH, name: 'north' },
      login: 'lea',
      members: [
        { login: 'anna', role: 'admin' },
        { login: 'lea', role: 'labeller' },
        { login: 'vic', role: 'viewer' },
      ],
    });
    expect(Date.parse(team.members[0]!.since)).toBeGreaterThan(Date.now() - 600_000);
    expect(await listProjects({ url: addressOf('lea') })).toEqual([
      { id: NORTH, name: 'north', role: 'labeller' },
    ]);
    await expect(as('anna', (desk) => desk.readTeam(SOUTH))).rejects.toMatchObject({
      code: 'sync/not-a-member',
    });
  });

  it('gives a member another role, and makes no second login of it', async () => {
    expect(await as('anna', (desk) => desk.addMember(NORTH, 'vic', 'operator'))).toBeUndefined();
    expect((await as('anna', (desk) => desk.readTeam(NORTH))).members).toContainEqual(
      expect.objectContaining({ login: 'vic', role: 'operator' }),
    );
    const catalogue = openCatalogue({ url: addressOf('vic') }, NORTH);
    expect((await catalogue.examine()).role).toBe('operator');
    await catalogue.close();
  });

  it('lets in who is a member of another project, by name and with the password they have', async () => {
    expect(await as('anna', (desk) => desk.addMember(NORTH, 'sue', 'viewer'))).toBeUndefined();
    expect((await listProjects({ url: addressOf('sue') })).map(({ name }) => name)).toEqual([
      'north',
      'south',
    ]);
    await as('anna', (desk) => desk.revokeMember(NORTH, 'sue'));
    expect((await listProjects({ url: addressOf('sue') })).map(({ name }) => name)).toEqual(['south']);
    expect(await codeOf(as('anna', (desk) => desk.revokeMember(NORTH, 'sue')))).toBe('sync/member-not-found');
  });

  it('begins another project, and is its admin', async () => {
    expect(await as('anna', (desk) => desk.foundProject({ id: EAST, name: 'east' }, undefined))).toEqual({
      login: 'anna',
      password: undefined,
    });
    expect(await listProjects({ url: addressOf('anna') })).toContainEqual({
      id: EAST,
      name: 'east',
      role: 'admin',
    });
    expect(
      await codeOf(as('anna', (desk) => desk.createProject({ id: crypto.randomUUID(), name: 'south' }))),
    ).toBe('sync/project-exists');
    // Neither a project nor a login is left over of one that could not be begun.
    const id = crypto.randomUUID();
    expect(await codeOf(as('anna', (desk) => desk.foundProject({ id, name: 'west' }, 'No Login')))).toBe(
      'sync/bad-login',
    );
    expect(await server.query('sky', `SELECT FROM astrid.projects WHERE id = '${id}'`)).toEqual([]);
  });

  it('cannot leave a project without an admin', async () => {
    expect(await codeOf(as('anna', (desk) => desk.addMember(NORTH, 'anna', 'viewer')))).toBe(
      'sync/last-admin',
    );
    expect(await codeOf(as('anna', (desk) => desk.revokeMember(NORTH, 'anna')))).toBe('sync/last-admin');
    await as('anna', (desk) => desk.addMember(NORTH, 'vic', 'admin'));
    await as('anna', (desk) => desk.addMember(NORTH, 'anna', 'labeller'));
    expect(await codeOf(as('anna', (desk) => desk.addMember(NORTH, 'anna', 'admin')))).toBe(
      'sync/admins-only',
    );
    await as('vic', (desk) => desk.addMember(NORTH, 'anna', 'admin'));
  });

  it('gets no login of the server that was not made for AstrID, nor a name that is none', async () => {
    for (const login of ['host', 'owner', 'other'])
      expect([login, await codeOf(as('anna', (desk) => desk.addMember(NORTH, login, 'viewer')))]).toEqual([
        login,
        'sync/foreign-login',
      ]);
    for (const login of ['Ada', '1st', 'a"; DROP SCHEMA astrid; --', '', 'pg_monitor2'])
      expect([login, await codeOf(as('anna', (desk) => desk.addMember(NORTH, login, 'viewer')))]).toEqual([
        login,
        'sync/bad-login',
      ]);
    // The owner may let in whom the server knows.
    expect(await as('host', (desk) => desk.addMember(NORTH, 'other', 'viewer'))).toBeUndefined();
  });
});

describe('anybody else', () => {
  it('lets nobody in or out, begins nothing, and sets nothing up', async () => {
    for (const login of ['lea', 'sue']) {
      const seen = await as(login, async (desk) => [
        await codeOf(desk.addMember(NORTH, 'eve', 'admin')),
        await codeOf(desk.addMember(NORTH, login, 'admin')),
        await codeOf(desk.revokeMember(NORTH, 'anna')),
      ]);
      expect([login, ...seen]).toEqual([login, 'sync/admins-only', 'sync/admins-only', 'sync/admins-only']);
    }
    expect(
      await as('lea', (desk) => codeOf(desk.createProject({ id: crypto.randomUUID(), name: 'mine' }))),
    ).toBe('sync/admins-only');
    // Knowing the number of a project is no way into it, also not for the admin of another.
    expect(
      await as('sue', (desk) => codeOf(desk.foundProject({ id: NORTH, name: 'north' }, undefined))),
    ).toBe('sync/not-a-member');
    await server.query('postgres', 'CREATE DATABASE empty OWNER host');
    const stranger = administerCatalogue({ url: server.address('empty', 'lea', passwords.get('lea')) });
    expect(await codeOf(stranger.setUp(MIGRATIONS))).toBe('sync/owner-only');
    await stranger.close();
  });

  it('cannot come past the functions, nor call those that only they call', async () => {
    const client = new pg.Client(addressOf('lea'));
    await client.connect();
    try {
      for (const statement of [
        `INSERT INTO astrid.members (project_id, login, role) VALUES ('${NORTH}', 'lea', 'admin')`,
        `SELECT astrid.keep_an_admin('${NORTH}', 'lea')`,
        `SELECT astrid.is_own_login('host')`,
        'CREATE ROLE eve LOGIN',
        'ALTER ROLE anna PASSWORD NULL',
        'GRANT host TO lea',
      ])
        await expect(client.query(statement), statement).rejects.toMatchObject({ code: '42501' });
      // A password that is not what SCRAM keeps would be one that the server is told.
      await client.end();
      const admin = new pg.Client(addressOf('anna'));
      await admin.connect();
      await expect(
        admin.query('SELECT astrid.let_in($1, $2, $3, $4)', [NORTH, 'eve', 'viewer', 'plain']),
      ).rejects.toMatchObject({ code: 'AS003' });
      await admin.end();
    } finally {
      await client.end().catch(() => undefined);
    }
  });
});
