import { makePlane } from '../../../kernels/index.ts';
import type { TaskContext, TaskRunner } from '../../../utils/index.ts';
import {
  blendDifferences,
  type Difference,
  type DifferenceGrade,
  type DifferencingConfig,
  differenceWithEach,
  type EngineAttempt,
  makeStarResponder,
  placeInjections,
} from '../../differencing/index.ts';
import type { Held } from '../../observations/index.ts';
import type { CalibratedExposure, RegisteredTemplate } from '../../preprocessing/index.ts';
import type { CompletenessConfig } from '../completeness/config.ts';
import type { DetectionConfig } from '../config.ts';
import { type Entry, enterContestantTask } from './enter-contestant.ts';
import { type Cell, type Contestant, isIn, judgeContestants, type Verdicts } from './judge-contestants.ts';

export interface TournamentConfig {
  readonly differencing: DifferencingConfig;
  readonly detection: DetectionConfig;
  readonly completeness: CompletenessConfig;
}

/** Side of the cells that engines compete for, px, and most of them along an axis. */
const CELL_PX = 512;
const MOST_CELLS = 4;
/** Stars for each cell: a cell changes hands on the evidence of about seven of them. */
const STARS_PER_CELL = 16;
/** Engines differ where completeness rises and somewhat above; fainter and brighter stars tell nothing. */
const MIN_SNR = 4;
const MAX_SNR = 12;
/** A candidate is explained where another engine's score of the same sign comes within this of the threshold, sigma. */
const CONFIRMING = 1.5;

const RANK: Readonly<Record<DifferenceGrade, number>> = { green: 0, yellow: 1, red: 2 };

type Finished = Extract<EngineAttempt, { kind: 'done' }>;

/**
 * Subtract with every engine, inject the same stars into each difference, and take for each part of the image the one
 * that found most and invented least.
 *
 * Engines that are graded red take no part, unless all are. The same seed gives the same choice.
 *
 * @returns the winner's difference, or one joined from several; `gradeReasons` ends with who won and why.
 * @throws what measuring the pair throws, and the first engine's failure if none could subtract
 */
export async function holdTournament(
  science: Held<CalibratedExposure>,
  template: Held<RegisteredTemplate>,
  config: TournamentConfig,
  runner: TaskRunner,
  context: TaskContext = {},
): Promise<Difference> {
  const attempts = await differenceWithEach(science, template, config.differencing, runner, context);
  return chooseByTournament(science, template, attempts, config, runner, context);
}

/**
 * Hold the tournament between differences that are there already.
 *
 * @param cellsAcross cells along each axis; by the image's size if absent.
 */
export async function chooseByTournament(
  science: Held<CalibratedExposure>,
  template: Held<RegisteredTemplate>,
  attempts: readonly EngineAttempt[],
  config: TournamentConfig,
  runner: TaskRunner,
  context: TaskContext = {},
  cellsAcross?: number,
): Promise<Difference> {
  const { admitted, remarks } = admit(attempts);
  if (admitted.length === 1) {
    const [{ difference }] = admitted as [Finished];
    return { ...difference, gradeReasons: [...difference.gradeReasons, ...remarks] };
  }
  const { width, height } = science.science;
  const ground = { science, template, difference: groundOf(admitted) };
  const columns = cutAxis(width, cellsAcross);
  const rows = cutAxis(height, cellsAcross);
  const cellCount = (columns.length - 1) * (rows.length - 1);
  const { seed, matchRadiusPx } = config.completeness;
  const wishes = {
    ...config.completeness,
    injections: Math.max(config.completeness.injections, STARS_PER_CELL * cellCount),
    minSnr: MIN_SNR,
    maxSnr: MAX_SNR,
  };
  const injections = placeInjections(ground, makeStarResponder(ground, context), wishes, context);
  const entries = await Promise.all(
    admitted.map(({ difference }) =>
      runner.run(
        enterContestantTask,
        {
          input: { science, template, difference },
          injections,
          starPsf: ground.difference.sciencePsf,
          detection: config.detection,
          seed,
          matchRadiusPx,
        },
        context,
      ),
    ),
  );
  const contestants = admitted.map(
    ({ method, difference }, k): Contestant => ({
      method,
      grade: difference.grade,
      found: entries[k]!.found,
      unexplained: findUnexplained(entries[k]!, k, admitted, config.detection, matchRadiusPx),
    }),
  );
  const cells = makeCells(columns, rows, injections);
  const verdicts = judgeContestants(contestants, cells);
  return assemble(admitted, contestants, cells, verdicts, columns, rows, remarks);
}

/** Leave out engines that failed or are graded red; if all are red, the first of them is all there is. */
function admit(attempts: readonly EngineAttempt[]): {
  admitted: readonly Finished[];
  remarks: readonly string[];
} {
  const done = attempts.filter((attempt) => attempt.kind === 'done');
  const failed = attempts.filter((attempt) => attempt.kind === 'failed');
  const sound = done.filter(({ difference }) => difference.grade !== 'red');
  if (done.length === 0) throw failed[0]!.error;
  const remarks = failed.map(({ method, error }) => `${method} could not be used: ${error.message}`);
  for (const { method, difference } of done) {
    if (difference.grade === 'red') remarks.push(`${method} was graded red: ${difference.gradeReasons[0]}`);
  }
  const admitted = [...(sound.length > 0 ? sound : done.slice(0, 1))].sort(
    (a, b) => RANK[a.difference.grade] - RANK[b.difference.grade],
  );
  return { admitted, remarks };
}

