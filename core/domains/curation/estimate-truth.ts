import type { Rating } from './measure-agreement.ts';

/** What is assumed of curators before they have said anything, and when the estimate is good enough. */
export interface TruthConfig {
  /** What a candidate can be. */
  readonly classes: readonly string[];
  /** Words a curator may give; more than the classes where one may be unsure. */
  readonly words: readonly string[];
  /** Right answers each curator is credited with in every class before the first, so that one label never makes a skill of 0 or 1. */
  readonly creditRight: number;
  /** Wrong answers likewise, spread over the other words. */
  readonly creditWrong: number;
  /** Likewise for how common the classes are. */
  readonly creditClass: number;
  /** Steps at most. */
  readonly maxIterations: number;
  /** Largest change of a probability at which the estimate stands. */
  readonly tolerance: number;
}

/** Verdicts: a curator right in four of five cases until shown otherwise. */
export const VERDICT_TRUTH: TruthConfig = {
  classes: ['real', 'bogus'],
  words: ['real', 'bogus', 'unsure'],
  creditRight: 4,
  creditWrong: 1,
  creditClass: 1,
  maxIterations: 200,
  tolerance: 1e-6,
};

/** What a curator says, given what the candidate is. */
export interface CuratorSkill {
  readonly curator: string;
  /** Words this curator gave. */
  readonly ratings: number;
  /** Rows are classes, columns words, in the order of the configuration; a row adds up to 1. */
  readonly confusion: readonly (readonly number[])[];
  /** Probability of the right word, classes weighted as they occur. */
  readonly accuracy: number;
}

/** The truth as all words together have it. */
export interface TruthEstimate {
  /** For each item, the probability of each class, in the order of the configuration. */
  readonly posterior: ReadonlyMap<string, readonly number[]>;
  /** In order of their ids. */
  readonly skills: readonly CuratorSkill[];
  /** How common the classes are. */
  readonly prevalence: readonly number[];
  readonly iterations: number;
  readonly isConverged: boolean;
}

/**
 * Estimate what candidates are and how well each curator tells, both from the words alone, by expectation maximisation.
 *
 * Starts from the votes. Unlike the paper's maximum likelihood, counts begin with a few credited answers: with few
 * labels the likelihood alone calls whoever agrees once infallible.
 *
 * @param ratings at most one word of a curator for an item counts as one observation.
 * @param known the class of items that is known otherwise: gold. Their posterior is that class.
 * @see Dawid & Skene 1979, Applied Statistics 28, 20, eq. 2.3-2.5
 */
export function estimateTruth(
  ratings: readonly Rating[],
  config: TruthConfig = VERDICT_TRUTH,
  known: ReadonlyMap<string, string> = new Map(),
): TruthEstimate {
  const { classes, words } = config;
  const items = [...new Set(ratings.map(({ itemId }) => itemId))];
  const curators = [...new Set(ratings.map(({ curator }) => curator))].sort();
  const itemAt = new Map(items.map((id, i) => [id, i]));
  const curatorAt = new Map(curators.map((id, i) => [id, i]));
  const observed = ratings.map(({ itemId, curator, category }) => ({
    item: itemAt.get(itemId)!,
    curator: curatorAt.get(curator)!,
    word: words.indexOf(category),
  }));
  const fixed = items.map((id) => {
    const position = classes.indexOf(known.get(id) ?? '');
    return position < 0 ? undefined : classes.map((_, k) => (k === position ? 1 : 0));
  });

  const votes = items.map(() => classes.map(() => 1 / classes.length));
  for (const { item, word } of observed) if (word >= 0 && word < classes.length) votes[item]![word]! += 1;
  let posterior = votes.map((row, i) => fixed[i] ?? normalise(row));
  let prevalence: number[] = [];
  let confusion: number[][][] = [];
  let iterations = 0;
  let change = Number.POSITIVE_INFINITY;
  while (iterations < config.maxIterations && change > config.tolerance) {
    iterations++;
    prevalence = normalise(
      classes.map((_, k) => config.creditClass + posterior.reduce((total, row) => total + row[k]!, 0)),
    );
    confusion = curators.map(() => classes.map((_, k) => creditedWords(config, k)));
    for (const { item, curator, word } of observed)
      if (word >= 0)
        for (let k = 0; k < classes.length; k++) confusion[curator]![k]![word]! += posterior[item]![k]!;
    confusion = confusion.map((rows) => rows.map(normalise));

    const logs = items.map(() => prevalence.map(Math.log));
    for (const { item, curator, word } of observed)
      if (word >= 0)
        for (let k = 0; k < classes.length; k++) logs[item]![k]! += Math.log(confusion[curator]![k]![word]!);
    const next = logs.map((row, i) => fixed[i] ?? softmax(row));
    change = 0;
    for (const [i, row] of next.entries())
      for (const [k, p] of row.entries()) change = Math.max(change, Math.abs(p - posterior[i]![k]!));
    posterior = next;
  }
  return {
    posterior: new Map(items.map((id, i) => [id, posterior[i]!])),
    skills: curators.map((curator, c) => ({
      curator,
      ratings: observed.filter((one) => one.curator === c).length,
      confusion: confusion[c]!,
      accuracy: classes.reduce((total, _, k) => total + prevalence[k]! * confusion[c]![k]![k]!, 0),
    })),
    prevalence,
    iterations,
    isConverged: change <= config.tolerance,
  };
}

function creditedWords({ words, creditRight, creditWrong }: TruthConfig, right: number): number[] {
  return words.map((_, word) => (word === right ? creditRight : creditWrong / (words.length - 1)));
}

function normalise(values: readonly number[]): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

function softmax(logs: readonly number[]): number[] {
  const greatest = Math.max(...logs);
  return normalise(logs.map((log) => Math.exp(log - greatest)));
}
