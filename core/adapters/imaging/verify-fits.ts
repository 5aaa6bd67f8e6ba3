import { headerCard, headerString, headerValue } from '../../domains/observations/index.ts';
import { type AstridError, isAstridError } from '../../utils/errors.ts';
import { layOutTable } from './parse-columns.ts';
import { blockBytes, cardBytes, roundToBlocks } from './parse-header.ts';
import { parseTiling } from './parse-tiling.ts';
import { type ByteSource, byteSourceOf, openByteSource } from './read-bytes.ts';
import { refuseHeaderAsData } from './read-table.ts';
import { sumBytes } from './sum-bytes.ts';
import { verifyCard } from './verify-card.ts';
import { type Hdu, walkHdus } from './walk-hdus.ts';

/** One thing that is wrong in a file, and where. */
export interface FitsFinding {
  /** `error`: values are missing, wrong or uncertain; `warning`: the file breaks the standard but reads alike everywhere. */
  readonly severity: 'error' | 'warning';
  readonly hdu: number;
  /** Byte of the file (unpacked, if it is gzipped). */
  readonly offset: number;
  /** Zero-based place of a card in its header. */
  readonly card?: number | undefined;
  readonly message: string;
}

/** What a check of a whole file found. */
export interface FitsVerification {
  readonly path: string;
  readonly bytes: number;
  /** HDUs that could be walked. */
  readonly hdus: number;
  /** HDUs whose DATASUM and CHECKSUM are there and right. */
  readonly checksummed: number;
  readonly findings: readonly FitsFinding[];
}

/** No more than this many findings are kept of one header: a damaged one has thousands alike. */
const findingsPerHeader = 50;
const chunkBytes = 8 * 1024 * 1024;

/**
 * Check a whole file: structure, every card, checksums, padding, what follows the last HDU.
 *
 * @throws observations/unreadable, observations/empty-file, observations/not-fits, observations/bad-gzip; what is
 *   wrong inside a FITS file is a finding, not an error.
 */
export async function verifyFits(path: string): Promise<FitsVerification> {
  return verifySource(await openByteSource(path));
}

/** Check a file that is in memory. @throws as `verifyFits` */
export async function verifyFitsBytes(bytes: Uint8Array, name: string): Promise<FitsVerification> {
  return verifySource(await byteSourceOf(bytes, name));
}

async function verifySource(source: ByteSource): Promise<FitsVerification> {
  const findings: FitsFinding[] = [];
  const walk = walkHdus(source);
  let index = 0;
  let checksummed = 0;
  let end = 0;
  try {
    for (; ; index++) {
      const hdu = await nextHdu(walk, index, end, findings);
      if (hdu === undefined) break;
      findings.push(...(await verifyHeader(source, hdu)));
      findings.push(...(await verifyStructure(source, hdu)));
      const data = await verifyData(source, hdu);
      findings.push(...data.findings);
      if (data.isChecksummed) checksummed++;
      end = hdu.summary.dataOffset + roundToBlocks(hdu.summary.dataBytes);
    }
    const trailing = source.size - end;
    if (trailing > 0 && !findings.some(({ hdu }) => hdu === index)) {
      findings.push({
        severity: 'warning',
        hdu: index - 1,
        offset: end,
        message: `${trailing} bytes follow the last HDU and belong to none.`,
      });
    }
  } finally {
    await source.close();
  }
  return { path: source.name, bytes: source.size, hdus: index, checksummed, findings };
}

async function nextHdu(
  walk: ReturnType<typeof walkHdus>,
  index: number,
  offset: number,
  findings: FitsFinding[],
): Promise<Hdu | undefined> {
  try {
    return await walk.at(index);
  } catch (error) {
    if (index === 0 && isAstridError(error) && isNoFits(error)) throw error;
    if (!isAstridError(error)) throw error;
    const at = error.details.offset;
    const card = error.details.card;
    findings.push({
      severity: 'error',
      hdu: index,
      offset: typeof at === 'number' ? at : offset,
      card: typeof card === 'number' && card >= 0 ? card : undefined,
      message: error.message,
    });
    return undefined;
  }
}

