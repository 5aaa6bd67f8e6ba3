import { readFileSync, utimesSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Fetch, LOCAL } from '../../core/api/index.ts';
import { RATES } from '../../core/app/guard-requests.ts';
import { covers, readCertificate, watchCertificate } from '../../core/app/read-certificate.ts';
import { type ListenOptions, listen } from '../../core/app/serve.ts';
import { openSignIns } from '../../core/app/verify-token.ts';
import { startSignInStandIn } from '../services/sign-in-stand-in.ts';
import { writeCertificate } from '../support/make-certificate.ts';
import { openWorkstation } from '../support/open-workstation.ts';
import { makeId } from '../support/seed-workspace.ts';
import { makeTemporaryFolder } from '../support/temporary-workspace.ts';

const echo: Fetch = async (request, principal) =>
  Response.json({ url: request.url, principal: principal.id });

async function open(options: Partial<ListenOptions> = {}) {
  const host = await listen({ fetch: echo, port: 0, ...options });
  onTestFinished(() => host.close());
  return host;
}

function ask(
  host: { readonly port: number },
  path: string,
  options: {
    readonly headers?: Record<string, string>;
    readonly ca?: string;
    readonly address?: string;
    readonly method?: string;
  } = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const { ca, headers = {}, address = '127.0.0.1', method = 'GET' } = options;
  const where = { port: host.port, host: address, path, method, headers };
  return new Promise((resolve, reject) => {
    const take = (response: import('node:http').IncomingMessage): void => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    };
    const sent =
      ca === undefined
        ? plainRequest(where, take)
        : tlsRequest({ ...where, ca: readFileSync(ca), servername: 'observatory.test' }, take);
    sent.on('error', reject);
    sent.end();
  });
}

