import { type Header, headerString } from '../../domains/observations/index.ts';
import {
  type ColumnDecoding,
  type DecodedColumn,
  decodeBits,
  decodeLogicals,
  decodeNumbers,
  decodeStrings,
  decodingOf,
  kindOfCode,
} from './decode-column.ts';
import type { ColumnValues, FitsTable, TableColumn } from './model.ts';
import {
  badTable,
  type ColumnLayout,
  elementBytes,
  layOutTable,
  readDescriptor,
  type TableLayout,
} from './parse-columns.ts';
import type { ByteSource } from './read-bytes.ts';
import { checkWhole } from './read-image.ts';
import type { Hdu } from './walk-hdus.ts';

/** Rows are read in pieces of about this many bytes. */
const chunkBytes = 8 * 1024 * 1024;
/** Rows may share heap bytes; no more than this many times the heap is unpacked, so that a small file stays small. */
const heapSharing = 16;

/**
 * Read a binary table, or the named columns of one.
 *
 * @throws observations/truncated, observations/bad-table
 */
export async function readBinaryTable(
  source: ByteSource,
  hdu: Hdu,
  isWanted: (name: string) => boolean,
): Promise<FitsTable> {
  checkWhole(source, hdu);
  const layout = layOutTable(source, hdu);
  await refuseHeaderAsData(source, hdu);
  const wanted = layout.columns.filter((column) => isWanted(column.name));
  const raw = await readColumns(source, hdu, layout, wanted);
  const columns: TableColumn[] = [];
  for (const [i, column] of wanted.entries()) {
    const facts = {
      name: column.name,
      kind: kindOfCode(column.code),
      unit: headerString(hdu.fileHeader, `TUNIT${column.number}`),
      format: column.format,
    };
    if (column.descriptorBytes === undefined || column.bytes === 0) {
      columns.push({
        ...facts,
        isVariable: false,
        ...decodeFixed(hdu.fileHeader, column, raw[i]!, layout.rows),
      });
    } else {
      columns.push({
        ...facts,
        isVariable: true,
        ...(await readVariable(source, hdu, layout, column, raw[i]!)),
      });
    }
  }
  return { hduIndex: hdu.summary.index, header: hdu.summary.header, rowCount: layout.rows, columns };
}

/** Check that the rows do not start with header cards: a block put in or lost within a header leaves its last ones there. @throws observations/bad-table */
export async function refuseHeaderAsData(source: ByteSource, hdu: Hdu): Promise<void> {
  const { dataOffset, dataBytes } = hdu.summary;
  const start = await source.read(dataOffset, Math.min(80, dataBytes));
  const text = Buffer.from(start.buffer, start.byteOffset, start.length).toString('latin1');
  if (/^(TTYPE|TFORM|TUNIT|TDISP|TNULL|TDIM)\d+ *= '.*' *$/.test(text)) {
    throw badTable(
      source,
      hdu,
      `its rows start, at byte ${dataOffset}, with header cards (${text.trimEnd()})`,
    );
  }
}

/** Gather each column's bytes of all rows. */
async function readColumns(
  source: ByteSource,
  hdu: Hdu,
  layout: TableLayout,
  wanted: readonly ColumnLayout[],
): Promise<Uint8Array[]> {
  const { rows, rowBytes } = layout;
  const gathered = wanted.map(({ bytes }) => Buffer.allocUnsafeSlow(bytes * rows));
  if (rowBytes === 0) return gathered;
  const rowsAtOnce = Math.max(1, Math.floor(chunkBytes / rowBytes));
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - first);
    const chunk = await source.read(hdu.summary.dataOffset + first * rowBytes, count * rowBytes);
    for (const [i, { offset, bytes }] of wanted.entries()) {
      const target = gathered[i]!;
      for (let row = 0; row < count; row++) {
        const from = row * rowBytes + offset;
        target.set(chunk.subarray(from, from + bytes), (first + row) * bytes);
      }
    }
  }
  return gathered;
}

function decodeFixed(
  header: Header,
  column: ColumnLayout,
  bytes: Uint8Array,
  rows: number,
): DecodedColumn & { readonly repeat: number; readonly shape?: readonly number[] | undefined } {
  const { code, repeat } = column;
  // TDIM gives the fastest axis first.
  const axes = parseTdim(headerString(header, `TDIM${column.number}`), repeat);
  const shape = axes?.toReversed();
  if (code === 'A') {
    const substring = Number(/^\d*A(\d+)/i.exec(column.format)?.[1] ?? 0);
    const width = axes?.[0] ?? (substring > 0 && repeat % substring === 0 ? substring : repeat);
    const strings = width === 0 ? 0 : repeat / width;
    return { values: decodeStrings(bytes, width), repeat: strings, shape: shape?.slice(0, -1) };
  }
  if (code === 'L') return { values: decodeLogicals(bytes), repeat, shape };
  if (code === 'X') return { values: decodeBits(bytes, repeat, repeat === 0 ? 0 : rows), repeat, shape };
  return { ...decodeNumbers(bytes, decodingOf(header, column)), repeat, shape };
}

