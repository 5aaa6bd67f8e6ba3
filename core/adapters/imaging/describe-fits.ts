import { type Card, headerString, headerValue } from '../../domains/observations/index.ts';
import { type ErrorRecord, isAstridError, toErrorRecord } from '../../utils/errors.ts';
import type { HduSelector, HduSummary } from './model.ts';
import { type ByteSource, openByteSource } from './read-bytes.ts';
import { type Hdu, walkHdus } from './walk-hdus.ts';

/** What `astrid fits info` tells of one HDU. */
export interface HduDescription extends Omit<HduSummary, 'header'> {
  readonly cardCount: number;
  /** What an astronomer looks for first, where the header has it: object, instrument, exposure, filter, units. */
  readonly keyCards: readonly Card[];
  /** Of a compressed image. */
  readonly compression?: { readonly method: string; readonly quantisation?: string | undefined } | undefined;
  /** Of a table. */
  readonly columns?:
    | readonly { readonly name: string; readonly format: string; readonly unit?: string | undefined }[]
    | undefined;
  /** All cards, of the HDU that was asked for. */
  readonly header?: readonly Card[] | undefined;
}

/** What `astrid fits info` tells of a file. */
export interface FitsDescription {
  readonly path: string;
  /** Of the file unpacked, if it is gzipped. */
  readonly bytes: number;
  readonly hdus: readonly HduDescription[];
  /** Why the list ends early, if the file is damaged beyond what is listed. */
  readonly problem?: ErrorRecord | undefined;
}

const keyCardNames = [
  'OBJECT',
  'TELESCOP',
  'INSTRUME',
  'DETECTOR',
  'DATE-OBS',
  'MJD-OBS',
  'EXPTIME',
  'EXPOSURE',
  'FILTER',
  'FILTER1',
  'FILTER2',
  'BAND',
  'AIRMASS',
  'GAIN',
  'RDNOISE',
  'READNOIS',
  'SATURATE',
  'BUNIT',
  'BSCALE',
  'BZERO',
  'BLANK',
  'CTYPE1',
  'CTYPE2',
];

/**
 * List a file's HDUs with what matters of their headers.
 *
 * @param options.hdu list all cards of this one too.
 * @throws observations/unreadable, observations/empty-file, observations/not-fits, observations/bad-gzip,
 *   observations/no-such-hdu, and what reading the first header throws; damage further on is `problem`.
 */
export async function describeFits(
  path: string,
  options: { readonly hdu?: HduSelector | undefined } = {},
): Promise<FitsDescription> {
  return describeSource(await openByteSource(path), options.hdu);
}

async function describeSource(
  source: ByteSource,
  selector: HduSelector | undefined,
): Promise<FitsDescription> {
  try {
    const walk = walkHdus(source);
    const chosen = selector === undefined ? undefined : (await walk.select(selector)).summary.index;
    const hdus: HduDescription[] = [];
    let problem: ErrorRecord | undefined;
    for (;;) {
      try {
        const hdu = await walk.at(hdus.length);
        if (hdu === undefined) break;
        hdus.push(describeHdu(hdu, hdus.length === chosen));
      } catch (error) {
        if (hdus.length === 0 || !isAstridError(error)) throw error;
        problem = toErrorRecord(error);
        break;
      }
    }
    return { path: source.name, bytes: source.size, hdus, problem };
  } finally {
    await source.close();
  }
}

function describeHdu({ summary, fileHeader }: Hdu, isChosen: boolean): HduDescription {
  const { header, ...facts } = summary;
  const keyCards = keyCardNames.flatMap((name) => header.find((card) => card.keyword === name) ?? []);
  const method = headerString(fileHeader, 'ZCMPTYPE');
  const compression =
    summary.kind === 'compressed-image' && method !== undefined
      ? { method, quantisation: headerString(fileHeader, 'ZQUANTIZ') }
      : undefined;
  return {
    ...facts,
    cardCount: header.length,
    keyCards,
    compression,
    columns:
      summary.kind === 'bintable' || summary.kind === 'ascii-table' ? columnsOf(fileHeader) : undefined,
    header: isChosen ? header : undefined,
  };
}

function columnsOf(header: Hdu['fileHeader']): NonNullable<HduDescription['columns']> {
  const fields = Number(headerValue(header, 'TFIELDS') ?? 0);
  const count = Number.isInteger(fields) ? Math.min(999, Math.max(0, fields)) : 0;
  return Array.from({ length: count }, (_, i) => ({
    name: headerString(header, `TTYPE${i + 1}`) ?? `col${i + 1}`,
    format: headerString(header, `TFORM${i + 1}`) ?? '?',
    unit: headerString(header, `TUNIT${i + 1}`),
  }));
}
