import { readFileSync } from 'node:fs';
import type { CurvePosition } from '../pipeline/index.ts';
import { AstridError } from '../utils/index.ts';
import { parseNumber } from './parse-number.ts';

/** How the places to measure are named: at least one of these. */
export interface PositionOptions {
  /** `RA,DEC` in degrees or sexagesimal (hours, degrees). */
  readonly at?: readonly string[] | undefined;
  /** `X,Y`, zero-based pixels of the template. */
  readonly atPixel?: readonly string[] | undefined;
  /** CSV with columns raDeg and decDeg (or ra, dec), or xPx and yPx (or x, y); and name, if there is one. */
  readonly positions?: string | undefined;
}

/**
 * Read the places that a person named, in the order of the options.
 *
 * @throws differencing/bad-position, differencing/unreadable-positions
 */
export function readPositions(options: PositionOptions): readonly CurvePosition[] {
  const positions = [
    ...(options.at ?? []).map((text) => parseSky(text)),
    ...(options.atPixel ?? []).map((text) => parsePixel(text)),
    ...(options.positions === undefined ? [] : readCsv(options.positions)),
  ];
  if (positions.length > 0) return positions;
  throw new AstridError(
    'differencing/bad-position',
    'No place to measure was given: use --at RA,DEC, --at-pixel X,Y or --positions FILE.csv.',
  );
}

function parseSky(text: string): CurvePosition {
  const [first, second, ...rest] = text.split(',').map((part) => part.trim());
  const raDeg = parseAngle(first ?? '', 15);
  const decDeg = parseAngle(second ?? '', 1);
  if (rest.length > 0 || !(raDeg >= 0 && raDeg < 360) || !(Math.abs(decDeg) <= 90)) {
    throw badPosition(`--at ${text}`, 'RA,DEC in degrees (0 to 360, -90 to 90) or as 18:15:29,-25:17:06');
  }
  return { kind: 'sky', name: text, raDeg, decDeg };
}

function parsePixel(text: string): CurvePosition {
  const [xPx, yPx, ...rest] = text.split(',').map((part) => parseNumber(part.trim()));
  if (rest.length > 0 || xPx === undefined || yPx === undefined || !Number.isFinite(xPx + yPx)) {
    throw badPosition(`--at-pixel ${text}`, 'X,Y: zero-based pixels of the template');
  }
  return { kind: 'pixel', name: text, xPx, yPx };
}

/** Degrees, or `d:m:s` times a factor: 15 for hours. */
function parseAngle(text: string, factor: number): number {
  const parts = /^([+-]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?$/.exec(text);
  if (!parts) return parseNumber(text);
  const [, sign, whole, minutes, seconds] = parts;
  const size = Number(whole) + Number(minutes) / 60 + Number(seconds ?? 0) / 3600;
  return (sign === '-' ? -1 : 1) * size * factor;
}

function readCsv(path: string): readonly CurvePosition[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new AstridError(
      'differencing/unreadable-positions',
      `${path} cannot be read: ${(error as Error).message}. Name a CSV file of positions.`,
      { path },
    );
  }
  const [head, ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const columns = (head ?? '').split(',').map((name) => name.trim().toLowerCase());
  const find = (...names: readonly string[]): number => columns.findIndex((name) => names.includes(name));
  const [ra, dec] = [find('radeg', 'ra'), find('decdeg', 'dec')];
  const [x, y] = [find('xpx', 'x'), find('ypx', 'y')];
  const name = find('name', 'id');
  if ((ra < 0 || dec < 0) && (x < 0 || y < 0)) {
    throw badPosition(path, 'a first line that names the columns raDeg and decDeg, or xPx and yPx');
  }
  return lines.map((line, index) => {
    const cells = line.split(',').map((cell) => cell.trim());
    const at =
      ra >= 0 && dec >= 0 ? parseSky(`${cells[ra]},${cells[dec]}`) : parsePixel(`${cells[x]},${cells[y]}`);
    return { ...at, name: (name >= 0 ? cells[name] : undefined) || String(index + 1) };
  });
}

function badPosition(what: string, wanted: string): AstridError {
  return new AstridError('differencing/bad-position', `${what} is no position: give ${wanted}.`, { what });
}
