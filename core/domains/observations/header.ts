import type { Card, Header } from './model.ts';

// A header is read-only once made, so its keywords are indexed on first use: some have 44 000 cards.
const firstCards = new WeakMap<Header, Map<string, Card>>();

/**
 * Find the first card of a keyword.
 *
 * @param keyword any case; a HIERARCH keyword without the word HIERARCH, single spaces between its parts.
 */
export function headerCard(header: Header, keyword: string): Card | undefined {
  let index = firstCards.get(header);
  if (index === undefined) {
    index = new Map();
    for (const card of header) if (!index.has(card.keyword)) index.set(card.keyword, card);
    firstCards.set(header, index);
  }
  return index.get(keyword.toUpperCase());
}

/** Read a keyword's value; `undefined` when it is absent, commentary or has no value. */
export function headerValue(header: Header, keyword: string): string | number | boolean | undefined {
  return headerCard(header, keyword)?.value;
}

/**
 * Read a keyword as a finite number.
 *
 * A number written as a string ('1.25') counts: several observatories write so. Anything else is `undefined`.
 */
export function headerNumber(header: Header, keyword: string): number | undefined {
  const value = headerValue(header, keyword);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value.trim().replace(/[dD](?=[+-]?\d+$)/, 'E'));
  return Number.isFinite(number) ? number : undefined;
}

/** Read a keyword as text without surrounding blanks; numbers and logicals are written out. Blank is `undefined`. */
export function headerString(header: Header, keyword: string): string | undefined {
  const value = headerValue(header, keyword);
  if (value === undefined) return undefined;
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  const text = String(value).trim();
  return text === '' ? undefined : text;
}

/** Read a keyword as a logical; only FITS T and F count. */
export function headerBoolean(header: Header, keyword: string): boolean | undefined {
  const value = headerValue(header, keyword);
  return typeof value === 'boolean' ? value : undefined;
}

/** List the comments of a commentary keyword (HISTORY, COMMENT or blank) in file order. */
export function headerCommentary(header: Header, keyword: string): readonly string[] {
  const wanted = keyword.toUpperCase();
  return header.filter((card) => card.keyword === wanted).map((card) => card.comment ?? '');
}
