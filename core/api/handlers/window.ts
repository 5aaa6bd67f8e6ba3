import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { AstridError } from '../../utils/index.ts';
import { respondError } from '../respond.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/** Addresses that a person may type or bookmark: each is the window, which finds the screen itself. */
const SCREENS = new Set(['/', '/queue', '/field', '/label', '/system']);

/**
 * What the window may load: itself, and nothing from anywhere else.
 *
 * Small fonts and pictures are inlined by the build, hence `data:`.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Answer with a file of the built window.
 *
 * @throws api/not-found, api/window-not-built
 */
export async function respondWindow(folder: string, request: Request, pathname: string): Promise<Response> {
  const isWindow = SCREENS.has(pathname);
  const file = isWindow ? join(folder, 'index.html') : await findFile(folder, pathname);
  if (file === undefined) return respondError(notFound(pathname));
  let found: { readonly bytes: Uint8Array<ArrayBuffer>; readonly etag: string };
  try {
    const { mtimeMs, size } = await stat(file);
    found = {
      bytes: await readFile(file),
      etag: `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw isWindow
      ? new AstridError('api/window-not-built', 'The window is not built yet: npm run build.', { folder })
      : notFound(pathname);
  }
  const headers: Record<string, string> = {
    'content-type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), usb=(), serial=(), hid=()',
    // The build puts a hash in the names of its assets: another content is another name.
    'cache-control': pathname.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache',
    etag: found.etag,
  };
  if (request.headers.get('if-none-match') === found.etag)
    return new Response(null, { status: 304, headers });
  headers['content-length'] = String(found.bytes.length);
  return new Response(found.bytes, { headers });
}

/** Find a file below a folder; neither a name nor a link leads out of it, and hidden files are not served. */
async function findFile(folder: string, pathname: string): Promise<string | undefined> {
  const names = pathname.split('/').slice(1);
  if (names.some((name) => name === '' || name.startsWith('.') || /[\\:\0]/.test(name))) return undefined;
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, ...names))]);
    if (!file.startsWith(root + sep)) return undefined;
    return (await stat(file)).isFile() ? file : undefined;
  } catch {
    // Whatever keeps the file from being found, to whoever asks it is not there.
    return undefined;
  }
}

function notFound(pathname: string): AstridError {
  return new AstridError('api/not-found', `There is nothing at ${pathname}.`, { pathname });
}