/** Axes of TDIM, fastest first; `undefined` unless they fill the row's elements exactly. */
function parseTdim(text: string | undefined, repeat: number): number[] | undefined {
  const match = /^\(\s*(\d+(?:\s*,\s*\d+)*)\s*\)$/.exec(text ?? '');
  if (match === null) return undefined;
  const axes = match[1]!.split(',').map(Number);
  return repeat > 0 && axes.reduce((product, axis) => product * axis, 1) === repeat ? axes : undefined;
}

async function readVariable(
  source: ByteSource,
  hdu: Hdu,
  layout: TableLayout,
  column: ColumnLayout,
  descriptors: Uint8Array,
): Promise<{ readonly rows: readonly ColumnValues[] }> {
  const view = new DataView(descriptors.buffer, descriptors.byteOffset, descriptors.byteLength);
  const heapStart = hdu.summary.dataOffset + layout.heapOffset;
  const places = Array.from({ length: layout.rows }, (_, row) => {
    const { count, offset } = readDescriptor(view, row * column.bytes, column.descriptorBytes!);
    const bytes = column.code === 'X' ? Math.ceil(count / 8) : count * elementBytes[column.code];
    if (count > 0 && !(offset + bytes <= layout.heapBytes)) {
      const at = hdu.summary.dataOffset + row * layout.rowBytes + column.offset;
      throw badTable(
        source,
        hdu,
        `row ${row} of column ${column.name} (byte ${at}) points beyond the table's heap`,
        {
          row,
          column: column.name,
          at,
        },
      );
    }
    return { count, offset: heapStart + offset, bytes };
  });
  const total = places.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > heapSharing * layout.heapBytes) {
    throw badTable(
      source,
      hdu,
      `column ${column.name} unpacks to ${total} bytes from a heap of ${layout.heapBytes}: its rows overlap`,
      { column: column.name },
    );
  }
  const decoding = decodingOf(hdu.fileHeader, column);
  const rows: ColumnValues[] = [];
  for await (const bytes of readPlaces(source, places)) {
    rows.push(decodeCell(bytes, places[rows.length]!.count, decoding));
  }
  return { rows };
}

function decodeCell(bytes: Uint8Array, count: number, decoding: ColumnDecoding): ColumnValues {
  switch (decoding.code) {
    case 'A':
      return count === 0 ? [''] : decodeStrings(bytes, count);
    case 'L':
      return decodeLogicals(bytes);
    case 'X':
      return decodeBits(bytes, count, 1);
    default: {
      const { values, nulls } = decodeNumbers(bytes, decoding);
      if (nulls === undefined) return values;
      // A row of its own has no place for a mask: an integer that is null makes the row floats.
      return Float64Array.from(values as ArrayLike<number | bigint>, (value, i) =>
        nulls[i] === 1 ? Number.NaN : Number(value),
      );
    }
  }
}

/** Read many places in turn, neighbours in the file together. */
async function* readPlaces(
  source: ByteSource,
  places: readonly { readonly offset: number; readonly bytes: number }[],
): AsyncGenerator<Uint8Array> {
  for (let first = 0; first < places.length; ) {
    let start = Number.POSITIVE_INFINITY;
    let end = 0;
    let last = first;
    for (; last < places.length; last++) {
      const { offset, bytes } = places[last]!;
      if (bytes === 0) continue;
      const newStart = Math.min(start, offset);
      const newEnd = Math.max(end, offset + bytes);
      if (end > 0 && newEnd - newStart > chunkBytes) break;
      start = newStart;
      end = newEnd;
    }
    const chunk = end === 0 ? new Uint8Array(0) : await source.read(start, end - start);
    for (let i = first; i < last; i++) {
      const { offset, bytes } = places[i]!;
      // A copy, because decoding reverses bytes in place and rows may share them.
      yield bytes === 0
        ? new Uint8Array(0)
        : Uint8Array.from(chunk.subarray(offset - start, offset - start + bytes));
    }
    first = last;
  }
}