function isNoFits({ code }: AstridError): boolean {
  return code === 'observations/not-fits' || code === 'observations/empty-file';
}

/** The keywords that must come first, in this order. @see FITS standard 4.0, tables 7, 10, 14 and 17 */
function mandatoryKeywords(hdu: Hdu): readonly string[] {
  const axes = Number(headerValue(hdu.fileHeader, 'NAXIS') ?? 0);
  const keywords = [hdu.summary.index === 0 ? 'SIMPLE' : 'XTENSION', 'BITPIX', 'NAXIS'];
  for (let n = 1; n <= axes; n++) keywords.push(`NAXIS${n}`);
  if (hdu.summary.index > 0) keywords.push('PCOUNT', 'GCOUNT');
  if (['bintable', 'ascii-table', 'compressed-image'].includes(hdu.summary.kind)) keywords.push('TFIELDS');
  return keywords;
}

async function verifyHeader(source: ByteSource, hdu: Hdu): Promise<readonly FitsFinding[]> {
  const { index, headerOffset, dataOffset } = hdu.summary;
  const available = Math.min(dataOffset, source.size) - headerOffset;
  const bytes = await source.read(headerOffset, available);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const findings: FitsFinding[] = [];
  const report = (card: number, severity: FitsFinding['severity'], message: string): void => {
    if (findings.length === findingsPerHeader) {
      findings.push({
        severity,
        hdu: index,
        offset: headerOffset + card * cardBytes,
        card,
        message: 'More cards are wrong; only the first are listed.',
      });
    }
    if (findings.length > findingsPerHeader) return;
    findings.push({ severity, hdu: index, offset: headerOffset + card * cardBytes, card, message });
  };
  const mandatory = mandatoryKeywords(hdu);
  const seen = new Map<string, number>();
  let card = 0;
  for (; card * cardBytes < text.length; card++) {
    const line = text.slice(card * cardBytes, (card + 1) * cardBytes);
    const keyword = line.slice(0, 8).trimEnd();
    if (keyword.replaceAll('\0', '') === 'END') {
      if (line.slice(8).trim() !== '')
        report(card, 'warning', `Card ${card} (END) is followed by characters on its line.`);
      break;
    }
    const wanted = mandatory[card];
    if (wanted !== undefined && wanted !== keyword) {
      report(card, 'error', `Card ${card} is ${keyword || 'blank'}, but ${wanted} must stand there.`);
    }
    if (mandatory.includes(keyword)) {
      const before = seen.get(keyword);
      if (before !== undefined) report(card, 'error', `Card ${card} repeats ${keyword} of card ${before}.`);
      seen.set(keyword, card);
    }
    for (const { severity, problem } of verifyCard(line))
      report(card, severity, `Card ${card} (${keyword}) ${problem}.`);
  }
  const rest = text.slice((card + 1) * cardBytes);
  if (rest.trim() !== '') report(card + 1, 'warning', 'The header is not filled with blanks after END.');
  if (headerOffset + available < dataOffset) {
    report(card, 'warning', `The header's last block is cut short: the file ends at byte ${source.size}.`);
  }
  return findings;
}

async function verifyStructure(source: ByteSource, hdu: Hdu): Promise<readonly FitsFinding[]> {
  const { kind, index, headerOffset, bitpix } = hdu.summary;
  const findings: FitsFinding[] = [];
  try {
    if (kind === 'bintable') {
      layOutTable(source, hdu);
      if (hdu.summary.missingBytes === 0) await refuseHeaderAsData(source, hdu);
    }
    if (kind === 'compressed-image' && hdu.summary.shape.length > 0) parseTiling(source, hdu);
  } catch (error) {
    if (!isAstridError(error)) throw error;
    findings.push({ severity: 'error', hdu: index, offset: headerOffset, message: error.message });
  }
  const blank = hdu.fileHeader.findIndex(({ keyword }) => keyword === 'BLANK');
  if (kind === 'image' && bitpix < 0 && blank >= 0) {
    findings.push({
      severity: 'warning',
      hdu: index,
      offset: headerOffset + blank * cardBytes,
      card: blank,
      message: `Card ${blank} (BLANK) means nothing in an image of floats; it is ignored.`,
    });
  }
  return findings;
}

