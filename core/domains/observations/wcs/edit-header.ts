import type { Card, Header } from '../model.ts';

/** A header that is being mended: reads see what was changed. */
export interface HeaderEditor {
  has(keyword: string): boolean;
  /** A finite number, numbers written as text too. */
  number(keyword: string): number | undefined;
  text(keyword: string): string | undefined;
  /** Keywords with a value that match. */
  matching(pattern: RegExp): readonly string[];
  set(keyword: string, value: string | number, note?: string): void;
  drop(keyword: string, note?: string): void;
  dropAll(keywords: readonly string[], note: string): void;
  note(note: string): void;
  /** The header and what was said; the header itself when no card was changed. */
  finish(): { readonly header: Header; readonly notes: readonly string[] };
}

/** Start to mend a header. */
export function createHeaderEditor(header: Header): HeaderEditor {
  const cards = new Map<string, Card>();
  for (const card of header) if (card.value !== undefined) cards.set(card.keyword, card);
  const changed = new Set<string>();
  const notes: string[] = [];
  const say = (note: string | undefined): void => {
    if (note !== undefined) notes.push(note);
  };
  const drop = (keyword: string): void => {
    if (cards.delete(keyword)) changed.add(keyword);
  };
  return {
    has: (keyword) => cards.has(keyword),
    number: (keyword) => {
      const value = cards.get(keyword)?.value;
      if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
      if (typeof value !== 'string' || value.trim() === '') return undefined;
      const number = Number(value.trim().replace(/[dD](?=[+-]?\d+$)/, 'e'));
      return Number.isFinite(number) ? number : undefined;
    },
    text: (keyword) => {
      const value = cards.get(keyword)?.value;
      return value === undefined ? undefined : String(value).trim();
    },
    matching: (pattern) => [...cards.keys()].filter((keyword) => pattern.test(keyword)),
    set: (keyword, value, note) => {
      cards.set(keyword, { keyword, value });
      changed.add(keyword);
      say(note);
    },
    drop: (keyword, note) => {
      drop(keyword);
      say(note);
    },
    dropAll: (keywords, note) => {
      for (const keyword of keywords) drop(keyword);
      say(note);
    },
    note: say,
    finish: () => {
      if (changed.size === 0) return { header, notes };
      const kept = header.filter(({ keyword }) => !changed.has(keyword));
      const set = [...changed].flatMap((keyword) => cards.get(keyword) ?? []);
      return { header: [...kept, ...set], notes };
    },
  };
}
