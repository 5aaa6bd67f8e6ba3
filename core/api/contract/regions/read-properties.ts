import type { RegionProperty } from './model.ts';

/** Bare words that stand for themselves, wherever they are. */
const FLAGS = /^(source|background)$/i;

/** A quoted or braced text, or a word; braces may hold braces. */
const TOKEN = /^(?:"([^"]*)"?|'([^']*)'?|\{((?:[^{}]|\{[^{}]*\})*)\}?|([^\s{]+))/;

/**
 * Read `key=value` pairs.
 *
 * A value is a quoted or braced text, or all words up to the next key or flag: `dashlist=8 3`, `point=circle 20`.
 */
export function readProperties(text: string): readonly RegionProperty[] {
  const properties: { key: string; value?: string | undefined }[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const [pair, key] = /^([\w.-]+)\s*=\s*/.exec(rest) ?? [];
    if (pair !== undefined && key !== undefined) {
      const { value, length } = readValue(rest.slice(pair.length));
      properties.push({ key: key.toLowerCase(), value });
      rest = rest.slice(pair.length + length).trimStart();
      continue;
    }
    const [word] = TOKEN.exec(rest) ?? [rest];
    const last = properties.at(-1);
    if (FLAGS.test(word) || last === undefined || last.value === undefined)
      properties.push({ key: word.toLowerCase() });
    else last.value = `${last.value} ${word}`;
    rest = rest.slice(Math.max(1, word.length)).trimStart();
  }
  return properties;
}

function readValue(text: string): { value: string; length: number } {
  const match = TOKEN.exec(text);
  if (match === null) return { value: '', length: 0 };
  const [whole, double, single, braced, word] = match;
  return { value: double ?? single ?? braced ?? word ?? '', length: whole.length };
}

/** Write properties as DS9 does: texts in braces, fonts in quotes. */
export function writeProperties(properties: readonly RegionProperty[]): string {
  return properties
    .map(({ key, value }) => {
      if (value === undefined) return key;
      if (key === 'text' || key === 'tag' || key === 'format') return `${key}=${embrace(value)}`;
      if (key === 'font') return `${key}="${value.replaceAll('"', "'")}"`;
      return `${key}=${value}`;
    })
    .join(' ');
}

/** Braces where they balance, else the quotes that the text does not hold. */
function embrace(value: string): string {
  const text = value.replace(/[\r\n]+/g, ' ');
  if (!/[{}]/.test(text) || /^(?:[^{}]|\{[^{}]*\})*$/.test(text)) return `{${text}}`;
  return text.includes('"') ? `'${text.replaceAll("'", '’')}'` : `"${text}"`;
}

/** The last value of a property; `undefined` when it is not there. */
export function propertyOf(properties: readonly RegionProperty[], key: string): string | undefined {
  return properties.findLast((property) => property.key === key)?.value;
}
