import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A stand-in for S3: it speaks the protocol over HTTP and keeps objects in a folder, and is nothing more. */
export interface S3StandIn {
  readonly endpoint: string;
  /**
   * Fail that share of requests from now on: 500, 503, connections reset, answers cut in the middle, and answers that
   * come late or never; some of them after the work is done, as lost answers are.
   */
  failShare: number;
  /** What was asked, what of it failed, by kind, and how often an object was written. */
  readonly told: {
    requests: number;
    readonly failed: Record<Fault, number>;
    written: number;
  };
  /** Uploads in parts that were neither completed nor aborted. */
  unfinished(): number;
  close(): Promise<void>;
}

export interface S3StandInOptions {
  readonly folder: string;
  readonly bucket: string;
  readonly port?: number | undefined;
  readonly accessKeyId: string;
  /** 0 to 1; what decides which requests fail. */
  readonly random?: (() => number) | undefined;
  /** How late a late answer is, ms; 300. */
  readonly slowMs?: number | undefined;
  /** Least size of a part that is not the last, bytes; 5 MiB as S3's. */
  readonly minPartBytes?: number | undefined;
}

const FAULTS = ['error', 'unavailable', 'lost', 'reset', 'cut', 'slow', 'silent'] as const;
export type Fault = (typeof FAULTS)[number];

interface Meta {
  readonly etag: string;
  readonly sha256?: string | undefined;
}

const MIN_PART_BYTES = 5 * 1024 * 1024;

/**
 * Serve one bucket as Cloudflare R2 would where it differs from others: 501 for CRC32 headers, parts of equal size,
 * create-only puts, 411 without a length.
 *
 * Signatures are not verified (the access key's name is): what is tested is the client.
 */
