import type { CatalogTable, TableColumn } from '../../domains/catalog/index.ts';
import { AstridError } from '../../utils/errors.ts';
import type { WantedColumn } from './read-csv.ts';

interface Field {
  readonly name: string;
  readonly datatype: string;
  /** Values a cell holds; `undefined` for as many as it says itself. */
  readonly repeat: number | undefined;
  readonly nullValue: string | undefined;
}

/** Bytes of one value; `bit` is packed and `boolean` is a letter. */
const BYTES: Readonly<Record<string, number>> = {
  boolean: 1,
  unsignedByte: 1,
  char: 1,
  short: 2,
  unicodeChar: 2,
  int: 4,
  float: 4,
  long: 8,
  double: 8,
  floatComplex: 8,
  doubleComplex: 16,
};

/**
 * Parse the first table of a VOTable: TABLEDATA, BINARY or BINARY2.
 *
 * Element names count without their prefix. Servers tell of failures inside an answer of status 200: those become
 * errors. An answer that was cut at the server's limit says so.
 *
 * @returns the table, and whether the server cut it (`OVERFLOW`); no rows when there is no table.
 * @throws catalog/archive-error with the server's words; catalog/bad-table
 * @see https://www.ivoa.net/documents/VOTable/20250116/ sections 5.1 to 5.4
 */
export function parseVotable(
  xml: string,
  source: string,
  wanted: WantedColumn,
): { readonly table: CatalogTable; readonly isCut: boolean } {
  const text = xml.replace(/<!--[\s\S]*?-->/g, '');
  if (!/<(?:\w+:)?VOTABLE[\s>]/.test(text)) {
    throw badTable(source, `it is no VOTable: it starts with ${JSON.stringify(text.trim().slice(0, 60))}`);
  }
  const infos = [...text.matchAll(/<(?:\w+:)?(?:INFO|PARAM)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/)/g)].map(
    ([, attributes, content]) => ({
      name: attributeOf(attributes!, 'name') ?? attributeOf(attributes!, 'ID') ?? '',
      value: attributeOf(attributes!, 'value') ?? '',
      content: unescapeXml(content ?? '').trim(),
    }),
  );
  const failure = infos.find(
    ({ name, value }) => name.toLowerCase() === 'error' || (name === 'QUERY_STATUS' && value === 'ERROR'),
  );
  if (failure !== undefined) {
    const words = [failure.value === 'ERROR' ? '' : failure.value, failure.content].find((it) => it !== '');
    throw new AstridError('catalog/archive-error', `${source} answered: ${words ?? 'an error'}`, { source });
  }
  const isCut = infos.some(({ name, value }) => name === 'QUERY_STATUS' && value === 'OVERFLOW');
  const body = /<(?:\w+:)?TABLE\b[^>]*>([\s\S]*?)<\/(?:\w+:)?TABLE>/.exec(text)?.[1];
  if (body === undefined) return { table: { rowCount: 0, names: [], columns: new Map() }, isCut };
  const fields = [
    ...body.matchAll(
      /<(?:\w+:)?FIELD\b([^>]*?)(\/?)>([\s\S]*?)(?=<(?:\w+:)?(?:FIELD|DATA|PARAM|GROUP)\b|$)/g,
    ),
  ].map(([, attributes, , inner]) => readField(attributes!, inner!));
  const binary =
    /<(?:\w+:)?(BINARY2?)\b[^>]*>[\s\S]*?<(?:\w+:)?STREAM\b([^>]*)>([\s\S]*?)<\/(?:\w+:)?STREAM>/.exec(body);
  if (binary !== null) {
    const [, kind, attributes, content] = binary;
    if (attributeOf(attributes!, 'encoding') !== 'base64')
      throw badTable(source, 'its data are not base64; ask the archive for a CSV file');
    const bytes = new Uint8Array(Buffer.from(content!, 'base64'));
    return { table: readBinary(bytes, fields, kind === 'BINARY2', source, wanted), isCut };
  }
  return { table: readTableData(body, fields, wanted), isCut };
}

function readField(attributes: string, inner: string): Field {
  const size = attributeOf(attributes, 'arraysize');
  const nulls = /<(?:\w+:)?VALUES\b([^>]*)/.exec(inner)?.[1];
  return {
    name: attributeOf(attributes, 'name') ?? '',
    datatype: attributeOf(attributes, 'datatype') ?? 'char',
    repeat:
      size === undefined
        ? 1
        : size.includes('*')
          ? undefined
          : size.split('x').reduce((product, axis) => product * Number(axis), 1),
    nullValue: nulls === undefined ? undefined : attributeOf(nulls, 'null'),
  };
}

