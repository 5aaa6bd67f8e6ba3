import { getEventListeners } from 'node:events';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openWorkstation } from '../../tests/support/open-workstation.ts';
import { makeId } from '../../tests/support/seed-workspace.ts';
import { makeTemporaryFolder } from '../../tests/support/temporary-workspace.ts';
import type { Services } from './index.ts';

const at = (path: string, init: RequestInit = {}): Request => new Request(`astrid://app${path}`, init);
const text = (chunk: Uint8Array | undefined): string => new TextDecoder().decode(chunk);
const codeOf = async (response: Response): Promise<string> => (await response.json()).code;

describe('the door', () => {
  test('answers a bug with 500, says nothing of it and tells the log', async () => {
    const broken = (services: Services): Services => ({
      ...services,
      runs: { ...services.runs, list: () => Promise.reject(new Error('secret: /home/vera')) },
      planes: { ...services.planes, describe: () => Promise.reject(new TypeError('secret too')) },
    });
    const { fetch, bugs, seed } = await openWorkstation({ change: broken });
    for (const path of ['/api/v1/runs', `/blob/${seed.plane.sha256}`]) {
      const response = await fetch(at(path));
      expect(response.status).toBe(500);
      const body = await response.text();
      expect(JSON.parse(body).code).toBe('internal/bug');
      expect(body).not.toContain('secret');
    }
    expect(bugs).toHaveLength(2);
    expect(bugs[0]).toMatchObject({ err: { message: 'secret: /home/vera' }, procedure: 'pipeline.listRuns' });
  });

  test('answers what the contract does not allow out as a bug', async () => {
    const { fetch, bugs } = await openWorkstation({
      change: (services) => ({
        ...services,
        system: async () => ({ ...(await services.system()), threads: 0.5 }),
      }),
    });
    expect((await fetch(at('/api/v1/system'))).status).toBe(500);
    expect(bugs).toHaveLength(1);
  });

  test('answers a body that is no JSON with 400', async () => {
    const { fetch, bugs } = await openWorkstation();
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(at('/api/v1/runs', { method: 'POST', headers, body: '{"sciencePath":' }));
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe('api/bad-request');
    expect(bugs).toEqual([]);
  });

  test('answers an address that is not well-formed with 400', async () => {
    const { fetch } = await openWorkstation();
    for (const path of ['/%', '/%ff', '/blob/%e0%a4%a']) {
      const response = await fetch(at(path));
      expect([response.status, await codeOf(response)]).toEqual([400, 'api/bad-path']);
    }
  });

  test('says how a full disk, a conflict and an expected failure differ', async () => {
    const { AstridError } = await import('../utils/index.ts');
    for (const [code, status] of [
      ['storage/disk-full', 507],
      ['pipeline/lease-lost', 409],
      ['imaging/not-fits', 422],
      ['internal/stopped', 503],
    ] as const) {
      const { fetch, bugs } = await openWorkstation({
        change: (services) => ({
          ...services,
          commands: {
            ...services.commands,
            createRun: () => Promise.reject(new AstridError(code, 'It says what and what to do.', { n: 1 })),
          },
        }),
      });
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ sciencePath: 'a', templatePath: 'b' });
      const response = await fetch(at('/api/v1/runs', { method: 'POST', headers, body }));
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toEqual({
        type: 'about:blank',
        title: expect.stringMatching(/^[A-Z]/),
        status,
        detail: 'It says what and what to do.',
        code,
        details: { n: 1 },
      });
      expect(bugs).toEqual([]);
    }
  });
});

describe('the window', () => {
  test('has no way out of its folder, however it is written', async () => {
    const { fetch, rendererDir } = await openWorkstation();
    writeFileSync(join(rendererDir, '..', 'secret.txt'), 'secret');
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e%2fsecret.txt',
      '/..%5csecret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/assets/%2e%2e/%2e%2e/secret.txt',
      '//etc/passwd',
      '/assets//main-0123abcd.js',
      '/.hidden',
      '/assets/.%00/x',
      '/main.js%00.html',
      '/C:/Windows/win.ini',
      '/assets',
      '/assets/',
      '/index.html/',
    ]) {
      const response = await fetch(at(path));
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.text()).not.toContain('secret"');
    }
  });

  test('does not follow a link that leads out of its folder', async () => {
    const { fetch, rendererDir } = await openWorkstation();
    const outside = makeTemporaryFolder();
    writeFileSync(join(outside, 'file.js'), 'secret');
    symlinkSync(join(outside, 'file.js'), join(rendererDir, 'link.js'));
    symlinkSync(outside, join(rendererDir, 'folder'));
    expect((await fetch(at('/link.js'))).status).toBe(404);
    expect((await fetch(at('/folder/file.js'))).status).toBe(404);
  });

  test('gives its assets their type, for ever', async () => {
    const { fetch } = await openWorkstation();
    const response = await fetch(at('/assets/main-0123abcd.js'));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(await response.text()).toBe('export {};\n');
    expect((await fetch(at('/'))).headers.get('cache-control')).toBe('no-cache');
  });

  test('is not sent again to who has it', async () => {
    const { fetch } = await openWorkstation();
    const etag = (await fetch(at('/'))).headers.get('etag')!;
    expect((await fetch(at('/', { headers: { 'if-none-match': etag } }))).status).toBe(304);
  });

  test('that is not built says so', async () => {
    const { fetch, rendererDir } = await openWorkstation();
    rmSync(rendererDir, { recursive: true });
    const response = await fetch(at('/'));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      code: 'api/window-not-built',
      detail: expect.stringContaining('npm run build'),
    });
  });
});

