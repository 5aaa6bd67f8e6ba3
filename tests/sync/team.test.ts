import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSharedFolder, runAstrid } from '../line/run-astrid.ts';
import { openWorkstation, type Workstation } from '../support/open-workstation.ts';
import { type LocalPostgres, startPostgres } from '../support/start-postgres.ts';

const folder = makeSharedFolder();
const cleanUps: (() => void)[] = [];
let server: LocalPostgres;
let workstation: Workstation;

beforeAll(async () => {
  server = await startPostgres();
  await server.createDatabase('sky');
  process.env.ASTRID_PASSPHRASE = 'per aspera';
  workstation = await openWorkstation({
    whenDone: (cleanUp) => void cleanUps.push(cleanUp),
    environment: { ASTRID_PASSPHRASE: 'per aspera' },
  });
}, 60_000);
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) cleanUp();
  await server?.remove();
});

async function ask(
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly etag: string; readonly told: Record<string, unknown> }> {
  const response = await workstation.fetch(
    new Request(`http://127.0.0.1/api/v1${path}`, {
      method,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }),
  );
  const told = (await response.json()) as Record<string, unknown>;
  return { status: response.status, etag: response.headers.get('etag') ?? '', told };
}

describe('a team', () => {
  let ada = '';

  it('begins with a project in an empty database, and a login of its first admin', async () => {
    const wanted = { catalogueUrl: server.address('sky'), name: 'winter', login: 'ada' };
    // A password is told once: no answer with one is kept to be told again.
    const keyed = await ask('POST', '/sync/projects/new', wanted, { 'idempotency-key': 'once' });
    expect(keyed).toMatchObject({ status: 400, told: { code: 'api/bad-idempotency-key' } });
    const { status, told } = await ask('POST', '/sync/projects/new', wanted);
    expect(status).toBe(201);
    expect(told).toMatchObject({ project: { name: 'winter', role: 'admin' }, login: 'ada' });
    ada = server.address('sky', 'ada', told.password as string);
    const { id } = told.project as { id: string };
    expect((await ask('POST', '/sync/connect', { catalogueUrl: ada, projectId: id })).status).toBe(200);
    expect((await ask('GET', '/sync/members')).told).toMatchObject({
      project: { id, name: 'winter' },
      login: 'ada',
      role: 'admin',
      items: [{ login: 'ada', role: 'admin' }],
    });
    const again = await ask('POST', '/sync/projects/new', { ...wanted, login: 'eve' });
    expect(again).toMatchObject({ status: 422, told: { code: 'sync/project-exists' } });
    const odd = { ...wanted, catalogueUrl: 'postgresql://a:b@169.254.169.254/sky' };
    expect((await ask('POST', '/sync/projects/new', odd)).told.code).toBe('sync/bad-address');
  }, 60_000);

  it('is changed only by who saw it as it is', async () => {
    const made = await ask('PUT', '/sync/members/lea', { role: 'labeller' }, { 'if-none-match': '*' });
    expect(made.told).toMatchObject({ login: 'lea', role: 'labeller' });
    expect(made.told.password).toMatch(/^[\w-]{32}$/);
    const seen = await ask('GET', '/sync/members/lea');
    expect(seen.told).toMatchObject({ login: 'lea', role: 'labeller' });
    const changed = await ask('PUT', '/sync/members/lea', { role: 'viewer' }, { 'if-match': seen.etag });
    expect(changed).toMatchObject({ status: 200, told: { login: 'lea', role: 'viewer' } });
    expect(changed.told.password).toBeUndefined();
    const late = await ask('PUT', '/sync/members/lea', { role: 'admin' }, { 'if-match': seen.etag });
    expect(late).toMatchObject({ status: 412, told: { code: 'api/precondition-failed' } });
    expect((await ask('DELETE', '/sync/members/ada')).told.code).toBe('sync/last-admin');
    expect((await ask('DELETE', '/sync/members/lea')).told).toEqual({ login: 'lea', isMember: false });
    expect((await ask('GET', '/sync/members/lea')).status).toBe(404);
    expect((await ask('DELETE', '/sync/members/lea')).status).toBe(404);
  }, 60_000);

  it('is seen and changed from the shell, in the project that the workspace shares', async () => {
    const workspace = join(folder, 'mountain');
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runAstrid(['sync', ...args, '--workspace', workspace]);
      if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
      return stdout;
    };
    process.env.ASTRID_CATALOGUE_URL = ada;
    await run('connect');
    process.env.ASTRID_CATALOGUE_URL = '';
    const told = JSON.parse(await run('member', 'vera', '--role', 'operator', '--json')) as object;
    expect(told).toMatchObject({ login: 'vera', role: 'operator', password: expect.any(String) });
    expect(await run('members')).toMatch(/winter .*as ada[\s\S]*ada +admin[\s\S]*vera +operator/);
    await run('member', 'vera', '--revoke');
    expect(await run('members')).not.toContain('vera');
  }, 120_000);
});
