import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Fetch } from '../api/index.ts';
import { listen } from './serve.ts';

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A door that says what it was asked. */
const echo: Fetch = async (request) =>
  Response.json({
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  });

async function open(fetch: Fetch = echo) {
  const host = await listen({ fetch, port: 0 });
  onTestFinished(() => host.close());
  const token = new URL(host.url).searchParams.get('token')!;
  /** Ask as exactly as node lets one: no browser tidies the path or the headers. */
  const ask = (
    path: string,
    headers: OutgoingHttpHeaders = {},
    method = 'GET',
    body?: string,
  ): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const asked = httpRequest({ port: host.port, host: '127.0.0.1', path, method, headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: text }),
        );
      });
      asked.on('error', reject);
      asked.end(body);
    });
  const bearer = { authorization: `Bearer ${token}` };
  return { ...host, token, ask, bearer };
}

const codeOf = (reply: Reply): string => JSON.parse(reply.body).code;

describe('who is let in', () => {
  test('nobody without the token', async () => {
    const { ask, token } = await open();
    const wrong = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    for (const [path, headers] of [
      ['/', {}],
      ['/api/v1/runs', {}],
      ['/?token=', {}],
      [`/?token=${wrong}`, {}],
      ['/', { authorization: `Bearer ${wrong}` }],
      ['/', { authorization: `Basic ${token}` }],
      ['/', { cookie: `astrid=${token}` }],
    ] as const) {
      const reply = await ask(path, headers);
      expect([path, reply.status, codeOf(reply)]).toEqual([path, 401, 'api/unauthorized']);
    }
  });

  test('the token in the address becomes a cookie and leaves the address', async () => {
    const { ask, token, port } = await open();
    const entered = await ask(`/field?run=1&token=${token}`);
    expect(entered.status).toBe(303);
    expect(entered.headers.location).toBe('/field?run=1');
    const [cookie] = entered.headers['set-cookie']!;
    expect(cookie).toMatch(new RegExp(`^astrid-${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`));
    expect(cookie).not.toContain(token);
    const inside = await ask('/api/v1/runs', { cookie: `other=1; ${cookie!.split(';')[0]}` });
    expect(inside.status).toBe(200);
    // The door never sees what opened it.
    expect(JSON.parse(inside.body).headers).not.toHaveProperty('cookie');
  });

  test('the redirect cannot be made to lead elsewhere', async () => {
    const { ask, token } = await open();
    const reply = await ask(`//evil.example/?token=${token}`);
    expect(reply.headers.location).toBe('/evil.example/');
  });

  test('a program with the token in its header, which the door never sees', async () => {
    const { ask, bearer } = await open();
    const reply = await ask('/api/v1/runs', bearer);
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body).headers).not.toHaveProperty('authorization');
  });

  test('no name but this machine: a rebound one is refused, a tunnel with another port is not', async () => {
    const { ask, bearer, port } = await open();
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1.evil.example',
      'localhost.',
      '0.0.0.0',
    ]) {
      const reply = await ask('/', { ...bearer, host });
      expect([host, reply.status, codeOf(reply)]).toEqual([host, 403, 'api/foreign-host']);
    }
    for (const host of ['127.0.0.1', `localhost:${port}`, 'localhost:9000', `[::1]:${port}`])
      expect((await ask('/', { ...bearer, host })).status).toBe(200);
  });

  test('no page of another site, nor of another port of this machine', async () => {
    const { ask, bearer, port, token } = await open();
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1:${port + 1}` },
      { origin: `https://127.0.0.1:${port}` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' },
    ]) {
      const reply = await ask('/api/v1/runs', { ...bearer, ...headers }, 'POST', '{}');
      expect([headers, reply.status, codeOf(reply)]).toEqual([headers, 403, 'api/foreign-origin']);
    }
    const own = { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' };
    expect((await ask('/api/v1/runs', { ...bearer, ...own }, 'POST', '{}')).status).toBe(200);
    // A link on another page may open the workstation, but only with the token.
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await ask(`/?token=${token}`, link)).status).toBe(303);
    expect((await ask('/', { ...bearer, ...link })).status).toBe(403);
  });
});

