import { withArena, withScratch } from '../../../kernels/index.ts';
import type { Task, TaskContext } from '../../../utils/index.ts';
import { finishTile } from '../tiles/finish-tile.ts';
import { prepareTile } from '../tiles/prepare-tile.ts';
import { type SubtractedTile, TILE_LITTER_BYTES, type TileInput } from '../tiles/subtracted-tile.ts';
import { filterWithKernel } from './filter-with-kernel.ts';
import type { MatchingKernel } from './matching-kernel.ts';

export interface KernelTileInput extends TileInput {
  readonly kernel: MatchingKernel;
}

/** Subtracts one tile with a matching kernel on a thread. */
export const subtractTileWithKernelTask: Task<KernelTileInput, SubtractedTile> = {
  name: 'differencing.subtract-tile-with-kernel',
  litterBytes: TILE_LITTER_BYTES,
  run: subtractTileWithKernel,
};

/** Convolve the sharper image of one tile, subtract, whiten and filter for point sources. */
export function subtractTileWithKernel(input: KernelTileInput, context: TaskContext = {}): SubtractedTile {
  return withScratch((scratch) =>
    withArena((arena) => {
      const prepared = prepareTile(input, false, context, scratch, arena.plane);
      return finishTile(
        input,
        prepared,
        filterWithKernel(input, prepared, input.kernel, arena.plane),
        scratch,
      );
    }),
  );
}