function readTableData(body: string, fields: readonly Field[], wanted: WantedColumn): CatalogTable {
  const kept = keepColumns(fields, wanted);
  let rowCount = 0;
  for (const [, row] of body.matchAll(/<(?:\w+:)?TR\b[^>]*>([\s\S]*?)<\/(?:\w+:)?TR>/g)) {
    const cells = [...row!.matchAll(/<(?:\w+:)?TD\b[^>]*?(?:\/>|>([\s\S]*?)<\/(?:\w+:)?TD>)/g)];
    for (const column of kept) column.add(unescapeXml(cells[column.at]?.[1] ?? '').trim());
    rowCount++;
  }
  return {
    rowCount,
    names: fields.map(({ name }) => name),
    columns: new Map(kept.map((column) => [column.name, column.end()])),
  };
}

function readBinary(
  bytes: Uint8Array,
  fields: readonly Field[],
  hasNullFlags: boolean,
  source: string,
  wanted: WantedColumn,
): CatalogTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept = keepColumns(fields, wanted);
  const byField = new Map(kept.map((column) => [column.at, column]));
  const flagBytes = hasNullFlags ? Math.ceil(fields.length / 8) : 0;
  let at = 0;
  let rowCount = 0;
  const need = (count: number): void => {
    if (at + count > bytes.length) throw badTable(source, `its data end within row ${rowCount + 1}`);
  };
  while (at < bytes.length) {
    need(flagBytes);
    const flags = bytes.subarray(at, at + flagBytes);
    at += flagBytes;
    fields.forEach(({ datatype, repeat, nullValue }, index) => {
      let count = repeat;
      if (count === undefined) {
        need(4);
        count = view.getUint32(at);
        at += 4;
      }
      const size = datatype === 'bit' ? Math.ceil(count / 8) : count * (BYTES[datatype] ?? Number.NaN);
      if (!Number.isFinite(size)) throw badTable(source, `it has a column of type ${datatype}`);
      need(size);
      const isNull = hasNullFlags && (flags[index >> 3]! & (0x80 >> (index & 7))) !== 0;
      const text = isNull ? '' : readCell(view, at, datatype, size);
      byField.get(index)?.add(text === nullValue ? '' : text);
      at += size;
    });
    rowCount++;
  }
  return {
    rowCount,
    names: fields.map(({ name }) => name),
    columns: new Map(kept.map((column) => [column.name, column.end()])),
  };
}

/** The first value of a cell as text; whole texts. 64-bit integers keep their digits. */
function readCell(view: DataView, at: number, datatype: string, size: number): string {
  if (size === 0) return '';
  switch (datatype) {
    case 'double':
      return String(view.getFloat64(at));
    case 'float':
      return String(view.getFloat32(at));
    case 'long':
      return String(view.getBigInt64(at));
    case 'int':
      return String(view.getInt32(at));
    case 'short':
      return String(view.getInt16(at));
    case 'unsignedByte':
      return String(view.getUint8(at));
    case 'unicodeChar':
    case 'char': {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + at, size);
      const decoded = new TextDecoder(datatype === 'char' ? 'utf-8' : 'utf-16be').decode(bytes);
      return decoded.replace(/\0[\s\S]*$/, '').trim();
    }
    case 'boolean':
      return 'Tt1'.includes(String.fromCharCode(view.getUint8(at))) ? 'true' : 'false';
    default:
      return '';
  }
}

interface KeptColumn {
  readonly name: string;
  readonly at: number;
  add(text: string): void;
  end(): TableColumn;
}

function keepColumns(fields: readonly Field[], wanted: WantedColumn): KeptColumn[] {
  return fields.flatMap(({ name }, at): KeptColumn[] => {
    const kind = wanted(name);
    if (kind === undefined) return [];
    const texts: string[] = [];
    const numbers: number[] = [];
    return [
      {
        name,
        at,
        add: (text) => {
          if (kind === 'text') texts.push(text);
          else numbers.push(text === '' ? Number.NaN : Number(text));
        },
        end: () => (kind === 'text' ? texts : Float64Array.from(numbers)),
      },
    ];
  });
}

function attributeOf(attributes: string, name: string): string | undefined {
  const match = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
  return match === null ? undefined : unescapeXml(match[1] ?? match[2] ?? '');
}

function unescapeXml(text: string): string {
  return text
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, '$1')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&apos;/g, "'")
    .replace(/&amp;/g, '&');
}

function badTable(source: string, what: string): AstridError {
  return new AstridError('catalog/bad-table', `${source} cannot be read: ${what}.`, { source });
}
