import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Label, Verdict } from './curation.ts';
import { Id, Instant, pageOf, pageQuery, Sha256 } from './shared.ts';

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
    .describe('inside a polygon on two columns, or on colour and starMag of /catalog/colours'),
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
  fieldName: z.string().optional().describe('what the science image says it shows: OBJECT'),
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
  givenName: z.string().optional().describe('what people call it'),
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

/** What the imported catalogues say of the stars that rows lie on; arrays of one length. */
export const Colours = z.object({
  catalogue: z.string().optional().describe('whose stars they are; absent where no row lies on one'),
  colourName: z.string().optional().describe('g - r'),
  band: z.string().optional().describe('of the magnitudes'),
  ids: z.array(Id),
  colour: z.array(z.number()),
  mag: z.array(z.number()),
  verdict: z.array(z.string()),
  field: z
    .object({ colour: z.array(z.number()), mag: z.array(z.number()) })
    .describe('stars around the best row, for comparison'),
  catalogues: z.number().int().describe('imported'),
  looked: z.number().int().describe('rows that were looked up: those with coordinates, best score first'),
  total: z.number().int(),
});
export type Colours = z.infer<typeof Colours>;

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

/** A known body of the solar system where it was when an image was taken. */
export const MovingObject = z.object({
  name: z.string(),
  number: z.number().int().optional().describe('absent for those that have none yet'),
  kind: z.string().describe('its family: MB>Middle, Mars-Crosser, Comet ...'),
  raDeg: z.number(),
  decDeg: z.number(),
  mag: z.number().optional().describe('V'),
  errArcsec: z.number().optional().describe('how well the place is known'),
  raRateArcsecPerHour: z.number().optional().describe('on the sky'),
  decRateArcsecPerHour: z.number().optional(),
});
export type MovingObject = z.infer<typeof MovingObject>;

/** What was asked of moving objects over an image. */
const MovingObjects = z.object({
  askedAt: Instant.optional().describe('absent where nobody has asked yet'),
  observatory: z.string().optional().describe('code of the Minor Planet Center they are seen from'),
  objects: z.array(MovingObject),
});

const Share = z.object({ value: z.number(), low: z.number(), high: z.number().describe('95 %, Wilson') });
export type Share = z.infer<typeof Share>;

/** How well one model tells real from bogus, by the labels. */
export const ModelEvaluation = z.object({
  modelVersion: z.string(),
  real: z.number().int(),
  bogus: z.number().int(),
  unsure: z.number().int(),
  scoreBins: z.record(z.string(), z.array(z.number().int())).describe('20 bins of score, by verdict'),
  confusion: z.object({
    threshold: z.number(),
    realCalledReal: z.number().int(),
    bogusCalledReal: z.number().int(),
    realCalledBogus: z.number().int(),
    bogusCalledBogus: z.number().int(),
    completeness: Share.optional(),
    purity: Share.optional(),
  }),
  points: z
    .array(z.object({ threshold: z.number(), completeness: Share, falseAlarms: Share, purity: Share }))
    .describe('strictest first; empty unless there are both real and bogus ones'),
  rocArea: z.object({ value: z.number(), error: z.number() }).optional(),
  averagePrecision: z.number().optional(),
  calibration: z.array(
    z.object({
      from: z.number(),
      to: z.number(),
      count: z.number().int(),
      meanScore: z.number(),
      realShare: Share,
    }),
  ),
  brier: z.number().optional(),
  calibrationError: z.number().optional(),
});
export type ModelEvaluation = z.infer<typeof ModelEvaluation>;

/** How deep one image is. */
export const ImageDepth = z.object({
  runId: Id,
  exposureName: z.string().optional(),
  band: z.string().optional(),
  midpointMjdTai: z.number().optional(),
  injected: z.number().int(),
  found: z.number().int(),
  magnitudes: z.enum(['instrumental', 'calibrated']),
  bySnr: z.object({ ceiling: z.number(), centre: z.number(), width: z.number() }),
  snr50: z.number().optional(),
  snr50Err: z.number().optional(),
  mag50: z.number().optional(),
  mag90: z.number().optional(),
});
export type ImageDepth = z.infer<typeof ImageDepth>;

/** What people did. */
export const LabelWork = z.object({
  curators: z.array(
    z.object({
      curator: z.string(),
      labels: z.number().int(),
      real: z.number().int(),
      bogus: z.number().int(),
      unsure: z.number().int(),
      medianDecisionMs: z.number().optional(),
      activeHours: z.number(),
      labelsPerHour: z.number().optional().describe('pauses over five minutes left out'),
      lastAtMs: z.number(),
    }),
  ),
  days: z.array(z.object({ day: z.string(), labels: z.number().int() })),
});
export type LabelWork = z.infer<typeof LabelWork>;

export const catalog = {
  evaluateModels: oc
    .route({
      method: 'GET',
      path: '/catalog/models',
      summary: 'How well each model tells real from bogus, by the labels',
      tags: ['catalog'],
    })
    .input(z.object({ threshold: z.coerce.number().min(0).max(1).default(0.5) }))
    .output(z.object({ models: z.array(ModelEvaluation) })),
  listDepths: oc
    .route({
      method: 'GET',
      path: '/catalog/depths',
      summary: 'How deep the newest images are',
      tags: ['catalog'],
    })
    .input(z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) }))
    .output(z.object({ images: z.array(ImageDepth) })),
  summariseWork: oc
    .route({
      method: 'GET',
      path: '/catalog/work',
      summary: 'Who labelled how much and how fast',
      tags: ['catalog'],
    })
    .output(LabelWork),
  listFieldStars: oc
    .route({
      method: 'GET',
      path: '/runs/{id}/stars',
      summary: 'Stars of the imported catalogues over the image of a run',
      tags: ['catalog'],
    })
    .input(z.object({ id: Id, limit: z.coerce.number().int().min(1).max(100_000).default(20_000) }))
    .output(z.object({ catalogs: z.array(FieldStars) })),
  listMovingObjects: oc
    .route({
      method: 'GET',
      path: '/runs/{id}/moving-objects',
      summary: 'Known asteroids, comets and planets over the image of a run, as they were asked for last',
      tags: ['catalog'],
    })
    .input(z.object({ id: Id }))
    .output(MovingObjects),
  findMovingObjects: oc
    .route({
      method: 'POST',
      path: '/runs/{id}/moving-objects',
      summary:
        'Ask SkyBoT of the IMCCE for them over the network: place, size and time of the image go there',
      tags: ['catalog'],
    })
    .input(
      z.object({
        id: Id,
        observatory: z
          .string()
          .regex(/^[A-Z0-9]\d\d$/, { error: 'a code of the Minor Planet Center: 500, I41 ...' })
          .default('500')
          .describe(
            'where it was seen from: a code of the Minor Planet Center; 500 is the centre of the Earth',
          ),
      }),
    )
    .output(MovingObjects),
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
  findColours: oc
    .route({
      method: 'GET',
      path: '/catalog/colours/{table}',
      summary: 'Colours and magnitudes of the catalogued stars that rows lie on',
      tags: ['catalog'],
    })
    .input(z.object({ table, filter: FilterText.optional() }))
    .output(Colours),
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
