import { type BasicType, ByteWriter, parquetWriteRows } from 'hyparquet-writer';
import {
  type ExportRow,
  type ExportTable,
  formatVotableHead,
  VOTABLE_FOOT,
} from '../../domains/catalog/index.ts';

/** Rows of a group: what is in memory at once, and what a reader skips or reads at once. */
const ROWS_OF_GROUP = 20_000;

const TYPES: Readonly<Record<ExportTable['columns'][number]['kind'], BasicType>> = {
  number: 'DOUBLE',
  whole: 'INT32',
  truth: 'BOOLEAN',
  text: 'STRING',
};

/** Thrown into the writer when nobody reads what it writes any more. */
const LEFT = Symbol('left');

/**
 * Write a table as Parquet, a group of rows at a time and only as fast as it is read.
 *
 * Units and UCDs are in the file as the VOParquet convention wants them: a VOTable without rows among its metadata.
 *
 * @see IVOA Note "Parquet in the VO", 2025: keys IVOA.VOTable-Parquet.version and .content
 */
export async function* streamParquet(
  table: ExportTable,
  batches: AsyncIterable<readonly ExportRow[]>,
): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter(1 << 20);
  let written: (() => void) | undefined;
  let taken: { resolve: () => void; reject: (reason: unknown) => void } | undefined;
  const chunks: Uint8Array[] = [];
  const flush = (): Promise<void> => {
    chunks.push(new Uint8Array(writer.buffer, 0, writer.index).slice());
    writer.index = 0;
    written?.();
    return new Promise((resolve, reject) => {
      taken = { resolve, reject };
    });
  };
  Object.assign(writer, { flush });
  let isDone = false;
  const writing = Promise.resolve(
    parquetWriteRows({
      writer,
      rows: eachRow(table, batches),
      columns: table.columns.map(({ name, kind }) => ({ name, type: TYPES[kind] })),
      rowGroupSize: ROWS_OF_GROUP,
      createdBy: 'AstrID',
      kvMetadata: [
        { key: 'IVOA.VOTable-Parquet.version', value: '1.0' },
        { key: 'IVOA.VOTable-Parquet.content', value: withoutRows(table) },
      ],
    }),
  ).finally(() => {
    isDone = true;
    written?.();
  });
  // Whoever reads hears of it below.
  writing.catch(() => undefined);
  try {
    while (!isDone) {
      await new Promise<void>((resolve) => {
        written = resolve;
        if (isDone || chunks.length > 0) resolve();
      });
      written = undefined;
      yield* chunks.splice(0);
      taken?.resolve();
      taken = undefined;
    }
    await writing;
    yield new Uint8Array(writer.buffer, 0, writer.index).slice();
  } finally {
    taken?.reject(LEFT);
    await writing.catch(() => undefined);
  }
}

async function* eachRow(
  { columns }: ExportTable,
  batches: AsyncIterable<readonly ExportRow[]>,
): AsyncGenerator<Record<string, unknown>> {
  for await (const rows of batches)
    for (const row of rows) yield Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]));
}

function withoutRows(table: ExportTable): string {
  return (formatVotableHead(table) + VOTABLE_FOOT).replace('<DATA><TABLEDATA>\n</TABLEDATA></DATA>\n', '');
}
