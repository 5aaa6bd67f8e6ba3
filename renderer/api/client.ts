import { createORPCClient, ORPCError } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { JsonifiedClient } from '@orpc/openapi-client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { API_PREFIX, contract, Problem } from '../../core/api/contract/index.ts';

/** Everything the core can be asked, typed by the contract. */
export type Client = JsonifiedClient<ContractRouterClient<typeof contract>>;

/** The core behind this window: the same origin in Electron and in a browser. */
export const client: Client = createORPCClient(
  new OpenAPILink(contract, {
    url: () => new URL(API_PREFIX, location.href),
    fetch: async (request, init) => {
      const response = await globalThis.fetch(request, init);
      if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return response;
      // The link reads bodies of this one type only.
      const { status, statusText } = response;
      return new Response(response.body, {
        status,
        statusText,
        headers: { 'content-type': 'application/json' },
      });
    },
    customErrorResponseBodyDecoder: (body, response) => {
      const parsed = Problem.safeParse(body);
      if (!parsed.success) return null;
      const { code, detail, details } = parsed.data;
      return new ORPCError(code, { status: response.status, message: detail, data: details });
    },
  }),
);

/** A failure as a person reads it. */
export interface Failure {
  /** `context/what-happened`, or `network/unreachable`. */
  readonly code: string;
  readonly message: string;
}

/** Turn whatever a request threw into what is shown. */
export function describeFailure(error: unknown): Failure {
  // fetch tells every failure to connect with a TypeError; a gateway in between answers for a core that does not.
  const isGateway = error instanceof ORPCError && /^(BAD_GATEWAY|GATEWAY_TIMEOUT)$/.test(error.code);
  if (error instanceof ORPCError && !isGateway) return { code: error.code, message: error.message };
  if (error instanceof TypeError || isGateway)
    return {
      code: 'network/unreachable',
      message: 'The core of AstrID does not answer. What was saved is on disk.',
    };
  return { code: 'internal/bug', message: error instanceof Error ? error.message : String(error) };
}

/**
 * Say what of a screen's questions has failed: the first failure, and what asks all that failed again.
 *
 * @returns nothing where none has: an answer that is not here is no answer of nothing.
 */
export function describeFailed(
  questions: readonly {
    readonly isError: boolean;
    readonly error: unknown;
    readonly refetch: () => Promise<unknown>;
  }[],
): { readonly failure: Failure; readonly onRetry: () => void } | undefined {
  const failed = questions.filter(({ isError }) => isError);
  if (failed.length === 0) return undefined;
  return {
    failure: describeFailure(failed[0]!.error),
    onRetry: () => {
      for (const question of failed) void question.refetch();
    },
  };
}

/** Where the bytes of a blob are. */
export function blobUrl(sha256: string): string {
  return `/blob/${sha256}`;
}
