import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Principal } from '../../core/api/access.ts';
import { announce } from '../../core/api/announce-deprecations.ts';
import { AuditEntry, contract, pageOf } from '../../core/api/contract/index.ts';
import { createFetch, LOCAL, type Services } from '../../core/api/index.ts';
import { openWorkstation } from '../support/open-workstation.ts';
import { makeId } from '../support/seed-workspace.ts';

const Audit = pageOf(AuditEntry);
const Vera: Principal = { kind: 'key', id: 'key:0a', name: 'Vera', role: 'labeller', curatorId: makeId(900) };

async function open() {
  const workstation = await openWorkstation();
  const send = async (method: string, path: string, body?: unknown, principal: Principal = LOCAL) => {
    const headers = { 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    const request = new Request(`astrid://app/api/v1${path}`, { method, ...sent });
    const response = await workstation.fetch(request, principal);
    return { response, answer: await response.json() };
  };
  const audit = async (query = '') => Audit.parse((await send('GET', `/audit?limit=1000${query}`)).answer);
  return { ...workstation, send, audit };
}

describe('the audit', () => {
  test('holds who wrote what, and who was kept from it, and never what was sent', async () => {
    const { send, audit, database } = await open();
    const [candidate] = await database.detections.listNames(1);
    const label = { id: makeId(801), verdict: 'real', reason: 'a very private reason' };
    const done = await send('POST', `/candidates/${candidate!.id}/labels?x=secret`, label, Vera);
    expect(done.response.status).toBe(201);
    await send('POST', '/runs', { sciencePath: '/home/vera/private.fits', templatePath: 'b' }, Vera);
    await send('POST', '/curation/events', { events: 'nonsense' }, Vera);
    const page = await audit();
    expect(page.items).toEqual([
      {
        at: expect.any(String),
        requestId: expect.any(String),
        principal: 'key:0a',
        principalName: 'Vera',
        method: 'POST',
        route: 'curation.recordEvents',
        path: '/api/v1/curation/events',
        status: 422,
      },
      expect.objectContaining({ route: 'pipeline.createRun', status: 403 }),
      expect.objectContaining({
        route: 'curation.createLabel',
        path: `/api/v1/candidates/${candidate!.id}/labels`,
        status: 201,
        requestId: done.response.headers.get('x-request-id'),
      }),
    ]);
    expect(JSON.stringify(page)).not.toMatch(/private|secret|nonsense/);
  });

  test('holds nothing of who only reads, though the question be a POST, nor of how the window looked', async () => {
    const { send, audit } = await open();
    await send('GET', '/runs');
    await send('POST', '/labelling/queue', {});
    await send('PUT', '/settings/session', { value: {} });
    expect((await audit()).items).toEqual([]);
    await send('PUT', '/settings/session', { value: {} }, { ...Vera, role: 'admin' });
    expect((await audit()).items).toHaveLength(1);
  });

  test('is read page by page, of one principal or of all', async () => {
    const { send, audit } = await open();
    for (let n = 0; n < 5; n++) await send('POST', '/runs', {}, n % 2 === 0 ? Vera : LOCAL);
    const paths: string[] = [];
    let cursor: string | undefined;
    do {
      const query: string = cursor === undefined ? '' : `&cursor=${cursor}`;
      const page = Audit.parse((await send('GET', `/audit?limit=2${query}`)).answer);
      paths.push(...page.items.map(({ principal }) => principal));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(paths).toEqual(['key:0a', 'local', 'key:0a', 'local', 'key:0a']);
    expect((await audit('&principal=local')).items).toHaveLength(2);
    expect((await send('GET', '/audit?cursor=nonsense')).response.status).toBe(400);
  });

  test('that cannot be written is told to the log, and what was asked for is done', async () => {
    const broken = (services: Services): Services => ({
      ...services,
      audit: { ...services.audit, append: () => Promise.reject(new Error('disk')) },
    });
    const { fetch, bugs } = await openWorkstation({ change: broken });
    const request = new Request('astrid://app/api/v1/runs/sample-night', { method: 'POST' });
    expect((await fetch(request, { ...Vera, role: 'admin' })).status).toBe(202);
    expect(bugs).toEqual([
      expect.objectContaining({
        entries: [expect.objectContaining({ route: 'pipeline.createSampleNight' })],
      }),
    ]);
  });

  test('is on disk before a program is answered, and for the person at the machine when the program closes', async () => {
    const { send, database, close } = await open();
    const kept = async () =>
      (await database.audit.list({ limit: 10 })).items.map(({ principal }) => principal);
    await send('POST', '/runs', {});
    await send('POST', '/runs', {});
    await send('POST', '/runs', {}, Vera);
    expect(await kept()).toEqual(['key:0a', 'local', 'local']);
    await send('POST', '/runs', {});
    close();
    expect(await kept()).toEqual(['local', 'key:0a', 'local', 'local']);
  });
});

describe('a key over the API', () => {
  const Made = z.object({ key: z.string(), record: z.object({ id: z.string(), state: z.string() }) });

  test('is told once, listed with its state, and revoked', async () => {
    const { send } = await open();
    const made = await send('POST', '/keys', { name: 'script', role: 'viewer' });
    expect(made.response.status).toBe(201);
    const { key, record } = Made.parse(made.answer);
    const listed = await send('GET', '/keys');
    expect(listed.answer.items).toEqual([
      expect.objectContaining({ id: record.id, state: 'active', role: 'viewer' }),
    ]);
    expect(JSON.stringify(listed.answer)).not.toContain(key.split('_')[2]);
    expect((await send('POST', `/keys/${record.id}/revoke`)).answer.state).toBe('revoked');
    expect((await send('POST', '/keys/000000000000/revoke')).response.status).toBe(404);
    for (const wrong of [
      { name: ' ', role: 'viewer' },
      { name: 'red \u001b[31m', role: 'viewer' },
      { name: 'x', role: 'owner' },
      { name: 'x', role: 'viewer', expiresInDays: 4000 },
      { name: 'x', role: 'viewer', scopes: ['all:write'] },
    ])
      expect((await send('POST', '/keys', wrong)).response.status).toBe(422);
  });

  test('is kept nowhere, not even for who asks to have the answer again', async () => {
    const { fetch, send } = await open();
    const request = new Request('astrid://app/api/v1/keys/', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'again' },
      body: JSON.stringify({ name: 'script', role: 'viewer' }),
    });
    const response = await fetch(request);
    expect([response.status, (await response.json()).code]).toEqual([400, 'api/bad-idempotency-key']);
    expect((await send('GET', '/keys')).answer.items).toEqual([]);
  });

  test('makes none that may do more than itself', async () => {
    const { send } = await open();
    const kept: Principal = { ...Vera, role: 'admin', scopes: ['api:write', 'catalog:read'] };
    const make = async (scopes?: readonly string[]) =>
      (await send('POST', '/keys', { name: 'x', role: 'admin', scopes }, kept)).response.status;
    expect(await make()).toBe(403);
    expect(await make(['api:write', 'sync:write'])).toBe(403);
    expect(await make(['catalog:read'])).toBe(201);
  });

  test('gives whoever signs with it a profile, once', async () => {
    const { send, database } = await open();
    const [candidate] = await database.detections.listNames(1);
    for (const id of [makeId(801), makeId(802)])
      await send('POST', `/candidates/${candidate!.id}/labels`, { id, verdict: 'real' }, Vera);
    const { items } = (await send('GET', '/curators')).answer;
    expect(items.filter(({ id }: { id: string }) => id === makeId(900))).toEqual([
      expect.objectContaining({ name: 'Vera', shortId: 'VER' }),
    ]);
  });
});

