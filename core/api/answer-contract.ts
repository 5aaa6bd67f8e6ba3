import { ORPCError, ValidationError } from '@orpc/contract';
import { OpenAPIHandler } from '@orpc/openapi/fetch';
import { AstridError, isAstridError } from '../utils/index.ts';
import { type Principal, type RouteName, TELLS_SECRET, whyNot } from './access.ts';
import { API_PREFIX, type Problem } from './contract/index.ts';
import { createRouter } from './handlers/router.ts';
import { createLine } from './keep-in-line.ts';
import type { Services } from './ports.ts';
import { createReplayer } from './replay-answers.ts';
import { BUG, respondError, respondProblem, toProblem } from './respond.ts';
import { namesTag, tagAnswer, tagOf } from './tag-answer.ts';

/** Makes an id where the request gives none. */
type MadeId = string | undefined;

/**
 * Make what answers the routes of the contract.
 *
 * Bodies are JSON and say so: what a form of another site can send is refused before it is read. What is read bears
 * an ETag; what is changed may be sent with it as `If-Match`, and what is made with an `Idempotency-Key`.
 */
export function createContractDoor(
  services: Services,
): (request: Request, pathname: string, principal: Principal) => Promise<Response> {
  const handler = new OpenAPIHandler(createRouter(services), {
    clientInterceptors: [
      async ({ path, context, next }) => {
        try {
          // The last word has the router's own reading of the path, whatever was thought of it before.
          const route = path.join('.') as RouteName;
          const refusal = whyNot(context.principal, route);
          if (refusal !== undefined) throw refusal;
          // Answers to these are kept on disk for a day, and a secret is not.
          if (TELLS_SECRET.has(route) && context.madeId !== undefined)
            throw new AstridError(
              'api/bad-idempotency-key',
              'A key or a password is told once and kept nowhere: ask for it without an Idempotency-Key, and revoke what you did not get.',
            );
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
  const replay = createReplayer(services.keptAnswers);
  const inLine = createLine();

  const answer = async (request: Request, principal: Principal, madeId?: MadeId): Promise<Response> => {
    const { matched, response } = await handler.handle(request, {
      prefix: API_PREFIX,
      context: { principal, madeId },
    });
    if (matched && response.status >= 400) return respondProblem((await response.json()) as Problem);
    if (matched) {
      response.headers.set('cache-control', 'no-store');
      return response;
    }
    const { method } = request;
    const { pathname } = new URL(request.url);
    return respondError(
      new AstridError('api/not-found', `There is no ${method} ${pathname}; see ${API_PREFIX}/openapi.json.`, {
        method,
        pathname,
      }),
    );
  };

  /** Carry a change out if what is there is what the request believes. */
  const answerIfSame = (request: Request, passed: Request, principal: Principal): Promise<Response> =>
    inLine(new URL(request.url).pathname, async () => {
      const ifMatch = request.headers.get('if-match');
      const ifNoneMatch = request.headers.get('if-none-match');
      if (ifMatch !== null || ifNoneMatch !== null) {
        const { signal, url } = request;
        const now = await answer(new Request(url, { method: 'GET', signal }), principal);
        const tag = now.ok ? tagOf(new Uint8Array(await now.arrayBuffer())) : undefined;
        const isMet =
          (ifMatch === null || (tag !== undefined && namesTag(ifMatch, tag))) &&
          (ifNoneMatch === null || tag === undefined || !namesTag(ifNoneMatch, tag));
        if (!isMet) throw preconditionFailed(tag);
      }
      return answer(passed, principal);
    });

  return async (request, _, principal) => {
    const { method } = request;
    const body = await readBody(request);
    const passed = onlyWhatIsRead(request, body);
    if (method === 'GET') {
      const response = await answer(passed, principal);
      return response.status === 200 ? tagAnswer(request, response) : response;
    }
    if (method === 'PUT' || method === 'DELETE' || method === 'PATCH')
      return answerIfSame(request, passed, principal);
    const key = request.headers.get('idempotency-key');
    if (method !== 'POST' || key === null) return answer(passed, principal);
    return replay({ method, url: request.url, body, key, principal: principal.id }, (madeId) =>
      answer(passed, principal, madeId),
    );
  };
}

/** @throws api/bad-body */
async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  if (request.body === null) return new Uint8Array(0);
  try {
    return new Uint8Array(await request.arrayBuffer());
  } catch {
    // Who sends has left, or the host has had enough of it.
    throw new AstridError('api/bad-body', 'The body did not arrive whole; send the request again.');
  }
}

/**
 * Pass on what the contract speaks of, and nothing that would have the body read as anything but JSON.
 *
 * @throws api/unsupported-media-type
 */
function onlyWhatIsRead(request: Request, body: Uint8Array<ArrayBuffer>): Request {
  const { method, signal, url } = request;
  if (body.length === 0) return new Request(url, { method, signal });
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new AstridError(
      'api/unsupported-media-type',
      `A body is sent as application/json here, not as ${type === '' ? 'something without a type' : `"${type}"`}.`,
      { type },
    );
  return new Request(url, { method, signal, body, headers: { 'content-type': 'application/json' } });
}

function preconditionFailed(tag: string | undefined): AstridError {
  return new AstridError(
    'api/precondition-failed',
    tag === undefined
      ? 'There is nothing here that the condition could be true of.'
      : 'It has changed since you read it: read it again, and send your change with its new ETag.',
    { etag: tag },
  );
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
