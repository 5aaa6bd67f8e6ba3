import { ORPCError, ValidationError } from '@orpc/contract';
import { OpenAPIHandler } from '@orpc/openapi/fetch';
import { AstridError, isAstridError } from '../utils/index.ts';
import { type Principal, type RouteName, whyNot } from './access.ts';
import { API_PREFIX, type Problem } from './contract/index.ts';
import { createRouter } from './handlers/router.ts';
import type { Services } from './ports.ts';
import { BUG, respondError, respondProblem, toProblem } from './respond.ts';

/**
 * Make what answers the routes of the contract.
 *
 * Bodies are JSON and say so: what a form of another site can send is refused before it is read.
 */
export function createContractDoor(
  services: Services,
): (request: Request, pathname: string, principal: Principal) => Promise<Response> {
  const handler = new OpenAPIHandler(createRouter(services), {
    clientInterceptors: [
      async ({ path, context, next }) => {
        try {
          // The last word has the router's own reading of the path, whatever was thought of it before.
          const refusal = whyNot(context.principal, path.join('.') as RouteName);
          if (refusal !== undefined) throw refusal;
          return await next();
        } catch (error) {
          const problem = explain(error, (bug) =>
            services.log.error({ err: bug, procedure: path.join('.') }, 'a request met a bug'),
          );
          throw new ORPCError(problem.code, { status: problem.status, data: problem, cause: error });
        }
      },
    ],
    // What fails before a procedure is called, fails because the request cannot be read.
    customErrorResponseBodyEncoder: (error) => error.data ?? badRequest(error),
  });
  return async (request, pathname, principal) => {
    const { matched, response } = await handler.handle(await onlyWhatIsRead(request), {
      prefix: API_PREFIX,
      context: { principal },
    });
    if (matched && response.status >= 400) return respondProblem((await response.json()) as Problem);
    if (matched) {
      response.headers.set('cache-control', 'no-store');
      return response;
    }
    const { method } = request;
    return respondError(
      new AstridError('api/not-found', `There is no ${method} ${pathname}; see ${API_PREFIX}/openapi.json.`, {
        method,
        pathname,
      }),
    );
  };
}

/**
 * Pass on what the contract speaks of, and nothing that would have the body read as anything but JSON.
 *
 * @throws api/unsupported-media-type
 */
async function onlyWhatIsRead(request: Request): Promise<Request> {
  const { method, signal, url } = request;
  if (request.body === null) return new Request(url, { method, signal });
  const body = await request.arrayBuffer();
  if (body.byteLength === 0) return new Request(url, { method, signal });
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new AstridError(
      'api/unsupported-media-type',
      `A body is sent as application/json here, not as ${type === '' ? 'something without a type' : `"${type}"`}.`,
      { type },
    );
  return new Request(url, { method, signal, body, headers: { 'content-type': 'application/json' } });
}

/** Say in the program's words what a procedure threw, or what was wrong with what it was asked. */
function explain(error: unknown, onBug: (error: unknown) => void): Problem {
  if (isAstridError(error)) return toProblem(error);
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError) {
    const issues = error.cause.issues.map(({ path = [], message }) => ({
      path: path.map((step) => (typeof step === 'object' ? String(step.key) : String(step))),
      message,
    }));
    const summary = issues.map(({ path, message }) => `${path.join('.') || 'the request'}: ${message}`);
    return toProblem({ code: 'api/invalid-input', message: `${summary.join('; ')}.`, details: { issues } });
  }
  onBug(error);
  return BUG;
}

function badRequest(error: Error): Problem {
  const { message } = error.cause instanceof Error ? error.cause : error;
  return toProblem({ code: 'api/bad-request', message: `The request cannot be read: ${message}` });
}
