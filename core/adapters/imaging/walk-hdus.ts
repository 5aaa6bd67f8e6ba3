import {
  type Card,
  type Header,
  headerBoolean,
  headerNumber,
  headerString,
  headerValue,
} from '../../domains/observations/index.ts';
import { AstridError } from '../../utils/errors.ts';
import type { HduKind, HduSelector, HduSummary } from './model.ts';
import { readHeaderAt, roundToBlocks } from './parse-header.ts';
import type { ByteSource } from './read-bytes.ts';

/** An HDU with what the decoders need beside its summary. */
export interface Hdu {
  readonly summary: HduSummary;
  /** The header as it stands in the file: of a compressed image, the table's. */
  readonly fileHeader: Header;
}

/** Walks a file's HDUs, each when first asked for. */
export interface HduWalk {
  /** The HDU at an index, or `undefined` past the last. @throws what reading its header throws. */
  at(index: number): Promise<Hdu | undefined>;
  /** All HDUs. @throws as `at` */
  all(): Promise<readonly Hdu[]>;
  /** The HDU that a selector names. @throws observations/no-such-hdu */
  select(selector: HduSelector): Promise<Hdu>;
}

/** Start walking the HDUs of a file. */
export function walkHdus(source: ByteSource): HduWalk {
  const known: Hdu[] = [];
  let nextOffset: number | undefined = 0;
  let step: Promise<void> = Promise.resolve();

  const advance = async (): Promise<void> => {
    if (nextOffset === undefined) return;
    const hdu = await readHduAt(source, nextOffset, known.length);
    if (hdu === undefined) {
      nextOffset = undefined;
      return;
    }
    known.push(hdu);
    const { dataOffset, dataBytes, kind } = hdu.summary;
    const end = dataOffset + roundToBlocks(dataBytes);
    // After SIMPLE = F nothing can be known of what follows.
    nextOffset = end < source.size && !(kind === 'unknown' && known.length === 1) ? end : undefined;
  };
  const at = async (index: number): Promise<Hdu | undefined> => {
    while (known.length <= index && nextOffset !== undefined) {
      // Callers that ask at the same time walk in turn, not twice.
      const turn = step.then(() => (known.length <= index ? advance() : undefined));
      step = turn.catch(() => undefined);
      await turn;
    }
    return known[index];
  };
  const all = async (): Promise<readonly Hdu[]> => {
    await at(Number.POSITIVE_INFINITY);
    return known;
  };
  const select = async (selector: HduSelector): Promise<Hdu> => {
    const wanted = parseSelector(selector);
    if (typeof wanted === 'number') {
      const hdu = await at(wanted);
      if (hdu !== undefined) return hdu;
    } else {
      for (let index = 0; ; index++) {
        const hdu = await at(index);
        if (hdu === undefined) break;
        const { extname, extver } = hdu.summary;
        const isNamed = extname?.toUpperCase() === wanted.extname.toUpperCase();
        if (isNamed && (wanted.extver === undefined || wanted.extver === extver)) return hdu;
      }
    }
    const names = known.map(({ summary }) => summary.extname ?? summary.kind).join(', ');
    const asked =
      typeof wanted === 'number' ? `${wanted}` : `${wanted.extname},${wanted.extver ?? 'any version'}`;
    throw new AstridError(
      'observations/no-such-hdu',
      `${source.name} has no HDU ${asked}: it has ${known.length} (${names}). Choose one of 0 to ${known.length - 1}.`,
      { path: source.name, hdu: asked, count: known.length },
    );
  };
  return { at, all, select };
}

function parseSelector(selector: HduSelector): number | Exclude<HduSelector, number | string> {
  if (typeof selector !== 'string') return selector;
  if (/^\d+$/.test(selector)) return Number(selector);
  const match = /^(.*),\s*(\d+)$/.exec(selector);
  return match === null
    ? { extname: selector.trim() }
    : { extname: match[1]!.trim(), extver: Number(match[2]) };
}

