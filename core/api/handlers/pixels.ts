import { z } from 'zod';
import { AstridError } from '../../utils/index.ts';
import type { Services } from '../ports.ts';

const whole = z.coerce.number().int().min(0);
const step = z.coerce.number().int().min(1).max(65_536);

/** A rectangle of a plane, thinned or averaged, as a query says it. */
const Rectangle = z.object({
  x: whole.default(0),
  y: whole.default(0),
  width: whole.min(1).optional(),
  height: whole.min(1).optional(),
  step: step.default(1),
  stepY: step.optional(),
  reduce: z.enum(['nearest', 'mean']).default('nearest'),
});

const Query = Rectangle.extend({
  path: z.string().min(1),
  hdu: whole,
  slice: whole.default(0),
  revision: z.string().optional(),
});

/** Most pixels of one answer: a gigabyte; larger images are asked for in parts. */
const MAX_PIXELS = 2 ** 28;

/**
 * Answer with pixels of a FITS file as it lies on the disk: little-endian 32-bit floats, first row at the bottom.
 *
 * A rectangle, every `step`-th pixel of every `stepY`-th row (`reduce=nearest`) or the mean of the finite pixels of
 * each block (`reduce=mean`). With the `revision` that `/images` told, an answer may be kept for ever.
 *
 * @throws api/bad-rectangle and what reading the file throws
 */
export async function respondPixels(services: Services, request: Request): Promise<Response> {
  const query = parseQuery(Query, request);
  const { path, hdu, slice, revision, reduce } = query;
  const { width, height } = await sidesOf(services, path, hdu);
  const region = regionOf(query, width, height);
  const stepY = query.stepY ?? query.step;
  checkSize(region, query.step, stepY);
  const pixels = await services.images.readPixels(
    path,
    { hdu, slice, region, stepX: query.step, stepY, reduce, revision },
    request.signal,
  );
  const { data } = pixels;
  // Memory that threads share cannot be the body of an answer.
  const body = new Float32Array(data);
  return new Response(body, {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(data.byteLength),
      'cache-control': revision === undefined ? 'no-store' : 'private, max-age=31536000, immutable',
      'x-astrid-dtype': 'float32',
      'x-astrid-shape': `${pixels.height},${pixels.width}`,
      'x-astrid-unit': encodeURI(pixels.unit),
    },
  });
}

async function sidesOf(
  { images }: Services,
  path: string,
  hdu: number,
): Promise<{ readonly width: number; readonly height: number }> {
  const { hdus, unpacking, problem } = await images.open(path);
  if (unpacking !== undefined)
    throw new AstridError(
      'observations/still-unpacking',
      `${path} is still being unpacked: ask again soon.`,
      {
        path,
        ...unpacking,
      },
    );
  const found = hdus.find(({ index }) => index === hdu);
  if (found !== undefined && found.width > 0) return found;
  throw new AstridError(
    'observations/no-image',
    `${path} has no image in HDU ${hdu}${problem === undefined ? '' : `: ${problem.message}`}.`,
    { path, hdu },
  );
}

/** A rectangle of an image; without one, all of it. @throws api/bad-rectangle */
export function regionOf(
  { x, y, width, height }: z.infer<typeof Rectangle>,
  imageWidth: number,
  imageHeight: number,
): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } {
  const region = { x, y, width: width ?? imageWidth - x, height: height ?? imageHeight - y };
  if (region.x + region.width <= imageWidth && region.y + region.height <= imageHeight && region.width > 0)
    if (region.height > 0) return region;
  throw new AstridError(
    'api/bad-rectangle',
    `The rectangle x ${x}, y ${y}, ${region.width} x ${region.height} is not inside the image of ${imageWidth} x ${imageHeight} pixels.`,
    { ...region, imageWidth, imageHeight },
  );
}

/** Read the rectangle of a query. @throws api/bad-rectangle */
export function parseRectangle(request: Request): z.infer<typeof Rectangle> {
  return parseQuery(Rectangle, request);
}

function parseQuery<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  const given = Object.fromEntries(new URL(request.url).searchParams);
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new AstridError('api/bad-rectangle', `The pixels asked for cannot be read: ${issues.join('; ')}.`, {
    given,
  });
}

/** @throws api/bad-rectangle */
export function checkSize(
  region: { readonly width: number; readonly height: number },
  stepX: number,
  stepY: number,
): void {
  const pixels = Math.ceil(region.width / stepX) * Math.ceil(region.height / stepY);
  if (pixels <= MAX_PIXELS) return;
  throw new AstridError(
    'api/bad-rectangle',
    `${pixels} pixels are more than one answer holds (${MAX_PIXELS}); ask for parts.`,
    { pixels },
  );
}
