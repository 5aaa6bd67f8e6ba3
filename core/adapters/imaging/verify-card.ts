import { parseCard } from './parse-header.ts';

/** What is wrong with one card; `error` where readers may disagree on it, `warning` where it only breaks the standard. */
interface CardProblem {
  readonly severity: 'error' | 'warning';
  readonly problem: string;
}

const commentary: ReadonlySet<string> = new Set(['COMMENT', 'HISTORY', '', 'CONTINUE']);

/**
 * Check one card of 80 characters: its characters, keyword and value.
 *
 * @see FITS standard 4.0, 4.1 and 4.2
 */
export function verifyCard(line: string): readonly CardProblem[] {
  const problems: CardProblem[] = [];
  const illegal = /[^\x20-\x7e]/.exec(line);
  if (illegal !== null) {
    const code = line.charCodeAt(illegal.index).toString(16).padStart(2, '0');
    problems.push({
      severity: 'warning',
      problem: `has the character 0x${code} at column ${illegal.index + 1}; only printable ASCII is allowed`,
    });
  }
  const keyword = line.slice(0, 8);
  if (!/^[A-Z0-9_-]* *$/.test(keyword)) {
    problems.push({
      severity: 'error',
      problem: `has the keyword '${keyword}', which is not A-Z, 0-9, - and _ from the left`,
    });
    return problems;
  }
  const name = keyword.trimEnd();
  if (name === 'HIERARCH') {
    if (!line.includes('=')) problems.push({ severity: 'warning', problem: 'is a HIERARCH card without =' });
    else problems.push(...verifyValue(line.slice(line.indexOf('=') + 1)));
    return problems;
  }
  if (commentary.has(name)) return problems;
  if (line.slice(8, 10) === '= ') return [...problems, ...verifyValue(line.slice(10))];
  if (line[8] === '=') {
    problems.push({ severity: 'error', problem: 'has = without a space after it, so it has no value' });
  }
  return problems;
}

function verifyValue(field: string): readonly CardProblem[] {
  const text = field.trimStart();
  if (text === '' || text.startsWith('/')) return [];
  if (text.startsWith("'")) return verifyString(text);
  const slash = text.indexOf('/');
  const value = (slash < 0 ? text : text.slice(0, slash)).trimEnd();
  if (/^[TF]$/.test(value)) return [];
  if (/^[+-]?(\d+\.?\d*|\.\d+)([ED][+-]?\d+)?$/.test(value)) return [];
  if (/^\( *[+-]?[\d.]+([ED][+-]?\d+)? *, *[+-]?[\d.]+([ED][+-]?\d+)? *\)$/.test(value)) return [];
  const reads = parseCard(`KEYWORD = ${value}`).value;
  if (typeof reads === 'number') {
    return [
      { severity: 'warning', problem: `has the number '${value}' in a form that the standard does not know` },
    ];
  }
  return [
    {
      severity: 'error',
      problem: `has the value '${value}', which is neither string, logical nor number; it is read as text`,
    },
  ];
}

function verifyString(text: string): readonly CardProblem[] {
  const match = /^'(?:[^']|'')*'/.exec(text);
  if (match === null) return [{ severity: 'error', problem: 'has a string without its closing quote' }];
  const rest = text.slice(match[0].length).trim();
  if (rest === '' || rest.startsWith('/')) return [];
  return [{ severity: 'error', problem: `has '${rest}' after its string, without the / of a comment` }];
}