describe('what is passed on', () => {
  test('method, path, query, headers and body, the path as it was written', async () => {
    const { ask, bearer, port } = await open();
    const reply = await ask('/api/v1/x%2fy?a=1&b=%20', { ...bearer, 'x-own': 'yes' }, 'POST', 'hello');
    expect(JSON.parse(reply.body)).toMatchObject({
      method: 'POST',
      url: `http://127.0.0.1:${port}/api/v1/x%2fy?a=1&b=%20`,
      headers: { 'x-own': 'yes' },
      body: 'hello',
    });
  });

  test('a path that looks like another host stays a path', async () => {
    const { ask, bearer, port } = await open();
    const reply = await ask('//evil.example/x', bearer);
    expect(JSON.parse(reply.body).url).toBe(`http://127.0.0.1:${port}//evil.example/x`);
    expect((await ask('http://evil.example/', bearer)).status).toBe(400);
  });

  test('no method that the door does not know', async () => {
    const { ask, bearer } = await open();
    for (const method of ['TRACE', 'OPTIONS', 'PROPFIND'])
      expect((await ask('/', bearer, method)).status).toBe(405);
  });

  test('no body over the limit, whether its length is told or not', async () => {
    let reached = 0;
    const { ask, bearer } = await open(async (request) => {
      reached++;
      await request.text().catch(() => undefined);
      return new Response('read');
    });
    const large = 'x'.repeat(2 ** 20 + 1);
    const told = await ask('/', { ...bearer, 'content-length': large.length }, 'POST', large).catch(
      () => undefined,
    );
    // The host answers and hangs up without reading: either is seen, by who reads first.
    if (told !== undefined) expect([told.status, codeOf(told)]).toEqual([413, 'api/body-too-large']);
    expect(reached).toBe(0);
    const untold = await ask('/', { ...bearer, 'transfer-encoding': 'chunked' }, 'POST', large).catch(
      () => undefined,
    );
    if (untold !== undefined) expect([untold.status, codeOf(untold)]).toEqual([413, 'api/body-too-large']);
    expect(reached).toBe(1);
    expect((await ask('/', bearer, 'POST', large.slice(1))).body).toBe('read');
  });

  test('no headers over the limit', async () => {
    const { ask, bearer } = await open();
    const refused = await ask('/', { ...bearer, 'x-long': 'x'.repeat(20_000) });
    expect([refused.status, codeOf(refused)]).toEqual([431, 'api/headers-too-large']);
  });

  test('an answer as fast as it is read and no faster', async () => {
    let made = 0;
    const chunk = new Uint8Array(1 << 16);
    const { port, bearer } = await open(
      async () =>
        new Response(
          new ReadableStream({
            pull: (controller) => {
              if (made++ < 2000) controller.enqueue(chunk);
              else controller.close();
            },
          }),
        ),
    );
    const read = new Promise<number>((resolve, reject) => {
      httpRequest({ port, host: '127.0.0.1', headers: bearer }, async (response) => {
        // Time enough to make all of it, were nobody holding back.
        await new Promise((wait) => setTimeout(wait, 200));
        expect(made).toBeLessThan(1000);
        let bytes = 0;
        for await (const part of response) bytes += part.length;
        resolve(bytes);
      })
        .on('error', reject)
        .end();
    });
    expect(await read).toBe(2000 * chunk.length);
  });

  test('a client that leaves ends what it was sent', async () => {
    let cancelled: (() => void) | undefined;
    const left = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const { port, bearer } = await open(
      async () =>
        new Response(
          new ReadableStream({ pull: () => new Promise(() => undefined), cancel: () => cancelled?.() }),
          {
            headers: { 'content-type': 'text/event-stream' },
          },
        ),
    );
    const asked = httpRequest({ port, host: '127.0.0.1', headers: bearer }, () => asked.destroy());
    asked.on('error', () => undefined);
    asked.end();
    await left;
  });

  test('nothing but HTTP: noise on the line is answered and closed', async () => {
    const { port, ask, bearer } = await open();
    const answer = await new Promise<string>((resolve) => {
      let heard = '';
      const socket = connect(port, '127.0.0.1', () => socket.write('\u0016\u0003\u0001 noise\r\n\r\n'));
      socket.on('data', (chunk) => {
        heard += chunk;
      });
      socket.on('close', () => resolve(heard));
    });
    expect(answer).toContain('400 Bad Request');
    expect(answer).toContain('"code":"api/bad-request"');
    expect((await ask('/', bearer)).status).toBe(200);
  });
});

describe('the host', () => {
  test('is reached on the loopback only', async () => {
    const { url } = await open();
    expect(new URL(url).hostname).toBe('127.0.0.1');
  });

  test('says when its port is taken', async () => {
    const { port } = await open();
    await expect(listen({ fetch: echo, port })).rejects.toMatchObject({
      code: 'api/port-in-use',
      details: { port },
    });
  });

  test('closes at once with a stream open, and lets an answer under way finish', async () => {
    let answerNow: (() => void) | undefined;
    let isStreaming = false;
    const host = await open(async (request) => {
      if (new URL(request.url).pathname === '/events')
        return new Response(
          new ReadableStream({
            start: (c) => c.enqueue(new TextEncoder().encode(':\n\n')),
            // More is asked for once this has been taken.
            pull: () => {
              isStreaming = true;
            },
          }),
          {
            headers: { 'content-type': 'text/event-stream' },
          },
        );
      await new Promise<void>((resolve) => {
        answerNow = resolve;
      });
      return new Response('done');
    });
    const stream = host.ask('/events', host.bearer);
    const slow = host.ask('/slow', host.bearer);
    await expect.poll(() => isStreaming && answerNow !== undefined, { timeout: 20_000 }).toBe(true);
    const started = performance.now();
    const closed = host.close();
    expect((await stream).body).toBe(':\n\n');
    answerNow?.();
    expect((await slow).body).toBe('done');
    await closed;
    expect(performance.now() - started).toBeLessThan(1500);
    await expect(host.ask('/', host.bearer)).rejects.toMatchObject({
      code: expect.stringMatching(/^ECONN(REFUSED|RESET)$/),
    });
  });
});
