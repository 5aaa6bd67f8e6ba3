import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../api/contract/index.ts';
import { LOCAL } from '../api/index.ts';
import { AstridError, type ErrorCode } from '../utils/index.ts';
import type { Console } from './console.ts';
import { runExportDataSet } from './data-set.ts';
import { parseNumber } from './parse-number.ts';
import { withApp } from './with-app.ts';

interface ExportCommand {
  readonly format: string;
  readonly out?: string;
  readonly filter?: string;
  readonly minScore?: string;
  readonly minSnr?: string;
  readonly verdict?: string;
  readonly run?: string;
  readonly workspace?: string;
  readonly dvc?: boolean;
}

/** Run `astrid export`. @throws catalog/table-not-found, catalog/unknown-format, catalog/bad-filter, catalog/unknown-column, observations/unwritable, observations/disk-full */
export async function runExport(table: string, options: ExportCommand, out: Console): Promise<void> {
  if (table === 'dataset') return runExportDataSet(options, out);
  const query = new URLSearchParams({ format: options.format, filter: makeFilter(options) });
  await withApp({ workspace: options.workspace, out }, async (app, signal) => {
    const address = `astrid://app/api/v1/exports/${encodeURIComponent(table)}?${query}`;
    const response = await app.fetch(new Request(address), LOCAL);
    if (!response.ok) {
      const { code, detail, details } = Problem.parse(await response.json());
      throw new AstridError(code as ErrorCode, detail, details);
    }
    const body = Readable.fromWeb(response.body as import('node:stream/web').ReadableStream);
    if (options.out === undefined) {
      await pipeline(body, process.stdout, { signal, end: false });
      return;
    }
    const draft = `${options.out}.${process.pid}.part`;
    try {
      await pipeline(body, createWriteStream(draft, { flush: true }), { signal });
      await rename(draft, options.out);
    } catch (error) {
      await rm(draft, { force: true });
      throw explain(error, options.out);
    }
    out.say(`wrote ${options.out}`);
  });
}

function makeFilter({ filter, minScore, minSnr, verdict, run }: ExportCommand): string {
  if (filter !== undefined) return filter;
  const range = (column: string, text: string | undefined) =>
    text === undefined ? [] : [{ column, from: parseNumber(text) }];
  const words = (column: string, text: string | undefined) =>
    text === undefined ? [] : [{ column, names: text.split(',') }];
  return JSON.stringify({
    ranges: [...range('score', minScore), ...range('snr', minSnr)],
    words: [...words('verdict', verdict), ...words('run', run)],
  });
}

function explain(error: unknown, path: string): unknown {
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (typeof syscall !== 'string') return error;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AstridError(
      'observations/disk-full',
      `${path} was not written: the disk is full. Nothing was left behind; free some space and try again.`,
      { path, errno: code },
    );
  return new AstridError(
    'observations/unwritable',
    `${path} cannot be written: ${message}. Check that the folder exists and that you may write there.`,
    { path, errno: code },
  );
}
