import { AstridError } from '../utils/index.ts';
import { parseNumber } from './parse-number.ts';

/**
 * Read a place on the sky that was typed: `RA,DEC` in degrees, or sexagesimal with right ascension in hours.
 *
 * @throws catalog/bad-hint
 */
export function parsePlace(text: string): { readonly raDeg: number; readonly decDeg: number } {
  const [ra, dec, ...rest] = text.split(',').map((part) => part.trim());
  const raDeg = parseAngle(ra ?? '', 15);
  const decDeg = parseAngle(dec ?? '', 1);
  if (rest.length > 0 || !(raDeg >= 0 && raDeg < 360) || !(Math.abs(decDeg) <= 90))
    throw new AstridError(
      'catalog/bad-hint',
      `${text} is no place on the sky: write RA,DEC in degrees (150.1,-2.2) or as hours and degrees (10:00:24,-2:12:00).`,
      { hint: text },
    );
  return { raDeg, decDeg };
}

/** Read two numbers that were typed, `LOW,HIGH`, rising. @throws catalog/bad-hint */
export function parsePair(text: string, option: string): readonly [number, number] {
  const [low, high, ...rest] = text.split(',').map((part) => parseNumber(part.trim()));
  if (rest.length > 0 || !(low! >= 0) || !(high! > low!))
    throw new AstridError('catalog/bad-hint', `${option} ${text}: write two rising numbers, LOW,HIGH.`, {
      option,
      text,
    });
  return [low!, high!];
}

function parseAngle(text: string, degreesPerUnit: number): number {
  if (!text.includes(':')) return parseNumber(text);
  const match = /^([+-]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?$/.exec(text);
  if (match === null) return Number.NaN;
  const size = Number(match[2]) + Number(match[3]) / 60 + Number(match[4] ?? 0) / 3600;
  return (match[1] === '-' ? -size : size) * degreesPerUnit;
}
