import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { API_PREFIX } from '../api/contract/index.ts';
import type { Fetch } from '../api/index.ts';
import { toProblem } from '../api/respond.ts';
import { AstridError } from '../utils/index.ts';
import { checkReach, isLoopback } from './check-reach.ts';
import {
  type Authority,
  createGuard,
  type Guard,
  LOOPBACK_NAMES,
  MAX_BODY_BYTES,
  type Passed,
  RATES,
  type Rates,
  refuse,
} from './guard-requests.ts';
import { covers, readCertificate, type TlsFiles, watchCertificate } from './read-certificate.ts';

/** How long answers under way may take to finish when the host closes, ms. */
const CLOSE_WITHIN_MS = 2000;

/** The headless host while it listens. */
export interface HttpHost {
  /** Where to open the workstation, token included; of the API alone, where it is. */
  readonly url: string;
  readonly port: number;
  /** Of the person at this machine; absent beyond it. */
  readonly token?: string | undefined;
  /** End all streams, let the other answers finish, and free the port. */
  close(): Promise<void>;
}

/** How long a request may take to arrive. */
export interface Limits {
  /** Until its headers are whole, ms. */
  readonly headersMs: number;
  /** Until it is whole, ms. */
  readonly requestMs: number;
}

const LIMITS: Limits = { headersMs: 10_000, requestMs: 30_000 };

/** Where and to whom a host listens. */
export interface ListenOptions {
  readonly fetch: Fetch;
  /** 0 takes a free one. */
  readonly port: number;
  /** What people and programs may come with, besides the token of this machine. */
  readonly authorities?: readonly Authority[] | undefined;
  /** Whether the window is left out. */
  readonly isApiOnly?: boolean | undefined;
  /** Address of this machine to listen at; without it 127.0.0.1. Beyond the loopback only the API, and only with TLS. */
  readonly address?: string | undefined;
  readonly tls?: TlsFiles | undefined;
  /** Names that this host is reached under; without them those of its certificate. */
  readonly names?: readonly string[] | undefined;
  readonly rates?: Partial<Rates> | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Told of a certificate that was renewed and cannot be used. */
  readonly onProblem?: ((error: unknown) => void) | undefined;
}

/**
 * Serve the door.
 *
 * On the loopback, whoever opens `url` gets a cookie for its token; a program sends it as `Authorization: Bearer TOKEN`.
 * Beyond the loopback there is no token: everybody comes with a key, or with a sign-in that an authority knows. Without
 * one of these, with a foreign `Host` (DNS rebinding) or `Origin` (another site's page), nothing reaches the door.
 *
 * @throws api/port-in-use, api/bad-address, api/listen-needs-api, api/listen-needs-tls, api/bad-certificate
 */
export async function listen(options: ListenOptions): Promise<HttpHost> {
  const { fetch, port, tls, isApiOnly = false, address = '127.0.0.1' } = options;
  const isHere = isLoopback(address);
  checkReach(address, { isApiOnly, hasTls: tls !== undefined });
  const certificate = tls && (await readCertificate(tls));
  const names = (options.names ?? certificate?.names ?? []).map((name) => name.toLowerCase());
  if (!isHere && names.length === 0)
    throw new AstridError(
      'api/bad-certificate',
      `The certificate in ${tls?.cert} is for no name; say with --name under which name this host is reached.`,
    );
  const scheme = certificate === undefined ? 'http' : 'https';
  const token = isHere ? randomBytes(32).toString('base64url') : undefined;
  const closing = new AbortController();
  const { headersMs, requestMs } = { ...LIMITS, ...options.limits };
  const limits = {
    maxHeaderSize: 16 * 1024,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    // Node looks every half minute by default: who sends drop by drop would have that long in addition.
    connectionsCheckingInterval: Math.min(1000, headersMs / 2),
  };
  const server =
    certificate === undefined
      ? createServer(limits)
      : createSecureServer({ ...limits, ...certificate, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 });
  await bind(server, port, address);
  const bound = (server.address() as AddressInfo).port;
  const guard = createGuard({
    port: bound,
    scheme,
    token,
    hasWindow: !isApiOnly,
    authorities: options.authorities ?? [],
    rates: { ...RATES, ...options.rates },
    isOwnName: (asked) =>
      (isHere && LOOPBACK_NAMES.includes(asked)) || names.some((name) => covers(name, asked)),
  });

  server.on('clientError', refuseUnread);
  server.on('request', (incoming, outgoing) => {
    outgoing.once('close', () => {
      // A connection that was busy when the host began to close is idle only now.
      if (closing.signal.aborted) setImmediate(() => server.closeIdleConnections());
    });
    // Whoever came once by TLS is not talked into coming without.
    if (scheme === 'https') outgoing.setHeader('strict-transport-security', 'max-age=31536000');
    answer(fetch, guard, { scheme, incoming, outgoing, closing: closing.signal }).catch(() =>
      outgoing.destroy(),
    );
  });
  const stopWatching =
    server instanceof TlsServer && tls !== undefined
      ? watchCertificate(
          tls,
          (renewed) => server.setSecureContext(renewed),
          options.onProblem ?? (() => undefined),
        )
      : undefined;
  const name = isHere
    ? urlHostOf(address)
    : (names.find((one) => !one.startsWith('*')) ?? urlHostOf(address));
  const origin = `${scheme}://${name}:${bound}`;
  return {
    url: isApiOnly ? `${origin}${API_PREFIX}` : `${origin}/?token=${token}`,
    port: bound,
    token,
    close: async () => {
      stopWatching?.();
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const force = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
      await closed;
      clearTimeout(force);
    },
  };
}

