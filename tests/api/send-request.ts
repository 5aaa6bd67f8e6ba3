import { type Agent, request as httpRequest } from 'node:http';
import type { Answered, Asked } from './model.ts';

/** Where a server listens, and what lets one in. */
export interface Server {
  readonly port: number;
  readonly token: string;
}

/** What came instead of an answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** Bytes of one answer that are read; streams are left after their first. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Ask as exactly as node lets one; an endless stream is left after its first bytes.
 *
 * @throws NoAnswer when there is none within the time
 */
export function sendRequest(
  { port, token }: Server,
  asked: Pick<Asked, 'method' | 'target' | 'headers' | 'body'>,
  options: { readonly agent?: Agent; readonly withinMs: number },
): Promise<Answered> {
  const { method, target: path, body } = asked;
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | number> = { authorization: `Bearer ${token}`, ...asked.headers };
    if (body !== undefined) headers['content-length'] = body.length;
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, headers, ...(options.agent ? { agent: options.agent } : {}) },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
        const finish = (): void => {
          clearTimeout(late);
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: Buffer.concat(chunks),
            milliseconds: performance.now() - startedMs,
          });
        };
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
          if (isStream || bytes > MOST_BYTES) {
            finish();
            request.destroy();
          }
        });
        response.on('end', finish);
        response.on('error', reject);
      },
    );
    const late = setTimeout(() => {
      reject(new NoAnswer(`no answer within ${options.withinMs} ms`));
      request.destroy();
    }, options.withinMs);
    request.on('error', (error) => {
      clearTimeout(late);
      reject(new NoAnswer(error.message));
    });
    request.end(body);
  });
}
