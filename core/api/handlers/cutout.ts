import { z } from 'zod';
import { AstridError } from '../../utils/index.ts';
import { Id } from '../contract/index.ts';
import type { CutSource, Services } from '../ports.ts';
import { regionOf } from './pixels.ts';

const whole = z.coerce.number().int().min(0);

const rectangle = {
  x: whole.default(0),
  y: whole.default(0),
  width: whole.min(1).optional(),
  height: whole.min(1).optional(),
};

const Query = z.union([
  z.object({ ...rectangle, run: Id, kind: z.string().min(1) }),
  z.object({ ...rectangle, path: z.string().min(1), hdu: whole, slice: whole.default(0) }),
]);

/** Most pixels of one cutout: it is made in memory. */
const MAX_PIXELS = 2 ** 26;

/**
 * Answer with a FITS file of a part of an image: of a run's plane, or of a file that is looked at.
 *
 * @throws api/bad-rectangle and what finding and reading the image throws
 */
export async function respondCutout(services: Services, request: Request): Promise<Response> {
  const given = Object.fromEntries(new URL(request.url).searchParams);
  const query = Query.safeParse(given);
  if (!query.success)
    throw new AstridError(
      'api/bad-rectangle',
      'A cutout is asked for with run and kind, or with path and hdu, and perhaps x, y, width and height in pixels.',
      { given },
    );
  const source: CutSource =
    'run' in query.data
      ? { kind: 'run', runId: query.data.run, plane: query.data.kind }
      : { kind: 'file', path: query.data.path, hdu: query.data.hdu, slice: query.data.slice };
  const sides = await services.cutter.sidesOf(source);
  const region = regionOf({ ...query.data, step: 1, reduce: 'nearest' }, sides.width, sides.height);
  if (region.width * region.height > MAX_PIXELS)
    throw new AstridError(
      'api/bad-rectangle',
      `A cutout of ${region.width} x ${region.height} pixels is too large; ${MAX_PIXELS} pixels are the most.`,
      { ...region },
    );
  const { name, bytes } = await services.cutter.cut(source, region);
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': 'application/fits',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    },
  });
}
