import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Label, Verdict } from './curation.ts';
import { Id, pageOf, pageQuery, Sha256 } from './shared.ts';

/** Numbers of a detection that lists are ordered, filtered and plotted by. */
export const DetectionColumn = z.enum([
  'score',
  'snr',
  'mag',
  'raDeg',
  'decDeg',
  'midpointMjdTai',
  'xPx',
  'yPx',
]);
export type DetectionColumn = z.infer<typeof DetectionColumn>;

/** Numbers of a sky object. */
export const ObjectColumn = z.enum([
  'score',
  'snr',
  'mag',
  'raDeg',
  'decDeg',
  'positionErrArcsec',
  'detectionCount',
  'firstMjdTai',
  'lastMjdTai',
]);
export type ObjectColumn = z.infer<typeof ObjectColumn>;

const excluded = z.boolean().optional().describe('true keeps the other rows instead');

/** Which rows: those that pass all of these. */
export const RowFilter = z.object({
  ranges: z
    .array(
      z.object({
        column: z.string(),
        from: z.number().optional(),
        to: z.number().optional(),
        isExcluded: excluded,
      }),
    )
    .max(50)
    .optional()
    .describe('a number between two, both included; a row without one is outside'),
  words: z
    .array(z.object({ column: z.string(), names: z.array(z.string()).max(1000), isExcluded: excluded }))
    .max(50)
    .optional()
    .describe(
      'one of some words; of detections: run, verdict (none, real, bogus, unsure), model, sign, state, band',
    ),
  lassos: z
    .array(
      z.object({
        x: z.string(),
        y: z.string(),
        isLogX: z.boolean().optional(),
        isLogY: z.boolean().optional(),
        points: z
          .array(z.tuple([z.number(), z.number()]))
          .min(3)
          .max(2000),
        isExcluded: excluded,
      }),
    )
    .max(10)
    .optional()
    .describe('inside a polygon on two columns'),
});
export type RowFilter = z.infer<typeof RowFilter>;

/** A filter as it stands in an address. */
export const FilterText = z
  .string()
  .max(200_000)
  .transform((text, context) => {
    try {
      const parsed = RowFilter.safeParse(JSON.parse(text));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: z.prettifyError(parsed.error) });
    } catch {
      context.addIssue({ code: 'custom', message: 'the filter is not JSON' });
    }
    return z.NEVER;
  })
  .describe('JSON: { ranges, words, lassos }, all optional; a row passes when it passes all of them');

/** A detection as a table of many shows it. */
export const CatalogDetection = z.object({
  id: Id,
  runId: Id,
  exposureName: z.string().optional(),
  band: z.string().optional(),
  midpointMjdTai: z.number().optional(),
  objectId: Id.optional(),
  objectName: z.string().optional(),
  rank: z.number().int(),
  score: z.number(),
  modelVersion: z.string(),
  snr: z.number(),
  scorr: z.number(),
  mag: z.number().optional(),
  fluxE: z.number(),
  fluxErrE: z.number(),
  raDeg: z.number().optional(),
  decDeg: z.number().optional(),
  xPx: z.number(),
  yPx: z.number(),
  isNegative: z.boolean(),
  isVetoed: z.boolean(),
  verdict: Verdict.optional(),
  tripletSha256: Sha256,
});
export type CatalogDetection = z.infer<typeof CatalogDetection>;

/** Detections of many runs that are one thing on the sky. */
export const SkyObject = z.object({
  id: Id,
  name: z.string().describe('after its first place; never changed'),
  raDeg: z.number(),
  decDeg: z.number(),
  positionErrArcsec: z.number().describe('1 sigma per axis'),
  detectionCount: z.number().int(),
  firstMjdTai: z.number().optional(),
  lastMjdTai: z.number().optional(),
  score: z.number().describe('best of its detections'),
  snr: z.number().describe('best of its detections'),
  mag: z.number().optional().describe('brightest of its detections'),
  verdict: Verdict.optional().describe('of the newest label that any of its detections bears'),
});
export type SkyObject = z.infer<typeof SkyObject>;

const listQuery = {
  ...pageQuery,
  filter: FilterText.optional(),
  falling: z.stringbool().default(true),
  offset: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('rows to skip, without a cursor; any place of the list costs the same'),
};
const listOf = <Row extends z.ZodType>(row: Row) =>
  pageOf(row).extend({ offset: z.number().int().describe('where in the list the page begins') });

