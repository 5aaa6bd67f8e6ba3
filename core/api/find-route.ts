import { ACCESS, PLAIN_ROUTES, type RouteName } from './access.ts';
import { API_PREFIX, contract } from './contract/index.ts';

interface Pattern {
  readonly route: RouteName;
  /** Absent: any. */
  readonly method: string | undefined;
  readonly path: RegExp;
}

const PLAIN: readonly Pattern[] = Object.entries(PLAIN_ROUTES).map(([route, path]) => ({
  route: route as RouteName,
  method: undefined,
  path: compile(path),
}));

/** The most literal first: `/candidates/names` is no candidate. */
const CONTRACT: readonly Pattern[] = Object.entries(contract)
  .flatMap(([word, routes]) =>
    Object.entries(routes).map(([name, procedure]) => {
      const { method = 'POST', path = '' } = procedure['~orpc'].route;
      return { route: `${word}.${name}` as RouteName, method, template: `${API_PREFIX}${path}` };
    }),
  )
  .sort((a, b) => a.template.split('{').length - b.template.split('{').length)
  .map(({ route, method, template }) => ({ route, method, path: compile(`${template}/?`) }));

/**
 * Tell which route a request asks for.
 *
 * @returns nothing where the API has none; every other path is the window's.
 */
export function findRoute(method: string, url: URL): RouteName | undefined {
  // HEAD is GET without its body.
  const asked = method === 'HEAD' ? 'GET' : method;
  const plain = decode(url.pathname);
  const found =
    PLAIN.find(({ path }) => path.test(plain)) ??
    // As it was written: a slash that is part of an id is none of the path.
    CONTRACT.find((one) => one.method === asked && one.path.test(url.pathname));
  if (found?.route === 'observations.cutout' && url.searchParams.has('path'))
    return 'observations.cutoutOfFile';
  if (found !== undefined) return found.route;
  return plain === '/api' || plain.startsWith('/api/') ? undefined : 'api.window';
}

/** Whether whoever asks may have what a request asks for. */
export function isPublic(method: string, url: URL): boolean {
  const route = findRoute(method, url);
  return route !== undefined && ACCESS[route].role === 'nobody';
}

/** Make a pattern in which `{name}` is one step of a path. */
function compile(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`);
}

function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    // What cannot be read is the door's to refuse.
    return pathname;
  }
}
