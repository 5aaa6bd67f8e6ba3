import type { Random } from './model.ts';

/** A JSON Schema as OpenAPI 3.1 documents hold them. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** What values are made with: the document's schemas, things that exist, and chance. */
export interface Making {
  readonly random: Random;
  readonly schemas: Readonly<Record<string, Schema>>;
  /** Texts that name something in the workspace, for a property or parameter of that name. */
  known(name: string): readonly string[];
}

const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)]!;

/** Texts that have broken programs. */
const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202eabc',
  '\ufeff',
  '𝔸🔭ß',
  'é'.normalize('NFD'),
  '__proto__',
  'constructor',
  'toString',
  '../../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  '/dev/zero',
  '/dev/stdin',
  '/proc/self/environ',
  '/',
  '.',
  "' OR 1=1 --",
  '"; DROP TABLE runs; --',
  '%00',
  '%',
  '%s%n',
  '{{7*7}}',
  '\r\nX-Injected: 1',
  '<script>alert(1)</script>',
  'NaN',
  'Infinity',
  '-Infinity',
  '1e999',
  '-0',
  '0x10',
  '９',
  '1_000',
  'null',
  'undefined',
  'true',
  '[]',
  '{}',
  '-1',
  '99999999999999999999',
  'x'.repeat(3000),
  '('.repeat(300),
  `${'a'.repeat(40)}!`,
];

const ODD_NUMBERS: readonly number[] = [
  0,
  -0,
  -1,
  1,
  0.5,
  1.5,
  -1.5,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  -(2 ** 31) - 1,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  2 ** 63,
  2 ** 64,
  1e300,
  -1e300,
  5e-324,
  1e21,
];

/** Any text at all. */
export function makeText({ random }: Making): string {
  if (random() < 0.7) return pick(random, ODD_TEXTS);
  const length = Math.floor(random() ** 3 * 60);
  return Array.from({ length }, () => String.fromCharCode(Math.floor(random() ** 2 * 0xffff))).join('');
}

/** Anything at all that JSON can hold, and not what was asked for. */
export function makeAnything(making: Making, depth = 0): unknown {
  const { random } = making;
  const kinds = depth > 2 ? 4 : 6;
  switch (Math.floor(random() * kinds)) {
    case 0:
      return null;
    case 1:
      return random() < 0.5;
    case 2:
      return pick(random, ODD_NUMBERS);
    case 3:
      return makeText(making);
    case 4:
      return Array.from({ length: Math.floor(random() * 4) }, () => makeAnything(making, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: Math.floor(random() * 4) }, () => [
          makeText(making),
          makeAnything(making, depth + 1),
        ]),
      );
  }
}

/**
 * Make a value that a schema allows, or nearly so.
 *
 * @param damage chance that any one part of it is replaced by something else: 0 for a valid value.
 */
export function makeValue(schema: Schema, making: Making, damage: number, name = '', depth = 0): unknown {
  const { random } = making;
  if (random() < damage) return random() < 0.5 ? makeAnything(making, depth) : makeNearMiss(schema, making);
  const known = making.known(name);
  const resolved = resolve(schema, making);
  if (known.length > 0 && random() < 0.8 && isText(resolved)) return pick(random, known);
  if (resolved.const !== undefined) return resolved.const;
  if (resolved.enum !== undefined) return pick(random, resolved.enum);
  const choices = resolved.anyOf ?? resolved.oneOf;
  if (choices !== undefined) return makeValue(pick(random, choices), making, damage, name, depth);
  if (resolved.allOf !== undefined)
    return Object.assign(
      {},
      ...resolved.allOf.map((part) => makeValue(part, making, damage, name, depth)),
    ) as unknown;
  switch (typeOf(resolved, random)) {
    case 'string':
      return makeString(resolved, making);
    case 'integer':
      return Math.round(makeNumber(resolved, random));
    case 'number':
      return makeNumber(resolved, random);
    case 'boolean':
      return random() < 0.5;
    case 'array':
      return makeArray(resolved, making, damage, name, depth);
    case 'object':
      return makeObject(resolved, making, damage, depth);
    case 'null':
      return null;
    default:
      return makeAnything(making, depth);
  }
}