async function verifyData(
  source: ByteSource,
  hdu: Hdu,
): Promise<{ readonly findings: readonly FitsFinding[]; readonly isChecksummed: boolean }> {
  const { index, headerOffset, dataOffset, dataBytes, missingBytes, kind } = hdu.summary;
  const findings: FitsFinding[] = [];
  const report = (
    severity: FitsFinding['severity'],
    offset: number,
    message: string,
    card?: number,
  ): void => {
    findings.push({ severity, hdu: index, offset, card, message });
  };
  if (missingBytes > 0) {
    report(
      'error',
      source.size,
      `The file ends ${missingBytes} bytes before the ${dataBytes} bytes of data from byte ${dataOffset} do.`,
    );
    return { findings, isChecksummed: false };
  }
  const padded = dataOffset + roundToBlocks(dataBytes);
  if (padded > source.size) {
    report('warning', source.size, `The last block is ${padded - source.size} bytes short of ${blockBytes}.`);
  } else if (padded > dataOffset + dataBytes) {
    const fill = kind === 'ascii-table' ? 0x20 : 0;
    const padding = await source.read(dataOffset + dataBytes, padded - dataOffset - dataBytes);
    const wrong = padding.findIndex((byte) => byte !== fill);
    if (wrong >= 0) {
      report(
        'warning',
        dataOffset + dataBytes + wrong,
        `The data is filled with ${padding[wrong]}, not with ${fill}.`,
      );
    }
  }
  const cardOf = (keyword: string): number => hdu.fileHeader.findIndex((card) => card.keyword === keyword);
  const dataCard = cardOf('DATASUM');
  const sumCard = cardOf('CHECKSUM');
  if (dataCard < 0 && sumCard < 0) return { findings, isChecksummed: false };

  let sum = 0;
  const end = Math.min(padded, source.size);
  for (let at = dataOffset; at < end; at += chunkBytes) {
    sum = sumBytes(padToWords(await source.read(at, Math.min(chunkBytes, end - at))), sum);
  }
  const wanted = headerString(hdu.fileHeader, 'DATASUM');
  if (wanted !== undefined && Number(wanted) !== sum) {
    const at = headerOffset + dataCard * cardBytes;
    report(
      'error',
      at,
      `DATASUM is ${wanted}, but the data sum to ${sum}: the data have changed since it was written.`,
      dataCard,
    );
  }
  const checksum = headerCard(hdu.fileHeader, 'CHECKSUM')?.value;
  if (typeof checksum === 'string' && checksum.trim() !== '') {
    const header = await source.read(headerOffset, Math.min(dataOffset, source.size) - headerOffset);
    const whole = sumBytes(padToWords(header), sum);
    if (whole !== 0xffffffff && whole !== 0) {
      const at = headerOffset + sumCard * cardBytes;
      report(
        'error',
        at,
        `CHECKSUM does not make the HDU sum to zero (0x${whole.toString(16)} is left): header or data have changed.`,
        sumCard,
      );
    }
  }
  if (checksum !== undefined && typeof checksum !== 'string') {
    const at = headerOffset + sumCard * cardBytes;
    report(
      'warning',
      at,
      `CHECKSUM is ${String(checksum)}, not the sixteen characters that FITS defines; it cannot be checked.`,
      sumCard,
    );
  }
  return { findings, isChecksummed: findings.every(({ severity }) => severity !== 'error') };
}

function padToWords(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  return padded;
}
