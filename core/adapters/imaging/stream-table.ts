import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Card } from '../../domains/observations/index.ts';
import { AstridError } from '../../utils/errors.ts';
import { formatCard } from './format-card.ts';
import { blockBytes, roundToBlocks } from './parse-header.ts';

/** A column of a table that is too long for memory. */
export interface StreamedColumn {
  readonly name: string;
  /** A number that is absent becomes NaN, a text spaces. */
  readonly kind: 'number' | 'whole' | 'truth' | 'text';
  readonly unit?: string | undefined;
  readonly ucd?: string | undefined;
  readonly description?: string | undefined;
}

/**
 * Write a binary table of which nobody knows the length yet, in memory that does not grow with it.
 *
 * How many rows there are and how long the longest text is stand before the first row. So rows go to a file among
 * the temporary ones first, and from there into the table. CHECKSUM and DATASUM, which would take one more passage,
 * are left out.
 *
 * @throws observations/disk-full, observations/bad-card
 */
export async function* streamFitsTable(
  extname: string,
  columns: readonly StreamedColumn[],
  batches: AsyncIterable<readonly Readonly<Record<string, unknown>>[]>,
): AsyncGenerator<Uint8Array> {
  const path = join(tmpdir(), `astrid-table-${randomUUID()}`);
  const handle = await open(path, 'wx+');
  try {
    // Where the system allows it the file has no name any more: whatever happens, it goes with the program.
    await unlink(path).catch(() => undefined);
    const { rows, widths, batchBytes } = await keepBatches(handle, columns, batches);
    const rowBytes = columns.reduce((sum, { kind }, k) => sum + bytesOf(kind, widths[k]!), 0);
    yield encodeHeaders(extname, columns, widths, rows, rowBytes);
    let at = 0;
    for (const size of batchBytes) {
      const bytes = Buffer.alloc(size);
      await handle.read(bytes, 0, size, at);
      at += size;
      yield encodeRows(deserialize(bytes) as unknown[][], columns, widths, rowBytes);
    }
    const dataBytes = rows * rowBytes;
    yield new Uint8Array(roundToBlocks(dataBytes) - dataBytes);
  } finally {
    await handle.close();
    await unlink(path).catch(() => undefined);
  }
}

async function keepBatches(
  handle: FileHandle,
  columns: readonly StreamedColumn[],
  batches: AsyncIterable<readonly Readonly<Record<string, unknown>>[]>,
): Promise<{ rows: number; widths: number[]; batchBytes: number[] }> {
  const widths = columns.map(() => 1);
  const batchBytes: number[] = [];
  let rows = 0;
  for await (const batch of batches) {
    const values = batch.map((row) =>
      columns.map(({ name, kind }, k) => {
        if (kind !== 'text') return row[name];
        const text = toAscii(String(row[name] ?? ''));
        widths[k] = Math.max(widths[k]!, text.length);
        return text;
      }),
    );
    const bytes = serialize(values);
    for (let done = 0; done < bytes.length; )
      done += (await handle.write(bytes, done).catch(explainFullDisk)).bytesWritten;
    batchBytes.push(bytes.length);
    rows += batch.length;
  }
  return { rows, widths, batchBytes };
}

function bytesOf(kind: StreamedColumn['kind'], width: number): number {
  return { number: 8, whole: 4, truth: 1, text: width }[kind];
}

function encodeHeaders(
  extname: string,
  columns: readonly StreamedColumn[],
  widths: readonly number[],
  rows: number,
  rowBytes: number,
): Uint8Array {
  const primary: Card[] = [
    { keyword: 'SIMPLE', value: true, comment: 'conforms to FITS standard' },
    { keyword: 'BITPIX', value: 8 },
    { keyword: 'NAXIS', value: 0 },
    { keyword: 'EXTEND', value: true },
  ];
  const table: Card[] = [
    { keyword: 'XTENSION', value: 'BINTABLE', comment: 'binary table extension' },
    { keyword: 'BITPIX', value: 8 },
    { keyword: 'NAXIS', value: 2 },
    { keyword: 'NAXIS1', value: rowBytes, comment: 'bytes a row' },
    { keyword: 'NAXIS2', value: rows, comment: 'rows' },
    { keyword: 'PCOUNT', value: 0 },
    { keyword: 'GCOUNT', value: 1 },
    { keyword: 'TFIELDS', value: columns.length },
    ...columns.flatMap(({ name, kind, unit, ucd, description }, k): Card[] => [
      { keyword: `TTYPE${k + 1}`, value: name, comment: description },
      {
        keyword: `TFORM${k + 1}`,
        value: { number: '1D', whole: '1J', truth: '1L', text: `${widths[k]}A` }[kind],
      },
      ...(unit === undefined ? [] : [{ keyword: `TUNIT${k + 1}`, value: unit }]),
      ...(ucd === undefined ? [] : [{ keyword: `TUCD${k + 1}`, value: ucd }]),
    ]),
    { keyword: 'EXTNAME', value: extname },
  ];
  return Buffer.concat([encodeHeader(primary), encodeHeader(table)]);
}

function encodeHeader(cards: readonly Card[]): Buffer {
  const text = [...cards.flatMap(formatCard), 'END'.padEnd(80)].join('');
  return Buffer.from(text.padEnd(Math.ceil(text.length / blockBytes) * blockBytes), 'latin1');
}

function encodeRows(
  rows: readonly (readonly unknown[])[],
  columns: readonly StreamedColumn[],
  widths: readonly number[],
  rowBytes: number,
): Uint8Array {
  const bytes = Buffer.alloc(rows.length * rowBytes);
  let at = 0;
  for (const row of rows)
    for (const [k, { kind }] of columns.entries()) {
      const value = row[k];
      switch (kind) {
        case 'number':
          bytes.writeDoubleBE(typeof value === 'number' ? value : Number.NaN, at);
          break;
        case 'whole':
          bytes.writeInt32BE(value as number, at);
          break;
        case 'truth':
          bytes[at] = value === true ? 0x54 : 0x46;
          break;
        case 'text':
          bytes.write((value as string).padEnd(widths[k]!), at, 'latin1');
      }
      at += bytesOf(kind, widths[k]!);
    }
  return bytes;
}

/** Keep what FITS allows in a text: printable ASCII. */
function toAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (character) => (/\s/.test(character) ? ' ' : '?'));
}

function explainFullDisk(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
  throw new AstridError(
    'observations/disk-full',
    `A FITS table needs room for its rows in ${tmpdir()}: the disk is full. Free some space, or choose another format.`,
    { errno: code },
  );
}
