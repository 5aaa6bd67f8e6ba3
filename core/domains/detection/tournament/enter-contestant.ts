import { withScratch } from '../../../kernels/index.ts';
import type { Task, TaskContext } from '../../../utils/index.ts';
import { type Injection, makeStarResponder, type SpatialPsf } from '../../differencing/index.ts';
import { recoverStars } from '../completeness/recover-injections.ts';
import type { DetectionConfig } from '../config.ts';
import { detectOnDifference } from '../detect-on-difference.ts';
import { holdMasks } from '../hold-masks.ts';
import type { DetectionInput } from '../model.ts';

/** One engine's difference and the stars that all engines get. */
export interface EntryInput {
  readonly input: DetectionInput;
  readonly injections: readonly Injection[];
  /** What the stars are drawn with: one for all engines. */
  readonly starPsf: SpatialPsf;
  readonly detection: DetectionConfig;
  readonly seed: number;
  readonly matchRadiusPx: number;
}

/** What it did. */
export interface Entry {
  /** For each star whether it became a candidate. */
  readonly found: readonly boolean[];
  /** Candidates of the difference as it is, without any star. */
  readonly candidates: readonly {
    readonly xPx: number;
    readonly yPx: number;
    readonly isNegative: boolean;
  }[];
}

/** Inject the stars into one engine's difference on a thread. */
export const enterContestantTask: Task<EntryInput, Entry> = {
  name: 'detection.enter-contestant',
  run: (entry, context) =>
    withScratch((scratch) =>
      enterContestant({ ...entry, input: holdMasks(entry.input, scratch, context) }, context),
    ),
};

/**
 * Inject stars into one engine's difference, and list what it shows without them.
 *
 * A star on something that the difference shows anyway is not found by being there.
 */
export function enterContestant(entry: EntryInput, context: TaskContext = {}): Entry {
  const { input, injections, detection, seed, matchRadiusPx, starPsf } = entry;
  const responder = makeStarResponder(input, context);
  const shown = detectOnDifference(input, detection, context);
  const recoveries = recoverStars(input, responder, injections, detection, { seed, matchRadiusPx }, starPsf);
  const reach = matchRadiusPx + input.difference.psf.fwhmPx;
  return {
    found: recoveries.map(
      ({ injection, detection: star }) =>
        star !== undefined &&
        star.vetoes.length === 0 &&
        shown.every(({ xPx, yPx }) => Math.hypot(xPx - injection.xPx, yPx - injection.yPx) > reach),
    ),
    candidates: shown
      .filter(({ vetoes }) => vetoes.length === 0)
      .map(({ xPx, yPx, isNegative }) => ({ xPx, yPx, isNegative })),
  };
}