/** @throws api/port-in-use, api/bad-address */
function bind(server: Server | TlsServer, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const { code } = error;
      if (code === 'EADDRINUSE' || code === 'EACCES')
        reject(
          new AstridError(
            'api/port-in-use',
            `Port ${port} cannot be used (${code}); choose another, or --port 0.`,
            {
              port,
            },
          ),
        );
      else if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL')
        reject(
          new AstridError(
            'api/bad-address',
            `${address} is no address of this machine (${code}); give one that is, or 0.0.0.0 for all of them.`,
            { address },
          ),
        );
      else reject(error);
    });
    server.listen(port, address, resolve);
  });
}

function urlHostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** Answer what could not be read as a request, as every failure is answered, and hang up. */
function refuseUnread(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? toProblem({ code: 'api/headers-too-large', message: 'Headers and address have at most 16 KiB.' }, 431)
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? toProblem({ code: 'api/too-slow', message: 'The request did not arrive in time.' }, 408)
        : toProblem({ code: 'api/bad-request', message: 'This is no request of HTTP.' }, 400);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

async function answer(
  fetch: Fetch,
  guard: Guard,
  {
    scheme,
    incoming,
    outgoing,
    closing,
  }: {
    readonly scheme: string;
    readonly incoming: IncomingMessage;
    readonly outgoing: ServerResponse;
    readonly closing: AbortSignal;
  },
): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const passed = await guard(incoming);
  let response: Response;
  if (passed instanceof Response) response = passed;
  else {
    const body = limitBody(incoming);
    response = await fetch(toRequest(scheme, incoming, body.stream, gone.signal), passed.principal);
    if (body.isTooLarge())
      response = refuse(413, 'api/body-too-large', `A body has at most ${MAX_BODY_BYTES} bytes.`);
    for (const [name, value] of Object.entries(passed.headers)) outgoing.setHeader(name, value);
  }
  // What was sent and not read would be taken for the next request.
  if (!incoming.complete || closing.aborted) outgoing.setHeader('connection', 'close');
  await send(response, outgoing, closing, passed instanceof Response ? undefined : passed.whenOver);
}

function toRequest(
  scheme: string,
  incoming: IncomingMessage,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    // Secrets end here; the door does not know of them.
    if (value === undefined || name === 'cookie' || name === 'authorization') continue;
    headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const method = incoming.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(`${scheme}://${incoming.headers.host}${incoming.url}`, {
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

/**
 * Send an answer as fast as it is taken; event streams end when the host closes, the client leaves, or what let it in is
 * good no more.
 */
async function send(
  response: Response,
  outgoing: ServerResponse,
  closing: AbortSignal,
  whenOver: Passed['whenOver'],
): Promise<void> {
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
  let stopWatching: (() => void) | undefined;
  const isEndless = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (isEndless) {
    // Headers go out now: the first event may be hours away.
    outgoing.flushHeaders();
    stopWatching = whenOver?.(leave);
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
    stopWatching?.();
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