/**
 * Make the difference by which stars are chosen: with the profile that fits its own stars best, and for each pixel the
 * error of the engine that sees deepest there. A spoiled engine must not set the stars that it is tried with.
 */
function groundOf(admitted: readonly Finished[]): Difference {
  const differences = admitted.map(({ difference }) => difference);
  const best = differences.reduce((a, b) => (b.sciencePsf.mismatch < a.sciencePsf.mismatch ? b : a));
  const fluxErr = makePlane(best.fluxErr.width, best.fluxErr.height);
  for (let k = 0; k < fluxErr.data.length; k++) {
    let least = Number.POSITIVE_INFINITY;
    for (const difference of differences) least = Math.min(least, difference.fluxErr.data[k]!);
    fluxErr.data[k] = least;
  }
  return { ...best, fluxErr };
}

function cutAxis(
  length: number,
  count = Math.max(1, Math.min(MOST_CELLS, Math.round(length / CELL_PX))),
): readonly number[] {
  return Array.from({ length: count + 1 }, (_, k) => Math.round((k * length) / count));
}

function makeCells(
  columns: readonly number[],
  rows: readonly number[],
  stars: readonly { readonly xPx: number; readonly yPx: number }[],
): readonly Cell[] {
  return rows.slice(1).flatMap((top, j) =>
    columns.slice(1).map((right, i) => {
      const box = {
        x: columns[i]!,
        y: rows[j]!,
        width: right - columns[i]!,
        height: top - rows[j]!,
      };
      const inside = stars.flatMap(({ xPx, yPx }, star) => (isIn(box, xPx, yPx) ? [star] : []));
      return { ...box, stars: inside };
    }),
  );
}

/** List an engine's candidates that no other engine's score confirms: what is in the sky is in all of them. */
function findUnexplained(
  entry: Entry,
  own: number,
  admitted: readonly Finished[],
  { thresholdSigma }: DetectionConfig,
  matchRadiusPx: number,
): Contestant['unexplained'] {
  const least = thresholdSigma - CONFIRMING;
  return entry.candidates.filter(({ xPx, yPx, isNegative }) =>
    admitted.every(
      ({ difference }, k) =>
        k === own || !reaches(difference, xPx, yPx, isNegative ? -least : least, matchRadiusPx),
    ),
  );
}

function reaches({ score }: Difference, xPx: number, yPx: number, level: number, radiusPx: number): boolean {
  const reach = Math.ceil(radiusPx);
  const sign = Math.sign(level);
  for (let y = Math.round(yPx) - reach; y <= Math.round(yPx) + reach; y++) {
    for (let x = Math.round(xPx) - reach; x <= Math.round(xPx) + reach; x++) {
      if (x < 0 || y < 0 || x >= score.width || y >= score.height) continue;
      if (sign * score.data[y * score.width + x]! >= sign * level) return true;
    }
  }
  return false;
}

function assemble(
  admitted: readonly Finished[],
  contestants: readonly Contestant[],
  cells: readonly Cell[],
  { champion, cells: winners, worths }: Verdicts,
  columns: readonly number[],
  rows: readonly number[],
  remarks: readonly string[],
): Difference {
  const wonBy = (k: number) => winners.filter((winner) => winner === k).length;
  // The champion first: what the whole has but one of is its.
  const ranking = [champion, ...contestants.map((_, k) => k).filter((k) => k !== champion)];
  ranking.sort((a, b) => (a === champion ? -1 : b === champion ? 1 : wonBy(b) - wonBy(a)));
  const parts = ranking
    .filter((k) => wonBy(k) > 0 || k === champion)
    .map((k) => ({
      difference: admitted[k]!.difference,
      cells: winners.flatMap((winner, cell) => (winner === k ? [cell] : [])),
    }));
  const difference =
    parts.length === 1 ? admitted[champion]!.difference : blendDifferences(parts, columns, rows);
  const standings = ranking.map((k) => ({
    method: contestants[k]!.method,
    grade: contestants[k]!.grade,
    ...worths[k]!,
    unexplained: contestants[k]!.unexplained.length,
    cellsWon: wonBy(k),
  }));
  const [first, ...others] = standings;
  const numbers = (of: 'completeness' | 'purity') =>
    `${of} ${first![of].toFixed(2)} against ${others.map((one) => `${one[of].toFixed(2)} (${one.method})`).join(' and ')}`;
  const sentence = `${first!.method} won ${first!.cellsWon} of ${cells.length} ${cells.length === 1 ? 'tile' : 'tiles'}: ${numbers('completeness')}; ${numbers('purity')}.`;
  return {
    ...difference,
    gradeReasons: [...difference.gradeReasons, ...remarks, sentence],
    tournament: {
      standings,
      cells: cells.map(({ stars: _stars, ...box }, cell) => ({
        ...box,
        method: contestants[winners[cell]!]!.method,
      })),
    },
  };
}
