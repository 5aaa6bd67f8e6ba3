import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { ImageFiles } from '../../core/adapters/imaging/index.ts';
import { listen } from '../../core/app/serve.ts';
import { openWorkstation, type Workstation } from '../support/open-workstation.ts';
import { makeId } from '../support/seed-workspace.ts';
import { makeTemporaryFolder } from '../support/temporary-workspace.ts';
import { type Server, sendRequest } from './send-request.ts';

/** How long slow requests may take here, ms. */
const LIMIT_MS = 500;

describe('over a real line', () => {
  let workstation: Workstation;
  let server: Server;
  const cleanUps: (() => void)[] = [];

  beforeAll(async () => {
    workstation = await openWorkstation({ whenDone: (cleanUp) => void cleanUps.push(cleanUp) });
    const host = await listen({
      fetch: workstation.fetch,
      port: 0,
      limits: { headersMs: LIMIT_MS, requestMs: LIMIT_MS },
    });
    server = { port: host.port, token: host.token! };
    writeFileSync(join(workstation.folder, 'secret.txt'), 'the secret');
    mkdirSync(join(workstation.folder, 'blobs'), { recursive: true });
    return async () => {
      await host.close();
      for (const cleanUp of cleanUps.reverse()) cleanUp();
    };
  });

  const ask = async (
    target: string,
    options: {
      readonly method?: string;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    } = {},
  ) => {
    const { method = 'GET', headers = {}, body } = options;
    const answer = await sendRequest(
      server,
      { method, target, headers, ...(body === undefined ? {} : { body: Buffer.from(body) }) },
      { withinMs: 20_000 },
    );
    const text = new TextDecoder().decode(answer.body);
    const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json');
    return { ...answer, text, code: isProblem ? (JSON.parse(text).code as string) : undefined };
  };
  const post = (target: string, body: unknown) =>
    ask(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test('no path leads out of where files are served from, however it is written', async () => {
    const ups = [
      '../',
      '..%2f',
      '%2e%2e/',
      '%2e%2e%2f',
      '%252e%252e%252f',
      '..%5c',
      '..\\',
      '%c0%ae%c0%ae/',
      '..%00/',
    ];
    for (const start of [
      '/',
      '/assets/',
      '/blob/',
      '/api/v1/exports/',
      '/api/v1/settings/',
      '/api/v1/models/',
    ])
      for (const up of ups) {
        const target = `${start}${up.repeat(3)}secret.txt`;
        const { status, text } = await ask(target);
        expect([target, status < 500 && status >= 400]).toEqual([target, true]);
        expect(text).not.toContain('the secret');
      }
    const promoted = await post('/api/v1/models/..%2f..%2f..%2fetc/passwd/promote', {});
    expect(promoted.status).toBeLessThan(500);
    expect(promoted.text).not.toContain('root:');
  });

  test('no page of another site asks for anything, nor a form that any page can send', async () => {
    const [cookie] = (await ask(`/?token=${server.token}`)).headers['set-cookie'] as readonly string[];
    const withCookie = { authorization: '', cookie: cookie!.split(';')[0]! };
    const before = JSON.parse((await ask('/api/v1/runs')).text).total;
    const pair = { sciencePath: '/a', templatePath: '/b' };
    const json = { 'content-type': 'application/json' };
    for (const headers of [
      { ...json, origin: 'https://evil.example' },
      { ...json, origin: 'null' },
      { ...json, 'sec-fetch-site': 'cross-site' },
    ]) {
      const asked = { method: 'POST', headers: { ...withCookie, ...headers }, body: JSON.stringify(pair) };
      expect([(await ask('/api/v1/runs', asked)).status, headers]).toEqual([403, headers]);
    }
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/json-seq',
    ]) {
      const body = type.includes('urlencoded') ? 'sciencePath=/a&templatePath=/b' : JSON.stringify(pair);
      const asked = { method: 'POST', headers: { ...withCookie, 'content-type': type }, body };
      const { status, code } = await ask('/api/v1/runs', asked);
      expect([type, status, code]).toEqual([type, 415, 'api/unsupported-media-type']);
    }
    expect(JSON.parse((await ask('/api/v1/runs')).text).total).toBe(before);
  });

  test('a name that was bound to this machine by somebody else opens nothing', async () => {
    for (const host of [
      'evil.example',
      `evil.example:${server.port}`,
      '0.0.0.0',
      '169.254.1.1',
      'localhost.evil.example',
    ]) {
      const { status, code } = await ask('/api/v1/runs', { headers: { host } });
      expect([host, status, code]).toEqual([host, 403, 'api/foreign-host']);
    }
  });

  test('an address that only this machine can reach, of a cloud’s secrets for one, is not called', async () => {
    const project = makeId(1);
    for (const host of [
      '169.254.169.254',
      '[fe80::1]',
      '[::ffff:169.254.169.254]',
      '2852039166',
      '0xa9fea9fe',
      '0.0.0.0',
    ]) {
      const { status, text } = await post('/api/v1/sync/examine', {
        catalogueUrl: `postgresql://me:secret@${host}:5432/x`,
        projectId: project,
        bucket: {
          endpoint: `http://${host}/latest/meta-data/`,
          bucket: 'b',
          accessKeyId: 'k',
          secretAccessKey: 's',
        },
      });
      expect([host, status]).toEqual([host, 200]);
      const codes = JSON.parse(text).steps.map(({ code }: { code: string }) => code);
      expect([host, codes]).toEqual([host, ['sync/bad-address', 'sync/bad-address']]);
    }
    for (const endpoint of ['file:///etc/passwd', 'gopher://127.0.0.1/', 'ftp://127.0.0.1/']) {
      const bucket = { endpoint, bucket: 'b', accessKeyId: 'k', secretAccessKey: 's' };
      const asked = { catalogueUrl: 'postgresql://me@127.0.0.1/x', projectId: project, bucket };
      expect((await post('/api/v1/sync/examine', asked)).code).toBe('api/invalid-input');
    }
    for (const path of ['http://127.0.0.1:1/', 'file:///etc/passwd', '//evil.example/share/a.fits'])
      expect((await ask(`/api/v1/images?path=${encodeURIComponent(path)}`)).code).toBe(
        'observations/unreadable',
      );
  });

  test('words of SQL are words: in filters, orders and cursors', async () => {
    const evil = [
      "' OR 1=1 --",
      '"; DROP TABLE runs; --',
      "x' UNION SELECT key FROM settings --",
      'score; DELETE FROM detections',
    ];
    const before = JSON.parse((await ask('/api/v1/candidates')).text).total;
    for (const text of evil) {
      const word = encodeURIComponent(text);
      const found = await ask(`/api/v1/runs?filter=${word}`);
      if (found.status === 200) expect(JSON.parse(found.text).total).toBe(0);
      expect((await ask(`/api/v1/runs?order=${word}`)).code).toBe('api/invalid-input');
      expect((await ask(`/api/v1/catalog/detections?order=${word}`)).code).toBe('api/invalid-input');
      expect(JSON.parse((await ask(`/api/v1/labels?curator=${word}`)).text).total).toBe(0);
      expect(JSON.parse((await ask(`/api/v1/observations?object=${word}&band=${word}`)).text).total).toBe(0);
      for (const key of [[text, text], [0, text], [text], [text, 0]]) {
        const cursor = Buffer.from(JSON.stringify(key)).toString('base64url');
        for (const list of [
          'runs',
          'candidates',
          'labels',
          'reviews',
          'catalog/detections',
          'catalog/objects',
          'observations',
        ])
          expect((await ask(`/api/v1/${list}?cursor=${cursor}`)).status).toBeLessThan(500);
      }
      const filter = encodeURIComponent(JSON.stringify({ words: [{ column: text, names: [text] }] }));
      expect((await ask(`/api/v1/catalog/detections?filter=${filter}`)).code).toBe('catalog/unknown-column');
      const named = encodeURIComponent(JSON.stringify({ words: [{ column: 'band', names: [text] }] }));
      expect(JSON.parse((await ask(`/api/v1/catalog/detections?filter=${named}`)).text).total).toBe(0);
    }
    expect(JSON.parse((await ask('/api/v1/candidates')).text).total).toBe(before);
  });

  test('a body over the limit is not read, told or untold', async () => {
    const large = 2 ** 20 + 1;
    const told = await speak(
      `POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nContent-Length: ${large}\r\n\r\n`,
    );
    expect(told).toMatch(/^HTTP\/1\.1 413 /);
    const chunk = `${(2 ** 16).toString(16)}\r\n${'x'.repeat(2 ** 16)}\r\n`;
    const untold = await speak(
      `POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(17)}`,
    );
    expect(untold).toMatch(/^HTTP\/1\.1 413 /);
    expect(workstation.bugs).toEqual([]);
  });

  test('who sends headers or a body drop by drop is shown the door', async () => {
    const start = `POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${server.token}\r\n`;
    for (const [first, drop] of [
      [start, 'X: y\r\n'],
      [`${start}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n`, ' '],
    ] as const) {
      const beganMs = performance.now();
      const heard = await speak(first, drop);
      // The limit, the pause between looks at it, and a slow machine.
      expect(performance.now() - beganMs).toBeLessThan(20 * LIMIT_MS);
      expect(heard).toMatch(/^(HTTP\/1\.1 408 |$)/);
    }
    expect((await ask('/api/v1/health/live')).status).toBe(200);
  });

  test('a name with line ends makes no header of its own', async () => {
    const id = makeId(0x777);
    const sciencePath = '/night/a"; x\r\nX-Injected: 1\r\n\r\n<b>\u2028é.fits';
    const { database } = workstation;
    await database.runs.create({
      id,
      sciencePath,
      templatePath: '/t',
      options: { allowBandMismatch: false },
    });
    const claim = (await database.queue.claim({ worker: 'test', leaseMs: 60_000, runId: id }))!;
    const key = { codeVersion: '1', configHash: 'c', inputHash: 'i' };
    const stage = await database.stageRuns.start({ runId: id, stage: 'ingest', ...key }, claim.lease);
    const plane = {
      kind: 'science',
      sha256: workstation.seed.plane.sha256,
      width: 40,
      height: 30,
      dtype: 'float32',
      unit: 'e-',
    } as const;
    await database.stageRuns.finish({
      stageRunId: stage.id,
      lease: claim.lease,
      seconds: 1,
      metrics: {},
      output: null,
      planes: [plane],
    });
    const { status, headers } = await ask(`/cutout?run=${id}&kind=science`);
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty('x-injected');
    expect(headers['content-disposition']).toMatch(/^attachment; filename="[\w.+-]+"$/);
    const exported = await ask('/api/v1/exports/runs%0d%0aX-Injected:%201?format=csv%0d%0aX-Injected:%201');
    expect([exported.status, exported.headers['x-injected']]).toEqual([404, undefined]);
  });

  /** Send text as it is, then drops of it until the other side hangs up. @returns what was heard */
  function speak(text: string, drop?: string): Promise<string> {
    return new Promise((resolve) => {
      let heard = '';
      const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
      const dripping = drop === undefined ? undefined : setInterval(() => socket.write(drop), 100);
      socket.on('data', (bytes) => {
        heard += bytes;
        if (drop === undefined) socket.destroy();
      });
      // What is written to who has hung up comes back as an error.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(dripping);
        resolve(heard);
      });
    });
  }
});

