import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { PlaneSurvey } from '../../domains/observations/index.ts';
import { AstridError, throwIfStopped } from '../../utils/index.ts';
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

/** What a survey is told: the side of its blocks, and where the sky is. */
const SurveyQuery = z.object({
  survey: step,
  lo: z.coerce.number(),
  hi: z.coerce.number(),
});

const Query = Rectangle.extend({
  path: z.string().min(1),
  hdu: whole,
  slice: whole.default(0),
  revision: z.string().optional(),
});

/** Pixels surveyed at a time: two milliseconds in which the core answers nothing else. */
const SURVEY_PIXELS = 2 ** 18;

/** Pixels that someone waits for are being read: surveys stand back meanwhile. */
let underway = 0;
/** A survey looks again whether it may go on, ms. */
const STAND_BACK_MS = 10;

/** Most pixels of one answer: a gigabyte; larger images are asked for in parts. */
const MAX_PIXELS = 2 ** 28;

/**
 * Answer with pixels of a FITS file as it lies on the disk: little-endian 32-bit floats, first row at the bottom.
 *
 * A rectangle, every `step`-th pixel of every `stepY`-th row (`reduce=nearest`) or the mean of the finite pixels of
 * each block (`reduce=mean`). With the `revision` that `/images` told, an answer may be kept for ever.
 *
 * `survey=N` looks at all pixels; see `respondSurvey`.
 *
 * @throws api/bad-rectangle and what reading the file throws
 */
export async function respondPixels(services: Services, request: Request): Promise<Response> {
  if (isSurvey(request)) return respondImageSurvey(services, request);
  const query = parseQuery(Query, request);
  const { path, hdu, slice, revision, reduce } = query;
  const { width, height } = await sidesOf(services, path, hdu);
  const region = regionOf(query, width, height);
  const stepY = query.stepY ?? query.step;
  checkSize(region, query.step, stepY);
  const asked = { hdu, slice, region, stepX: query.step, stepY, reduce, revision };
  underway++;
  const pixels = await services.images.readPixels(path, asked, request.signal).finally(() => {
    underway--;
  });
  const { data } = pixels;
  return new Response(data, {
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

/** Tell whether a plane is to be surveyed. */
export function isSurvey(request: Request): boolean {
  return new URL(request.url).searchParams.has('survey');
}

async function respondImageSurvey(services: Services, request: Request): Promise<Response> {
  const { path, hdu, slice, revision } = parseQuery(Query, request);
  const { width, height } = await sidesOf(services, path, hdu);
  return respondSurvey(request, width, height, async (y, rows, target) => {
    const region = { x: 0, y, width, height: rows };
    const query = { hdu, slice, region, stepX: 1, stepY: 1, reduce: 'nearest', revision, target } as const;
    return (await services.images.readPixels(path, query, request.signal)).data;
  });
}

/**
 * Answer with what all pixels of a plane say: `?survey=N&lo=&hi=`.
 *
 * The bytes are the means of blocks of N x N pixels, then pixels at equal steps of their rank, 32-bit floats; headers
 * tell the shape of the first, and the smallest, the largest and the number of finite pixels. `lo` and `hi` are where
 * the sky lies: there ranks are finest.
 *
 * @param read fills `target`, or answers with other memory, from whole rows.
 */
export async function respondSurvey(
  request: Request,
  width: number,
  height: number,
  read: (y: number, rows: number, target: Float32Array<ArrayBuffer>) => Promise<Float32Array>,
): Promise<Response> {
  const { survey: side, lo, hi } = parseQuery(SurveyQuery, request);
  if (!(hi > lo) || !Number.isFinite(hi - lo))
    throw new AstridError('api/bad-rectangle', `lo=${lo} and hi=${hi} are no range.`, { lo, hi });
  const plane = new PlaneSurvey(width, height, side, { lo, hi });
  const together = side * Math.max(1, Math.floor(SURVEY_PIXELS / width / side));
  const memory = new Float32Array(width * Math.min(height, together));
  for (let y = 0; y < height; y += together) {
    while (underway > 0 && !request.signal.aborted) await sleep(STAND_BACK_MS);
    throwIfStopped(request.signal);
    const rows = Math.min(together, height - y);
    plane.add(await read(y, rows, memory.subarray(0, width * rows)));
  }
  const { columns, means, ranks, min, max, finiteCount } = plane.finish();
  const body = new Float32Array(means.length + ranks.length);
  body.set(means);
  body.set(ranks, means.length);
  return new Response(body, {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(body.byteLength),
      'cache-control': 'no-store',
      'x-astrid-dtype': 'float32',
      'x-astrid-shape': `${means.length / columns},${columns}`,
      'x-astrid-range': `${min},${max}`,
      'x-astrid-finite': String(finiteCount),
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
