import type { Session, WebContents } from 'electron';

/** Where the window lives. */
export const ORIGIN = 'astrid://app';

/** What a page may load: the program's own door, and what the page made itself. */
const LOADABLE = new Set(['astrid:', 'data:', 'blob:', 'devtools:']);

/** Tell whether an address is a page of the program. */
export function isOwnPage(address: string): boolean {
  // The origin of a scheme that a URL parser does not know is "null", so its parts are compared.
  const url = parse(address);
  return url !== null && url.protocol === 'astrid:' && url.host === 'app' && url.username === '';
}

/** Tell whether a page may load something from an address. */
export function isLoadable(address: string): boolean {
  const url = parse(address);
  if (url === null || !LOADABLE.has(url.protocol)) return false;
  return url.protocol !== 'astrid:' || isOwnPage(address);
}

/** Tell whether an address is something that a person may save: a table, or what the window itself has made. */
export function isSavable(address: string): boolean {
  if (address.startsWith('blob:')) return isOwnPage(address.slice('blob:'.length));
  return isOwnPage(address) && parse(address)!.pathname.startsWith('/api/v1/exports/');
}

/** Services of the field that the window links to: their pages open in the person's own browser. */
const OUTSIDE = new Set(['aladin.cds.unistra.fr', 'simbad.cds.unistra.fr', 'www.wis-tns.org']);

/** Tell whether an address is a page elsewhere that the window links to. */
export function isOutsidePage(address: string): boolean {
  const url = parse(address);
  return url !== null && url.protocol === 'https:' && OUTSIDE.has(url.host) && url.username === '';
}

/** Tell whether a page may use something of the machine: copying text, and nothing else. */
export function isPermitted(permission: string, requestingAddress: string): boolean {
  return permission === 'clipboard-sanitized-write' && isOwnPage(requestingAddress);
}

/** Keep a page on the program's own pages, whatever is in it: no other page, no second window, no embedded view. */
export function applyNavigationPolicy(contents: WebContents, openOutside: (address: string) => void): void {
  contents.on('will-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isOutsidePage(url)) openOutside(url);
    return { action: 'deny' };
  });
}

/** Keep a session's pages off the machine and off the network. */
export function applySessionPolicy(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(isPermitted(permission, requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
    isPermitted(permission, requestingOrigin),
  );
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isLoadable(details.url) }));
  session.on('will-download', (event, item) => {
    if (!isSavable(item.getURL())) event.preventDefault();
  });
}

function parse(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
