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
  const { classes } = config;
  const curators = [...new Set(ratings.map(({ curator }) => curator))].sort();
  const { patterns, patternOf } = groupAlike(ratings, curators, config, known);

  let posterior = patterns.map(({ fixed, answers }) => {
    const votes = classes.map((_, k) => 1 / classes.length + answers.filter(({ word }) => word === k).length);
    return fixed ?? normalise(votes);
  });
  let prevalence: number[] = [];
  let confusion: number[][][] = [];
  let iterations = 0;
  let change = Number.POSITIVE_INFINITY;
  while (iterations < config.maxIterations && change > config.tolerance) {
    iterations++;
    prevalence = normalise(
      classes.map((_, k) =>
        patterns.reduce((total, { items }, p) => total + items * posterior[p]![k]!, config.creditClass),
      ),
    );
    confusion = curators.map(() => classes.map((_, k) => creditedWords(config, k)));
    for (const [p, { answers, items }] of patterns.entries())
      for (const { curator, word } of answers)
        for (let k = 0; k < classes.length; k++) confusion[curator]![k]![word]! += items * posterior[p]![k]!;
    confusion = confusion.map((rows) => rows.map(normalise));

    const next = patterns.map(({ fixed, answers }) => {
      const logs = prevalence.map(
        (share, k) =>
          Math.log(share) +
          answers.reduce((sum, { curator, word }) => sum + Math.log(confusion[curator]![k]![word]!), 0),
      );
      return fixed ?? softmax(logs);
    });
    change = 0;
    for (const [p, row] of next.entries())
      for (const [k, value] of row.entries()) change = Math.max(change, Math.abs(value - posterior[p]![k]!));
    posterior = next;
  }
  const counts = curators.map(() => 0);
  for (const { answers, items } of patterns) for (const { curator } of answers) counts[curator]! += items;
  return {
    posterior: new Map([...patternOf].map(([id, p]) => [id, posterior[p]!])),
    skills: curators.map((curator, c) => ({
      curator,
      ratings: counts[c]!,
      confusion: confusion[c]!,
      accuracy: classes.reduce((total, _, k) => total + prevalence[k]! * confusion[c]![k]![k]!, 0),
    })),
    prevalence,
    iterations,
    isConverged: change <= config.tolerance,
  };
}

/** Items of which the same curators said the same: their truth is the same, so it is worked out once. */
interface Pattern {
  readonly answers: readonly { readonly curator: number; readonly word: number }[];
  /** Probability of each class where it is known otherwise. */
  readonly fixed: readonly number[] | undefined;
  items: number;
}

function groupAlike(
  ratings: readonly Rating[],
  curators: readonly string[],
  { classes, words }: TruthConfig,
  known: ReadonlyMap<string, string>,
): { readonly patterns: readonly Pattern[]; readonly patternOf: ReadonlyMap<string, number> } {
  const curatorAt = new Map(curators.map((id, c) => [id, c]));
  const answersOf = new Map<string, number[]>();
  for (const { itemId, curator, category } of ratings) {
    const answer = curatorAt.get(curator)! * words.length + words.indexOf(category);
    const answers = answersOf.get(itemId) ?? [];
    if (words.includes(category)) answers.push(answer);
    answersOf.set(itemId, answers);
  }
  const patterns: Pattern[] = [];
  const found = new Map<string, number>();
  const patternOf = new Map<string, number>();
  for (const [id, answers] of answersOf) {
    answers.sort((a, b) => a - b);
    const right = classes.indexOf(known.get(id) ?? '');
    const key = `${right} ${answers.join()}`;
    let at = found.get(key);
    if (at === undefined) {
      at = patterns.length;
      found.set(key, at);
      patterns.push({
        answers: answers.map((answer) => ({
          curator: Math.floor(answer / words.length),
          word: answer % words.length,
        })),
        fixed: right < 0 ? undefined : classes.map((_, k) => (k === right ? 1 : 0)),
        items: 0,
      });
    }
    patterns[at]!.items++;
    patternOf.set(id, at);
  }
  return { patterns, patternOf };
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
