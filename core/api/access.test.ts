import { describe, expect, test } from 'vitest';
import { openWorkstation } from '../../tests/support/open-workstation.ts';
import { makeId } from '../../tests/support/seed-workspace.ts';
import { ACCESS, type Access, NOBODY, type Principal, type RouteName, whyNot } from './access.ts';
import { contract, SCOPES } from './contract/index.ts';
import { describeApi } from './describe-api.ts';
import { findRoute } from './find-route.ts';

const key = (role: Principal['role'], more: Partial<Principal> = {}): Principal => ({
  kind: 'key',
  id: `key-${role}`,
  name: `the ${role}`,
  role,
  curatorId: makeId(900),
  ...more,
});

/** Every route of the contract as a request could ask for it. */
const ROUTES = Object.entries(contract).flatMap(([word, routes]) =>
  Object.entries(routes).map(([name, procedure]) => {
    const { method = 'POST', path = '' } = procedure['~orpc'].route;
    return {
      route: `${word}.${name}` as RouteName,
      method,
      path: `/api/v1${path.replace(/\{[^}]+\}/g, makeId(1))}`,
    };
  }),
);

describe('a request', () => {
  test.each(ROUTES)('for $route is known as such', ({ route, method, path }) => {
    expect(findRoute(method, new URL(`http://host${path}`))).toBe(route);
    expect(findRoute(method, new URL(`http://host${path}/?a=1`))).toBe(route);
  });

  test('that cuts a part of a file is not the one that cuts a part of a run', () => {
    expect(findRoute('GET', new URL('http://host/cutout?run=1'))).toBe('observations.cutout');
    expect(findRoute('HEAD', new URL('http://host/cutout?path=/etc/x.fits'))).toBe(
      'observations.cutoutOfFile',
    );
    expect(findRoute('GET', new URL('http://host/%63utout?run=1&path=x'))).toBe('observations.cutoutOfFile');
  });

  test('for what there is not is no route, and outside of the API the window’s', () => {
    for (const path of ['/api', '/api/v1/nothing', '/api/v2/runs', '/%61pi/v1/x'])
      expect(findRoute('GET', new URL(`http://host${path}`))).toBeUndefined();
    for (const path of ['/', '/apis', '/assets/main.js', '/blob/'])
      expect(findRoute('GET', new URL(`http://host${path}`))).toBe('api.window');
  });
});

describe('the description', () => {
  test('says of every operation who may use it', async () => {
    const { paths = {}, components } = await describeApi('1');
    const said = Object.values(paths).flatMap((item) =>
      (['get', 'post', 'put', 'delete'] as const).flatMap((method) => {
        const { operationId = '', security, description } = item?.[method] ?? {};
        return operationId === '' ? [] : [[operationId, security, description] as const];
      }),
    );
    expect(said.length).toBeGreaterThanOrEqual(ROUTES.length);
    for (const [operationId, security, description] of said) {
      const { role, scope }: Access = ACCESS[operationId as RouteName];
      const wanted = role === 'nobody' ? [] : [{ bearer: scope === undefined ? [] : [scope] }];
      expect([operationId, security]).toEqual([operationId, wanted]);
      expect(description).toContain(role === 'nobody' ? 'Open to all' : `Least role: ${role}`);
    }
    expect(components?.securitySchemes).toHaveProperty('bearer');
  });
});

describe('a principal', () => {
  test('that is nobody may ask for nothing but whether the program lives', () => {
    const open = (Object.keys(ACCESS) as RouteName[]).filter((route) => whyNot(NOBODY, route) === undefined);
    expect(open).toEqual(['api.live', 'api.ready']);
    expect(whyNot(NOBODY, 'pipeline.listRuns')?.code).toBe('api/unauthorized');
  });

  test('kept to no scope may still ask who it is, and is refused everything that has a scope', () => {
    const kept = key('admin', { scopes: [] });
    expect(whyNot(kept, 'access.whoAmI')).toBeUndefined();
    for (const [route, entry] of Object.entries<Access>(ACCESS))
      if (entry.scope !== undefined) expect(whyNot(kept, route as RouteName)?.code).toBe('api/forbidden');
  });

  test('with a scope is not raised above its role by it', () => {
    expect(whyNot(key('viewer', { scopes: [...SCOPES] }), 'curation.createLabel')?.code).toBe(
      'api/forbidden',
    );
    expect(whyNot(key('labeller', { scopes: ['curation:write'] }), 'curation.createLabel')).toBeUndefined();
    expect(whyNot(key('labeller', { scopes: ['curation:write'] }), 'curation.listLabels')?.code).toBe(
      'api/forbidden',
    );
  });

  test('signs its labels as itself; only an admin may sign for another', async () => {
    const { fetch, database } = await openWorkstation();
    const [candidate] = await database.detections.listNames(1);
    const label = (principal: Principal, id: string, curatorId?: string) =>
      fetch(
        new Request(`astrid://app/api/v1/candidates/${candidate!.id}/labels`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ id, verdict: 'real', curatorId }),
        }),
        principal,
      );
    const own = await label(key('labeller'), makeId(801));
    expect([own.status, (await own.json()).curator]).toEqual([201, makeId(900)]);
    const other = await label(key('operator'), makeId(802), makeId(901));
    expect([other.status, (await other.json()).code]).toEqual([403, 'api/forbidden']);
    const named = await label(key('admin'), makeId(803), makeId(901));
    expect([named.status, (await named.json()).curator]).toEqual([201, makeId(901)]);
  });

  test('changes its own profile only, unless it is an admin', async () => {
    const { fetch } = await openWorkstation();
    const save = async (principal: Principal, id: string) => {
      const body = JSON.stringify({ name: 'Vera', shortId: 'VR', colour: 1, shape: 'disc' });
      const headers = { 'content-type': 'application/json' };
      const request = new Request(`astrid://app/api/v1/curators/${id}`, { method: 'PUT', headers, body });
      return (await fetch(request, principal)).status;
    };
    expect(await save(key('labeller'), makeId(900))).toBe(200);
    expect(await save(key('labeller'), makeId(901))).toBe(403);
    expect(await save(key('admin'), makeId(901))).toBe(200);
  });

  test('is refused before its body is read', async () => {
    const { fetch } = await openWorkstation();
    let isRead = false;
    const body = new ReadableStream(
      {
        pull: (controller) => {
          isRead = true;
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const half: RequestInit & { duplex: string } = { method: 'POST', body, duplex: 'half' };
    const request = new Request('astrid://app/api/v1/runs', half);
    expect((await fetch(request, key('viewer'))).status).toBe(403);
    expect(isRead).toBe(false);
  });
});
