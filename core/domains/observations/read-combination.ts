import { headerCommentary, headerNumber, headerString, headerValue } from './header.ts';
import type { Header } from './model.ts';

const COUNT_KEYWORDS = [
  'NCOMBINE',
  'NCOMB',
  'NSTACK',
  'STACKCNT',
  'NUMFRAME',
  'NFRAMES',
  'NIMAGES',
  'NEXP',
  'SNAPSHOT',
  'NDRIZIM',
];
/** Keywords that only programs which resample or combine write. */
const TRACE_KEYWORDS = ['RESAMPT1', 'COMBINET', 'COMBTYPE', 'IMCMB001', 'DRIZCORR', 'WARPALGO', 'SWCOMBIN'];
const TRACE_HISTORY = /\b(swarp|drizzl|imcombine|co-?add|stacked|resampl|reproject|montage)/i;

/** Whether an image is one integration as a detector saw it, or was made from several or interpolated. */
export interface Combination {
  readonly isCombined: boolean;
  /** What in the header says so, for people. */
  readonly evidence?: string | undefined;
}

/**
 * Read how much noise one pixel shows of what there is on large scales, <= 1: the rest is in what neighbours share.
 *
 * Our own coadds say so (`NOISECOR`); 1 where nothing is said.
 */
export function readNoiseCorrelation(header: Header): number {
  const factor = headerNumber(header, 'NOISECOR');
  return factor !== undefined && factor > 0 && factor <= 1 ? factor : 1;
}

/** Read whether an image was stacked or resampled, as far as the header tells. */
export function readCombination(header: Header): Combination {
  for (const keyword of COUNT_KEYWORDS) {
    const count = headerNumber(header, keyword);
    if (count !== undefined && count > 1) return { isCombined: true, evidence: `${keyword} = ${count}` };
  }
  for (const keyword of TRACE_KEYWORDS) {
    const value = headerValue(header, keyword);
    if (value !== undefined && value !== 'OMIT')
      return { isCombined: true, evidence: `${keyword} = ${value}` };
  }
  const software = headerString(header, 'SOFTNAME') ?? headerString(header, 'SOFTWARE') ?? '';
  if (TRACE_HISTORY.test(software)) return { isCombined: true, evidence: software };
  const trace = headerCommentary(header, 'HISTORY').find((line) => TRACE_HISTORY.test(line));
  if (trace !== undefined) return { isCombined: true, evidence: `HISTORY ${trace.trim()}` };
  return { isCombined: false };
}
