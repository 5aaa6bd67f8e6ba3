import { subtractTileTask } from '../../core/domains/differencing/index.ts';
import { answerOf, SMALLEST_ANSWER } from '../../core/domains/differencing/judge/level-flux.ts';
import type { Task } from '../../core/utils/index.ts';

type TileTask = typeof subtractTileTask;
type TileInput = Parameters<TileTask['run']>[0];

/**
 * Subtracts a tile and makes the fluxes of sources at its pixels, which take the place of the shared light: what the line
 * leaves to its judge (`finishRows`), who looks at the whole difference first.
 */
export const subtractTileWithFluxTask: Task<TileInput, undefined> = {
  name: 'differencing.subtract-tile-with-flux',
  litterBytes: subtractTileTask.litterBytes,
  run: async (input, context) => {
    const { tile, response } = await subtractTileTask.run(input, context);
    const { score, fluxErr, shared } = input.canvas;
    const [scores, errors, fluxes] = [score.data, fluxErr.data, shared.data];
    const { width, height } = score;
    const [one = 1, u1 = 0, v1 = 0, u2 = 0, uv = 0, v2 = 0] = answerOf(response, input.sciencePsf);
    for (let y = tile.y; y < tile.y + tile.height; y++) {
      const v = (2 * y) / (height - 1) - 1;
      const constant = one + v1 * v + v2 * v * v;
      const slope = u1 + uv * v;
      const isLevel = slope === 0 && u2 === 0;
      let scale = 1 / Math.max(SMALLEST_ANSWER, constant);
      for (let x = tile.x, k = y * width + x; x < tile.x + tile.width; x++, k++) {
        const u = (2 * x) / (width - 1) - 1;
        // Where the profile is the same along the row, so is the answer: a division a pixel costs more than all else.
        if (!isLevel) scale = 1 / Math.max(SMALLEST_ANSWER, constant + u * (slope + u * u2));
        errors[k]! *= scale;
        fluxes[k] = scores[k]! * errors[k]!;
      }
    }
  },
};
