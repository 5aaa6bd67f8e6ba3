import { createHash } from 'node:crypto';

/** Tell content apart by its bytes; a header says so in quotation marks. @see RFC 9110, 8.8.3 */
export function tagOf(bytes: Uint8Array): string {
  return `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
}

/** Whether a list of tags, or a star, names a tag, whatever its strength. @see RFC 9110, 13.1.2: weak comparison */
export function namesTag(header: string | null, tag: string): boolean {
  if (header === null) return false;
  return header.split(',').some((part) => ['*', tag].includes(part.trim().replace(/^W\//, '')));
}

/** Give an answer that was read a tag, or say that who asks has it. */
export async function tagAnswer(request: Request, response: Response): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const etag = tagOf(bytes);
  const headers = new Headers(response.headers);
  headers.set('etag', etag);
  // Kept by who asked, and asked again each time: it may have changed.
  headers.set('cache-control', 'private, no-cache');
  if (namesTag(request.headers.get('if-none-match'), etag)) {
    headers.delete('content-type');
    headers.delete('content-length');
    return new Response(null, { status: 304, headers });
  }
  return new Response(bytes, { status: response.status, headers });
}