/** Follow a reference into the document. */
export function resolve(schema: Schema, { schemas }: Pick<Making, 'schemas'>): Schema {
  if (schema.$ref === undefined) return schema;
  return resolve(schemas[schema.$ref.replace('#/components/schemas/', '')]!, { schemas });
}

function isText({ type, pattern, enum: words }: Schema): boolean {
  return type === 'string' && words === undefined && (pattern === undefined || pattern.length > 8);
}

function typeOf({ type, properties }: Schema, random: Random): string | undefined {
  if (type === undefined) return properties === undefined ? undefined : 'object';
  return typeof type === 'string' ? type : pick(random, type);
}

/** Just outside of what is allowed, or of a kindred type. */
function makeNearMiss(schema: Schema, making: Making): unknown {
  const { random } = making;
  const { type, minimum, maximum, minLength, maxLength, enum: words } = resolve(schema, making);
  if (type === 'integer' || type === 'number')
    return pick(random, [
      (minimum ?? 0) - 1,
      (maximum ?? 2 ** 53) + 1,
      String(minimum ?? 1),
      0.1,
      ...ODD_NUMBERS,
    ]);
  if (words !== undefined) return `${String(words[0])} `;
  if (type === 'string')
    return pick(random, [
      // No address is longer than sixteen kilobytes, whatever it is of.
      'x'.repeat(Math.min(10_000, (maxLength ?? 5000) + 1)),
      'x'.repeat(Math.max(0, (minLength ?? 0) - 1)),
      [makeText(making)],
      makeText(making),
    ]);
  if (type === 'array') return { 0: 1, length: 1 };
  if (type === 'object') return [];
  return makeAnything(making);
}

function makeString({ pattern, format, minLength = 0, maxLength = 200 }: Schema, making: Making): string {
  const { random } = making;
  const hex = (length: number): string =>
    Array.from({ length }, () => '0123456789abcdef'[Math.floor(random() * 16)]).join('');
  if (pattern?.includes('7[0-9a-f]{3}') || format === 'uuid') return `01900000-0000-7000-8000-${hex(12)}`;
  if (pattern?.includes('{64}')) return hex(64);
  if (pattern?.includes('\\d$')) return String(Math.floor(random() * 10));
  if (pattern?.startsWith('^[a-z0-9]+')) return pick(random, ['star', 'dipole', 'a-b', 'supernova']);
  if (format === 'date-time' || pattern?.includes('T'))
    return new Date(1.7e12 + Math.floor(random() * 1e11)).toISOString();
  if (format === 'uri') return 'https://127.0.0.1:9/';
  const text = makeText(making);
  if (text.length < minLength) return text.padEnd(minLength, 'x');
  return text.slice(0, maxLength);
}

function makeNumber(schema: Schema, random: Random): number {
  const low = schema.minimum ?? schema.exclusiveMinimum ?? -1000;
  const high = Math.min(schema.maximum ?? schema.exclusiveMaximum ?? low + 2000, low + 1e6);
  if (random() < 0.15) return low;
  if (random() < 0.1) return schema.maximum ?? high;
  return low + random() * (high - low);
}

function makeArray(schema: Schema, making: Making, damage: number, name: string, depth: number): unknown[] {
  if (schema.prefixItems !== undefined)
    return schema.prefixItems.map((item) => makeValue(item, making, damage, name, depth + 1));
  const { minItems = 0, maxItems = 5 } = schema;
  const length = Math.min(maxItems, minItems + Math.floor(making.random() * 4));
  return Array.from({ length }, () => makeValue(schema.items ?? {}, making, damage, name, depth + 1));
}

function makeObject(schema: Schema, making: Making, damage: number, depth: number): object {
  const { random } = making;
  const made: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isRequired = schema.required?.includes(name) ?? false;
    if (isRequired ? random() < damage / 2 : random() < 0.5) continue;
    made[name] = makeValue(property, making, damage, name, depth + 1);
  }
  if (random() < damage) made[makeText(making)] = makeAnything(making, depth + 1);
  const more = schema.additionalProperties;
  if (typeof more === 'object' && depth < 4)
    for (let n = Math.floor(random() * 3); n > 0; n--)
      made[`k${n}`] = makeValue(more, making, damage, '', depth + 1);
  return made;
}
