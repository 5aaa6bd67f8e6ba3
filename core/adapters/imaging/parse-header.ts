import type { Card, Header } from '../../domains/observations/index.ts';
import { AstridError } from '../../utils/errors.ts';
import type { ByteSource } from './read-bytes.ts';

/** FITS files are made of blocks of this many bytes. */
export const blockBytes = 2880;
/** Bytes in one card. */
export const cardBytes = 80;

/** Round up to whole blocks. */
export function roundToBlocks(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

/** A header as read, with the bytes it fills. */
interface ReadHeader {
  readonly cards: Header;
  /** Whole blocks from the first card to the start of the data. */
  readonly headerBytes: number;
}

/**
 * Read the header that starts at a byte of a file, however long it is.
 *
 * @throws observations/truncated if the file ends before its END card.
 */
export async function readHeaderAt(source: ByteSource, offset: number): Promise<ReadHeader> {
  const available = source.size - offset;
  let length = Math.min(available, 4 * blockBytes);
  let searched = 0;
  for (;;) {
    const bytes = await source.read(offset, length);
    const end = findEndCard(bytes, searched);
    if (end >= 0) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1');
      return { cards: parseHeader(text), headerBytes: roundToBlocks(end + cardBytes) };
    }
    if (length === available) {
      throw new AstridError(
        'observations/truncated',
        `${source.name}: the header at byte ${offset} has no END card before the file ends at byte ${source.size}. ` +
          'The file is cut short or damaged: fetch it again.',
        { path: source.name, offset, size: source.size },
      );
    }
    searched = Math.floor(length / cardBytes) * cardBytes;
    length = Math.min(available, length * 4);
  }
}

function findEndCard(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 3 <= bytes.length; at += cardBytes) {
    if (bytes[at] !== 0x45 || bytes[at + 1] !== 0x4e || bytes[at + 2] !== 0x44) continue;
    // Some writers end the file or fill with NUL right after the word.
    let blank = true;
    for (let i = at + 3; i < Math.min(at + 8, bytes.length); i++) {
      if (bytes[i] !== 0x20 && bytes[i] !== 0) blank = false;
    }
    if (blank) return at;
  }
  return -1;
}

/**
 * Parse the cards of a header, without its END.
 *
 * CONTINUEd strings are joined; HIERARCH keywords lose the word HIERARCH; keywords come out in upper case.
 *
 * @param text 80 characters a card.
 */
export function parseHeader(text: string): Header {
  const cards: Card[] = [];
  // The last card whose string value may go on in CONTINUE cards.
  let open = -1;
  for (let at = 0; at < text.length; at += cardBytes) {
    const line = text.substring(at, at + cardBytes);
    if (open >= 0 && line.startsWith('CONTINUE  ')) {
      const previous = cards[open]!;
      const next = parseValue(line.substring(10));
      if (typeof next.value === 'string') {
        const joined = (previous.value as string).slice(0, -1) + next.value;
        cards[open] = makeCard(
          previous.keyword,
          joined,
          joinComments(previous.comment, next.comment),
          undefined,
        );
        if (!next.value.endsWith('&')) open = -1;
        continue;
      }
    }
    const card = parseCard(line);
    open = typeof card.value === 'string' && card.value.endsWith('&') ? cards.length : -1;
    cards.push(card);
  }
  return cards;
}

function joinComments(first: string | undefined, second: string | undefined): string | undefined {
  if (first === undefined || first === '') return second;
  return second === undefined || second === '' ? first : `${first} ${second}`;
}

/** Parse one card of up to 80 characters. */
export function parseCard(line: string): Card {
  if (line.charCodeAt(8) === 0x3d && (line.charCodeAt(9) === 0x20 || line.length <= 9)) {
    const keyword = line.substring(0, 8).trimEnd().toUpperCase();
    if (!isCommentary(keyword)) {
      const { value, comment, raw } = parseValue(line.substring(10));
      return makeCard(keyword, value, comment, raw);
    }
  }
  if (line.startsWith('HIERARCH ')) {
    const equals = line.indexOf('=');
    if (equals > 9) {
      const keyword = line.substring(9, equals).trim().replace(/\s+/g, ' ').toUpperCase();
      const { value, comment, raw } = parseValue(line.substring(equals + 1));
      return makeCard(keyword, value, comment, raw);
    }
  }
  return makeCard(
    line.substring(0, 8).trimEnd().toUpperCase(),
    undefined,
    line.substring(8).trimEnd(),
    undefined,
  );
}

function isCommentary(keyword: string): boolean {
  return keyword === 'COMMENT' || keyword === 'HISTORY' || keyword === '' || keyword === 'CONTINUE';
}

function makeCard(
  keyword: string,
  value: Card['value'],
  comment: string | undefined,
  raw: string | undefined,
): Card {
  if (raw !== undefined) return { keyword, value, comment, raw };
  return comment === undefined ? { keyword, value } : { keyword, value, comment };
}

interface ParsedValue {
  readonly value: Card['value'];
  readonly comment?: string | undefined;
  readonly raw?: string | undefined;
}

// A sign may stand apart and an exponent may be D: both are found in real headers.
const number = /^([+-]?) *(\d+\.?\d*|\.\d+) *(?:[EeDd] *([+-]?\d+))?$/;

/** Parse a value field: what follows `= ` in a card. Free format; what is neither string, logical nor number stays text. */
function parseValue(field: string): ParsedValue {
  let start = 0;
  while (start < field.length && field.charCodeAt(start) === 0x20) start++;
  if (start === field.length) return { value: undefined };
  if (field[start] === "'") return parseString(field, start);
  const slash = field.indexOf('/', start);
  const text = (slash < 0 ? field.substring(start) : field.substring(start, slash)).trimEnd();
  const comment = slash < 0 ? undefined : field.substring(slash + 1).trim();
  if (text === '') return { value: undefined, comment };
  if (text === 'T') return { value: true, comment };
  if (text === 'F') return { value: false, comment };
  // Most numbers are plain, and several times faster so; what Number knows beyond them (0x10) is not FITS.
  const plain = /^[+-]?[\d.][\dE+.-]*$/.test(text) ? Number(text) : Number.NaN;
  if (
    !Number.isNaN(plain) &&
    Number.isFinite(plain) &&
    (Number.isSafeInteger(plain) || !/^[+-]?\d+$/.test(text))
  ) {
    return { value: plain, comment };
  }
  const match = number.exec(text);
  if (match === null) return { value: text, comment };
  const [, sign, mantissa, exponent] = match;
  const value = Number(`${sign}${mantissa}${exponent === undefined ? '' : `e${exponent}`}`);
  const isInteger = exponent === undefined && !mantissa!.includes('.');
  if (isInteger && !Number.isSafeInteger(value)) return { value, comment, raw: `${sign}${mantissa}` };
  return { value, comment };
}

function parseString(field: string, start: number): ParsedValue {
  let value = '';
  let at = start + 1;
  for (;;) {
    const quote = field.indexOf("'", at);
    if (quote < 0) {
      // The closing quote is missing: the rest of the card is the string.
      return { value: (value + field.substring(at)).trimEnd() };
    }
    value += field.substring(at, quote);
    if (field[quote + 1] !== "'") {
      at = quote + 1;
      break;
    }
    value += "'";
    at = quote + 2;
  }
  const slash = field.indexOf('/', at);
  return { value: value.trimEnd(), comment: slash < 0 ? undefined : field.substring(slash + 1).trim() };
}
