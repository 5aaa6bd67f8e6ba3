import { headerNumber, headerValue } from './header.ts';
import type { Header } from './model.ts';

const PAIRS: readonly (readonly [string, string])[] = [
  ['RA_DEG', 'DEC_DEG'],
  ['RA_OBS', 'DEC_OBS'],
  ['RA', 'DEC'],
  ['OBJCTRA', 'OBJCTDEC'],
  ['OBJRA', 'OBJDEC'],
  ['TELRA', 'TELDEC'],
  ['CRVAL1', 'CRVAL2'],
];

/** Read where the telescope pointed from the header's text, degrees; sexagesimal right ascension is in hours. */
export function readPointing(
  header: Header,
): { readonly raDeg: number; readonly decDeg: number } | undefined {
  for (const [raKeyword, decKeyword] of PAIRS) {
    if (raKeyword === 'CRVAL1' && !/^RA/.test(String(headerValue(header, 'CTYPE1') ?? ''))) continue;
    const raDeg = headerNumber(header, raKeyword) ?? sexagesimal(headerValue(header, raKeyword), 15);
    const decDeg = headerNumber(header, decKeyword) ?? sexagesimal(headerValue(header, decKeyword), 1);
    if (raDeg === undefined || decDeg === undefined) continue;
    if (raDeg < -360 || raDeg > 720 || Math.abs(decDeg) > 90) continue;
    return { raDeg: ((raDeg % 360) + 360) % 360, decDeg };
  }
  return undefined;
}

function sexagesimal(value: unknown, scale: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^\s*([+-]?)\s*(\d+)[\s:hd]+(\d+(?:\.\d*)?)(?:[\s:m']+(\d+(?:\.\d*)?))?[s"]?\s*$/i.exec(
    value,
  );
  if (match === null) return undefined;
  const [, sign, whole, minutes, seconds] = match;
  const magnitude = Number(whole) + Number(minutes) / 60 + Number(seconds ?? 0) / 3600;
  return (sign === '-' ? -magnitude : magnitude) * scale;
}
