import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { EQUATION_DOUBLES, sumEquations } from './sum-equations.ts';

describe('sumEquations', () => {
  it('sums weighted products of slopes, and of slopes and residuals, value by value to the bit', () => {
    const random = createRandom(1);
    const count = 57;
    const rows = Float64Array.from({ length: count * EQUATION_DOUBLES }, () => random.normal());
    const normal = new Float64Array(64);
    const right = new Float64Array(8).fill(7);
    // Room for more than are written.
    sumEquations(
      count + 20,
      (room) => {
        room.set(rows);
        return count;
      },
      normal,
      right,
    );
    for (let a = 0; a < 8; a++) {
      const sumOf = (b: number): number => {
        let sum = 0;
        for (let at = 0; at < rows.length; at += EQUATION_DOUBLES)
          sum += rows[at + 9]! * rows[at + a]! * rows[at + b]!;
        return sum;
      };
      expect(right[a]).toBe(sumOf(8));
      for (let b = 0; b <= a; b++) expect(normal[a * 8 + b]).toBe(sumOf(b));
    }
  });

  it('gives zeros of no values', () => {
    const normal = new Float64Array(64).fill(1);
    const right = new Float64Array(8).fill(1);
    sumEquations(5, () => 0, normal, right);
    expect([...normal, ...right].every((value) => value === 0)).toBe(true);
  });
});
