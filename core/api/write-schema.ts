/** A JSON Schema as far as it is shown. */
export interface DocumentSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly anyOf?: readonly DocumentSchema[];
  readonly oneOf?: readonly DocumentSchema[];
  readonly allOf?: readonly DocumentSchema[];
  readonly properties?: Readonly<Record<string, DocumentSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: DocumentSchema | boolean;
  readonly items?: DocumentSchema;
  readonly prefixItems?: readonly DocumentSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
}

/** Write text so that it is nothing but text in HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}

const literal = (value: unknown): string => escapeHtml(JSON.stringify(value));

/** Write a schema in few words, as types are written in programs; HTML, with links to what has a name. */
export function writeSchema(schema: DocumentSchema, indent = ''): string {
  const name = schema.$ref?.split('/').at(-1);
  if (name !== undefined) return `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`;
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map((one) => writeSchema(one, indent)).join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map((one) => writeSchema(one, indent)).join(' &#38; ');
  if (schema.prefixItems !== undefined)
    return `[${schema.prefixItems.map((one) => writeSchema(one, indent)).join(', ')}]`;
  if (schema.type === 'array') {
    const item = writeSchema(schema.items ?? {}, indent);
    return item.includes(' | ') ? `(${item})[]` : `${item}[]`;
  }
  if (schema.type === 'object' || schema.properties !== undefined) return writeObject(schema, indent);
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any');
  return `${escapeHtml(String(type))}${writeLimits(schema)}`;
}

function writeLimits({ minimum, maximum, format, default: usual }: DocumentSchema): string {
  const isBounded = (limit: number | undefined): limit is number =>
    limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  const said = [
    ...(format === undefined ? [] : [format]),
    ...(isBounded(minimum) ? [`from ${minimum}`] : []),
    ...(isBounded(maximum) ? [`to ${maximum}`] : []),
    ...(usual === undefined ? [] : [`else ${JSON.stringify(usual)}`]),
  ];
  return said.length === 0 ? '' : ` <span class="dim">${escapeHtml(said.join(', '))}</span>`;
}

function writeObject(
  { properties = {}, required = [], additionalProperties }: DocumentSchema,
  indent: string,
): string {
  const deeper = `${indent}  `;
  const lines = Object.entries(properties).map(([name, property]) => {
    const optional = required.includes(name) ? '' : '?';
    const said =
      property.description === undefined
        ? ''
        : ` <span class="dim">// ${escapeHtml(property.description)}</span>`;
    return `${deeper}${escapeHtml(name)}${optional}: ${writeSchema(property, deeper)}${said}`;
  });
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0)
    lines.push(`${deeper}[name]: ${writeSchema(additionalProperties, deeper)}`);
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}
