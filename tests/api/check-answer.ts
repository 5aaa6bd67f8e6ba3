import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Answered, Asked, OpenApi } from './model.ts';

/** Failures that speak of another server, or of what is not ready yet: no fault of this one. */
const AWAY = new Set(['sync/unreachable', 'storage/unreachable', 'observations/still-unpacking']);

const FORMATS: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  uri: /^[a-z][a-z0-9+.-]*:/i,
};

/** Make what tells whether an answer is one that the document promises. @returns what is wrong with it */
export function createChecker(document: OpenApi): (asked: Asked, answer: Answered) => string | undefined {
  const ajv = new Ajv2020({ strict: false, allErrors: false, formats: { ...FORMATS } });
  const { schemas } = document.components;
  ajv.addSchema({ $id: 'openapi:', components: { schemas } });
  const compiled = new Map<object, ValidateFunction>();
  const validatorOf = (schema: object): ValidateFunction => {
    const known = compiled.get(schema);
    if (known !== undefined) return known;
    // References are those of the document, wherever the schema stands in it.
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi:#/components/');
    const made = ajv.compile(JSON.parse(text));
    compiled.set(schema, made);
    return made;
  };

  return ({ route, method }, { status, headers, body }) => {
    const type = String(headers['content-type'] ?? '');
    if (method === 'HEAD' || status === 304) return body.length === 0 ? undefined : `${status} with a body`;
    const isAsked = method === route.method;
    const { responses } = route.operation;
    const promised =
      (isAsked ? responses[status] : undefined) ?? (status >= 400 ? responses.default : undefined);
    // Another method may be another operation; what it answers well is checked where it is asked for.
    if (promised === undefined) return isAsked ? `status ${status} is not in the document` : undefined;
    if (status >= 500) {
      const code = parse(body)?.code;
      if (status !== 503 || !AWAY.has(String(code))) return `status ${status}, ${String(code)}`;
    }
    const content = promised.content ?? {};
    const entry = Object.entries(content).find(([name]) => type.startsWith(name.split(';')[0]!));
    if (entry === undefined) {
      if (Object.keys(content).length === 0) return undefined;
      return `content type ${type}, promised ${Object.keys(content).join(', ')}`;
    }
    const [name, { schema }] = entry;
    if (schema === undefined || !name.includes('json')) return undefined;
    const value = parse(body);
    if (value === undefined) return `no JSON: ${new TextDecoder().decode(body).slice(0, 200)}`;
    const validate = validatorOf(schema);
    if (validate(value)) {
      if (status >= 400 && value.status !== status)
        return `a problem of ${String(value.status)} with ${status}`;
      return undefined;
    }
    return `not of its schema: ${ajv.errorsText(validate.errors)}`;
  };
}

function parse(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
