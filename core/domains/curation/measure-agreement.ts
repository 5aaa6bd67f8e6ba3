/** One curator's word on one candidate, in one of a set of categories. */
export interface Rating {
  readonly itemId: string;
  readonly curator: string;
  readonly category: string;
}

/** How far curators agree; a figure is absent where it has no meaning: too few ratings, or a single category. */
export interface Agreement {
  /** Candidates with the word of at least two. */
  readonly items: number;
  readonly curators: number;
  readonly ratings: number;
  /** Part of pairs of words on the same candidate that are the same, 0 to 1. */
  readonly percent?: number | undefined;
  /** Only of two curators. */
  readonly cohenKappa?: number | undefined;
  readonly krippendorffAlpha?: number | undefined;
  readonly gwetAc1?: number | undefined;
}

/**
 * Measure how far curators agree on what they both judged.
 *
 * @param ratings one of each curator for each item; any number of curators, words may be missing.
 */
export function measureAgreement(ratings: readonly Rating[]): Agreement {
  const curators = new Set(ratings.map(({ curator }) => curator));
  const table = countTable(ratings);
  const pairable = table.counts.filter((row) => sum(row) >= 2);
  return {
    items: pairable.length,
    curators: curators.size,
    ratings: ratings.length,
    percent: percentAgreement(ratings),
    cohenKappa: curators.size === 2 ? cohenKappa(ratings) : undefined,
    krippendorffAlpha: krippendorffAlpha(ratings),
    gwetAc1: gwetAc1(ratings),
  };
}

/**
 * Part of agreeing pairs, averaged over items with two words or more.
 *
 * @returns `undefined` where no item has two.
 */
export function percentAgreement(ratings: readonly Rating[]): number | undefined {
  const shares = countTable(ratings).counts.flatMap((row) => {
    const n = sum(row);
    return n < 2 ? [] : [sum(row.map((count) => count * (count - 1))) / (n * (n - 1))];
  });
  return shares.length === 0 ? undefined : sum(shares) / shares.length;
}

/**
 * Agreement of two curators beyond what their own habits would give by chance.
 *
 * @returns `undefined` unless there are two curators with an item in common and two categories in use.
 * @see Cohen 1960, Educational and Psychological Measurement 20, 37
 */
export function cohenKappa(ratings: readonly Rating[]): number | undefined {
  const names = [...new Set(ratings.map(({ curator }) => curator))];
  if (names.length !== 2) return undefined;
  const [first, second] = names.map(
    (name) =>
      new Map(
        ratings.flatMap(({ itemId, curator, category }) => (curator === name ? [[itemId, category]] : [])),
      ),
  ) as [Map<string, string>, Map<string, string>];
  const common = [...first.keys()].filter((item) => second.has(item));
  if (common.length === 0) return undefined;
  const share = (words: ReadonlyMap<string, string>, category: string): number =>
    common.filter((item) => words.get(item) === category).length / common.length;
  const observed = common.filter((item) => first.get(item) === second.get(item)).length / common.length;
  const categories = new Set(ratings.map(({ category }) => category));
  const expected = sum([...categories].map((category) => share(first, category) * share(second, category)));
  return expected === 1 ? undefined : (observed - expected) / (1 - expected);
}

/**
 * Reliability of nominal words: 1 - observed over expected disagreement; missing words are no harm.
 *
 * @returns `undefined` where nothing can be compared or only one category was ever used.
 * @see Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C
 */
export function krippendorffAlpha(ratings: readonly Rating[]): number | undefined {
  const { counts, categories } = countTable(ratings);
  const pairable = counts.filter((row) => sum(row) >= 2);
  const totals = categories.map((_, k) => sum(pairable.map((row) => row[k]!)));
  const n = sum(totals);
  if (n < 2) return undefined;
  // Of n_uc values in a unit of n_u, n_uc (n_u - n_uc) / (n_u - 1) are mismatched.
  const observed = sum(
    pairable.map((row) => {
      const inUnit = sum(row);
      return sum(row.map((count) => count * (inUnit - count))) / (inUnit - 1);
    }),
  );
  const expected = sum(totals.map((total) => total * (n - total))) / (n - 1);
  return expected === 0 ? undefined : 1 - observed / expected;
}

/**
 * Agreement beyond chance that stays meaningful where nearly everything is of one category, as bogus is.
 *
 * @returns `undefined` where no item has two words or only one category was ever used.
 * @see Gwet 2008, British Journal of Mathematical and Statistical Psychology 61, 29, eq. 7-9 for many curators
 */
export function gwetAc1(ratings: readonly Rating[]): number | undefined {
  const { counts, categories } = countTable(ratings);
  const observed = percentAgreement(ratings);
  if (observed === undefined || categories.length < 2) return undefined;
  const rated = counts.filter((row) => sum(row) > 0);
  const prevalence = categories.map((_, k) => sum(rated.map((row) => row[k]! / sum(row))) / rated.length);
  const chance = sum(prevalence.map((share) => share * (1 - share))) / (categories.length - 1);
  return (observed - chance) / (1 - chance);
}

/** How often each item was given each category. */
function countTable(ratings: readonly Rating[]) {
  const categories = [...new Set(ratings.map(({ category }) => category))].sort();
  const place = new Map(categories.map((category, k) => [category, k]));
  const rows = new Map<string, number[]>();
  for (const { itemId, category } of ratings) {
    const row = rows.get(itemId) ?? categories.map(() => 0);
    row[place.get(category)!]! += 1;
    rows.set(itemId, row);
  }
  return { categories, counts: [...rows.values()] };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
