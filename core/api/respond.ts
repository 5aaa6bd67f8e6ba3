import { type AstridError, isAstridError } from '../utils/index.ts';
import type { ErrorBody } from './contract/index.ts';

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
  if (code === 'api/method-not-allowed') return 405;
  if (code === 'api/range-not-satisfiable') return 416;
  if (code === 'storage/disk-full') return 507;
  if (code === 'observations/still-unpacking') return 503;
  // A far server that does not answer; it may be back in a moment.
  if (code === 'sync/unreachable' || code === 'storage/unreachable') return 503;
  if (code === 'internal/stopped' || code === 'api/window-not-built') return 503;
  return code.startsWith('internal/') ? 500 : 422;
}

/** Write an expected failure as data. */
export function toErrorBody({ code, message, details }: AstridError): ErrorBody {
  return { error: { code, message, details: { ...details } } };
}

/** What is said of a bug: that there was one. What it was is for the log, not for whoever asked. */
export const BUG: ErrorBody = {
  error: {
    code: 'internal/bug',
    message: 'AstrID made a mistake; its log says which. What was stored before is safe.',
    details: {},
  },
};

/** Answer an expected failure. */
export function respondError(error: AstridError, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(toErrorBody(error), {
    status: statusOf(error.code),
    headers: { 'cache-control': 'no-store', ...headers },
  });
}

/** Answer whatever was thrown; a bug is told to the log. */
export function respondThrown(error: unknown, logBug: (error: unknown) => void): Response {
  if (isAstridError(error)) return respondError(error);
  logBug(error);
  return Response.json(BUG, { status: 500, headers: { 'cache-control': 'no-store' } });
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
