import { headerBoolean } from '../../domains/observations/index.ts';
import { AstridError } from '../../utils/errors.ts';
import type { FitsTable, HduSelector, TableColumn } from './model.ts';
import type { ByteSource } from './read-bytes.ts';
import type { Hdu, HduWalk } from './walk-hdus.ts';

/** Find the table to read: the named one, else the first. @throws observations/no-table, observations/unsupported */
export async function selectTable(
  source: ByteSource,
  walk: HduWalk,
  selector: HduSelector | undefined,
): Promise<Hdu> {
  const hdu = selector === undefined ? await firstTable(walk) : await walk.select(selector);
  if (hdu === undefined || !isTable(hdu)) {
    const what =
      hdu === undefined ? 'has no table' : `, HDU ${hdu.summary.index} is not a table (${hdu.summary.kind})`;
    throw new AstridError(
      'observations/no-table',
      `${source.name}${hdu === undefined ? ' ' : ''}${what}. \`astrid fits info\` lists what it has.`,
      { path: source.name, hdu: hdu?.summary.index },
    );
  }
  if (headerBoolean(hdu.fileHeader, 'ZTABLE') === true) {
    throw new AstridError(
      'observations/unsupported',
      `${source.name}, HDU ${hdu.summary.index} is a compressed table. Unpack it with funpack, then open the result.`,
      { path: source.name, hdu: hdu.summary.index },
    );
  }
  return hdu;
}

async function firstTable(walk: HduWalk): Promise<Hdu | undefined> {
  for (let index = 0; ; index++) {
    const hdu = await walk.at(index);
    if (hdu === undefined || isTable(hdu)) return hdu;
  }
}

function isTable({ summary: { kind } }: Hdu): boolean {
  return kind === 'bintable' || kind === 'ascii-table';
}

/** Find a column by name, any case. */
export function tableColumn(table: FitsTable, name: string): TableColumn | undefined {
  return table.columns.find((column) => column.name.toUpperCase() === name.toUpperCase());
}

/** Take a numeric column as doubles, NaN where null; `undefined` for text, logicals and variable-length columns. */
export function columnNumbers(column: TableColumn): Float64Array | undefined {
  if (column.isVariable || column.kind === 'text' || column.kind === 'logical') return undefined;
  const { nulls } = column;
  return Float64Array.from(column.values as ArrayLike<number | bigint>, (value, i) =>
    nulls?.[i] === 1 ? Number.NaN : Number(value),
  );
}