async function readHduAt(source: ByteSource, offset: number, index: number): Promise<Hdu | undefined> {
  if (index === 0) {
    if (source.size === 0) {
      throw new AstridError('observations/empty-file', `${source.name} is empty (0 bytes). Fetch it again.`, {
        path: source.name,
      });
    }
    const start = await source.read(0, Math.min(source.size, 9));
    if (!ascii(start).startsWith('SIMPLE'.slice(0, start.length))) throw notFits(source, start);
  } else {
    // Anything else here is the standard's "special records" or what a tape left behind, not an HDU.
    const length = Math.min(source.size - offset, 8);
    if (ascii(await source.read(offset, length)) !== 'XTENSION') return undefined;
  }
  const { cards, headerBytes } = await readHeaderAt(source, offset);
  return { summary: summarize(source, cards, index, offset, offset + headerBytes), fileHeader: cards };
}

function ascii(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

const otherFormats: readonly (readonly [string, string])[] = [
  ['BZh', 'a bzip2 file: unpack it with bunzip2'],
  ['\x1f\x9d', 'a compress (.Z) file: unpack it with uncompress'],
  ['\xfd7zXZ', 'an xz file: unpack it with unxz'],
  ['PK', 'a zip archive: unpack it'],
  ['\x89PNG', 'a PNG picture: give the FITS file it was made from'],
  ['\xff\xd8', 'a JPEG picture: give the FITS file it was made from'],
  ['<', 'a web page or XML, perhaps an archive\u2019s error message: open it in an editor'],
  ['Obj\x01', 'an Avro alert packet: its cutouts are gzipped FITS'],
];

function notFits(source: ByteSource, start: Uint8Array): AstridError {
  const text = ascii(start);
  const known = otherFormats.find(([magic]) => text.startsWith(magic));
  const hint = known === undefined ? 'check that it is the file you meant' : `it looks like ${known[1]}`;
  return new AstridError(
    'observations/not-fits',
    `${source.name} is not a FITS file: it does not begin with SIMPLE = T at byte 0; ${hint}.`,
    { path: source.name, offset: 0, start: Array.from(start) },
  );
}

function summarize(
  source: ByteSource,
  cards: Header,
  index: number,
  headerOffset: number,
  dataOffset: number,
): HduSummary {
  const where: Where = { source, index, headerOffset, cards };
  const kind = kindOf(cards, index);
  const bitpix = kind === 'unknown' && index === 0 ? 0 : integerCard(where, 'BITPIX', -64, 64);
  const axes = kind === 'unknown' && index === 0 ? [] : readAxes(where, 'NAXIS');
  if (bitpix !== 0 && ![8, 16, 32, 64, -32, -64].includes(bitpix)) {
    throw badHeader(where, 'BITPIX', `is ${bitpix}; FITS knows 8, 16, 32, 64, -32 and -64`);
  }
  const dataBytes = countDataBytes(where, kind, bitpix, axes);
  const base = {
    index,
    kind,
    extname: headerString(cards, 'EXTNAME'),
    extver: headerNumber(cards, 'EXTVER') ?? 1,
    headerOffset,
    dataOffset,
    dataBytes,
    missingBytes: Math.max(0, dataOffset + dataBytes - source.size),
  };
  if (kind === 'compressed-image') {
    const imageBitpix = integerCard(where, 'ZBITPIX', -64, 64);
    if (![8, 16, 32, 64, -32, -64].includes(imageBitpix)) {
      throw badHeader(where, 'ZBITPIX', `is ${imageBitpix}; FITS knows 8, 16, 32, 64, -32 and -64`);
    }
    const imageAxes = readAxes(where, 'ZNAXIS');
    const header = imageHeaderOf(cards, imageBitpix, imageAxes);
    return { ...base, bitpix: imageBitpix, shape: imageAxes.toReversed(), header };
  }
  const shown = kind === 'random-groups' ? axes.slice(1) : axes;
  return { ...base, bitpix, shape: shown.toReversed(), header: cards };
}

function kindOf(cards: Header, index: number): HduKind {
  if (index === 0) {
    if (headerValue(cards, 'SIMPLE') !== true) return 'unknown';
    const isGroups = headerBoolean(cards, 'GROUPS') === true && (headerNumber(cards, 'NAXIS1') ?? 0) === 0;
    return isGroups ? 'random-groups' : 'image';
  }
  switch (headerString(cards, 'XTENSION')) {
    case 'IMAGE':
    case 'IUEIMAGE':
      return 'image';
    case 'TABLE':
      return 'ascii-table';
    case 'BINTABLE':
    case 'A3DTABLE':
      return headerBoolean(cards, 'ZIMAGE') === true ? 'compressed-image' : 'bintable';
    default:
      return 'unknown';
  }
}

interface Where {
  readonly source: ByteSource;
  readonly index: number;
  readonly headerOffset: number;
  readonly cards: Header;
}

function badHeader(
  { source, index, headerOffset, cards }: Where,
  keyword: string,
  problem: string,
): AstridError {
  const card = cards.findIndex((each) => each.keyword === keyword);
  const place = card < 0 ? '' : `, card ${card} (byte ${headerOffset + 80 * card})`;
  return new AstridError(
    'observations/bad-header',
    `${source.name}, HDU ${index}${place}: ${keyword} ${problem}. The header is damaged: fetch the file again or mend the card.`,
    { path: source.name, hdu: index, keyword, card, offset: headerOffset + 80 * Math.max(0, card) },
  );
}

function integerCard(where: Where, keyword: string, least: number, most: number, otherwise?: number): number {
  const value = headerValue(where.cards, keyword);
  if (value === undefined && otherwise !== undefined) return otherwise;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    const found = value === undefined ? 'is missing' : `is ${String(value)}`;
    throw badHeader(where, keyword, `${found}, but must be a whole number from ${least} to ${most}`);
  }
  return value;
}

