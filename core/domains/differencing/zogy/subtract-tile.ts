import { withArena, withScratch } from '../../../kernels/index.ts';
import type { Task, TaskContext } from '../../../utils/index.ts';
import { evaluatePolynomial } from '../match/image-match.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import { finishTile } from '../tiles/finish-tile.ts';
import { prepareTile } from '../tiles/prepare-tile.ts';
import { type SubtractedTile, TILE_LITTER_BYTES, type TileInput } from '../tiles/subtracted-tile.ts';
import { filterImages } from './run-zogy.ts';

export type { SubtractedTile };

/** Subtracts one tile on a thread. */
export const subtractTileTask: Task<TileInput, SubtractedTile> = {
  name: 'differencing.subtract-tile',
  litterBytes: TILE_LITTER_BYTES,
  run: subtractTile,
};

/**
 * Subtract the template from the science image in one tile, optimally for point sources.
 *
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 13-17 (D, S), 25-29 (S_corr, variances)
 */
export function subtractTile(input: TileInput, context: TaskContext = {}): SubtractedTile {
  const { match } = input;
  const { width, height } = input.science.science;
  return withScratch((scratch) =>
    withArena((arena) => {
      const prepared = prepareTile(input, true, context, scratch, arena.transformable);
      const { loaded, sky, xMid, yMid } = prepared;
      const at = (polynomial: readonly number[]) => evaluatePolynomial(polynomial, xMid, yMid, width, height);
      const filtered = filterImages({
        science: loaded.science,
        template: loaded.template,
        scienceVariance: loaded.scienceVariance,
        templateVariance: loaded.templateVariance,
        sciencePsf: evaluatePsf(input.sciencePsf, xMid, yMid),
        templatePsf: evaluatePsf(input.templatePsf, xMid, yMid),
        scienceSigma: Math.sqrt(sky.science),
        templateSigma: Math.sqrt(sky.template),
        correlation: input.correlation,
        shiftX: at(match.shiftX),
        shiftY: at(match.shiftY),
      });
      const { scoreScience, differenceScience } = filtered.filters.kernels;
      const filters = {
        ...filtered.filters,
        scienceScoreKernel: scoreScience,
        scienceDifferenceKernel: differenceScience,
      };
      return finishTile(input, prepared, { ...filtered, filters }, scratch);
    }),
  );
}
