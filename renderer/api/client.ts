import { createORPCClient, ORPCError } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { JsonifiedClient } from '@orpc/openapi-client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { API_PREFIX, contract, ErrorBody } from '../../core/api/contract/index.ts';

/** Everything the core can be asked, typed by the contract. */
export type Client = JsonifiedClient<ContractRouterClient<typeof contract>>;

/** The core behind this window: the same origin in Electron and in a browser. */
export const client: Client = createORPCClient(
  new OpenAPILink(contract, {
    url: () => new URL(API_PREFIX, location.href),
    customErrorResponseBodyDecoder: (body, response) => {
      const parsed = ErrorBody.safeParse(body);
      if (!parsed.success) return null;
      const { code, message, details } = parsed.data.error;
      return new ORPCError(code, { status: response.status, message, data: details });
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

/** Where the bytes of a blob are. */
export function blobUrl(sha256: string): string {
  return `/blob/${sha256}`;
}
