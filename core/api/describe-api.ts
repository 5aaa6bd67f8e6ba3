import { OpenAPIGenerator } from '@orpc/openapi';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import {
  API_PREFIX,
  Candidate,
  contract,
  ErrorBody,
  Field,
  Finding,
  Label,
  LogEvent,
  Progress,
  Run,
} from './contract/index.ts';

type OpenApiDocument = Awaited<ReturnType<OpenAPIGenerator['generate']>>;
type Operation = NonNullable<NonNullable<NonNullable<OpenApiDocument['paths']>[string]>['get']>;

const failure = {
  description: 'It failed: `error.code` says how, `error.message` what to do.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorBody' } } },
};

/** Describe the door as OpenAPI 3.1: the contract, and the two routes that are no JSON. */
export async function describeApi(version: string): Promise<OpenApiDocument> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  const document = await generator.generate(contract, {
    info: {
      title: 'AstrID',
      version,
      description:
        'Runs of the line over pairs of FITS images, the candidates they found, and what people said of them. ' +
        'Every failure is `{ error: { code, message, details } }`.',
    },
    servers: [{ url: API_PREFIX }],
    commonSchemas: {
      Run: { schema: Run, strategy: 'output' },
      Field: { schema: Field, strategy: 'output' },
      Candidate: { schema: Candidate, strategy: 'output' },
      Label: { schema: Label, strategy: 'output' },
      Finding: { schema: Finding, strategy: 'output' },
      LogEvent: { schema: LogEvent, strategy: 'output' },
      Progress: { schema: Progress, strategy: 'output' },
      ErrorBody: { schema: ErrorBody, strategy: 'output' },
    },
  });
  document.paths = {
    ...document.paths,
    '/events': { get: events },
    '/blob/{sha256}': { servers: [{ url: '/' }], get: blob },
  };
  for (const item of Object.values(document.paths))
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      const operation = item?.[method];
      if (operation !== undefined) operation.responses = { ...operation.responses, default: failure };
    }
  return document;
}

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

const blob: Operation = {
  operationId: 'api.blob',
  summary: 'Bytes of a plane or a triplet',
  description: 'Bytes never change under their address. Answers `Range`, `If-Range` and `If-None-Match`.',
  tags: ['api'],
  parameters: [
    { name: 'sha256', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
    {
      name: 'step',
      in: 'query',
      description: 'of a plane, every Nth pixel of every Nth row, from pixel (0, 0)',
      schema: { type: 'integer', minimum: 1, maximum: 4096, default: 1 },
    },
    { name: 'Range', in: 'header', schema: { type: 'string', examples: ['bytes=0-65535'] } },
  ],
  responses: {
    200: { description: 'The whole blob, or its overview.', headers: shapeHeaders, content: bytes },
    206: { description: 'The range.', headers: shapeHeaders, content: bytes },
    304: { description: 'It is what you have.' },
    416: failure,
  },
};
