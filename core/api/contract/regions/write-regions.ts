import type { RegionLine, RegionNumber, RegionShape } from './model.ts';
import { writeProperties } from './read-properties.ts';
import { COMMENTED_SHAPES, rolesOf } from './shapes.ts';

/** The first line of a file, by which programs know what it is. */
export const REGION_FILE_HEAD = '# Region file format: DS9 version 4.1';

/** Write lines as they were read: the inverse of `parseRegions`, letter for letter. */
export function joinRegions(lines: readonly RegionLine[]): string {
  return lines.map(({ text, end }) => text + end).join('');
}

/** Write one shape with everything that is known of it, without its coordinate system. */
export function writeShape(shape: RegionShape): string {
  const roles = rolesOf(shape.name, shape.parameters.length) ?? [];
  const numbers = shape.parameters.map((number, i) => writeNumber(number, roles[i] === 'lat'));
  if (shape.count !== undefined) numbers.push(`n=${shape.count}`);
  const isCommented = COMMENTED_SHAPES.has(shape.name);
  const head = `${isCommented ? '# ' : ''}${shape.isExcluded ? '-' : ''}${shape.name}(${numbers.join(',')})`;
  const properties = writeProperties(shape.properties);
  const mark = properties === '' ? '' : ` ${isCommented ? '' : '# '}${properties}`;
  return `${head}${shape.join === undefined ? '' : ` ${shape.join}`}${mark}`;
}

/**
 * Write a region file from shapes and lines that are kept.
 *
 * A coordinate system is written where it changes. `unknown` and commented lines go out as they came in.
 */
export function writeRegions(
  entries: readonly (RegionShape | { readonly kept: string; readonly system?: string | undefined })[],
): string {
  const lines = [REGION_FILE_HEAD];
  let system: string | undefined;
  for (const entry of entries) {
    if (entry.system !== undefined && entry.system !== system) {
      system = entry.system;
      lines.push(system);
    }
    lines.push('kept' in entry ? entry.kept : writeShape(entry));
  }
  return `${lines.join('\n')}\n`;
}

function writeNumber({ value, unit }: RegionNumber, isLatitude: boolean): string {
  switch (unit) {
    case 'colons':
      return sexagesimal(value, [':', ':', ''], isLatitude);
    case 'hms':
      return sexagesimal(value, ['h', 'm', 's'], false);
    case 'dms':
      return sexagesimal(value, ['d', 'm', 's'], isLatitude);
    case 'none':
      return plain(value);
    default:
      return `${plain(value)}${unit}`;
  }
}

/** Ten decimals are 0.4 microarcseconds: what is read is what was meant. */
function plain(value: number): string {
  if (Math.abs(value) >= 1e15 || (value !== 0 && Math.abs(value) < 1e-6)) return String(value);
  return String(Number(value.toFixed(10)));
}

function sexagesimal(value: number, marks: readonly [string, string, string], isSigned: boolean): string {
  // Ten thousandths of a second of arc or time; carries, so 60 never appears.
  const ticks = Math.round(Math.abs(value) * 36_000_000);
  const whole = Math.floor(ticks / 36_000_000);
  const minutes = Math.floor(ticks / 600_000) % 60;
  const seconds = ((ticks % 600_000) / 10_000).toFixed(4).padStart(7, '0');
  const sign = value < 0 ? '-' : isSigned ? '+' : '';
  return `${sign}${whole}${marks[0]}${String(minutes).padStart(2, '0')}${marks[1]}${seconds}${marks[2]}`;
}
