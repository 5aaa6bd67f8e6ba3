/** Something at a place, of a size. */
interface Sized {
  readonly x: number;
  readonly y: number;
  readonly a: number;
}

/** Objects of nearly one size in the cells of a grid: cell c holds `members[starts[c]] .. members[starts[c + 1] - 1]`. */
export interface CellGrid {
  /** Largest `a` of its members. */
  readonly largest: number;
  readonly cellPx: number;
  readonly xFirst: number;
  readonly yFirst: number;
  readonly columns: number;
  readonly rows: number;
  readonly starts: Int32Array;
  /** Indices of objects. */
  readonly members: Int32Array;
}

/** More cells than this for each member are not worth their memory. */
const MAX_CELLS_PER_MEMBER = 4;

/**
 * Sort objects into grids, one for each factor of two in size, so that those near a place are found without looking
 * at the others, and one large galaxy does not make every star look far.
 *
 * @param cellsPerSize side of a cell in the largest size of its grid.
 */
export function sortIntoCells(objects: readonly Sized[], cellsPerSize: number): readonly CellGrid[] {
  const classes = new Map<number, number[]>();
  objects.forEach(({ a }, i) => {
    const key = a > 0 ? Math.floor(Math.log2(a)) : -1e3;
    const members = classes.get(key);
    if (members === undefined) classes.set(key, [i]);
    else members.push(i);
  });
  return Array.from(classes.values(), (indices) => makeGrid(objects, indices, cellsPerSize));
}

function makeGrid(objects: readonly Sized[], indices: readonly number[], cellsPerSize: number): CellGrid {
  let largest = 0;
  let xFirst = Number.POSITIVE_INFINITY;
  let yFirst = Number.POSITIVE_INFINITY;
  let xLast = Number.NEGATIVE_INFINITY;
  let yLast = Number.NEGATIVE_INFINITY;
  for (const i of indices) {
    const { x, y, a } = objects[i]!;
    largest = Math.max(largest, a);
    xFirst = Math.min(xFirst, x);
    yFirst = Math.min(yFirst, y);
    xLast = Math.max(xLast, x);
    yLast = Math.max(yLast, y);
  }
  const coarsest = Math.sqrt(
    ((xLast - xFirst + 1) * (yLast - yFirst + 1)) / (MAX_CELLS_PER_MEMBER * indices.length),
  );
  const cellPx = Math.max(1, cellsPerSize * largest, coarsest);
  const columns = Math.floor((xLast - xFirst) / cellPx) + 1;
  const rows = Math.floor((yLast - yFirst) / cellPx) + 1;
  const cellOf = (i: number): number =>
    Math.floor((objects[i]!.y - yFirst) / cellPx) * columns + Math.floor((objects[i]!.x - xFirst) / cellPx);
  const starts = new Int32Array(columns * rows + 1);
  for (const i of indices) starts[cellOf(i) + 1]!++;
  for (let cell = 0; cell < columns * rows; cell++) starts[cell + 1]! += starts[cell]!;
  const cursor = starts.slice(0, columns * rows);
  const members = new Int32Array(indices.length);
  for (const i of indices) members[cursor[cellOf(i)]!++] = i;
  return { largest, cellPx, xFirst, yFirst, columns, rows, starts, members };
}

/** Visit the members of a grid in the cells that a square around a place touches. */
export function visitCells(
  grid: CellGrid,
  x: number,
  y: number,
  reach: number,
  visit: (index: number) => void,
): void {
  const { cellPx, columns, rows, starts, members } = grid;
  const first = Math.max(0, Math.floor((x - reach - grid.xFirst) / cellPx));
  const last = Math.min(columns - 1, Math.floor((x + reach - grid.xFirst) / cellPx));
  const top = Math.min(rows - 1, Math.floor((y + reach - grid.yFirst) / cellPx));
  for (let row = Math.max(0, Math.floor((y - reach - grid.yFirst) / cellPx)); row <= top; row++) {
    if (last < first) return;
    const end = starts[row * columns + last + 1]!;
    for (let k = starts[row * columns + first]!; k < end; k++) visit(members[k]!);
  }
}
