import { createHash } from 'node:crypto';
import type { KeptAnswers } from '../pipeline/index.ts';
import { AstridError } from '../utils/index.ts';
import { respondError } from './respond.ts';

/** A request that is to be carried out once. */
export interface KeyedRequest {
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array;
  readonly key: string;
  /** Keys of one are nothing to another. */
  readonly principal: string;
}

/**
 * Make what carries a request with an `Idempotency-Key` out once, and answers it as before when it comes again.
 *
 * Answers are kept for a day, over restarts. A request that a crash cut off is carried out again, with the same id for
 * what it makes. Failures of the server are not kept: another try may go well.
 */
export function createReplayer(
  kept: KeptAnswers,
): (request: KeyedRequest, work: (madeId: string) => Promise<Response>) => Promise<Response> {
  const underway = new Set<string>();
  return async ({ method, url, body, key, principal }, work) => {
    if (!/^[\x21-\x7e]{1,255}$/.test(key))
      throw new AstridError(
        'api/bad-idempotency-key',
        'An Idempotency-Key is 1 to 255 printable characters without blanks; a UUID does well.',
        { key },
      );
    const name = JSON.stringify([principal, key]);
    if (underway.has(name))
      return respondError(
        new AstridError(
          'api/idempotency-key-underway',
          'A request with this Idempotency-Key is being carried out: ask again soon.',
          { key },
        ),
        { 'retry-after': '1' },
      );
    underway.add(name);
    try {
      const { pathname, search } = new URL(url);
      const requestSha256 = createHash('sha256')
        .update(`${method} ${pathname}${search}\n`)
        .update(body)
        .digest('hex');
      const begun = await kept.begin({ principal, key, requestSha256 });
      if (begun.kind === 'other')
        throw new AstridError(
          'api/idempotency-key-mismatch',
          'This Idempotency-Key came with another request before; send this one with a key of its own.',
          { key },
        );
      if (begun.kind === 'answered')
        return new Response(begun.body, {
          status: begun.status,
          headers: { 'content-type': begun.contentType, 'idempotency-replayed': 'true' },
        });
      const response = await work(begun.madeId);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const { status, headers } = response;
      if (status < 500)
        await kept.keep(
          { principal, key },
          { status, contentType: headers.get('content-type') ?? '', body: bytes },
        );
      return new Response(bytes, { status, headers });
    } finally {
      underway.delete(name);
    }
  };
}