function readAxes(where: Where, keyword: 'NAXIS' | 'ZNAXIS'): number[] {
  const count = integerCard(where, keyword, 0, 999);
  const axes: number[] = [];
  for (let n = 1; n <= count; n++)
    axes.push(integerCard(where, `${keyword}${n}`, 0, Number.MAX_SAFE_INTEGER));
  return axes;
}

function countDataBytes(where: Where, kind: HduKind, bitpix: number, axes: readonly number[]): number {
  if (axes.length === 0) return 0;
  const pcount = integerCard(where, 'PCOUNT', 0, Number.MAX_SAFE_INTEGER, 0);
  const gcount = integerCard(where, 'GCOUNT', 0, Number.MAX_SAFE_INTEGER, 1);
  const counted = kind === 'random-groups' ? axes.slice(1) : axes;
  const pixels = counted.reduce((product, axis) => product * axis, 1);
  // A primary image has no groups, whatever leftover PCOUNT and GCOUNT cards say.
  const isPlain = where.index === 0 && kind !== 'random-groups';
  const elements = isPlain ? pixels : gcount * (pcount + pixels);
  const bytes = (Math.abs(bitpix) / 8) * elements;
  if (!Number.isSafeInteger(bytes)) {
    throw badHeader(where, 'NAXIS', `and its axes promise ${bytes} bytes, more than any file holds`);
  }
  return bytes;
}

const tableKeyword =
  /^(XTENSION|SIMPLE|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|THEAP|CHECKSUM|DATASUM|ZIMAGE|ZCMPTYPE|ZBITPIX|ZNAXIS\d*|ZTILE\d+|ZNAME\d+|ZVAL\d+|ZQUANTIZ|ZDITHER0|ZMASKCMP|ZSIMPLE|ZTENSION|ZEXTEND|ZBLOCKED|ZPCOUNT|ZGCOUNT|ZHECKSUM|ZDATASUM|ZSCALE|ZZERO|ZBLANK|(TTYPE|TFORM|TUNIT|TDISP|TNULL|TSCAL|TZERO|TDIM)\d+)$/;

/** Make the header a compressed image had before: its own axes and BITPIX, without the table's and the tiles' keywords. */
function imageHeaderOf(cards: Header, bitpix: number, axes: readonly number[]): Header {
  const structure: Card[] = [
    { keyword: 'XTENSION', value: 'IMAGE' },
    { keyword: 'BITPIX', value: bitpix },
    { keyword: 'NAXIS', value: axes.length },
    ...axes.map((axis, i) => ({ keyword: `NAXIS${i + 1}`, value: axis })),
    { keyword: 'PCOUNT', value: 0 },
    { keyword: 'GCOUNT', value: 1 },
  ];
  const kept = cards.filter(
    ({ keyword, value }) =>
      !tableKeyword.test(keyword) && !(keyword === 'EXTNAME' && value === 'COMPRESSED_IMAGE'),
  );
  return [...structure, ...kept];
}
