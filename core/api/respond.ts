import { type AstridError, isAstridError } from '../utils/index.ts';
import type { Problem } from './contract/index.ts';

/** Headers of every answer: nothing is sniffed, framed, embedded elsewhere or told where it was called from. */
export const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // Together these two give the window SharedArrayBuffer.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** The status that says what kind of failure a code is. */
export function statusOf(code: string): number {
  if (/[/-]not-found$/.test(code)) return 404;
  if (code === 'observations/file-changed') return 409;
  if (/-reused$/.test(code) || code === 'workspace/in-use' || code === 'pipeline/lease-lost') return 409;
  if (/^api\/bad-/.test(code) || /\/bad-cursor$/.test(code)) return 400;
  if (code === 'api/unauthorized') return 401;
  if (code === 'api/forbidden') return 403;
  if (code === 'api/method-not-allowed') return 405;
  if (code === 'api/unsupported-media-type') return 415;
  if (code === 'api/too-many-requests') return 429;
  if (code === 'api/precondition-failed') return 412;
  if (code === 'api/idempotency-key-underway') return 409;
  if (code === 'api/range-not-satisfiable') return 416;
  if (code === 'storage/disk-full') return 507;
  if (code === 'observations/still-unpacking') return 503;
  // A far server that does not answer; it may be back in a moment.
  if (code === 'sync/unreachable' || code === 'storage/unreachable' || code === 'storage/elsewhere')
    return 503;
  if (code === 'api/sign-in-unreachable') return 503;
  if (code === 'internal/stopped' || code === 'api/window-not-built') return 503;
  return code.startsWith('internal/') ? 500 : 422;
}

/** What bodies of failures are. @see RFC 9457 */
const PROBLEM_TYPE = 'application/problem+json';

/** What the statuses that failures have mean. */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
};

/** Write a failure as data. */
export function toProblem(
  { code, message, details }: Pick<AstridError, 'code' | 'message'> & { readonly details?: object },
  status = statusOf(code),
): Problem {
  const title = TITLES[status] ?? 'Failure';
  return { type: 'about:blank', title, status, detail: message, code, details: { ...details } };
}

/** What is said of a bug: that there was one. What it was is for the log, not for whoever asked. */
export const BUG: Problem = toProblem({
  code: 'internal/bug',
  message: 'AstrID made a mistake; its log says which. What was stored before is safe.',
});

/** Answer a failure that is written already. */
export function respondProblem(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', ...headers },
  });
}

/** Answer an expected failure. */
export function respondError(error: AstridError, headers: Readonly<Record<string, string>> = {}): Response {
  const problem = toProblem(error);
  return respondProblem(problem, {
    ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="AstrID"' } : {}),
    ...(typeof error.details.retryAfterS === 'number'
      ? { 'retry-after': String(error.details.retryAfterS) }
      : {}),
    ...headers,
  });
}

/** Answer whatever was thrown; a bug is told to the log. */
export function respondThrown(error: unknown, logBug: (error: unknown) => void): Response {
  if (isAstridError(error)) return respondError(error);
  logBug(error);
  return respondProblem(BUG);
}

/**
 * Read the first piece of a body, so that what fails at once is answered as a failure.
 *
 * @returns all pieces; whoever leaves, also before the first, ends what they come from. (A generator that nobody has
 *   asked for anything would not hear of it.)
 */
export async function beginReading(pieces: AsyncIterator<Uint8Array>): Promise<AsyncIterator<Uint8Array>> {
  let first: IteratorResult<Uint8Array> | undefined = await pieces.next();
  return {
    next: async () => {
      const next = first ?? (await pieces.next());
      first = undefined;
      return next;
    },
    return: async () => {
      await pieces.return?.();
      return { done: true, value: undefined };
    },
  };
}

/** Stream what an iterator makes, only as fast as it is read; a reader that leaves ends the iterator. */
export function streamBody(chunks: AsyncIterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
