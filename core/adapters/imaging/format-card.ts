import type { Card } from '../../domains/observations/index.ts';
import { AstridError } from '../../utils/errors.ts';

const standardKeyword = /^[A-Z0-9_-]{1,8}$/;
const commentaryKeywords: ReadonlySet<string> = new Set(['COMMENT', 'HISTORY', '']);

/**
 * Write a card as one or more lines of 80 characters.
 *
 * Long strings go on in CONTINUE cards, long comments are cut, keywords that are long or have spaces become HIERARCH,
 * letters with accents lose them.
 *
 * @throws observations/bad-card if a keyword or number cannot be written.
 */
export function formatCard(card: Card): string[] {
  const keyword = card.keyword.toUpperCase();
  if (commentaryKeywords.has(keyword)) return formatCommentary(keyword, toAscii(card.comment ?? ''));
  const isStandard = standardKeyword.test(keyword);
  if (!isStandard && !/^[\x21-\x3c\x3e-\x7e][\x20-\x3c\x3e-\x7e]{0,60}$/.test(keyword)) {
    throw badCard(card, 'its keyword has characters that no FITS keyword may have, or too many');
  }
  const start = isStandard ? `${keyword.padEnd(8)}= ` : `HIERARCH ${keyword} = `;
  const comment = toAscii(card.comment ?? '');
  if (typeof card.value === 'string') return formatString(start, toAscii(card.value), comment);
  const value = formatValue(card);
  const field = isStandard ? value.padStart(20) : value;
  const line = start + field;
  if (line.length > 80) throw badCard(card, 'keyword and value do not fit on one line');
  return [withComment(line, comment)];
}

function badCard(card: Card, problem: string): AstridError {
  return new AstridError(
    'observations/bad-card',
    `The header card ${card.keyword} cannot be written: ${problem}.`,
    {
      keyword: card.keyword,
    },
  );
}

function formatCommentary(keyword: string, text: string): string[] {
  const lines: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += 72) {
    lines.push((keyword.padEnd(8) + text.slice(at, at + 72)).padEnd(80));
  }
  return lines;
}

function formatValue(card: Card): string {
  const { value, raw } = card;
  if (value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (raw !== undefined && /^[+-]?\d+$/.test(raw)) return raw;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw badCard(card, `FITS has no ${String(value)}`);
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  // The shortest digits that read back as the same double; a point tells it from an integer.
  const text = Math.abs(value) >= 1e16 ? value.toExponential() : Object.is(value, -0) ? '-0' : String(value);
  const [mantissa = '', exponent] = text.split('e');
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}E${exponent}`;
}

function formatString(start: string, value: string, comment: string): string[] {
  const quoted = value.replaceAll("'", "''");
  if (start.length + quoted.length + 2 <= 80) {
    const field = `'${quoted.padEnd(8)}'`;
    const whole =
      start +
      (start.length + field.length <= 80 ? field.padEnd(Math.min(20, 80 - start.length)) : `'${quoted}'`);
    return [withComment(whole, comment)];
  }
  const lines: string[] = [];
  let rest = quoted;
  let lead = start;
  while (lead.length + rest.length + 2 > 80) {
    let cut = 80 - lead.length - 3;
    // A doubled quote must not be parted.
    const quotes = /'*$/.exec(rest.slice(0, cut))![0].length;
    if (quotes % 2 === 1) cut--;
    lines.push(`${lead}'${rest.slice(0, cut)}&'`.padEnd(80));
    rest = rest.slice(cut);
    lead = 'CONTINUE  ';
  }
  lines.push(withComment(`${lead}'${rest}'`, comment));
  return lines;
}

function withComment(line: string, comment: string): string {
  const room = 80 - line.length - 3;
  return (comment === '' || room < 1 ? line : `${line} / ${comment.slice(0, room)}`).padEnd(80);
}

/** Keep what FITS allows: printable ASCII. Accents fall off their letters; the rest becomes a question mark. */
function toAscii(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/gu, (character) => (/\s/.test(character) ? ' ' : '?'));
}
