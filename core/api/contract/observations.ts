import { oc } from '@orpc/contract';
import { z } from 'zod';
import { ExposureSummary, SkyLattice } from './pipeline.ts';
import { Id, Instant, pageOf, pageQuery, SkyPosition } from './shared.ts';

/** One header-data unit of a FITS file that is looked at. */
export const ImageHdu = z.object({
  index: z.number().int(),
  kind: z.enum(['image', 'compressed-image', 'bintable', 'ascii-table', 'random-groups', 'unknown']),
  extname: z.string().optional(),
  extver: z.number().int(),
  bitpix: z.number().int(),
  shape: z.array(z.number().int()).describe('slowest axis first; empty without data'),
  width: z.number().int().describe('0 where there is no image'),
  height: z.number().int(),
  planes: z.number().int().describe('slices of a cube; 1 for an image'),
  unit: z.string().describe('BUNIT; empty where the header has none'),
  cardCount: z.number().int(),
  compression: z.string().optional().describe('ZCMPTYPE of a compressed image'),
  missingBytes: z.number().int().describe('bytes of its data that lie beyond the end of the file'),
  sky: z
    .object({
      projection: z.string().describe('CTYPE1'),
      center: SkyPosition,
      pixelScaleArcsec: z.number(),
      positionAngleDeg: z.number().describe('of the +y axis, from north through east'),
      isEastLeft: z.boolean().describe('east is 90 degrees counterclockwise from north, as on the sky'),
    })
    .optional()
    .describe('absent where the header has no usable WCS'),
  physical: z
    .object({ scale: z.tuple([z.number(), z.number()]), offset: z.tuple([z.number(), z.number()]) })
    .optional()
    .describe('LTM and LTV: physical = (image - offset) / scale, image counted from one'),
});
export type ImageHdu = z.infer<typeof ImageHdu>;

/** A FITS file that is looked at without being ingested. */
export const ImageFile = z.object({
  path: z.string(),
  name: z.string(),
  bytes: z.number().int(),
  revision: z.string().describe('changes with the file; pass it to /pixels, so that its answers may be kept'),
  unpacking: z
    .object({ doneBytes: z.number().int(), totalBytes: z.number().int() })
    .optional()
    .describe('a gzipped file is being unpacked: ask again; there are no HDUs yet'),
  hdus: z.array(ImageHdu),
  defaultHdu: z.number().int().optional().describe('EXTNAME = SCI, else the first image with two axes'),
  problem: z
    .object({ code: z.string(), message: z.string() })
    .optional()
    .describe('why the list of HDUs ends early'),
});
export type ImageFile = z.infer<typeof ImageFile>;

/** One card of a header. */
export const HeaderCard = z.object({
  keyword: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]).optional(),
  comment: z.string().optional(),
});
export type HeaderCard = z.infer<typeof HeaderCard>;

const path = z.string().min(1).describe('a file of the machine that the core runs on');
const hdu = z.coerce.number().int().min(0);

/** An exposure that the line has read here. */
export const Observation = ExposureSummary.extend({
  firstSeenAt: Instant,
  lastRunId: Id.describe('the newest run that read it'),
  isScience: z.boolean().describe('it was the new image of a run'),
  isTemplate: z.boolean(),
});
export type Observation = z.infer<typeof Observation>;

export const observations = {
  listObservations: oc
    .route({
      method: 'GET',
      path: '/observations',
      summary: 'Exposures that the line has read here, the newest first',
      tags: ['observations'],
    })
    .input(
      z.object({
        ...pageQuery,
        band: z.string().max(100).optional(),
        object: z.string().max(200).optional().describe('whatever the case of its letters'),
        fromMjdTai: z.coerce.number().optional().describe('of the middle of the exposure'),
        toMjdTai: z.coerce.number().optional(),
      }),
    )
    .output(pageOf(Observation)),
  openImage: oc
    .route({
      method: 'GET',
      path: '/images',
      summary: 'What is in a FITS file',
      description: 'Its pixels are at `/pixels?path=&hdu=`; nothing is copied or ingested.',
      tags: ['observations'],
    })
    .input(z.object({ path }))
    .output(ImageFile),
  readHeader: oc
    .route({ method: 'GET', path: '/images/header', summary: 'Cards of one header', tags: ['observations'] })
    .input(
      z.object({
        path,
        hdu,
        search: z.string().optional().describe('keeps cards that contain this in keyword, value or comment'),
        offset: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(5000).default(1000),
      }),
    )
    .output(
      z.object({
        cards: z.array(HeaderCard),
        matched: z.number().int().describe('cards that the search keeps'),
        total: z.number().int(),
      }),
    ),
  readSky: oc
    .route({
      method: 'GET',
      path: '/images/sky',
      summary: 'Sky positions over one image',
      tags: ['observations'],
    })
    .input(z.object({ path, hdu }))
    .output(SkyLattice),
};
