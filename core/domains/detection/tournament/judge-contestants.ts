import type { DifferenceGrade, DifferencingMethod } from '../../differencing/index.ts';

/** What one engine did with the injected stars, and what it found beside them. */
export interface Contestant {
  readonly method: DifferencingMethod;
  readonly grade: DifferenceGrade;
  /** For each injected star whether it became a candidate. */
  readonly found: readonly boolean[];
  /** Candidates of either sign that no other engine sees. */
  readonly unexplained: readonly { readonly xPx: number; readonly yPx: number }[];
}

/** A part of the image, and which injected stars lie in it. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly stars: readonly number[];
}

/** Worth of an engine on some stars. */
export interface Worth {
  readonly completeness: number;
  readonly purity: number;
}

/** Who won: an index into the contestants for the whole, and one for each cell. */
export interface Verdicts {
  readonly champion: number;
  readonly cells: readonly number[];
  readonly worths: readonly Worth[];
}

/** An engine of a worse grade must be better by so many sigma to be taken for the whole, one of the same grade by so many. */
const WORSE_GRADE_SIGMA = 3;
const SAME_GRADE_SIGMA = 2;
/** A cell is taken from the champion by nothing less: there are dozens of chances for noise. */
const CELL_SIGMA = 2.6;

const RANK: Readonly<Record<DifferenceGrade, number>> = { green: 0, yellow: 1, red: 2 };

/**
 * Choose an engine for the whole image, and for each cell where another is plainly better.
 *
 * Worth is completeness times purity. All engines had the same stars, so what counts between two of them are the stars
 * that only one found and the false candidates that only one has (a paired test): noise, which they share, decides
 * nothing, and a cell stays with the champion unless the evidence in it alone is strong.
 *
 * @param contestants in the order in which they are preferred, all else equal.
 * @see McNemar 1947, Psychometrika 12, 153 (paired proportions)
 */
export function judgeContestants(contestants: readonly Contestant[], cells: readonly Cell[]): Verdicts {
  const all = contestants[0]!.found.map((_, star) => star);
  const worths = contestants.map((contestant) =>
    measureWorth(contestant, all, contestant.unexplained.length),
  );
  const order = contestants
    .map((_, k) => k)
    .sort((a, b) => RANK[contestants[a]!.grade] - RANK[contestants[b]!.grade] || a - b);
  let champion = order[0]!;
  for (const challenger of order.slice(1)) {
    const isWorse = RANK[contestants[challenger]!.grade] > RANK[contestants[champion]!.grade];
    const needed = isWorse ? WORSE_GRADE_SIGMA : SAME_GRADE_SIGMA;
    const isBetter = meritOf(worths[challenger]!) > meritOf(worths[champion]!);
    const evidence = compare(contestants[challenger]!, contestants[champion]!, all, undefined);
    if (isBetter && evidence >= needed) champion = challenger;
  }
  return {
    champion,
    worths,
    cells: cells.map((cell) => {
      let best = champion;
      let strongest = CELL_SIGMA;
      contestants.forEach((challenger, k) => {
        if (k === champion) return;
        const evidence = compare(challenger, contestants[champion]!, cell.stars, cell);
        if (evidence < strongest) return;
        strongest = evidence;
        best = k;
      });
      return best;
    }),
  };
}

function measureWorth({ found }: Contestant, stars: readonly number[], unexplained: number): Worth {
  const recovered = stars.filter((star) => found[star]).length;
  return {
    completeness: stars.length > 0 ? recovered / stars.length : 0,
    purity: recovered + unexplained > 0 ? recovered / (recovered + unexplained) : 1,
  };
}

function meritOf({ completeness, purity }: Worth): number {
  return completeness * purity;
}

/** How many sigma a challenger is better than another, on some stars and on the false candidates in a cell. */
function compare(
  challenger: Contestant,
  other: Contestant,
  stars: readonly number[],
  cell: Cell | undefined,
): number {
  const falses = (contestant: Contestant) =>
    contestant.unexplained.filter(({ xPx, yPx }) => cell === undefined || isIn(cell, xPx, yPx)).length;
  const onlyOne = (a: Contestant, b: Contestant) =>
    stars.filter((star) => a.found[star] && !b.found[star]).length;
  const gained = onlyOne(challenger, other) + falses(other);
  const lost = onlyOne(other, challenger) + falses(challenger);
  return gained + lost > 0 ? (gained - lost) / Math.sqrt(gained + lost) : 0;
}

/** Tell whether a place lies in a cell. */
export function isIn(cell: Omit<Cell, 'stars'>, xPx: number, yPx: number): boolean {
  return (
    xPx >= cell.x - 0.5 &&
    yPx >= cell.y - 0.5 &&
    xPx < cell.x + cell.width - 0.5 &&
    yPx < cell.y + cell.height - 0.5
  );
}
