import { type Making, makeAnything, makeText, makeValue } from './make-value.ts';
import type { Asked, Parameter, Random, Route } from './model.ts';

const ODD_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];

const ODD_HEADERS: readonly (readonly [string, readonly string[]])[] = [
  [
    'range',
    [
      'bytes=0-0',
      'bytes=0-9999999999',
      'bytes=-5',
      'bytes=9-1',
      'bytes=a-b',
      'items=0-1',
      'bytes=0-1,5-9',
      'bytes=99999999999999999999-',
    ],
  ],
  ['if-none-match', ['*', '""', 'W/"x"', '"a", "b"', 'x']],
  ['if-match', ['*', '"x"', 'W/"x"', '""', 'x, y']],
  ['if-range', ['"x"', 'Tue, 15 Nov 1994 12:45:26 GMT']],
  ['if-modified-since', ['Tue, 15 Nov 1994 12:45:26 GMT', 'x']],
  ['last-event-id', ['0', '-1', '1.5', 'x', '99999999999999999999', '9007199254740991']],
  ['idempotency-key', ['a', '"a"', 'x'.repeat(300), '\u00e9', 'key-1', 'key-2', 'key-3']],
  ['accept', ['text/html', '*/*', 'application/xml', ';;;', 'text/event-stream']],
  ['accept-encoding', ['gzip', 'br;q=1.0', 'identity;q=0']],
  ['content-disposition', ['attachment; filename="x.json"', 'form-data; name="__proto__"']],
  ['content-encoding', ['gzip', 'x']],
  ['expect', ['100-continue']],
  ['x-http-method-override', ['DELETE']],
  ['x-forwarded-host', ['evil.example']],
  ['traceparent', ['00-x']],
];

const ODD_TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/octet-stream',
  'application/json; charset=utf-16',
  'application/jsonp',
  'text/event-stream',
  'application/xml',
  '',
  'é',
];

const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)]!;

/**
 * Make a request of a route: valid, nearly so, or nothing of the kind.
 *
 * @param cursors that lists have answered with.
 */
export function makeRequest(route: Route, making: Making, cursors: readonly string[]): Asked {
  const { random } = making;
  const damage = pick(random, [0, 0, 0.1, 0.3, 1]);
  const { parameters = [], requestBody } = route.operation;
  const headers: Record<string, string> = {};
  let target = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = parameters.find((one) => one.in === 'path' && one.name === name);
    const value = makeParameter(parameter, making, damage / 2);
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    // Without a step there, or with one that goes up, it is another route.
    return ['', '.', '..'].includes(text) ? 'x' : encode(text, random);
  });
  const query: string[] = [];
  for (const parameter of parameters) {
    if (parameter.in === 'path') continue;
    if (parameter.required === true ? random() < damage / 2 : random() < 0.6) continue;
    const value = makeParameter(parameter, making, damage, cursors);
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    if (parameter.in === 'header') headers[parameter.name.toLowerCase()] = onlyHeaderText(text);
    else query.push(`${nameOf(parameter.name, damage, random)}=${encode(text, random)}`);
    if (random() < damage / 4) query.push(query.at(-1)!);
  }
  if (random() < damage / 4) query.push(encode(makeText(making), random));
  // A host takes sixteen kilobytes of headers, and says so before it has read the rest.
  if (query.length > 0) target = `${target}?${query.join('&')}`.slice(0, 12_000);
  for (const [name, values] of ODD_HEADERS)
    if (random() < 0.02 + damage / 20) headers[name] = onlyHeaderText(pick(random, values));

  const method = random() < 0.04 ? pick(random, ODD_METHODS) : route.method;
  const schema = requestBody?.content['application/json']?.schema;
  const isBodied = schema !== undefined ? random() >= damage / 10 : random() < 0.1;
  if (!isBodied || ['GET', 'HEAD', 'TRACE'].includes(method)) return { route, method, target, headers };
  const value = schema === undefined ? makeAnything(making) : makeValue(schema, making, damage);
  headers['content-type'] =
    random() < 0.05 + damage / 20 ? onlyHeaderText(pick(random, ODD_TYPES)) : 'application/json';
  return { route, method, target, headers, body: makeBody(value, damage, random) };
}

