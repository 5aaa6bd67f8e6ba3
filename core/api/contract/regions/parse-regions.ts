import type { RegionLine, RegionShape } from './model.ts';
import { readNumbers } from './read-numbers.ts';
import { readProperties } from './read-properties.ts';
import { isShapeName, isSystemName, rolesOf } from './shapes.ts';
import { isComment, type Statement, splitStatements } from './split-statements.ts';

/** The system of shapes before any is named: DS9 files of old left it out and meant this one. */
const FIRST_SYSTEM = 'physical';

/**
 * Parse a DS9 region file.
 *
 * Every statement is kept with its text, so the lines together are the file again, whatever is in it. Shapes,
 * `global` lines and coordinate systems are understood; the rest is `comment` or `unknown`.
 *
 * @see https://ds9.si.edu/doc/ref/region.html
 */
export function parseRegions(text: string): readonly RegionLine[] {
  const lines: RegionLine[] = [];
  let system = FIRST_SYSTEM;
  for (const statement of splitStatements(text)) {
    for (const line of parseStatement(statement, system)) {
      if (line.kind === 'system') system = line.system;
      lines.push(line);
    }
  }
  return lines;
}

function parseStatement(statement: Statement, system: string): readonly RegionLine[] {
  const { text, end } = statement;
  if (text.replace(/^\uFEFF/, '').trim() === '') return [{ kind: 'blank', text, end }];
  if (isComment(text)) return [{ kind: 'comment', text, end }];
  const [lead = '', name = ''] = /^[\s\uFEFF]*([a-z]\w*)/i.exec(text) ?? [];
  const word = name.toLowerCase();
  if (word === 'global')
    return [{ kind: 'global', properties: readProperties(text.slice(lead.length)), text, end }];
  if (isSystemName(word)) {
    const rest = text.slice(lead.length);
    const line = { kind: 'system', system: word } as const;
    if (rest.trim() === '') return [{ ...line, text, end }];
    return [{ ...line, text: lead, end: '' }, ...parseStatement({ text: rest, end }, word)];
  }
  const shape = parseShape(text, system);
  return [
    typeof shape === 'string'
      ? { kind: 'unknown', problem: shape, text, end }
      : { kind: 'shape', shape, text, end },
  ];
}

/** @returns the shape, or why it is none. */
function parseShape(text: string, system: string): RegionShape | string {
  const [lead, sign, word] = /^[\s\uFEFF]*(?:#\s*)?([-+!]?)\s*([a-z]+)/i.exec(text) ?? [];
  if (lead === undefined || word === undefined) return 'it begins with no name of a shape';
  const name = word.toLowerCase();
  const rest = text.slice(lead.length);
  // `circle point 10 20` is how old files write a point.
  const [old] = /^\s+point\b/i.exec(rest) ?? [];
  if (!isShapeName(name) && old === undefined) return `DS9 has no shape “${word}”`;
  return readShape(rest.slice(old?.length ?? 0), {
    name: old === undefined ? name : 'point',
    system,
    isExcluded: sign === '-' || sign === '!',
    properties: old === undefined ? [] : [{ key: 'point', value: name }],
  });
}

function readShape(
  rest: string,
  begun: Pick<RegionShape, 'name' | 'system' | 'isExcluded' | 'properties'>,
): RegionShape | string {
  const [open] = /^\s*\(?/.exec(rest)!;
  const list = readNumbers(rest.slice(open.length));
  const after = rest.slice(open.length + list.length);
  const isOpen = open.endsWith('(');
  if (isOpen && !after.startsWith(')')) return `“${after.slice(0, 20)}” is no number`;
  const tail = isOpen ? after.slice(1) : after;
  const found = rolesOf(begun.name, list.numbers.length);
  if (found === undefined) return `a ${begun.name} cannot have ${list.numbers.length} numbers`;
  const [joint, join] = /^\s*(\|\||&&)/.exec(tail) ?? [''];
  const [mark] = /^\s*#?\s*/.exec(tail.slice(joint.length))!;
  const words = tail.slice(joint.length + mark.length);
  // `text 10 20 {words}` carries its words without a key.
  const [plain, braced, quoted] = (begun.name === 'text' && /^(?:\{([^{}]*)\}|"([^"]*)")/.exec(words)) || [
    '',
  ];
  const given = braced ?? quoted;
  return {
    ...begun,
    parameters: list.numbers,
    ...(list.count === undefined ? {} : { count: list.count }),
    properties: [
      ...begun.properties,
      ...(given === undefined ? [] : [{ key: 'text', value: given }]),
      ...readProperties(words.slice(plain.length)),
    ],
    ...(join === undefined ? {} : { join: join as '||' | '&&' }),
  };
}
