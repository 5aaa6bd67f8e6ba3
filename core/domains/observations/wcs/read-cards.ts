import { AstridError } from '../../../utils/errors.ts';
import type { Card, Header } from '../model.ts';

/** The cards of one header, looked up by keyword; the last of a repeated keyword counts. */
export interface CardReader {
  has(keyword: string): boolean;
  /** A finite number, or `undefined` when the card is absent. @throws observations/bad-wcs */
  number(keyword: string): number | undefined;
  /** Text without surrounding blanks, or `undefined` when the card is absent or not text. */
  text(keyword: string): string | undefined;
  /** Every card whose keyword matches, in file order. */
  matching(pattern: RegExp): readonly Card[];
}

/**
 * Make a reader over a header's cards.
 *
 * Numbers written as text (`CRVAL1 = '150.1'`) are read as numbers: some acquisition programs write them so.
 */
export function createCardReader(header: Header): CardReader {
  const byKeyword = new Map<string, Card>();
  for (const card of header) if (card.value !== undefined) byKeyword.set(card.keyword, card);
  return {
    has: (keyword) => byKeyword.has(keyword),
    number: (keyword) => {
      const card = byKeyword.get(keyword);
      return card === undefined ? undefined : numberOf(card);
    },
    text: (keyword) => {
      const value = byKeyword.get(keyword)?.value;
      return typeof value === 'string' ? value.trim() : undefined;
    },
    matching: (pattern) => header.filter((card) => card.value !== undefined && pattern.test(card.keyword)),
  };
}

/** Read the finite number of a card. @throws observations/bad-wcs */
export function numberOf(card: Card): number {
  const text = typeof card.value === 'string' ? card.value.trim().replace(/[dD](?=[+-]?\d+$)/, 'e') : '';
  const value = typeof card.value === 'number' ? card.value : text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value))
    throw badWcs(
      `${card.keyword} = ${JSON.stringify(card.value)} is not a number.`,
      card.keyword,
      card.value,
    );
  return value;
}

/** Make the error of an unusable WCS: the card at fault and what to do without it. */
export function badWcs(what: string, card: string, value?: unknown): AstridError {
  return new AstridError(
    'observations/bad-wcs',
    `The header's sky coordinates cannot be used: ${what} Correct the card, or go on without sky coordinates.`,
    { card, value },
  );
}
