import { AstridError } from '../utils/index.ts';
import type { RunCondition } from './ports.ts';

const STATES: Readonly<Record<'status' | 'grade' | 'is', readonly string[]>> = {
  status: ['queued', 'running', 'done', 'failed', 'cancelled'],
  grade: ['green', 'yellow', 'red', 'none'],
  is: ['labelled', 'unlabelled'],
};

const TERM = /^(-?)(?:(status|grade|band|is|night|candidates|seeing)([:<>=])(.+)|(.+))$/;

/** MJD of 1970-01-01. */
const UNIX_EPOCH_MJD = 40587;

/**
 * Read a filter of runs as people type it: every term must hold, and none with a minus before it.
 *
 * `m31`, `"two words"`, `-bias`, `status:failed`, `grade:red`, `band:r`, `night:2026-03-01`, `night>2026-03-01`,
 * `candidates>10`, `seeing<1.5` (arcsec), `is:unlabelled`. A word is looked for in object, instrument and paths.
 *
 * @throws pipeline/bad-filter
 */
export function parseRunFilter(text: string): readonly RunCondition[] {
  const terms = text.match(/-?(?:[a-z]+[:<>=])?"[^"]*"|\S+/gi) ?? [];
  return terms.map((term): RunCondition => {
    const [, minus, key, sign, rest, word] = TERM.exec(term.replaceAll('"', '').toLowerCase()) ?? [];
    const isExcluded = minus === '-';
    if (key === undefined || sign === undefined || rest === undefined)
      return { kind: 'word', isExcluded, word: (word ?? '').replace(/^-/, '') };
    if (key === 'band') return { kind: 'band', isExcluded, is: rest };
    if (key === 'status' || key === 'grade' || key === 'is') {
      if (!STATES[key].includes(rest)) throw refuse(term, `${key} is one of ${STATES[key].join(', ')}`);
      return { kind: key, isExcluded, is: rest } as RunCondition;
    }
    const value =
      key === 'night' ? Date.parse(`${rest}T00:00:00Z`) / 86_400_000 + UNIX_EPOCH_MJD : Number(rest);
    if (!Number.isFinite(value))
      throw refuse(term, key === 'night' ? 'a night is written 2026-03-01' : `${rest} is not a number`);
    const comparison = sign === ':' ? '=' : (sign as '<' | '=' | '>');
    return { kind: key as 'night' | 'candidates' | 'seeing', isExcluded, comparison, value };
  });
}

function refuse(term: string, why: string): AstridError {
  return new AstridError('pipeline/bad-filter', `The filter "${term}" cannot be read: ${why}.`, { term });
}