describe('beyond this machine', () => {
  test('nothing is served without --api, and nothing without a certificate', async () => {
    for (const address of ['0.0.0.0', '::', '192.0.2.1', 'observatory.test', '127.0.0.1.nip.io']) {
      await expect(listen({ fetch: echo, port: 0, address })).rejects.toMatchObject({
        code: 'api/listen-needs-api',
      });
      await expect(listen({ fetch: echo, port: 0, address, isApiOnly: true })).rejects.toMatchObject({
        code: 'api/listen-needs-tls',
      });
    }
  });

  test('a host answers by TLS, to the names of its certificate, to who has a key, and says to come by TLS again', async () => {
    const tls = writeCertificate(makeTemporaryFolder(), ['observatory.test', '*.mountain.test', '127.0.0.1']);
    const { keys, fetch } = await openWorkstation();
    const host = await open({ fetch, address: '0.0.0.0', isApiOnly: true, tls, authorities: [keys] });
    expect([host.url, host.token]).toEqual([`https://observatory.test:${host.port}/api/v1`, undefined]);
    const { key } = await keys.create({ name: 'x', role: 'viewer', expiresInDays: 1 }, LOCAL);
    const bearer = { authorization: `Bearer ${key}` };
    for (const name of [
      'observatory.test',
      `OBSERVATORY.test:${host.port}`,
      'dome.mountain.test',
      '127.0.0.1',
    ]) {
      const headers = { ...bearer, host: name };
      const inside = await ask(host, '/api/v1/me', { ca: tls.cert, headers });
      expect([name, inside.status]).toEqual([name, 200]);
      expect(inside.headers['strict-transport-security']).toBe('max-age=31536000');
    }
    for (const name of [
      'localhost',
      'evil.test',
      'mountain.test',
      'a.b.mountain.test',
      'observatory.test.evil.test',
    ]) {
      const foreign = await ask(host, '/api/v1/me', { ca: tls.cert, headers: { ...bearer, host: name } });
      expect([name, foreign.status, JSON.parse(foreign.body).code]).toEqual([name, 403, 'api/foreign-host']);
    }
    // Nobody is trusted for being there, and there is no window.
    const own = { ca: tls.cert, headers: { host: 'observatory.test' } };
    expect((await ask(host, '/api/v1/me', own)).status).toBe(401);
    expect((await ask(host, '/', { ...own, headers: { ...own.headers, ...bearer } })).status).toBe(404);
    expect((await ask(host, '/api/v1/health/live', own)).status).toBe(200);
    const page = { ...own.headers, ...bearer, origin: `http://observatory.test:${host.port}` };
    expect((await ask(host, '/api/v1/me', { ...own, headers: page })).status).toBe(403);
    // Who comes without TLS gets nothing.
    await expect(ask(host, '/api/v1/me', { headers: bearer })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('names that do not match are refused although the client does not look', async () => {
    const tls = writeCertificate(makeTemporaryFolder(), ['observatory.test']);
    const host = await open({ address: '0.0.0.0', isApiOnly: true, tls });
    const answer = await new Promise<string>((resolve, reject) => {
      let heard = '';
      const socket = connect({ port: host.port, host: '127.0.0.1', rejectUnauthorized: false }, () =>
        socket.write('GET /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'),
      );
      socket.on('data', (chunk) => {
        heard += chunk;
      });
      socket.on('end', () => resolve(heard));
      socket.on('error', reject);
    });
    expect(answer).toContain('403 Forbidden');
    expect(answer).toContain('api/foreign-host');
  });

  test('old TLS is not spoken', async () => {
    const tls = writeCertificate(makeTemporaryFolder(), ['observatory.test']);
    const host = await open({ address: '0.0.0.0', isApiOnly: true, tls });
    const code = await new Promise<string | undefined>((resolve) => {
      const options = { port: host.port, host: '127.0.0.1', rejectUnauthorized: false } as const;
      const socket = connect(
        { ...options, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
        () => resolve(undefined),
      );
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(code).toMatch(/PROTOCOL_VERSION|ECONNRESET/);
  });
});

describe('a certificate', () => {
  test('that cannot be used says why', async () => {
    const folder = makeTemporaryFolder();
    const good = writeCertificate(folder, ['a.test']);
    const other = writeCertificate(folder, ['a.test'], { file: 'other' });
    const past = { from: new Date('2025-01-01'), to: new Date('2025-02-01'), file: 'old' };
    const old = writeCertificate(folder, ['a.test'], past);
    for (const [files, words] of [
      [{ ...good, key: other.key }, /is not the key/],
      [old, /expired on/],
      [{ ...good, cert: `${folder}/none.pem` }, /cannot be read/],
      [{ ...good, cert: good.key }, /holds no PEM/],
    ] as const)
      await expect(readCertificate(files)).rejects.toMatchObject({
        code: 'api/bad-certificate',
        message: expect.stringMatching(words),
      });
    expect((await readCertificate(good)).names).toEqual(['a.test']);
    const none = writeCertificate(folder, [], { file: 'none' });
    await expect(
      listen({ fetch: echo, port: 0, address: '0.0.0.0', isApiOnly: true, tls: none }),
    ).rejects.toMatchObject({ message: expect.stringContaining('--name') });
  });

  test('covers a name, and one step in place of a star', () => {
    expect(covers('a.test', 'a.test')).toBe(true);
    expect(covers('*.a.test', 'b.a.test')).toBe(true);
    for (const asked of ['a.test', 'c.b.a.test', '.a.test.evil', 'xa.test'])
      expect(covers('*.a.test', asked)).toBe(false);
    expect(covers('*.test', 'a.test')).toBe(false);
  });

  test('that is renewed is used from then on; one that is broken is not, and is told of', async () => {
    const folder = makeTemporaryFolder();
    const files = writeCertificate(folder, ['a.test']);
    const problems: unknown[] = [];
    let wake: ((names: readonly string[]) => void) | undefined;
    let tell: (() => void) | undefined;
    const stop = watchCertificate(
      files,
      ({ names }) => wake?.(names),
      (error) => {
        problems.push(error);
        tell?.();
      },
      5,
    );
    onTestFinished(stop);
    const renewed = new Promise<readonly string[]>((resolve) => {
      wake = resolve;
    });
    const later = new Date(Date.now() + 10_000);
    writeCertificate(folder, ['b.test']);
    for (const file of [files.cert, files.key]) utimesSync(file, later, later);
    expect(await renewed).toEqual(['b.test']);
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const broken = writeCertificate(folder, ['c.test'], { file: 'other' });
    const { copyFileSync } = await import('node:fs');
    copyFileSync(broken.cert, files.cert);
    const last = new Date(Date.now() + 20_000);
    utimesSync(files.cert, last, last);
    await told;
    expect(problems[0]).toMatchObject({ code: 'api/bad-certificate' });
  });
});

describe('on this machine', () => {
  test('the API alone has a token, and no window', async () => {
    const host = await open({ isApiOnly: true });
    expect(host.url).toBe(`http://127.0.0.1:${host.port}/api/v1`);
    const headers = { authorization: `Bearer ${host.token}` };
    expect(JSON.parse((await ask(host, '/api/v1/runs', { headers })).body).principal).toBe('local');
    expect((await ask(host, '/', { headers })).status).toBe(404);
    expect((await ask(host, '/blob/x', { headers })).status).toBe(200);
  });

  test('an address that is not of it says so', async () => {
    const isOwn = Object.values(networkInterfaces()).some((all) =>
      all?.some(({ address }) => address === '192.0.2.1'),
    );
    expect(isOwn).toBe(false);
    const tls = writeCertificate(makeTemporaryFolder(), ['a.test']);
    await expect(
      listen({ fetch: echo, port: 0, address: '192.0.2.1', isApiOnly: true, tls }),
    ).rejects.toMatchObject({ code: 'api/bad-address' });
  });
});

describe('rate limits', () => {
  const slow = { perSecond: 0.001, burst: 3 };

  test('hold for each principal by itself, and are told in headers', async () => {
    const { keys } = await openWorkstation();
    const host = await open({ authorities: [keys], rates: { principal: slow } });
    const make = async (name: string) => {
      const { key } = await keys.create({ name, role: 'viewer', expiresInDays: 1 }, LOCAL);
      return { headers: { authorization: `Bearer ${key}` } };
    };
    const [one, two] = [await make('one'), await make('two')];
    const left: unknown[] = [];
    for (let n = 0; n < 3; n++) left.push((await ask(host, '/api/v1/runs', one)).headers.ratelimit);
    expect(left).toEqual(['"principal";r=2;t=1000', '"principal";r=1;t=2000', '"principal";r=0;t=3000']);
    const refused = await ask(host, '/api/v1/runs', one);
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.body).code).toBe('api/too-many-requests');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(900);
    expect(refused.headers['ratelimit-policy']).toBe('"principal";q=3;w=3000');
    expect((await ask(host, '/api/v1/runs', two)).status).toBe(200);
    // Who watches the machine, and the person at it, are not counted.
    for (let n = 0; n < 9; n++) {
      expect((await ask(host, '/api/v1/health/ready', one)).status).toBe(200);
      const local = { headers: { authorization: `Bearer ${host.token}` } };
      expect((await ask(host, '/api/v1/runs', local)).status).toBe(200);
    }
  });

  test('hold for an address, whoever comes from it', async () => {
    const host = await open({ rates: { address: slow } });
    const seen: number[] = [];
    for (let n = 0; n < 5; n++) seen.push((await ask(host, '/api/v1/runs')).status);
    expect(seen).toEqual([401, 401, 401, 429, 429]);
  });

  test('slow down who guesses, and not who is known already', async () => {
    const { keys } = await openWorkstation();
    const host = await open({ authorities: [keys], rates: { failure: slow } });
    const { key } = await keys.create({ name: 'known', role: 'viewer', expiresInDays: 1 }, LOCAL);
    const known = { headers: { authorization: `Bearer ${key}` } };
    expect((await ask(host, '/api/v1/runs', known)).status).toBe(200);
    const { key: fresh } = await keys.create({ name: 'fresh', role: 'viewer', expiresInDays: 1 }, LOCAL);
    const seen: number[] = [];
    for (const guess of [`${key.slice(0, -4)}0000`, 'astrid_', 'nonsense', 'more', fresh])
      seen.push((await ask(host, '/api/v1/runs', { headers: { authorization: `Bearer ${guess}` } })).status);
    expect(seen).toEqual([401, 401, 401, 429, 429]);
    expect((await ask(host, '/api/v1/runs', known)).status).toBe(200);
    expect(RATES.failure.burst).toBeLessThanOrEqual(10);
  });
});

describe('an event stream', () => {
  test('ends when the key that opened it is revoked, and no other does', async () => {
    const { keys, fetch, database } = await openWorkstation();
    const host = await open({ fetch, authorities: [keys] });
    const follow = async (name: string) => {
      const { key, record } = await keys.create({ name, role: 'viewer', expiresInDays: 1 }, LOCAL);
      const headers = { authorization: `Bearer ${key}` };
      const response = await globalThis.fetch(`http://127.0.0.1:${host.port}/api/v1/events`, { headers });
      const reader = response.body!.getReader();
      await reader.read();
      return { key, id: record.id, reader };
    };
    const [gone, stays] = [await follow('gone'), await follow('stays')];
    const ended = gone.reader.read();
    await keys.revoke(gone.id);
    expect((await ended).done).toBe(true);
    const again = await ask(host, '/api/v1/events', { headers: { authorization: `Bearer ${gone.key}` } });
    expect(again.status).toBe(401);
    const options = { allowBandMismatch: false };
    await database.runs.create({ id: makeId(700), sciencePath: 'a', templatePath: 'b', options });
    expect(new TextDecoder().decode((await stays.reader.read()).value)).toContain('run.queued');
    await stays.reader.cancel();
  });
});

describe('a sign-in', () => {
  test('comes in over HTTP with its role; while its keys cannot be had that is said, and keys of ours go on', async () => {
    const server = await startSignInStandIn();
    onTestFinished(() => server.close());
    const { keys, fetch } = await openWorkstation();
    const { issuer, keysUrl } = server;
    const roleClaim = 'app_metadata.astrid_role';
    const rules = {
      issuer,
      audience: 'authenticated',
      roleClaim,
      keys: { kind: 'jwks', url: keysUrl },
    } as const;
    const host = await open({ fetch, authorities: [keys, openSignIns(rules)] });
    const me = (credential: string, path = '/api/v1/me') =>
      ask(host, path, { headers: { authorization: `Bearer ${credential}` } });
    server.mode = 'fail';
    const unknown = await me(await server.sign());
    expect([unknown.status, unknown.headers['retry-after'], JSON.parse(unknown.body).code]).toEqual([
      503,
      '30',
      'api/sign-in-unreachable',
    ]);
    const { key } = await keys.create({ name: 'script', role: 'viewer', expiresInDays: 1 }, LOCAL);
    expect((await me(key)).status).toBe(200);

    const second = await open({ fetch, authorities: [openSignIns(rules)] });
    server.mode = 'answer';
    const comes = async (token: string, path: string) =>
      ask(second, path, { headers: { authorization: `Bearer ${token}` } });
    expect(JSON.parse((await comes(await server.sign(), '/api/v1/me')).body)).toMatchObject({
      kind: 'token',
      name: 'vera@observatory.test',
      role: 'viewer',
    });
    const operator = await server.sign({ app_metadata: { astrid_role: 'operator' } });
    expect((await comes(await server.sign(), '/api/v1/system')).status).toBe(403);
    expect((await comes(operator, '/api/v1/system')).status).toBe(200);
    expect((await comes(operator, '/api/v1/audit')).status).toBe(403);
    const expired = await server.sign({ exp: Math.floor(Date.now() / 1000) - 60 });
    const refused = await comes(expired, '/api/v1/me');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer realm="AstrID"']);
    // Where nobody said whose sign-ins are believed, none is.
    const third = await open({ fetch, authorities: [keys] });
    const alone = await ask(third, '/api/v1/me', { headers: { authorization: `Bearer ${operator}` } });
    expect(alone.status).toBe(401);
  });
});
