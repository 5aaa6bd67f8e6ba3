/** Numbers are sorted into bins between the least and the largest, so many in each. */
const PER_BIN = 2;

/**
 * Give the k-th smallest of some finite numbers for each k, as sorting all of them would.
 *
 * @param ranks each from 0 to one less than there are numbers.
 */
export function selectRanks(numbers: Float64Array, ranks: readonly number[]): readonly number[] {
  const count = Math.ceil(numbers.length / PER_BIN);
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (number < least) least = number;
    if (number > most) most = number;
  }
  if (!(most > least)) return ranks.map(() => least);
  // A larger number is never in an earlier bin, however products are rounded.
  const perUnit = count / (most - least);
  const bins = new Uint32Array(numbers.length);
  const ends = new Uint32Array(count);
  for (let i = 0; i < numbers.length; i++) {
    const bin = Math.min(count - 1, Math.floor((numbers[i]! - least) * perUnit));
    bins[i] = bin;
    ends[bin]!++;
  }
  for (let bin = 1; bin < count; bin++) ends[bin]! += ends[bin - 1]!;
  return ranks.map((rank) => {
    let bin = 0;
    while (ends[bin]! <= rank) bin++;
    const before = bin === 0 ? 0 : ends[bin - 1]!;
    const members = new Float64Array(ends[bin]! - before);
    for (let i = 0, n = 0; n < members.length; i++) if (bins[i] === bin) members[n++] = numbers[i]!;
    return members.sort()[rank - before]!;
  });
}
