import { subtractTileTask } from '../../core/domains/differencing/index.ts';
import { levelFlux } from '../../core/domains/differencing/judge/level-flux.ts';
import type { Task } from '../../core/utils/index.ts';

type TileTask = typeof subtractTileTask;
type TileInput = Parameters<TileTask['run']>[0];

/**
 * Subtracts a tile and makes the fluxes of sources at its pixels, which take the place of the shared light: what the line
 * leaves to its judge, who looks at the whole difference first.
 */
export const subtractTileWithFluxTask: Task<TileInput, undefined> = {
  name: 'differencing.subtract-tile-with-flux',
  litterBytes: subtractTileTask.litterBytes,
  run: async (input, context) => {
    const { tile, response } = await subtractTileTask.run(input, context);
    const { x, y, width, height } = tile;
    levelFlux(
      { ...input.canvas, cells: [{ response: { ...response, x, y, width, height } }] },
      input.sciencePsf,
    );
  },
};
