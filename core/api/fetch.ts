import { AstridError } from '../utils/index.ts';
import { createContractDoor } from './answer-contract.ts';
import { API_PREFIX } from './contract/index.ts';
import { describeApi } from './describe-api.ts';
import { respondBlob } from './handlers/blobs.ts';
import { respondCutout } from './handlers/cutout.ts';
import { HEARTBEAT_MS, openEventStream } from './handlers/events.ts';
import { respondExport } from './handlers/exports.ts';
import { respondPixels } from './handlers/pixels.ts';
import { respondWindow } from './handlers/window.ts';
import type { Services } from './ports.ts';
import { COMMON_HEADERS, respondThrown } from './respond.ts';

/** The one door: everything a client may ask, as the Fetch API says it. */
export type Fetch = (request: Request) => Promise<Response>;

/** What may be set of the door. */
export interface FetchOptions {
  /** Silence on an event stream after which a comment is sent, ms. */
  readonly heartbeatMs?: number | undefined;
}

/**
 * Make the door of the program.
 *
 * `/api/v1/...` is the contract, `/api/v1/openapi.json` its description, `/api/v1/events` the event log as it
 * grows, `/blob/{sha256}` pixels of a run, `/pixels` those of a FITS file, and everything else the built window. It never throws: a failure is an answer.
 */
export function createFetch(services: Services, options: FetchOptions = {}): Fetch {
  const answerContract = createContractDoor(services);
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  let description: Promise<unknown> | undefined;

  const answer = async (request: Request, pathname: string): Promise<Response> => {
    if (pathname === `${API_PREFIX}/openapi.json`) {
      allow(request, 'GET');
      description ??= services.system().then(({ version }) => describeApi(version));
      return Response.json(await description);
    }
    if (pathname === `${API_PREFIX}/events`) {
      allow(request, 'GET');
      return openEventStream(services, request, heartbeatMs);
    }
    const [, table] = /^\/api\/v1\/exports\/([^/]*)$/.exec(pathname) ?? [];
    if (table !== undefined) {
      allow(request, 'GET');
      return respondExport(services, request, table);
    }
    if (pathname === '/api' || pathname.startsWith('/api/')) return answerContract(request, pathname);
    allow(request, 'GET');
    const [, sha256] = /^\/blob\/([^/]*)$/.exec(pathname) ?? [];
    if (sha256 !== undefined) return respondBlob(services, request, sha256);
    if (pathname === '/pixels') return respondPixels(services, request);
    if (pathname === '/cutout') return respondCutout(services, request);
    return respondWindow(services.rendererDir, request, pathname);
  };

  return async (request) => {
    // HEAD is GET without its body: what GET would stream is never read.
    const asked = request.method === 'HEAD' ? new Request(request, { method: 'GET' }) : request;
    let response: Response;
    try {
      response = await answer(asked, decodePath(request.url));
    } catch (error) {
      response = respondThrown(error, (bug) =>
        services.log.error({ err: bug, method: request.method, url: request.url }, 'a request met a bug'),
      );
    }
    for (const [name, value] of Object.entries(COMMON_HEADERS)) response.headers.set(name, value);
    if (request.method !== 'HEAD') return response;
    await response.body?.cancel();
    return new Response(null, { status: response.status, headers: response.headers });
  };
}

/** @throws api/method-not-allowed */
function allow(request: Request, method: string): void {
  if (request.method === method) return;
  throw new AstridError('api/method-not-allowed', `${request.method} is not allowed here; ${method} is.`, {
    method: request.method,
    allowed: [method],
  });
}

/** @throws api/bad-path */
function decodePath(url: string): string {
  const { pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw new AstridError('api/bad-path', `${pathname} is not a well-formed address.`, { pathname });
  }
}
