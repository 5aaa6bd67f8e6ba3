import { describe, expect, test } from 'vitest';
import { createRandom } from '../../utils/random.ts';
import { estimateTruth, VERDICT_TRUTH } from './estimate-truth.ts';
import type { Rating } from './measure-agreement.ts';

/** Curators who say real, bogus or unsure with known probabilities, given the truth. */
function simulate(
  seed: number,
  items: number,
  realFraction: number,
  curators: Readonly<Record<string, readonly [real: readonly number[], bogus: readonly number[]]>>,
  labelsEach = Object.keys(curators).length,
) {
  const random = createRandom(seed);
  const words = VERDICT_TRUTH.words;
  const truth = new Map<string, string>();
  const ratings: Rating[] = [];
  const names = Object.keys(curators);
  for (let i = 0; i < items; i++) {
    const itemId = `i${i}`;
    const isReal = random.uniform() < realFraction;
    truth.set(itemId, isReal ? 'real' : 'bogus');
    const asked = [...names].sort(() => random.uniform() - 0.5).slice(0, labelsEach);
    for (const curator of asked) {
      const row = curators[curator]![isReal ? 0 : 1];
      const at = random.uniform();
      const word = at < row[0]! ? 0 : at < row[0]! + row[1]! ? 1 : 2;
      ratings.push({ itemId, curator, category: words[word]! });
    }
  }
  return { ratings, truth };
}

const CREW = {
  careful: [
    [0.95, 0.03, 0.02],
    [0.02, 0.96, 0.02],
  ],
  eager: [
    [0.97, 0.02, 0.01],
    [0.3, 0.68, 0.02],
  ],
  strict: [
    [0.6, 0.35, 0.05],
    [0.02, 0.95, 0.03],
  ],
  shy: [
    [0.5, 0.1, 0.4],
    [0.1, 0.5, 0.4],
  ],
} as const;

describe('the truth behind labels', () => {
  test('finds the confusion of simulated curators within the noise of what they said', () => {
    const { ratings } = simulate(11, 3000, 0.3, CREW);
    const { skills, prevalence, isConverged } = estimateTruth(ratings);
    expect(isConverged).toBe(true);
    // 900 real and 2100 bogus items: 1 sigma of a fraction is at most 0.017; three of them.
    expect(Math.abs(prevalence[0]! - 0.3)).toBeLessThan(0.05);
    for (const { curator, confusion } of skills)
      for (const [k, row] of confusion.entries())
        for (const [word, p] of row.entries())
          expect(
            Math.abs(p - CREW[curator as keyof typeof CREW][k]![word]!),
            `${curator} ${k} ${word}`,
          ).toBeLessThan(0.05);
  });

  test('is right more often than the majority of votes', () => {
    const { ratings, truth } = simulate(5, 2000, 0.3, CREW);
    const { posterior } = estimateTruth(ratings);
    const byVote = (itemId: string) => {
      const own = ratings.filter((one) => one.itemId === itemId);
      const votes = (word: string) => own.filter(({ category }) => category === word).length;
      return votes('real') > votes('bogus') ? 'real' : 'bogus';
    };
    const items = [...truth];
    const wrong = (guess: (id: string) => string) => items.filter(([id, is]) => guess(id) !== is).length;
    const estimated = wrong((id) => (posterior.get(id)![0]! > 0.5 ? 'real' : 'bogus'));
    expect(estimated).toBeLessThan(0.8 * wrong(byVote));
  });

  test('is calibrated: of candidates retired above 0.95, fewer than 5 % are wrong', () => {
    const { ratings, truth } = simulate(23, 3000, 0.3, CREW, 3);
    const { posterior } = estimateTruth(ratings);
    const retired = [...posterior].filter(([, row]) => Math.max(...row) > 0.95);
    const wrong = retired.filter(([id, [real]]) => (real! > 0.5 ? 'real' : 'bogus') !== truth.get(id));
    expect(retired.length).toBeGreaterThan(1000);
    expect(wrong.length / retired.length).toBeLessThan(0.05);
  });

  test('of one label by an unknown curator is far from certain', () => {
    const { posterior } = estimateTruth([{ itemId: 'i', curator: 'new', category: 'real' }]);
    expect(posterior.get('i')![0]).toBeGreaterThan(0.5);
    expect(posterior.get('i')![0]).toBeLessThan(0.95);
  });

  test('is one step by hand where gold fixes all items: counts with credit, no more', () => {
    const known = new Map([
      ['g1', 'real'],
      ['g2', 'real'],
      ['g3', 'bogus'],
    ]);
    const word = (itemId: string, category: string) => ({ itemId, curator: 'ann', category });
    const { skills, prevalence, posterior } = estimateTruth(
      [word('g1', 'real'), word('g2', 'bogus'), word('g3', 'bogus')],
      VERDICT_TRUTH,
      known,
    );
    // Credit: 4 right, 0.5 for each wrong word; classes 1 each.
    expect(prevalence[0]).toBeCloseTo(3 / 5, 12);
    expect(skills[0]!.confusion[0]).toEqual([5 / 7, 1.5 / 7, 0.5 / 7].map((p) => expect.closeTo(p, 12)));
    expect(skills[0]!.confusion[1]).toEqual([0.5 / 6, 5 / 6, 0.5 / 6].map((p) => expect.closeTo(p, 12)));
    expect(skills[0]!.accuracy).toBeCloseTo(0.6 * (5 / 7) + 0.4 * (5 / 6), 12);
    expect(posterior.get('g2')).toEqual([1, 0]);
  });

  test('does not depend on the order of labels', () => {
    const { ratings } = simulate(3, 60, 0.4, CREW, 2);
    const forth = estimateTruth(ratings);
    const back = estimateTruth([...ratings].reverse());
    for (const [id, row] of forth.posterior) expect(back.posterior.get(id)![0]).toBeCloseTo(row[0]!, 9);
  });

  test('of nothing is nothing', () => {
    expect(estimateTruth([]).posterior.size).toBe(0);
  });

  test('gives candidates of which the same was said the same answer, whatever the order of the words', () => {
    const words = (itemId: string, said: readonly (readonly [string, string])[]): Rating[] =>
      said.map(([curator, category]) => ({ itemId, curator, category }));
    const { ratings } = simulate(3, 40, 0.5, CREW);
    const said = [
      ['careful', 'real'],
      ['strict', 'bogus'],
    ] as const;
    const { posterior } = estimateTruth([
      ...ratings,
      ...words('x', said),
      ...words('y', [...said].reverse()),
    ]);
    expect(posterior.get('x')).toEqual(posterior.get('y'));
    const gold = new Map([['y', 'bogus']]);
    const known = estimateTruth(
      [...ratings, ...words('x', said), ...words('y', [...said].reverse())],
      VERDICT_TRUTH,
      gold,
    ).posterior;
    expect(known.get('y')).toEqual([0, 1]);
    expect(known.get('x')![0]).toBeGreaterThan(0);
  });
});
