import type { ContractRoute, RouteName } from './access.ts';

/** That a route will go. */
export interface Deprecation {
  /** Since when no new program should use it, ISO 8601. */
  readonly since: string;
  /** When it stops to answer, ISO 8601. */
  readonly sunset?: string | undefined;
  /** What takes its place: a path of the API. */
  readonly successor?: string | undefined;
}

export type Deprecations = Readonly<Partial<Record<ContractRoute, Deprecation>>>;

/**
 * Routes that will go; the contract marks the same ones `deprecated`.
 *
 * The version is in the path: within `/api/v1` a route is only added, or announced here for half a year and more before
 * it goes.
 */
export const DEPRECATIONS: Deprecations = {};

/**
 * Write the headers that tell a program of a route's end.
 *
 * @see RFC 9745 (Deprecation), RFC 8594 (Sunset)
 */
export function announce(
  route: RouteName | undefined,
  deprecations: Deprecations,
): Readonly<Record<string, string>> {
  const found = route === undefined ? undefined : deprecations[route as ContractRoute];
  if (found === undefined) return {};
  const { since, sunset, successor } = found;
  return {
    deprecation: `@${Math.floor(Date.parse(since) / 1000)}`,
    ...(sunset === undefined ? {} : { sunset: new Date(sunset).toUTCString() }),
    ...(successor === undefined ? {} : { link: `<${successor}>; rel="successor-version"` }),
  };
}
