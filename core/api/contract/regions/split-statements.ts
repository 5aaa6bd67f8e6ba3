import { isShapeName } from './shapes.ts';

/** One statement and what ended it. */
export interface Statement {
  readonly text: string;
  readonly end: string;
}

/**
 * Cut a region file into statements at line ends and semicolons.
 *
 * Semicolons inside quotes, braces and comments end nothing. A quote opens only behind a blank or `=`: behind a
 * digit it is a unit. Line ends always end a statement, so a missing closing quote spoils one line.
 */
export function splitStatements(text: string): readonly Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  const finish = (at: number, end: string): void => {
    statements.push({ text: text.slice(start, at), end });
    start = at + end.length;
  };
  let quote = '';
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (letter === '\n' || letter === '\r') {
      finish(i, letter === '\r' && text[i + 1] === '\n' ? '\r\n' : letter);
      i = start - 1;
      quote = '';
      depth = 0;
    } else if (quote !== '') {
      if (letter === quote) quote = '';
    } else if (letter === '{') depth++;
    else if (letter === '}') depth = Math.max(0, depth - 1);
    else if (depth > 0) continue;
    else if ((letter === '"' || letter === "'") && i > start && /[\s=]/.test(text[i - 1]!)) quote = letter;
    else if (letter === ';' && !isComment(text.slice(start, i))) finish(i, ';');
  }
  if (start < text.length) finish(text.length, '');
  return statements;
}

/** Tell a comment from a shape that DS9 hides behind a `#`. */
export function isComment(statement: string): boolean {
  const [, name] = /^\s*#\s*([a-z]+)\s*[(\s]\s*[-+.\d]/i.exec(statement) ?? [];
  return /^\s*#/.test(statement) && (name === undefined || !isShapeName(name.toLowerCase()));
}
