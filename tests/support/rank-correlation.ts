/** Spearman's rank correlation of two lists without ties. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const ranksOf = (values: readonly number[]): readonly number[] => {
    const order = values.map((_, k) => k).sort((i, j) => values[i]! - values[j]!);
    const ranks = new Array<number>(values.length);
    order.forEach((k, rank) => {
      ranks[k] = rank;
    });
    return ranks;
  };
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const n = x.length;
  const squares = x.reduce((sum, rank, k) => sum + (rank - y[k]!) ** 2, 0);
  return 1 - (6 * squares) / (n * (n * n - 1));
}