describe('the event stream', () => {
  test('begins with where it stands, so that a client that loses it early can go on', async () => {
    const { fetch, seed } = await openWorkstation();
    const reader = (await fetch(at('/api/v1/events'))).body!.getReader();
    expect(text((await reader.read()).value)).toBe(`retry: 2000\nid: ${seed.lastEventId}\n\n`);
    await reader.cancel();
  });

  test('sends a comment when nothing happens', async () => {
    const { fetch } = await openWorkstation({ heartbeatMs: 20 });
    const reader = (await fetch(at('/api/v1/events'))).body!.getReader();
    await reader.read();
    expect(text((await reader.read()).value)).toBe(':\n\n');
    expect(text((await reader.read()).value)).toBe(':\n\n');
    await reader.cancel();
  });

  test('sends progress without an id, only the newest of each run, and only of the run asked for', async () => {
    const { fetch, tellProgress } = await openWorkstation();
    const progress = (n: number, fraction: number) =>
      ({ runId: makeId(n), stage: 'detect', fraction, message: 'looking' }) as const;
    const all = (await fetch(at('/api/v1/events'))).body!.getReader();
    const one = (await fetch(at(`/api/v1/events?runId=${makeId(2)}`))).body!.getReader();
    await all.read();
    await one.read();
    tellProgress(progress(1, 0.1));
    tellProgress(progress(1, 0.2));
    tellProgress(progress(2, 0.5));
    const frame = (n: number, fraction: number): string =>
      `event: progress\ndata: ${JSON.stringify(progress(n, fraction))}\n\n`;
    expect(text((await all.read()).value)).toBe(frame(1, 0.2) + frame(2, 0.5));
    expect(text((await one.read()).value)).toBe(frame(2, 0.5));
    await Promise.all([all.cancel(), one.cancel()]);
  });

  test('listens for its end once, however much it tells', async () => {
    const any = vi.spyOn(AbortSignal, 'any');
    onTestFinished(() => any.mockRestore());
    const { fetch, tellProgress } = await openWorkstation();
    const reader = (await fetch(at('/api/v1/events'))).body!.getReader();
    await reader.read();
    const count = () =>
      any.mock.results.reduce((sum, { value }) => sum + getEventListeners(value, 'abort').length, 0);
    const tellOne = async () => {
      const next = reader.read();
      await new Promise((resolve) => setImmediate(resolve));
      tellProgress({ runId: makeId(1), stage: 'detect', fraction: 0.5, message: 'looking' });
      await next;
    };
    await tellOne();
    const atFirst = count();
    expect(atFirst).toBeGreaterThan(0);
    for (let n = 0; n < 20; n++) await tellOne();
    expect(count()).toBe(atFirst);
    await reader.cancel();
  });

  test('reads a log of thousands to its end, each event once', async () => {
    const { fetch, database } = await openWorkstation();
    for (let n = 0; n < 600; n++) {
      const id = makeId(1000 + n);
      await database.runs.create({
        id,
        sciencePath: id,
        templatePath: 't',
        options: { allowBandMismatch: false },
      });
    }
    const last = await database.events.lastId();
    const reader = (await fetch(at('/api/v1/events?after=0'))).body!.getReader();
    let heard = '';
    while (!heard.includes(`id: ${last}\n`)) heard += text((await reader.read()).value);
    await reader.cancel();
    const ids = [...heard.matchAll(/^id: (\d+)\ndata/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: last }, (_, n) => n + 1));
  });

  test('ends when the program closes, when its client leaves and when its request is aborted', async () => {
    const watched = { subscribed: 0 };
    const { fetch, close } = await openWorkstation({
      change: (services) => ({
        ...services,
        progress: {
          subscribe: (listener) => {
            watched.subscribed++;
            const stop = services.progress.subscribe(listener);
            return () => {
              watched.subscribed--;
              stop();
            };
          },
        },
      }),
    });
    const aborted = new AbortController();
    const responses = await Promise.all([
      fetch(at('/api/v1/events')),
      fetch(at('/api/v1/events')),
      fetch(at('/api/v1/events', { signal: aborted.signal })),
    ]);
    const readers = responses.map((response) => response.body!.getReader());
    for (const reader of readers) await reader.read();
    const waiting = readers.map((reader) => reader.read());
    expect(watched.subscribed).toBe(3);
    await readers[0]!.cancel();
    aborted.abort();
    expect((await waiting[2])!.done).toBe(true);
    close();
    expect((await waiting[1])!.done).toBe(true);
    expect(watched.subscribed).toBe(0);
  });
});
