import { OpenAPIGenerator } from '@orpc/openapi';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import type { z } from 'zod';
import { TELLS_SECRET } from './access.ts';
import {
  API_PREFIX,
  Candidate,
  CatalogDetection,
  contract,
  Field,
  Finding,
  Label,
  LogEvent,
  Problem,
  Progress,
  Run,
  SkyObject,
} from './contract/index.ts';
import { describeAccess, SECURITY_SCHEMES } from './describe-access.ts';

type OpenApiDocument = Awaited<ReturnType<OpenAPIGenerator['generate']>>;
type Operation = NonNullable<NonNullable<NonNullable<OpenApiDocument['paths']>[string]>['get']>;

const failure = {
  description: 'It failed: `code` says how, `detail` what to do.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** Describe the door as OpenAPI 3.1: the contract, and the three routes that are no JSON. */
export async function describeApi(version: string): Promise<OpenApiDocument> {
  const converter = new ZodToJsonSchemaConverter({
    interceptors: [
      ({ schema, next }) => {
        const { def } = schema._zod as {
          readonly def: { readonly type: string; readonly out?: z.core.$ZodType };
        };
        // What an address says as true or false is a text that becomes one.
        return def.type === 'pipe' && def.out?._zod.def.type === 'boolean'
          ? [true, { type: 'boolean' }]
          : next();
      },
    ],
  });
  const generator = new OpenAPIGenerator({ schemaConverters: [converter] });
  const document = await generator.generate(contract, {
    info: {
      title: 'AstrID',
      version,
      description:
        'Runs of the line over pairs of FITS images, the candidates they found, and what people said of them. ' +
        'Every failure is a problem of RFC 9457 with a `code` that does not change.',
    },
    servers: [{ url: API_PREFIX }],
    commonSchemas: {
      Run: { schema: Run, strategy: 'output' },
      Field: { schema: Field, strategy: 'output' },
      Candidate: { schema: Candidate, strategy: 'output' },
      CatalogDetection: { schema: CatalogDetection, strategy: 'output' },
      SkyObject: { schema: SkyObject, strategy: 'output' },
      Label: { schema: Label, strategy: 'output' },
      Finding: { schema: Finding, strategy: 'output' },
      LogEvent: { schema: LogEvent, strategy: 'output' },
      Progress: { schema: Progress, strategy: 'output' },
      Problem: { schema: Problem, strategy: 'output' },
    },
  });
  document.paths = {
    ...document.paths,
    '/events': { get: events },
    '/metrics': { get: metrics },
    '/docs': { get: docs },
    '/exports/{table}': { get: exports },
    '/blob/{sha256}': { servers: [{ url: '/' }], get: blob },
    '/pixels': { servers: [{ url: '/' }], get: pixels },
    '/cutout': { servers: [{ url: '/' }], get: cutout },
  };
  document.components = { ...document.components, securitySchemes: SECURITY_SCHEMES };
  for (const item of Object.values(document.paths))
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      const operation = item?.[method];
      if (operation === undefined) continue;
      describeHeaders(method, operation);
      describeAccess(operation);
    }
  return document;
}

/** Add what holds for every operation: how it fails, and what makes it safe to ask again. */
function describeHeaders(method: string, operation: Operation): void {
  const isJson = Object.values(operation.responses ?? {}).some(
    (one) => 'content' in one && one.content?.['application/json'] !== undefined,
  );
  // Its answer is kept nowhere.
  const isKept = !TELLS_SECRET.has(operation.operationId ?? '');
  const more = isJson && isKept ? (HEADERS_OF[method] ?? []) : [];
  operation.parameters = [...(operation.parameters ?? []), ...more];
  operation.responses = {
    ...operation.responses,
    ...(isJson && method === 'get' ? { 304: { description: 'It is what you have.' } } : {}),
    default: failure,
  };
}

