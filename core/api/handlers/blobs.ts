import type { BlobReader, BlobShape } from '../../pipeline/index.ts';
import { AstridError } from '../../utils/index.ts';
import type { Services } from '../ports.ts';
import { respondError, streamBody } from '../respond.ts';

const BYTES_OF = { float32: 4, uint16: 2 } as const;

/**
 * Answer with the bytes of a blob.
 *
 * They never change under their address, so they may be kept for ever; one range may be asked for. `?step=N` of a
 * plane gives every Nth pixel of every Nth row, from pixel (0, 0), for a first look at a large field.
 *
 * @throws storage/not-found, api/bad-step
 */
export async function respondBlob(services: Services, request: Request, sha256: string): Promise<Response> {
  const size = await services.blobs.size(sha256);
  if (size === undefined)
    throw new AstridError('storage/not-found', `There is no blob ${sha256} in this workspace.`, { sha256 });
  const shape = await services.planes.describe(sha256);
  const step = parseStep(new URL(request.url).searchParams.get('step'));
  const etag = step === 1 ? `"${sha256}"` : `"${sha256}-${step}"`;
  const headers: Record<string, string> = {
    'content-type': 'application/octet-stream',
    'cache-control': 'private, max-age=31536000, immutable',
    etag,
  };
  if (matchesEtag(request.headers.get('if-none-match'), etag))
    return new Response(null, { status: 304, headers });
  if (step > 1) return respondOverview(services.blobs, sha256, shape, step, headers);

  Object.assign(headers, describeShape(shape), { 'accept-ranges': 'bytes' });
  const range = parseRange(request, size, etag);
  if (range === 'unsatisfiable')
    return respondError(
      new AstridError('api/range-not-satisfiable', `The blob has ${size} bytes; ask for some of them.`, {
        size,
      }),
      { 'content-range': `bytes */${size}` },
    );
  const { start, end } = range ?? { start: 0, end: size };
  headers['content-length'] = String(end - start);
  if (range !== undefined) headers['content-range'] = `bytes ${start}-${end - 1}/${size}`;
  const chunks = services.blobs.openRange(sha256, start, end);
  return new Response(streamBody(chunks[Symbol.asyncIterator]()), {
    status: range === undefined ? 200 : 206,
    headers,
  });
}

function describeShape(shape: BlobShape | undefined): Record<string, string> {
  if (shape === undefined) return {};
  return {
    'x-astrid-dtype': shape.dtype,
    'x-astrid-shape': shape.shape.join(','),
    'x-astrid-unit': shape.unit,
  };
}

function respondOverview(
  blobs: BlobReader,
  sha256: string,
  shape: BlobShape | undefined,
  step: number,
  headers: Record<string, string>,
): Response {
  if (shape?.shape.length !== 2)
    throw new AstridError('api/bad-step', 'Only a plane can be strided; this blob is none.', {
      sha256,
      step,
    });
  const [height, width] = shape.shape as readonly [number, number];
  const columns = Math.ceil(width / step);
  const rows = Math.ceil(height / step);
  Object.assign(headers, describeShape({ ...shape, shape: [rows, columns] }), {
    'content-length': String(rows * columns * BYTES_OF[shape.dtype]),
  });
  return new Response(
    streamBody(readOverview(blobs, sha256, { width, height, bytes: BYTES_OF[shape.dtype] }, step)),
    {
      headers,
    },
  );
}

async function* readOverview(
  blobs: BlobReader,
  sha256: string,
  { width, height, bytes }: { readonly width: number; readonly height: number; readonly bytes: 2 | 4 },
  step: number,
): AsyncGenerator<Uint8Array, void> {
  const columns = Math.ceil(width / step);
  // Rows between are never read: the cost goes with the rows shown, not with the size of the field.
  for (let y = 0; y < height; y += step) {
    const row = new Uint8Array(width * bytes);
    let at = 0;
    for await (const chunk of blobs.openRange(sha256, y * width * bytes, (y + 1) * width * bytes)) {
      row.set(chunk, at);
      at += chunk.length;
    }
    const sampled = new Uint8Array(columns * bytes);
    for (let x = 0; x < columns; x++)
      for (let byte = 0; byte < bytes; byte++) sampled[x * bytes + byte] = row[x * step * bytes + byte]!;
    yield sampled;
  }
}

function parseStep(text: string | null): number {
  if (text === null) return 1;
  const step = Number(text);
  if (/^\d+$/.test(text) && step >= 1 && step <= 4096) return step;
  throw new AstridError(
    'api/bad-step',
    `step=${text} is not a stride; choose a whole number from 1 to 4096.`,
    {
      step: text,
    },
  );
}

/** @see RFC 9110, 13.1.2: weak comparison */
function matchesEtag(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(',').some((part) => ['*', etag, `W/${etag}`].includes(part.trim()));
}

/**
 * Read the one range that is asked for; several, or what is no range, are answered with the whole.
 *
 * @see RFC 9110, 14.1.2 and 14.2
 */
function parseRange(
  request: Request,
  size: number,
  etag: string,
): { readonly start: number; readonly end: number } | 'unsatisfiable' | undefined {
  const ifRange = request.headers.get('if-range');
  if (ifRange !== null && ifRange !== etag) return undefined;
  const parts = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get('range') ?? '');
  const [, first = '', last = ''] = parts ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}
