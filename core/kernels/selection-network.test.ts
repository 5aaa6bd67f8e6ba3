import { describe, expect, it } from 'vitest';
import { buildMedianNetwork, type NetworkStep } from './selection-network.ts';

/**
 * The 0-1 principle: a network of minima and maxima that is right for every window of zeros and ones is right for all
 * numbers. Columns are sorted first, so only the number of ones in each column matters: (k + 1)^k windows.
 */
function isRightForAllZeroOneWindows(k: 5 | 7): boolean {
  const network = buildMedianNetwork(k);
  const windows = (k + 1) ** k;
  const counts = new Array<number>(k).fill(0);
  const width = k + 8;
  const registers = Array.from({ length: network.registers }, () => new Uint8Array(width));
  const run = ({ a, b, minTo, maxTo }: NetworkStep): void => {
    const [ra, rb] = [registers[a.register]!, registers[b.register]!];
    for (let x = 0; x + Math.max(a.shift, b.shift) < width; x++) {
      const [p, q] = [ra[x + a.shift]!, rb[x + b.shift]!];
      if (minTo !== undefined) registers[minTo]![x] = p & q;
      if (maxTo !== undefined) registers[maxTo]![x] = p | q;
    }
  };
  // All windows of size 5; of size 7 every 509th of two million, which meets every count in every column.
  const every = k === 5 ? 1 : 509;
  for (let window = 0; window < windows; window += every) {
    let rest = window;
    for (let x = 0; x < k; x++) {
      counts[x] = rest % (k + 1);
      rest = Math.floor(rest / (k + 1));
    }
    for (let j = 0; j < k; j++) {
      // Ones stand in different rows in different columns, so that the sort of the columns is used too.
      for (let x = 0; x < k; x++) registers[j]![x] = (j + 3 * x) % k < counts[x]! ? 1 : 0;
    }
    for (const step of network.steps) run(step);
    const ones = counts.reduce((sum, count) => sum + count, 0);
    if (registers[network.result]![0] !== (ones > (k * k) / 2 ? 1 : 0)) return false;
  }
  return true;
}

describe('buildMedianNetwork', () => {
  it.each([5, 7] as const)('selects the median by the 0-1 principle, size %i', (k) => {
    expect(isRightForAllZeroOneWindows(k)).toBe(true);
  });

  it('never writes a register that a shifted operand of the same step still reads', () => {
    for (const k of [5, 7] as const) {
      for (const { a, b, minTo, maxTo } of buildMedianNetwork(k).steps) {
        for (const operand of [a, b]) {
          expect(operand.register).not.toBe(minTo);
          expect(operand.register).not.toBe(maxTo);
        }
      }
    }
  });
});
