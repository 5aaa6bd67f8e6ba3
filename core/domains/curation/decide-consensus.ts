import type { CandidateCuration, Verdict } from './model.ts';

/** When a candidate has been judged often enough. */
export interface ConsensusConfig {
  /** Independent labels that every candidate gets; 1 where a single curator works. */
  readonly labelsWanted: number;
  /** Labels a candidate gets where the first ones disagree. */
  readonly labelsOnDispute: number;
  /** Probability of its likeliest class at which a candidate needs no more labels. */
  readonly retireAt: number;
  /** Part of a queue that is shown again to the curator who judged it, 0 to 1. */
  readonly repeatFraction: number;
  /** Part of a queue whose answer is known, 0 to 1. */
  readonly goldFraction: number;
}

/** Two independent labels, a third on disagreement. */
export const DEFAULT_CONSENSUS_CONFIG: ConsensusConfig = {
  labelsWanted: 2,
  labelsOnDispute: 3,
  retireAt: 0.95,
  repeatFraction: 0.03,
  goldFraction: 0.05,
};

/** How far people are with a candidate. */
export type Consensus =
  | { readonly kind: 'waiting'; readonly labels: number; readonly missing: number }
  | { readonly kind: 'agreed'; readonly verdict: Verdict; readonly labels: number }
  /** The posterior decides although the count is not complete. */
  | { readonly kind: 'retired'; readonly verdict: Verdict; readonly probability: number }
  /** Labels differ and another curator is asked. */
  | { readonly kind: 'disputed'; readonly labels: number; readonly missing: number }
  /** Labels differ and enough were asked: somebody has to look at all of them. */
  | { readonly kind: 'to-adjudicate'; readonly labels: number }
  | { readonly kind: 'adjudicated'; readonly verdict: Verdict; readonly curator: string };

/**
 * Say how far people are with a candidate.
 *
 * @param posterior probability of real and of bogus from all labels and skills, where it was estimated. It retires a
 * candidate only with `labelsWanted` labels given: one curator's word is not a consensus however skilled they are.
 */
export function decideConsensus(
  curation: CandidateCuration,
  config: ConsensusConfig,
  posterior?: { readonly real: number; readonly bogus: number },
): Consensus {
  const { labels, adjudication } = curation;
  if (adjudication !== undefined)
    return { kind: 'adjudicated', verdict: adjudication.verdict, curator: adjudication.curator };
  const count = labels.length;
  if (count < config.labelsWanted)
    return { kind: 'waiting', labels: count, missing: config.labelsWanted - count };
  const [first] = labels;
  if (labels.every(({ verdict }) => verdict === first!.verdict)) {
    // All unsure is no answer: it goes where disagreement goes.
    if (first!.verdict !== 'unsure') return { kind: 'agreed', verdict: first!.verdict, labels: count };
  }
  if (posterior !== undefined) {
    const verdict = posterior.real >= posterior.bogus ? 'real' : 'bogus';
    if (posterior[verdict] > config.retireAt)
      return { kind: 'retired', verdict, probability: posterior[verdict] };
  }
  if (count < config.labelsOnDispute)
    return { kind: 'disputed', labels: count, missing: config.labelsOnDispute - count };
  const majority = majorityOf(labels.map(({ verdict }) => verdict));
  return majority === undefined || majority === 'unsure'
    ? { kind: 'to-adjudicate', labels: count }
    : { kind: 'agreed', verdict: majority, labels: count };
}

/** Tell whether another curator's label would help. */
export function wantsLabel(consensus: Consensus): boolean {
  return consensus.kind === 'waiting' || consensus.kind === 'disputed';
}

/** The verdict of more than half; `undefined` where there is none. */
function majorityOf(verdicts: readonly Verdict[]): Verdict | undefined {
  return (['real', 'bogus', 'unsure'] as const).find(
    (verdict) => verdicts.filter((one) => one === verdict).length * 2 > verdicts.length,
  );
}
