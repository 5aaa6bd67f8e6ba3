import type { RegionNumber, RegionUnit } from './model.ts';

const DIGITS = String.raw`(?:\d+\.?\d*|\.\d+)`;

const COLONS = new RegExp(String.raw`^([-+]?)(\d+):(\d+)(?::(${DIGITS}))?`);
const HOURS = new RegExp(String.raw`^([-+]?)(\d+)h\s*(?:(\d+)m\s*)?(?:(${DIGITS})s)?`, 'i');
const DEGREES = new RegExp(String.raw`^([-+]?)(\d+)d\s*(\d+)m\s*(?:(${DIGITS})s)?`, 'i');
const PLAIN = new RegExp(String.raw`^[-+]?${DIGITS}(?:e[-+]?\d+)?`, 'i');

/** What may stand between two numbers. */
const BETWEEN = /^[\s,]*/;

/**
 * Read one number with its unit from the beginning of a text.
 *
 * @returns the number and how many letters it took; `undefined` where there is none.
 */
export function readNumber(text: string): { number: RegionNumber; length: number } | undefined {
  for (const [pattern, unit] of [
    [COLONS, 'colons'],
    [HOURS, 'hms'],
    [DEGREES, 'dms'],
  ] as const) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const [whole, sign, first, minutes = '0', seconds = '0'] = match;
    const size = Number(first) + Number(minutes) / 60 + Number(seconds) / 3600;
    return { number: { value: sign === '-' ? -size : size, unit }, length: whole.length };
  }
  const [digits] = PLAIN.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const { unit, length } = readUnit(text.slice(digits.length));
  return { number: { value: Number(digits), unit }, length: digits.length + length };
}

function readUnit(rest: string): { unit: RegionUnit; length: number } {
  if (rest.startsWith("''")) return { unit: '"', length: 2 };
  const [letter] = /^(?:["']|[drpi](?![a-z]))/i.exec(rest) ?? [];
  if (letter === undefined) return { unit: 'none', length: 0 };
  return { unit: letter.toLowerCase() as RegionUnit, length: 1 };
}

/** The numbers of a shape, `n=4` among them, and where they end. */
export interface NumberList {
  readonly numbers: readonly RegionNumber[];
  readonly count: number | undefined;
  readonly length: number;
}

/** Read numbers parted by commas or blanks until something else comes. */
export function readNumbers(text: string): NumberList {
  const numbers: RegionNumber[] = [];
  let count: number | undefined;
  let at = 0;
  for (;;) {
    const rest = text.slice(at + BETWEEN.exec(text.slice(at))![0].length);
    const start = text.length - rest.length;
    const [steps, digits] = /^n\s*=\s*(\d+)/i.exec(rest) ?? [];
    if (steps !== undefined) {
      count = Number(digits);
      at = start + steps.length;
      continue;
    }
    const found = readNumber(rest);
    if (found === undefined) return { numbers, count, length: start };
    numbers.push(found.number);
    at = start + found.length;
  }
}