const header = (name: string, description: string): NonNullable<Operation['parameters']>[number] => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string' },
});
const ifMatch = header('If-Match', 'the ETag of the same address: 412 where it has changed since');
const HEADERS_OF: Readonly<Record<string, NonNullable<Operation['parameters']>>> = {
  get: [header('If-None-Match', 'an ETag: 304 where nothing has changed')],
  put: [ifMatch, header('If-None-Match', '`*`: 412 where there is something already')],
  delete: [ifMatch],
  post: [header('Idempotency-Key', 'of your choice: sent again within a day, the answer is the same one')],
};

const metrics: Operation = {
  operationId: 'api.metrics',
  summary: 'What a watcher asks for from time to time',
  description: "Prometheus' text format.",
  tags: ['api'],
  responses: { 200: { description: 'The metrics.', content: { 'text/plain': {} } } },
};

const docs: Operation = {
  operationId: 'api.docs',
  summary: 'This reference',
  tags: ['api'],
  responses: { 200: { description: 'The page.', content: { 'text/html': {} } } },
};

const events: Operation = {
  operationId: 'api.events',
  summary: 'Follow the event log',
  description:
    'Server-sent events. A message with an id is a `LogEvent`; reconnect with the last id and nothing is missed or ' +
    'repeated. An event of type `progress` is a `Progress`, is not kept and bears no id. Comments keep the line up.',
  tags: ['api'],
  parameters: [
    {
      name: 'after',
      in: 'query',
      description: 'start after this id; 0 for the whole log; without it, with what happens from now on',
      schema: { type: 'integer', minimum: 0 },
    },
    {
      name: 'runId',
      in: 'query',
      description: 'keep to one run',
      schema: { type: 'string', format: 'uuid' },
    },
    {
      name: 'Last-Event-ID',
      in: 'header',
      description: 'goes before `after`; browsers send it when they reconnect',
      schema: { type: 'integer', minimum: 0 },
    },
  ],
  responses: {
    200: {
      description: 'The stream; it ends when either side closes it.',
      content: {
        'text/event-stream': {
          schema: {
            oneOf: [{ $ref: '#/components/schemas/LogEvent' }, { $ref: '#/components/schemas/Progress' }],
          },
        },
      },
    },
  },
};

const exports: Operation = {
  operationId: 'api.exports',
  summary: 'A whole table as a file',
  description: 'Streamed as it is read: a million rows take no more memory than a thousand.',
  tags: ['catalog'],
  parameters: [
    {
      name: 'table',
      in: 'path',
      required: true,
      schema: { type: 'string', enum: ['candidates', 'detections', 'objects', 'labels'] },
    },
    {
      name: 'format',
      in: 'query',
      schema: { type: 'string', enum: ['csv', 'votable', 'fits', 'parquet', 'ds9'], default: 'csv' },
    },
    {
      name: 'filter',
      in: 'query',
      description: 'as of `/catalog/detections` and `/catalog/objects`; labels have none',
      schema: { type: 'string' },
    },
  ],
  responses: {
    200: {
      description: 'The file.',
      content: {
        'text/csv': {},
        'application/x-votable+xml': {},
        'application/fits': {},
        'application/vnd.apache.parquet': {},
        'text/plain': {},
      },
    },
  },
};

const shapeHeaders = {
  'X-Astrid-Dtype': {
    description: 'little-endian numbers the bytes are',
    schema: { type: 'string' as const, enum: ['float32', 'uint16'] },
  },
  'X-Astrid-Shape': {
    description: 'outermost first, e.g. `height,width`; the first row is at the bottom',
    schema: { type: 'string' as const },
  },
  'X-Astrid-Unit': { schema: { type: 'string' as const } },
  ETag: { schema: { type: 'string' as const } },
};
const bytes = { 'application/octet-stream': {} };

