import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../utils/index.ts';
import { type Cell, type Contestant, judgeContestants } from './judge-contestants.ts';

/** A 4 x 4 grid of 100 px with sixteen stars in each cell. */
const CELLS: readonly Cell[] = Array.from({ length: 16 }, (_, k) => ({
  x: 100 * (k % 4),
  y: 100 * Math.floor(k / 4),
  width: 100,
  height: 100,
  stars: Array.from({ length: 16 }, (_, n) => 16 * k + n),
}));
const STARS = 256;

function contestant(changes: Partial<Contestant> = {}): Contestant {
  return { method: 'zogy', grade: 'green', found: new Array(STARS).fill(true), unexplained: [], ...changes };
}

/** Two engines that see the same noise: in one star of twenty they differ by chance. */
function drawFound(seed: number): { a: boolean[]; b: boolean[] } {
  const random = createRandom(seed);
  const a = Array.from({ length: STARS }, () => random.uniform() < 0.7);
  return { a, b: a.map((found) => (random.uniform() < 0.05 ? !found : found)) };
}

describe('judging engines', () => {
  it('leaves everything with the preferred one where all are alike', () => {
    const { champion, cells } = judgeContestants(
      [contestant(), contestant({ method: 'delta-basis' })],
      CELLS,
    );
    expect(champion).toBe(0);
    expect(cells.every((winner) => winner === 0)).toBe(true);
  });

  it('is not moved by noise', () => {
    let flipped = 0;
    let dethroned = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const { a, b } = drawFound(seed);
      const verdicts = judgeContestants(
        [contestant({ found: a }), contestant({ method: 'delta-basis', found: b })],
        CELLS,
      );
      flipped += verdicts.cells.filter((winner) => winner !== verdicts.champion).length;
      if (verdicts.champion !== 0) dethroned++;
    }
    // Of 1600 cells none should change hands; of a hundred champions two sigma allow a few.
    expect(flipped).toBeLessThanOrEqual(1);
    expect(dethroned).toBeLessThan(10);
  });

  it('gives a cell where an engine is blind to one that sees', () => {
    const { a } = drawFound(5);
    const blind = a.map((found, star) => (CELLS[6]!.stars.includes(star) ? false : found));
    const { champion, cells } = judgeContestants(
      [contestant({ found: blind }), contestant({ method: 'delta-basis', found: a })],
      CELLS,
    );
    // The engine that is as good elsewhere and better there is the champion, or has that cell.
    expect(cells[6]).toBe(1);
    if (champion === 0) expect(cells.filter((winner) => winner === 1).length).toBe(1);
  });

  it('takes a cell away where an engine invents candidates', () => {
    const unexplained = Array.from({ length: 9 }, (_, k) => ({ xPx: 310 + 8 * k, yPx: 250 }));
    const both = judgeContestants(
      [contestant({ unexplained }), contestant({ method: 'alard-lupton', found: contestant().found })],
      CELLS,
    );
    expect(both.cells[11]).toBe(1);
    expect(both.worths[0]).toMatchObject({ completeness: 1, purity: STARS / (STARS + 9) });
  });

  it('prefers the better grade until the evidence is strong', () => {
    const { a } = drawFound(8);
    const lacks = (many: number) => {
      let left = many;
      return a.map((found) => (found && left-- > 0 ? false : found));
    };
    const judge = (many: number) =>
      judgeContestants(
        [
          contestant({ found: lacks(many) }),
          contestant({ method: 'delta-basis', grade: 'yellow', found: a }),
        ],
        [],
      ).champion;
    expect(judge(5)).toBe(0);
    expect(judge(12)).toBe(1);
  });
});
