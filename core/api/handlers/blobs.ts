import { meanOfBlocks } from '../../domains/observations/index.ts';
import type { BlobReader, BlobShape } from '../../pipeline/index.ts';
import { AstridError } from '../../utils/index.ts';
import type { Services } from '../ports.ts';
import { beginReading, respondError, streamBody } from '../respond.ts';
import { namesTag } from '../tag-answer.ts';
import { checkSize, isSurvey, parseRectangle, regionOf, respondSurvey } from './pixels.ts';

const BYTES_OF = { float32: 4, uint16: 2 } as const;

/** Pixels averaged at a time. */
const STRIP_PIXELS = 2 ** 20;

/**
 * Answer with the bytes of a blob.
 *
 * They never change under their address, so they may be kept for ever; one range may be asked for. Of a plane a
 * rectangle may be asked for as of `/pixels`: `?x=&y=&width=&height=&step=&stepY=&reduce=`; rows between are never read.
 *
 * @throws storage/not-found, api/bad-rectangle
 */
export async function respondBlob(services: Services, request: Request, sha256: string): Promise<Response> {
  const size = await services.blobs.size(sha256);
  if (size === undefined)
    throw new AstridError('storage/not-found', `There is no blob ${sha256} in this workspace.`, { sha256 });
  const shape = await services.planes.describe(sha256);
  const { search } = new URL(request.url);
  const etag = search === '' ? `"${sha256}"` : `"${sha256}${search.replace('?', '-').replaceAll('"', '')}"`;
  const headers: Record<string, string> = {
    'content-type': 'application/octet-stream',
    'cache-control': 'private, max-age=31536000, immutable',
    etag,
  };
  if (namesTag(request.headers.get('if-none-match'), etag))
    return new Response(null, { status: 304, headers });
  if (search !== '') return respondRectangle(services.blobs, request, sha256, shape, headers);

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
  // A failure to fetch what lies elsewhere is told as one, not as an answer that breaks off.
  const pieces = services.blobs.openRange(sha256, start, end);
  const chunks = await beginReading(pieces[Symbol.asyncIterator]());
  return new Response(streamBody(chunks), {
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

async function respondRectangle(
  blobs: BlobReader,
  request: Request,
  sha256: string,
  shape: BlobShape | undefined,
  headers: Record<string, string>,
): Promise<Response> {
  if (shape?.shape.length !== 2)
    throw new AstridError('api/bad-rectangle', 'Only a plane has rectangles; this blob is none.', { sha256 });
  const [height, width] = shape.shape as readonly [number, number];
  if (isSurvey(request)) return respondBlobSurvey(blobs, request, sha256, shape.dtype, width, height);
  const rectangle = parseRectangle(request);
  const region = regionOf(rectangle, width, height);
  const stepX = rectangle.step;
  const stepY = rectangle.stepY ?? stepX;
  const isMean = rectangle.reduce === 'mean' && stepX > 1;
  if (isMean && shape.dtype !== 'float32')
    throw new AstridError('api/bad-rectangle', 'A mask has no mean; ask for reduce=nearest.', { sha256 });
  checkSize(region, stepX, isMean ? stepX : stepY);
  const columns = Math.ceil(region.width / stepX);
  const rows = Math.ceil(region.height / (isMean ? stepX : stepY));
  Object.assign(headers, describeShape({ ...shape, shape: [rows, columns] }), {
    'content-length': String(rows * columns * BYTES_OF[shape.dtype]),
  });
  const bytes = BYTES_OF[shape.dtype];
  const plane = { sha256, region, width, bytes };
  const chunks = isMean ? readMeans(blobs, plane, stepX) : readThinned(blobs, plane, stepX, stepY);
  return new Response(streamBody(chunks), { headers });
}

async function respondBlobSurvey(
  blobs: BlobReader,
  request: Request,
  sha256: string,
  dtype: BlobShape['dtype'],
  width: number,
  height: number,
): Promise<Response> {
  if (dtype !== 'float32')
    throw new AstridError('api/bad-rectangle', 'A mask has no statistics of its pixels.', { sha256 });
  return respondSurvey(request, width, height, async (y, rows) => {
    const rowBytes = 4 * width;
    const strip = { start: y * rowBytes, rowBytes, stride: rowBytes, count: rows };
    return new Float32Array((await blobs.readRows(sha256, strip)).buffer);
  });
}

interface PlaneRegion {
  readonly sha256: string;
  readonly region: ReturnType<typeof regionOf>;
  /** Of the whole plane, px. */
  readonly width: number;
  readonly bytes: 2 | 4;
}

async function* readThinned(
  blobs: BlobReader,
  { sha256, region, width, bytes }: PlaneRegion,
  stepX: number,
  stepY: number,
): AsyncGenerator<Uint8Array, void> {
  const columns = Math.ceil(region.width / stepX);
  const rows = Math.ceil(region.height / stepY);
  const together = Math.max(1, Math.floor(STRIP_PIXELS / region.width));
  for (let first = 0; first < rows; first += together) {
    const count = Math.min(together, rows - first);
    const pieces = await blobs.readRows(sha256, {
      start: ((region.y + first * stepY) * width + region.x) * bytes,
      rowBytes: region.width * bytes,
      stride: stepY * width * bytes,
      count,
    });
    yield stepX === 1 ? pieces : thin(pieces, region.width, columns, count, stepX, bytes);
  }
}

function thin(
  pieces: Uint8Array<ArrayBuffer>,
  width: number,
  columns: number,
  rows: number,
  step: number,
  bytes: 2 | 4,
): Uint8Array {
  const Numbers = bytes === 4 ? Uint32Array : Uint16Array;
  const from = new Numbers(pieces.buffer);
  const kept = new Numbers(columns * rows);
  for (let row = 0; row < rows; row++)
    for (let x = 0; x < columns; x++) kept[row * columns + x] = from[row * width + x * step]!;
  return new Uint8Array(kept.buffer);
}

async function* readMeans(
  blobs: BlobReader,
  { sha256, region, width }: PlaneRegion,
  step: number,
): AsyncGenerator<Uint8Array, void> {
  const together = step * Math.max(1, Math.floor(STRIP_PIXELS / (region.width * step)));
  for (let first = 0; first < region.height; first += together) {
    const count = Math.min(together, region.height - first);
    const pieces = await blobs.readRows(sha256, {
      start: ((region.y + first) * width + region.x) * 4,
      rowBytes: region.width * 4,
      stride: width * 4,
      count,
    });
    const means = meanOfBlocks(new Float32Array(pieces.buffer), region.width, count, step);
    yield new Uint8Array(means.buffer);
  }
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