const table = z.enum(['detections', 'objects']);
const bins = z.coerce.number().int().min(1).max(400);

const axis = (name: 'x' | 'y') => ({
  [name]: z.string(),
  [`${name}Log`]: z.stringbool().default(false),
  [`${name}From`]: z.coerce.number().optional(),
  [`${name}To`]: z.coerce.number().optional(),
  [`${name}Bins`]: bins.default(60),
});
type AxisInput<Name extends 'x' | 'y'> = Record<Name, z.ZodString> &
  Record<`${Name}Log`, z.ZodDefault<ReturnType<typeof z.stringbool>>> &
  Record<`${Name}From` | `${Name}To`, z.ZodOptional<z.ZodCoercedNumber>> &
  Record<`${Name}Bins`, z.ZodDefault<typeof bins>>;

/** Numbers of rows along an axis. */
export const BinCounts = z.object({
  edges: z.array(z.number()).describe('one more than bins; empty where no row has a number'),
  counts: z.record(z.string(), z.array(z.number().int())).describe('by word of the column asked for'),
  total: z.number().int(),
});
export type BinCounts = z.infer<typeof BinCounts>;

/** Numbers of rows over two axes. */
export const CellCounts = z.object({
  xEdges: z.array(z.number()),
  yEdges: z.array(z.number()),
  counts: z.array(z.number().int()).describe('row-major, y outermost'),
  points: z
    .object({ x: z.array(z.number()), y: z.array(z.number()), verdict: z.array(z.string()) })
    .optional()
    .describe('every row, where they are few'),
  total: z.number().int(),
});
export type CellCounts = z.infer<typeof CellCounts>;

/** Stars of one imported catalogue over an image, brightest kept first; arrays of one length. */
export const FieldStars = z.object({
  name: z.string(),
  band: z.string().optional().describe('of the magnitudes; absent where the catalogue has none'),
  isCut: z.boolean().describe('there are fainter ones that were left out'),
  ids: z.array(z.string()),
  raDeg: z.array(z.number()),
  decDeg: z.array(z.number()),
  mag: z.array(z.number().nullable()),
});
export type FieldStars = z.infer<typeof FieldStars>;

export const catalog = {
  listFieldStars: oc
    .route({
      method: 'GET',
      path: '/runs/{id}/stars',
      summary: 'Stars of the imported catalogues over the image of a run',
      tags: ['catalog'],
    })
    .input(z.object({ id: Id, limit: z.coerce.number().int().min(1).max(100_000).default(20_000) }))
    .output(z.object({ catalogs: z.array(FieldStars) })),
  listDetections: oc
    .route({
      method: 'GET',
      path: '/catalog/detections',
      summary: 'Search detections of all runs',
      tags: ['catalog'],
    })
    .input(z.object({ ...listQuery, order: DetectionColumn.default('score') }))
    .output(listOf(CatalogDetection)),
  listObjects: oc
    .route({ method: 'GET', path: '/catalog/objects', summary: 'Search sky objects', tags: ['catalog'] })
    .input(z.object({ ...listQuery, order: ObjectColumn.default('score') }))
    .output(listOf(SkyObject)),
  getObject: oc
    .route({
      method: 'GET',
      path: '/catalog/objects/{id}',
      summary: 'A sky object with its detections, in order of time, and their labels, newest first',
      tags: ['catalog'],
    })
    .input(z.object({ id: Id }))
    .output(z.object({ object: SkyObject, detections: z.array(CatalogDetection), labels: z.array(Label) })),
  countBins: oc
    .route({
      method: 'GET',
      path: '/catalog/bins/{table}',
      summary: 'Count rows along an axis, for each word of a column apart',
      tags: ['catalog'],
    })
    .input(
      z.object({
        table,
        filter: FilterText.optional(),
        by: z.string().default('verdict'),
        ...(axis('x') as AxisInput<'x'>),
      }),
    )
    .output(BinCounts),
  countCells: oc
    .route({
      method: 'GET',
      path: '/catalog/cells/{table}',
      summary: 'Count rows over two axes; few rows are told one by one',
      tags: ['catalog'],
    })
    .input(
      z.object({
        table,
        filter: FilterText.optional(),
        mostPoints: z.coerce.number().int().min(0).max(5000).default(0),
        ...(axis('x') as AxisInput<'x'>),
        ...(axis('y') as AxisInput<'y'>),
      }),
    )
    .output(CellCounts),
};
