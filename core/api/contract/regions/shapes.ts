import type { ParameterRole } from './model.ts';

/** What DS9 writes behind a `#`, so that programs that do not know it take it for a comment. */
export const COMMENTED_SHAPES: ReadonlySet<string> = new Set([
  'text',
  'vector',
  'ruler',
  'compass',
  'projection',
  'segment',
  'composite',
  'epanda',
  'bpanda',
]);

const POINT: readonly ParameterRole[] = ['lon', 'lat'];
const SIZE: readonly ParameterRole[] = ['size'];
const ANGLE: readonly ParameterRole[] = ['angle'];

interface Pattern {
  readonly head: readonly ParameterRole[];
  /** Repeats as often as there are numbers for it. */
  readonly group: readonly ParameterRole[];
  readonly fewest: number;
  readonly tail: readonly ParameterRole[];
  /** The tail may be missing. */
  readonly isTailOptional?: boolean;
}

const fixed = (...head: ParameterRole[]): Pattern => ({ head, group: [], fewest: 0, tail: [] });

const PATTERNS: Readonly<Record<string, Pattern>> = {
  circle: fixed(...POINT, 'size'),
  ellipse: { head: POINT, group: ['size', 'size'], fewest: 1, tail: ANGLE, isTailOptional: true },
  box: { head: POINT, group: ['size', 'size'], fewest: 1, tail: ANGLE, isTailOptional: true },
  annulus: { head: POINT, group: SIZE, fewest: 2, tail: [] },
  polygon: { head: [], group: POINT, fewest: 3, tail: [] },
  segment: { head: [], group: POINT, fewest: 2, tail: [] },
  point: fixed(...POINT),
  text: { head: POINT, group: [], fewest: 0, tail: ANGLE, isTailOptional: true },
  line: fixed(...POINT, ...POINT),
  ruler: fixed(...POINT, ...POINT),
  projection: { head: [...POINT, ...POINT], group: [], fewest: 0, tail: SIZE, isTailOptional: true },
  vector: fixed(...POINT, 'size', 'angle'),
  compass: fixed(...POINT, 'size'),
  composite: { head: POINT, group: [], fewest: 0, tail: ANGLE, isTailOptional: true },
  panda: fixed(...POINT, 'angle', 'angle', 'count', 'size', 'size', 'count'),
  epanda: {
    head: [...POINT, 'angle', 'angle', 'count', 'size', 'size', 'size', 'size', 'count'],
    group: [],
    fewest: 0,
    tail: ANGLE,
    isTailOptional: true,
  },
  bpanda: {
    head: [...POINT, 'angle', 'angle', 'count', 'size', 'size', 'size', 'size', 'count'],
    group: [],
    fewest: 0,
    tail: ANGLE,
    isTailOptional: true,
  },
};

/** Tell whether DS9 knows a shape of this name. */
export function isShapeName(name: string): boolean {
  return Object.hasOwn(PATTERNS, name);
}

/** Name what each of a shape's numbers is; `undefined` when there cannot be so many. */
export function rolesOf(name: string, count: number): readonly ParameterRole[] | undefined {
  const pattern = PATTERNS[name];
  if (pattern === undefined) return undefined;
  for (const tail of pattern.isTailOptional ? [pattern.tail, []] : [pattern.tail]) {
    const rest = count - pattern.head.length - tail.length;
    const groups = pattern.group.length === 0 ? 0 : rest / pattern.group.length;
    if (rest < 0 || !Number.isInteger(groups) || groups < pattern.fewest) continue;
    if (pattern.group.length === 0 && rest !== 0) continue;
    const middle = Array.from({ length: groups }, () => pattern.group).flat();
    return [...pattern.head, ...middle, ...tail];
  }
  return undefined;
}

const SYSTEMS = new Set(
  'image physical detector amplifier linear fk4 b1950 fk5 j2000 icrs galactic ecliptic wcs'.split(' '),
);

/** Tell whether a word names a coordinate system: `fk5`, `image`, `wcs`, `wcsa` ... */
export function isSystemName(word: string): boolean {
  return SYSTEMS.has(word) || /^wcs[a-z]$/.test(word);
}
