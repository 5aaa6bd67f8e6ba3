import { allocate, copyIn, floatsAt, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { MaskPlane, Plane } from './plane.ts';

/** Planes of a difference, of one size. */
export interface JudgedPlanes {
  readonly difference: Plane;
  /** Light that both images share, sigma. */
  readonly shared: Plane;
  /** Sigma. */
  readonly score: Plane;
  readonly mask: MaskPlane;
}

/** Which pixels are quiet. */
export interface QuietPixels {
  /** Mask bits of pixels that are not. */
  readonly unusable: number;
  /** They have less than so much shared light, and a smaller score of either sign. */
  readonly shared: number;
  readonly score: number;
}

/**
 * Gather the quiet pixels of cells that lie side by side in some rows of a difference, row by row.
 *
 * @param first, end rows of the cells, `end` being the one after the last.
 * @param lefts columns where cells begin, and where the last one ends.
 * @param visit is given the values of one cell after the other, in the kernels' memory: they are gone when it returns.
 */
export function gatherQuiet(
  { difference, shared, score, mask }: JudgedPlanes,
  first: number,
  end: number,
  lefts: Int32Array,
  limits: QuietPixels,
  visit: (values: Float32Array, column: number) => void,
): void {
  const { width } = difference;
  const columns = lefts.length - 1;
  const rows = end - first;
  withArena(() => {
    const lists = allocate((width * rows + 4 * columns) * 4);
    const found = allocate(columns * 4);
    const places = allocate(lefts.length * 4);
    const rooms = [0, 1, 2, 3].map(() => allocate(width * 4 + WORD)) as [number, number, number, number];
    const module = kernelModule();
    const counts = new Int32Array(module.memory.buffer, found, columns).fill(0);
    new Int32Array(module.memory.buffer, places, lefts.length).set(lefts);
    for (let y = first; y < end; y++) {
      const start = y * width;
      module.appendQuiet(
        copyIn(difference.data, start, width, rooms[0]),
        copyIn(shared.data, start, width, rooms[1]),
        copyIn(score.data, start, width, rooms[2]),
        copyIn(mask.data, start, width, rooms[3]),
        places,
        columns,
        limits.unusable,
        limits.shared,
        limits.score,
        rows,
        lists,
        found,
      );
    }
    const sizes = counts.slice();
    for (let column = 0; column < columns; column++) {
      visit(floatsAt(lists + 4 * (lefts[column]! * rows + 4 * column), sizes[column]!), column);
    }
  });
}