const count = { type: 'integer' as const, minimum: 0 };
const rectangle: NonNullable<Operation['parameters']> = [
  {
    name: 'x',
    in: 'query',
    description: 'left of a rectangle, zero-based',
    schema: { ...count, default: 0 },
  },
  { name: 'y', in: 'query', description: 'its lowest row', schema: { ...count, default: 0 } },
  { name: 'width', in: 'query', description: 'default: to the right rim', schema: { ...count, minimum: 1 } },
  { name: 'height', in: 'query', description: 'default: to the upper rim', schema: { ...count, minimum: 1 } },
  {
    name: 'step',
    in: 'query',
    description: 'every Nth pixel, or the side of a block that is averaged',
    schema: { type: 'integer', minimum: 1, maximum: 65_536, default: 1 },
  },
  {
    name: 'stepY',
    in: 'query',
    description: 'every Nth row; default: as `step`',
    schema: { type: 'integer', minimum: 1, maximum: 65_536 },
  },
  {
    name: 'reduce',
    in: 'query',
    description: '`mean`: of the finite pixels of each block',
    schema: { type: 'string', enum: ['nearest', 'mean'], default: 'nearest' },
  },
  {
    name: 'survey',
    in: 'query',
    description:
      'look at all pixels: answers means of blocks of this side, then pixels at equal steps of their rank; the range ' +
      'and the number of finite pixels are in headers. Needs `lo` and `hi`.',
    schema: { type: 'integer', minimum: 1, maximum: 65_536 },
  },
  { name: 'lo', in: 'query', description: 'with `survey`: where the sky begins', schema: { type: 'number' } },
  { name: 'hi', in: 'query', description: 'with `survey`: where it ends', schema: { type: 'number' } },
];

const pixels: Operation = {
  operationId: 'observations.pixels',
  summary: 'Pixels of a FITS file where it lies',
  description: 'Scaled, NaN where blank, little-endian 32-bit floats; only what was asked for is read.',
  tags: ['observations'],
  parameters: [
    { name: 'path', in: 'query', required: true, schema: { type: 'string' } },
    { name: 'hdu', in: 'query', required: true, schema: count },
    { name: 'slice', in: 'query', description: 'of a cube, zero-based', schema: { ...count, default: 0 } },
    {
      name: 'revision',
      in: 'query',
      description: 'as `/images` told it: the answer may be kept; refused when the file has changed',
      schema: { type: 'string' },
    },
    ...rectangle,
  ],
  responses: { 200: { description: 'The pixels.', headers: shapeHeaders, content: bytes } },
};

const cutout: Operation = {
  operationId: 'observations.cutout',
  summary: 'A FITS file of a part of an image',
  description:
    'Of an image of a run (`run` and `kind`) or of one in a file (`path` and `hdu`). Its coordinates are those of the ' +
    'sky under it, with all distortion; LTV and LTM lead back to the pixels it was cut from.',
  tags: ['observations'],
  parameters: [
    { name: 'run', in: 'query', schema: { type: 'string', format: 'uuid' } },
    { name: 'kind', in: 'query', description: "of the run's planes", schema: { type: 'string' } },
    { name: 'path', in: 'query', schema: { type: 'string' } },
    { name: 'hdu', in: 'query', schema: count },
    { name: 'slice', in: 'query', description: 'of a cube, zero-based', schema: { ...count, default: 0 } },
    ...rectangle.filter((one) => 'name' in one && ['x', 'y', 'width', 'height'].includes(one.name)),
  ],
  responses: { 200: { description: 'The file.', content: { 'application/fits': {} } } },
};

const blob: Operation = {
  operationId: 'api.blob',
  summary: 'Bytes of a plane or a triplet',
  description:
    'Bytes never change under their address. Answers `Range`, `If-Range` and `If-None-Match`; of a plane also a rectangle.',
  tags: ['api'],
  parameters: [
    { name: 'sha256', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
    ...rectangle,
    { name: 'Range', in: 'header', schema: { type: 'string', examples: ['bytes=0-65535'] } },
  ],
  responses: {
    200: { description: 'The whole blob, or the rectangle.', headers: shapeHeaders, content: bytes },
    206: { description: 'The range.', headers: shapeHeaders, content: bytes },
    304: { description: 'It is what you have.' },
    416: failure,
  },
};
