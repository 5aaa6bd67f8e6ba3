import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fetch } from '../api/index.ts';
import { AstridError } from '../utils/index.ts';
import { createGuard, type Guard, MAX_BODY_BYTES, refuse } from './guard-requests.ts';
import type { KeyRing } from './keep-keys.ts';

/** How long answers under way may take to finish when the host closes, ms. */
const CLOSE_WITHIN_MS = 2000;

/** The headless host while it listens. */
export interface HttpHost {
  /** Where to open the workstation, token included. */
  readonly url: string;
  readonly port: number;
  /** End all streams, let the other answers finish, and free the port. */
  close(): Promise<void>;
}

/**
 * Serve the door on 127.0.0.1.
 *
 * Whoever opens `url` gets a cookie for its token; a program sends `Authorization: Bearer TOKEN`. Without either,
 * with a foreign `Host` (DNS rebinding) or `Origin` (another site's page), nothing reaches the door.
 *
 * @param port 0 takes a free one.
 * @throws api/port-in-use
 */
export async function listen({
  fetch,
  port,
  keys,
}: {
  readonly fetch: Fetch;
  readonly port: number;
  /** Keys that programs may come with. */
  readonly keys?: KeyRing | undefined;
}): Promise<HttpHost> {
  const token = randomBytes(32).toString('base64url');
  const closing = new AbortController();
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 30_000, headersTimeout: 10_000 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error);
      reject(
        new AstridError(
          'api/port-in-use',
          `Port ${port} cannot be used (${error.code}); choose another, or --port 0.`,
          {
            port,
          },
        ),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const guard = createGuard({ port: bound, token, keys });

  server.on('request', (incoming, outgoing) => {
    outgoing.once('close', () => {
      // A connection that was busy when the host began to close is idle only now.
      if (closing.signal.aborted) setImmediate(() => server.closeIdleConnections());
    });
    answer(fetch, guard, incoming, outgoing, closing.signal).catch(() => outgoing.destroy());
  });
  return {
    url: `http://127.0.0.1:${bound}/?token=${token}`,
    port: bound,
    close: async () => {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const force = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
      await closed;
      clearTimeout(force);
    },
  };
}

async function answer(
  fetch: Fetch,
  guard: Guard,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const passed = await guard(incoming);
  let response: Response;
  if (passed instanceof Response) response = passed;
  else {
    const body = limitBody(incoming);
    response = await fetch(toRequest(incoming, body.stream, gone.signal), passed);
    if (body.isTooLarge())
      response = refuse(413, 'api/body-too-large', `A body has at most ${MAX_BODY_BYTES} bytes.`);
  }
  // What was sent and not read would be taken for the next request.
  if (!incoming.complete || closing.aborted) outgoing.setHeader('connection', 'close');
  await send(response, outgoing, closing);
}

function toRequest(incoming: IncomingMessage, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    // Secrets end here; the door does not know of them.
    if (value === undefined || name === 'cookie' || name === 'authorization') continue;
    headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const method = incoming.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method,
    headers,
    signal,
    ...(hasBody
      ? { body: ReadableStream.from(body) as ReadableStream<Uint8Array>, duplex: 'half' as const }
      : {}),
  });
}

/** Pass a body on as it comes in, up to the limit. */
function limitBody(incoming: IncomingMessage): {
  readonly stream: AsyncIterable<Uint8Array>;
  isTooLarge(): boolean;
} {
  let bytes = 0;
  async function* pass(): AsyncGenerator<Uint8Array> {
    for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) throw new Error('the body is too large');
      yield chunk;
    }
  }
  return { stream: pass(), isTooLarge: () => bytes > MAX_BODY_BYTES };
}

/** Send an answer as fast as it is taken; event streams end when the host closes or the client leaves. */
async function send(response: Response, outgoing: ServerResponse, closing: AbortSignal): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(headerEntries(response.headers)));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  const leave = (): void => {
    // A stream that failed meanwhile has nothing left to give up.
    reader.cancel().catch(() => undefined);
  };
  outgoing.once('close', leave);
  const isEndless = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (isEndless) {
    // Headers go out now: the first event may be hours away.
    outgoing.flushHeaders();
    if (closing.aborted) leave();
    else closing.addEventListener('abort', leave, { once: true });
  }
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!outgoing.write(value)) await untilDrained(outgoing);
    }
    outgoing.end();
  } finally {
    closing.removeEventListener('abort', leave);
  }
}

/** Wait until a client has taken what was sent, or has left. */
function untilDrained(outgoing: ServerResponse): Promise<void> {
  if (outgoing.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const go = (): void => {
      outgoing.off('drain', go);
      outgoing.off('close', go);
      resolve();
    };
    outgoing.on('drain', go);
    outgoing.on('close', go);
  });
}

function headerEntries(headers: Headers): [string, string | string[]][] {
  const cookies = headers.getSetCookie();
  const entries: [string, string | string[]][] = [...headers].filter(([name]) => name !== 'set-cookie');
  return cookies.length === 0 ? entries : [...entries, ['set-cookie', cookies]];
}