describe('a route that will go', () => {
  test('says so in its headers, with its end and what takes its place', async () => {
    let services: Services | undefined;
    await openWorkstation({
      change: (given) => {
        services = given;
        return given;
      },
    });
    const deprecations = {
      'pipeline.listNights': {
        since: '2026-03-01T00:00:00Z',
        sunset: '2026-12-01T00:00:00Z',
        successor: '/api/v1/runs',
      },
    };
    const fetch = createFetch(services!, { deprecations });
    const { headers } = await fetch(new Request('astrid://app/api/v1/nights'), LOCAL);
    expect(headers.get('deprecation')).toBe('@1772323200');
    expect(headers.get('sunset')).toBe('Tue, 01 Dec 2026 00:00:00 GMT');
    expect(headers.get('link')).toBe('</api/v1/runs>; rel="successor-version"');
    const other = await fetch(new Request('astrid://app/api/v1/runs'), LOCAL);
    expect(other.headers.get('deprecation')).toBeNull();
  });

  test('is marked in the contract exactly where it is announced', async () => {
    const { DEPRECATIONS } = await import('../../core/api/announce-deprecations.ts');
    const marked = Object.entries(contract).flatMap(([word, routes]) =>
      Object.entries(routes)
        .filter(([, procedure]) => procedure['~orpc'].route.deprecated === true)
        .map(([name]) => `${word}.${name}`),
    );
    expect(marked.sort()).toEqual(Object.keys(DEPRECATIONS).sort());
    expect(announce(undefined, DEPRECATIONS)).toEqual({});
  });
});
