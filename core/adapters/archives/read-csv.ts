import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { CatalogTable, TableColumn } from '../../domains/catalog/index.ts';
import { AstridError } from '../../utils/errors.ts';

/** How a column is to be read; `undefined` leaves it out. */
export type WantedColumn = (name: string) => 'number' | 'text' | undefined;

/** Rows that a column grows by. */
const GROWTH = 2;

/**
 * Read a table of text separated by commas, semicolons, tabs or bars (CSV, VizieR's TSV), line by line.
 *
 * Lines starting with `#` are comments. Below VizieR's names may stand units and dashes: lines without any number
 * before the first row are passed over.
 *
 * @throws catalog/bad-table, observations/unreadable
 */
export async function readCsv(path: string, wanted: WantedColumn): Promise<CatalogTable> {
  const stream = createReadStream(path);
  const input = path.endsWith('.gz') ? stream.pipe(createGunzip()) : stream;
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    return await readLines(lines, path, wanted);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined && code?.startsWith('Z_') !== true) throw error;
    throw new AstridError('observations/unreadable', `${path} cannot be read: ${(error as Error).message}.`, {
      path,
    });
  } finally {
    stream.destroy();
  }
}

/** Parse a table of text that is in memory. @throws catalog/bad-table */
export function parseCsv(text: string, source: string, wanted: WantedColumn): Promise<CatalogTable> {
  return readLines(text.split(/\r?\n/), source, wanted);
}

interface OpenColumn {
  readonly name: string;
  readonly at: number;
  numbers?: Float64Array;
  readonly texts: string[];
}

async function readLines(
  lines: AsyncIterable<string> | Iterable<string>,
  source: string,
  wanted: WantedColumn,
): Promise<CatalogTable> {
  let separator = ',';
  let columns: OpenColumn[] | undefined;
  let all: readonly string[] = [];
  let rowCount = 0;
  let lineNumber = 0;
  for await (const line of lines) {
    lineNumber++;
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (columns === undefined) {
      separator = chooseSeparator(line);
      const names = splitLine(line, separator);
      all = names;
      columns = names.flatMap((name, at): OpenColumn[] => {
        const kind = wanted(name);
        if (kind === undefined) return [];
        return [{ name, at, texts: [], ...(kind === 'number' ? { numbers: new Float64Array(1024) } : {}) }];
      });
      continue;
    }
    // Units and dashes below the names.
    if (rowCount === 0 && !/\d/.test(line)) continue;
    const values = splitLine(line, separator);
    if (values.length !== all.length)
      throw new AstridError(
        'catalog/bad-table',
        `Line ${lineNumber} of ${source} has ${values.length} values, not ${all.length} like the first: it may be cut off. Download it again.`,
        { source, line: lineNumber, values: values.length, columns: all.length },
      );
    for (const column of columns) {
      const text = values[column.at]!;
      if (column.numbers === undefined) column.texts.push(text);
      else {
        if (rowCount === column.numbers.length) {
          const grown = new Float64Array(GROWTH * rowCount);
          grown.set(column.numbers);
          column.numbers = grown;
        }
        column.numbers[rowCount] = text === '' ? Number.NaN : Number(text);
      }
    }
    rowCount++;
  }
  return {
    rowCount,
    names: all,
    columns: new Map(
      (columns ?? []).map(({ name, numbers, texts }): [string, TableColumn] => [
        name,
        numbers === undefined ? texts : numbers.slice(0, rowCount),
      ]),
    ),
  };
}

/** The one of which the first line has most. */
function chooseSeparator(line: string): string {
  const counts = [',', '\t', ';', '|'].map((mark) => [line.split(mark).length, mark] as const);
  return counts.reduce((best, next) => (next[0] > best[0] ? next : best))[1];
}

function splitLine(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator).map((field) => field.trim());
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at]!;
    if (letter === '"') {
      // A doubled quote inside quotes is one quote.
      if (isQuoted && line[at + 1] === '"') field += line[at++];
      else isQuoted = !isQuoted;
    } else if (letter === separator && !isQuoted) {
      fields.push(field.trim());
      field = '';
    } else field += letter;
  }
  fields.push(field.trim());
  return fields;
}