function makeParameter(
  parameter: Parameter | undefined,
  making: Making,
  damage: number,
  cursors: readonly string[] = [],
): unknown {
  const { random } = making;
  if (parameter === undefined) return makeText(making);
  if (parameter.name === 'cursor' && random() < 0.9) return makeCursor(making, cursors);
  if (parameter.name === 'filter' && parameter.in === 'query' && random() < 0.7)
    return makeFilter(making, damage);
  return makeValue(parameter.schema, making, damage, parameter.name);
}

/** A cursor as it was given, damaged, or of the right form with another content. */
function makeCursor(making: Making, cursors: readonly string[]): string {
  const { random } = making;
  const given = cursors.length === 0 ? '' : pick(random, cursors);
  const at = Math.floor(random() * given.length);
  return pick(random, [
    given,
    given.slice(0, at),
    `${given.slice(0, at)}${pick(random, ['A', '_', '=', '%', 'é'])}${given.slice(at + 1)}`,
    Buffer.from(JSON.stringify(makeAnything(making)) ?? '').toString('base64url'),
    Buffer.from(JSON.stringify([pick(random, [1e308, -1, 0.5, 2 ** 53, null]), makeText(making)])).toString(
      'base64url',
    ),
    makeText(making),
  ]);
}

const COLUMNS = [
  'score',
  'snr',
  'mag',
  'raDeg',
  'xPx',
  'run',
  'verdict',
  'model',
  'state',
  'band',
  '__proto__',
  'rowid; --',
];

/** A filter of lists: of the catalogue's form or of the queue's words. */
function makeFilter(making: Making, damage: number): string {
  const { random } = making;
  const column = (): string => pick(random, COLUMNS);
  const number = (): unknown => (random() < damage ? makeAnything(making) : random() * 100 - 20);
  if (random() < 0.4)
    return pick(random, [
      'status:failed -good',
      'candidates>1 seeing<9',
      'night:2026-03-01',
      'grade:red is:unlabelled',
      'candidates>1e400',
      'night>9999-99-99',
      `"${makeText(making)}" band:${makeText(making)}`,
    ]);
  return JSON.stringify({
    ranges: [{ column: column(), from: number(), to: number() }],
    words: [{ column: column(), names: [makeText(making), 'real'], isExcluded: random() < 0.5 }],
    lassos:
      random() < 0.3
        ? [
            {
              x: column(),
              y: column(),
              isLogX: random() < 0.5,
              points: Array.from({ length: 3 }, () => [number(), number()]),
            },
          ]
        : [],
  });
}

/** A body of JSON, at times cut off, doubled, deep or not of UTF-8. */
function makeBody(value: unknown, damage: number, random: Random): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(value) ?? '');
  if (random() >= damage / 5) return bytes;
  switch (Math.floor(random() * 7)) {
    case 0:
      return bytes.subarray(0, Math.floor(bytes.length * random()));
    case 1:
      return new TextEncoder().encode('['.repeat(100_000));
    case 2:
      return new TextEncoder().encode(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
    case 3:
      return Uint8Array.from({ length: 200 }, () => Math.floor(random() * 256));
    case 4:
      return new TextEncoder().encode('{"limit":1e400,"id":NaN}');
    case 5:
      return new TextEncoder().encode('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"x":1}}}');
    default:
      return Uint8Array.from([...bytes, 0xff, 0xfe]);
  }
}

function nameOf(name: string, damage: number, random: Random): string {
  if (random() >= damage / 4) return name;
  return pick(random, [
    `${name}[]`,
    `${name}[a]`,
    `${name}[__proto__][x]`,
    `${name}.x`,
    name.toUpperCase(),
    `[${name}`,
  ]);
}

/** Write text into an address: encoded as it should be, twice, or hardly at all. */
function encode(text: string, random: Random): string {
  const clean = text.replace(/[\ud800-\udfff]/g, (unit, at: number, all: string) =>
    isPaired(all, at) ? unit : '\ufffd',
  );
  const encoded = encodeURIComponent(clean);
  if (random() < 0.03) return encodeURIComponent(encoded);
  if (random() < 0.03)
    return clean.replace(/[^\x21-\x7e]/gu, (one) => encodeURIComponent(one)).replaceAll('#', '%23');
  if (random() < 0.01) return `${encoded}%`;
  if (random() < 0.01) return `${encoded}%ff`;
  return encoded;
}

function isPaired(text: string, at: number): boolean {
  return (
    /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at, at + 2)) ||
    /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1))
  );
}

/** What the line can carry in a header: the client would refuse to send the rest. */
function onlyHeaderText(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 2000);
}
