import { allocate, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';

/** Unknowns of the equations. */
const UNKNOWNS = 8;
/** Doubles of a value: its slopes, its residual, its weight. */
export const EQUATION_DOUBLES = UNKNOWNS + 2;

/**
 * Sum the normal equations of eight unknowns over many values, in their order.
 *
 * @param most values at most.
 * @param write calls no kernel, since memory may grow then; it is given room for them: eight slopes, the residual and the weight of each, one after the other; gives how many
 * it wrote.
 * @param normal (8, 8), its lower triangle overwritten; what lies above the diagonal is undefined.
 * @param right (8), overwritten.
 */
export function sumEquations(
  most: number,
  write: (rows: Float64Array) => number,
  normal: Float64Array,
  right: Float64Array,
): void {
  const square = UNKNOWNS * UNKNOWNS;
  const sums = square + UNKNOWNS;
  withArena(() => {
    const at = allocate(8 * (sums + most * EQUATION_DOUBLES));
    const module = kernelModule();
    const doubles = new Float64Array(module.memory.buffer, at, sums + most * EQUATION_DOUBLES);
    doubles.fill(0, 0, sums);
    const count = write(doubles.subarray(sums));
    module.addEquations(at + 8 * sums, count, at, at + 8 * square);
    normal.set(doubles.subarray(0, square));
    right.set(doubles.subarray(square, sums));
  });
}