describe('a file that unpacks to far more than it is', () => {
  test('is refused as soon as it is too large, and leaves nothing behind', async () => {
    const folder = makeTemporaryFolder();
    const images = new ImageFiles(join(folder, 'cache'), 2 ** 22);
    const bomb = join(folder, 'bomb.fits.gz');
    writeFileSync(bomb, gzipSync(Buffer.alloc(2 ** 24)));
    await expect(images.readHeader(bomb, 0)).rejects.toMatchObject({
      code: 'observations/unpacks-too-large',
    });
    const { readdirSync } = await import('node:fs');
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
    await images.close();
  });

  test('is refused when its tiles are said to be of any size', async () => {
    const folder = makeTemporaryFolder();
    const images = new ImageFiles(join(folder, 'cache'));
    const path = join(folder, 'bomb.fits.fz');
    writeFileSync(path, makeTiledBomb());
    const before = process.memoryUsage().arrayBuffers;
    const query = {
      hdu: 1,
      slice: 0,
      region: { x: 0, y: 0, width: 8, height: 8 },
      stepX: 1,
      stepY: 1,
      reduce: 'nearest',
    } as const;
    await expect(images.readPixels(path, query)).rejects.toMatchObject({ name: 'AstridError' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 28);
    await images.close();
  });
});

/** A compressed image whose one tile is said to hold 60000 x 60000 pixels, in twelve bytes. */
function makeTiledBomb(): Buffer {
  const header = (cards: readonly string[]): Buffer => {
    const text = [...cards, 'END'].map((card) => card.padEnd(80)).join('');
    return Buffer.from(text.padEnd(Math.ceil(text.length / 2880) * 2880), 'latin1');
  };
  const card = (name: string, value: string): string => `${name.padEnd(8)}= ${value.padStart(20)}`;
  const primary = header([card('SIMPLE', 'T'), card('BITPIX', '8'), card('NAXIS', '0')]);
  const table = header([
    "XTENSION= 'BINTABLE'",
    card('BITPIX', '8'),
    card('NAXIS', '2'),
    card('NAXIS1', '8'),
    card('NAXIS2', '1'),
    card('PCOUNT', '12'),
    card('GCOUNT', '1'),
    card('TFIELDS', '1'),
    "TTYPE1  = 'COMPRESSED_DATA'",
    "TFORM1  = '1PB(12)'",
    card('ZIMAGE', 'T'),
    "ZCMPTYPE= 'GZIP_1'",
    card('ZBITPIX', '32'),
    card('ZNAXIS', '2'),
    card('ZNAXIS1', '60000'),
    card('ZNAXIS2', '60000'),
    card('ZTILE1', '60000'),
    card('ZTILE2', '60000'),
  ]);
  const data = Buffer.alloc(2880);
  data.writeInt32BE(12, 0);
  data.writeInt32BE(0, 4);
  gzipSync(Buffer.alloc(4)).copy(data, 8, 0, 12);
  return Buffer.concat([primary, table, data]);
}
