import type { Task, TaskContext, TaskRunner } from '../../../utils/index.ts';
import { pixelsOf } from '../../observations/index.ts';
import type { Tile } from '../zogy/plan-tiles.ts';
import type { SubtractedTile, TileInput } from './subtracted-tile.ts';

/** Tiles that wait for a thread, so that none has to wait for a tile. */
const WAITING = 2;

/**
 * Subtract tiles on the runner's threads, in their order.
 *
 * A few are under way at a time: each is given the images as they are held when its turn comes, in memory or in files.
 *
 * @param common what all tiles have in common.
 * @param known tiles that need not be subtracted again.
 */
export async function runTiles<Input extends TileInput>(
  task: Task<Input, SubtractedTile>,
  tiles: readonly Tile[],
  common: Omit<Input, 'tile'>,
  runner: TaskRunner,
  context: TaskContext,
  known: readonly SubtractedTile[] = [],
): Promise<readonly SubtractedTile[]> {
  const results = tiles.map((tile) => known.find((one) => isSame(one.tile, tile)));
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < tiles.length) {
      const k = next++;
      try {
        results[k] ??= await runner.run(task, inputOf(tiles[k]), context);
      } catch (error) {
        next = tiles.length;
        throw error;
      }
    }
  };
  const inputOf = (tile: Tile): Input =>
    ({
      ...common,
      science: pixelsOf(common.science),
      template: pixelsOf(common.template),
      tile,
    }) as Input;
  await Promise.all(Array.from({ length: runner.concurrency + WAITING }, work));
  return results as readonly SubtractedTile[];
}

function isSame(a: Tile, b: Tile): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