export async function startS3StandIn(options: S3StandInOptions): Promise<S3StandIn> {
  const { folder, bucket, accessKeyId, random = Math.random, slowMs = 300 } = options;
  const { minPartBytes = MIN_PART_BYTES } = options;
  const objects = join(folder, 'objects');
  const uploads = join(folder, 'uploads');
  mkdirSync(objects, { recursive: true });
  mkdirSync(uploads, { recursive: true });
  const state = { failShare: 0 };
  const told = {
    requests: 0,
    failed: Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>,
    written: 0,
  };
  let nextUpload = Date.now();

  const fileOf = (key: string): string => join(objects, encodeURIComponent(key));
  const metaOf = (key: string): Meta => JSON.parse(readFileSync(`${fileOf(key)}.meta`, 'utf8')) as Meta;
  const has = (key: string): boolean => existsSync(`${fileOf(key)}.meta`);
  const put = (key: string, body: Buffer, meta: Meta): void => {
    writeFileSync(`${fileOf(key)}.draft`, body);
    renameSync(`${fileOf(key)}.draft`, fileOf(key));
    writeFileSync(`${fileOf(key)}.meta`, JSON.stringify(meta));
    told.written++;
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const query = url.searchParams;
    const [, bucketName = '', ...rest] = decodeURIComponent(url.pathname).split('/');
    const key = rest.join('/');
    const { headers } = request;
    const body = await readBody(request);
    const answer = (status: number, text = '', more: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/xml', ...more });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    const refuse = (status: number, code: string): void =>
      answer(status, `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);

    told.requests++;
    const fate = random();
    const fault =
      fate < state.failShare ? FAULTS[Math.floor((fate / state.failShare) * FAULTS.length)] : undefined;
    if (fault !== undefined) told.failed[fault]++;
    if (fault === 'error') return refuse(500, 'InternalError');
    if (fault === 'unavailable') return refuse(503, 'SlowDown');
    if (fault === 'reset') return void request.socket.destroy();
    if (fault === 'slow') await sleep(slowMs);
    // The work is done, and nobody is told.
    const reply: typeof answer =
      fault === 'lost'
        ? () => refuse(503, 'ServiceUnavailable')
        : fault === 'silent'
          ? () => undefined
          : fault === 'cut'
            ? (status, text = '', more = {}) => {
                response.writeHead(status, { ...more, 'content-length': String(text.length + 100) });
                response.write(text.slice(0, text.length / 2));
                setTimeout(() => request.socket.destroy(), 5);
              }
            : answer;

    if (!headers.authorization?.includes(`Credential=${accessKeyId}/`))
      return refuse(403, 'InvalidAccessKeyId');
    if (Object.keys(headers).some((name) => name.startsWith('x-amz-checksum-crc32')))
      return refuse(501, 'NotImplemented');
    if (bucketName !== bucket) return refuse(404, 'NoSuchBucket');
    if (request.method === 'PUT' && headers['content-length'] === undefined)
      return refuse(411, 'MissingContentLength');
    const md5 = createHash('md5').update(body);
    const digest = md5.digest();
    if (headers['content-md5'] !== undefined && headers['content-md5'] !== digest.toString('base64'))
      return refuse(400, 'BadDigest');

    if (key === '') {
      if (request.method === 'HEAD') return reply(200);
      if (query.has('uploads')) return reply(200, listUploads(uploads, query.get('prefix') ?? ''));
      return reply(200, listObjects(query));
    }
    const uploadId = query.get('uploadId');
    if (request.method === 'POST' && query.has('uploads')) {
      const id = `u${(nextUpload++).toString(36)}`;
      mkdirSync(join(uploads, id));
      writeFileSync(join(uploads, id, 'key'), JSON.stringify({ key, sha256: headers['x-amz-meta-sha256'] }));
      return reply(
        200,
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    if (uploadId !== null) {
      const parts = join(uploads, uploadId);
      if (!/^u[0-9a-z]+$/.test(uploadId) || !existsSync(parts)) return refuse(404, 'NoSuchUpload');
      if (request.method === 'PUT') {
        writeFileSync(join(parts, `${query.get('partNumber')}.part`), body);
        return reply(200, '', { etag: `"${digest.toString('hex')}"` });
      }
      const numbers = readdirSync(parts)
        .flatMap((name) => (name.endsWith('.part') ? [Number.parseInt(name, 10)] : []))
        .sort((a, b) => a - b);
      const bytesOf = (number: number): Buffer => readFileSync(join(parts, `${number}.part`));
      if (request.method === 'GET')
        return reply(
          200,
          `<ListPartsResult><IsTruncated>false</IsTruncated>${numbers
            .map(
              (n) =>
                `<Part><PartNumber>${n}</PartNumber><ETag>"${md5Hex(bytesOf(n))}"</ETag><Size>${bytesOf(n).length}</Size></Part>`,
            )
            .join('')}</ListPartsResult>`,
        );
      if (request.method === 'DELETE') {
        rmSync(parts, { recursive: true });
        return reply(204);
      }
      const asked = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, n]) =>
        Number(n),
      );
      const chunks = asked.map(bytesOf);
      const sizes = chunks.slice(0, -1).map(({ length }) => length);
      if (sizes.some((size) => size < minPartBytes)) return refuse(400, 'EntityTooSmall');
      if (new Set(sizes).size > 1) return refuse(400, 'InvalidPart');
      const { sha256 } = JSON.parse(readFileSync(join(parts, 'key'), 'utf8')) as { sha256?: string };
      const etag = `${md5Hex(Buffer.concat(chunks.map((chunk) => createHash('md5').update(chunk).digest())))}-${chunks.length}`;
      put(key, Buffer.concat(chunks), { etag, sha256 });
      rmSync(parts, { recursive: true });
      return reply(
        200,
        `<CompleteMultipartUploadResult><ETag>"${etag}"</ETag></CompleteMultipartUploadResult>`,
      );
    }
    switch (request.method) {
      case 'PUT':
        if (headers['if-none-match'] === '*' && has(key)) return refuse(412, 'PreconditionFailed');
        put(key, body, {
          etag: digest.toString('hex'),
          sha256: headers['x-amz-meta-sha256'] as string | undefined,
        });
        return reply(200, '', { etag: `"${digest.toString('hex')}"` });
      case 'HEAD':
      case 'GET': {
        if (!has(key)) return refuse(404, 'NoSuchKey');
        if (fault === 'lost') return refuse(503, 'ServiceUnavailable');
        if (fault === 'silent') return;
        const { size, mtime } = statSync(fileOf(key));
        const { etag, sha256 } = metaOf(key);
        const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
        const start = range ? Number(range[1]) : 0;
        const end = range?.[2] ? Math.min(size, Number(range[2]) + 1) : size;
        response.writeHead(range ? 206 : 200, {
          'content-length': String(end - start),
          'last-modified': mtime.toUTCString(),
          etag: `"${etag}"`,
          ...(sha256 ? { 'x-amz-meta-sha256': sha256 } : {}),
          ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${size}` } : {}),
        });
        if (request.method === 'HEAD' || end <= start) response.end();
        else if (fault === 'cut') {
          createReadStream(fileOf(key), { start, end: start + Math.floor((end - start) / 2) })
            .on('end', () => request.socket.destroy())
            .pipe(response, { end: false });
        } else createReadStream(fileOf(key), { start, end: end - 1 }).pipe(response);
        return;
      }
      case 'DELETE':
        rmSync(`${fileOf(key)}.meta`, { force: true });
        rmSync(fileOf(key), { force: true });
        return reply(204);
      default:
        return refuse(405, 'MethodNotAllowed');
    }
  }

  function listObjects(query: URLSearchParams): string {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const limit = Number(query.get('max-keys') ?? 1000);
    const keys = readdirSync(objects)
      .flatMap((name) => (name.endsWith('.meta') ? [decodeURIComponent(name.slice(0, -5))] : []))
      .filter((key) => key.startsWith(prefix) && key > after)
      .sort();
    const page = keys.slice(0, limit);
    const isTruncated = keys.length > limit;
    return `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${
      isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    }${page
      .map((key) => {
        const { size, mtime } = statSync(fileOf(key));
        return `<Contents><Key>${key}</Key><Size>${size}</Size><LastModified>${mtime.toISOString()}</LastModified></Contents>`;
      })
      .join('')}</ListBucketResult>`;
  }

  const server: Server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(options.port ?? 0, '127.0.0.1', done));
  const address = server.address();
  return {
    endpoint: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    get failShare() {
      return state.failShare;
    },
    set failShare(share) {
      state.failShare = share;
    },
    told,
    unfinished: () => readdirSync(uploads).length,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function listUploads(folder: string, prefix: string): string {
  const rows = readdirSync(folder).map((id) => ({
    id,
    key: (JSON.parse(readFileSync(join(folder, id, 'key'), 'utf8')) as { key: string }).key,
    at: statSync(join(folder, id)).mtime.toISOString(),
  }));
  return `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${rows
    .filter(({ key }) => key.startsWith(prefix))
    .map(
      ({ id, key, at }) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${at}</Initiated></Upload>`,
    )
    .join('')}</ListMultipartUploadsResult>`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function md5Hex(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}
