import { randomUUID } from 'node:crypto';
import { AstridError } from '../utils/index.ts';
import { isAudited, type Principal, type RouteName, whyNot } from './access.ts';
import { announce, DEPRECATIONS, type Deprecations } from './announce-deprecations.ts';
import { createContractDoor } from './answer-contract.ts';
import { createRequestCounter } from './count-requests.ts';
import { describeApi } from './describe-api.ts';
import { findRoute } from './find-route.ts';
import { respondBlob } from './handlers/blobs.ts';
import { respondCutout } from './handlers/cutout.ts';
import { createTailReader, HEARTBEAT_MS, openEventStream } from './handlers/events.ts';
import { respondExport } from './handlers/exports.ts';
import { respondMetrics } from './handlers/metrics.ts';
import { respondPixels } from './handlers/pixels.ts';
import { respondWindow } from './handlers/window.ts';
import { createAuditKeeper } from './keep-audit.ts';
import type { Services } from './ports.ts';
import { respondDocs } from './render-docs.ts';
import { COMMON_HEADERS, respondThrown } from './respond.ts';
import { tagAnswer } from './tag-answer.ts';

/** The one door: everything a client may ask, as the Fetch API says it, and who asks. */
export type Fetch = (request: Request, principal: Principal) => Promise<Response>;

/** Of a path in the audit. */
const MOST_PATH = 300;

/** What may be set of the door. */
export interface FetchOptions {
  /** Silence on an event stream after which a comment is sent, ms. */
  readonly heartbeatMs?: number | undefined;
  /** Routes that will go, instead of those of the contract. */
  readonly deprecations?: Deprecations | undefined;
}

/**
 * Make the door of the program.
 *
 * `/api/v1/...` is the contract, `/api/v1/openapi.json` its description, `/api/v1/events` the event log as it
 * grows, `/blob/{sha256}` pixels of a run, `/pixels` those of a FITS file, and everything else the built window.
 * Whoever asks may do what `ACCESS` says. It never throws: a failure is an answer.
 */
export function createFetch(services: Services, options: FetchOptions = {}): Fetch {
  const answerContract = createContractDoor(services);
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  const readTail = createTailReader(services);
  const requests = createRequestCounter();
  const audit = createAuditKeeper(services);
  let description: ReturnType<typeof describeApi> | undefined;
  const document = (): ReturnType<typeof describeApi> => {
    description ??= services.system().then(({ version }) => describeApi(version));
    return description;
  };

  const deprecations = options.deprecations ?? DEPRECATIONS;

  const answer = async (
    request: Request,
    url: URL,
    route: RouteName | undefined,
    principal: Principal,
  ): Promise<Response> => {
    // What there is not, is told to those who may look.
    const refusal = whyNot(principal, route ?? 'api.window');
    if (refusal !== undefined) throw refusal;
    const pathname = decodePath(url);
    const lastStep = pathname.split('/').at(-1) ?? '';
    switch (route) {
      case 'api.openapi':
        allow(request, 'GET');
        return tagAnswer(request, Response.json(await document()));
      case 'api.docs':
        allow(request, 'GET');
        return respondDocs(await document());
      case 'api.metrics':
        allow(request, 'GET');
        return respondMetrics(services, requests);
      case 'api.events':
        allow(request, 'GET');
        return openEventStream(services, readTail, request, heartbeatMs);
      case 'api.exports':
        allow(request, 'GET');
        return respondExport(services, principal, request, lastStep);
      case 'api.blob':
        allow(request, 'GET');
        return respondBlob(services, request, lastStep);
      case 'observations.pixels':
        allow(request, 'GET');
        return respondPixels(services, request);
      case 'observations.cutout':
      case 'observations.cutoutOfFile':
        allow(request, 'GET');
        return respondCutout(services, request);
      case 'api.window':
        allow(request, 'GET');
        return respondWindow(services.rendererDir, request, pathname);
      default:
        return answerContract(request, pathname, principal);
    }
  };

  return async (request, principal) => {
    // HEAD is GET without its body: what GET would stream is never read.
    const asked = request.method === 'HEAD' ? new Request(request, { method: 'GET' }) : request;
    const requestId = randomUUID();
    const url = new URL(asked.url);
    const route = findRoute(asked.method, url);
    const beganMs = performance.now();
    let response: Response;
    try {
      if (route === 'access.listAudit') await audit.flush();
      response = await answer(asked, url, route, principal);
    } catch (error) {
      response = respondThrown(error, (bug) =>
        services.log.error({ err: bug, method: request.method, url: request.url }, 'a request met a bug'),
      );
    }
    const tookMs = performance.now() - beganMs;
    requests.count(route ?? 'none', response.status, tookMs / 1000);
    if (route !== undefined && isAudited(principal, route))
      await audit.keep(principal, {
        requestId,
        route,
        method: request.method,
        path: url.pathname.slice(0, MOST_PATH),
        status: response.status,
      });
    const headers = {
      ...COMMON_HEADERS,
      'x-request-id': requestId,
      // What of a wait was the core's: the rest is the way there and back.
      'server-timing': `core;dur=${tookMs.toFixed(2)}`,
      ...announce(route, deprecations),
    };
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
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
function decodePath({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw new AstridError('api/bad-path', `${pathname} is not a well-formed address.`, { pathname });
  }
}
