import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binEdges, countBins, countCells, extentOf } from './bin-rows.ts';
import type { ColumnTable } from './model.ts';
import { selectRows } from './select-rows.ts';
import { listRows, mergeOrders, sortRows } from './sort-rows.ts';

const table: ColumnTable = {
  count: 6,
  // Room for more than there is.
  isAlive: Uint8Array.of(1, 1, 1, 1, 1, 0, 1, 1),
  numbers: {
    score: Float64Array.of(0.1, 0.5, 0.5, 0.9, 1, 0.7, 9, 9),
    snr: Float64Array.of(5, 10, 20, 50, 100, 7, 9, 9),
    mag: Float64Array.of(20, Number.NaN, 19, 18, Number.NaN, 17, 9, 9),
  },
  words: { verdict: { codes: Uint8Array.of(0, 1, 2, 0, 1, 1, 0, 0), names: ['none', 'real', 'bogus'] } },
};
const rowsOf = (filter: Parameters<typeof selectRows>[1]): number[] => {
  const { passes, count } = selectRows(table, filter);
  const rows = [...passes.keys()].filter((row) => passes[row] === 1);
  expect(count).toBe(rows.length);
  return rows;
};

describe('a filter', () => {
  test('without conditions passes all rows that are alive', () => {
    expect(rowsOf({})).toEqual([0, 1, 2, 3, 4]);
  });

  test('takes ranges with both ends, and a row without a number is outside', () => {
    expect(rowsOf({ ranges: [{ column: 'score', from: 0.5, to: 0.9 }] })).toEqual([1, 2, 3]);
    expect(rowsOf({ ranges: [{ column: 'mag', to: 19 }] })).toEqual([2, 3]);
    expect(rowsOf({ ranges: [{ column: 'mag', to: 19, isExcluded: true }] })).toEqual([0, 1, 4]);
  });

  test('includes and excludes words; one that no row has includes nothing', () => {
    expect(rowsOf({ words: [{ column: 'verdict', names: ['real', 'bogus'] }] })).toEqual([1, 2, 4]);
    expect(rowsOf({ words: [{ column: 'verdict', names: ['real'], isExcluded: true }] })).toEqual([0, 2, 3]);
    expect(rowsOf({ words: [{ column: 'verdict', names: ['maybe'] }] })).toEqual([]);
  });

  test('takes what a lasso encloses, on logarithmic axes too', () => {
    const points = [
      [0.4, 8],
      [1.1, 8],
      [1.1, 120],
    ] as const;
    expect(rowsOf({ lassos: [{ x: 'score', y: 'snr', points }] })).toEqual([1, 2, 3, 4]);
    // At scores 0.5 and 1 the slanted edge is at S/N 24 and 104 in numbers, and at 12 and 82 in their logarithm.
    expect(rowsOf({ lassos: [{ x: 'score', y: 'snr', isLogY: true, points }] })).toEqual([1, 3]);
    expect(rowsOf({ lassos: [{ x: 'score', y: 'snr', points, isExcluded: true }] })).toEqual([0]);
  });

  test('takes of a grid what lies in a star with many edges, as arithmetic by hand does', () => {
    const side = 60;
    const grid: ColumnTable = {
      count: side * side,
      isAlive: new Uint8Array(side * side).fill(1),
      numbers: {
        x: Float64Array.from({ length: side * side }, (_, k) => (k % side) / 30 - 1),
        y: Float64Array.from({ length: side * side }, (_, k) => Math.floor(k / side) / 30 - 1),
      },
      words: {},
    };
    const reach = (angle: number): number => 0.6 + 0.3 * Math.cos(5 * angle);
    const points = Array.from({ length: 2000 }, (_, k) => {
      const angle = (2 * Math.PI * k) / 2000;
      return [reach(angle) * Math.cos(angle), reach(angle) * Math.sin(angle)] as const;
    });
    const { passes } = selectRows(grid, { lassos: [{ x: 'x', y: 'y', points }] });
    for (let row = 0; row < grid.count; row++) {
      const [x, y] = [grid.numbers.x![row]!, grid.numbers.y![row]!];
      const margin = reach(Math.atan2(y, x)) - Math.hypot(x, y);
      // Nearer to the edge than a chord's sagitta either answer is right.
      if (Math.abs(margin) > 1e-4) expect(passes[row] === 1, `${x} ${y}`).toBe(margin > 0);
    }
  });

  test('names a column that is not there', () => {
    expect(() => selectRows(table, { ranges: [{ column: 'colour' }] })).toThrow('score, snr, mag');
  });
});

describe('an order', () => {
  const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY));
  const byHand = (values: readonly number[], from: number): number[] => {
    const rows = values.map((_, k) => k + from);
    const known = rows.filter((row) => !Number.isNaN(values[row - from]));
    return [
      ...known.sort((a, b) =>
        values[a - from]! < values[b - from]! ? -1 : values[a - from]! > values[b - from]! ? 1 : a - b,
      ),
      ...rows.filter((row) => Number.isNaN(values[row - from])),
    ];
  };

  test('rises, keeps equal numbers as they came, and has what is unknown last', () => {
    fc.assert(
      fc.property(fc.array(number), (values) => {
        const { rows, known } = sortRows(Float64Array.from(values), 0, values.length);
        expect([...rows]).toEqual(byHand(values, 0));
        expect(known).toBe(values.filter((value) => !Number.isNaN(value)).length);
      }),
    );
  });

  test('is the same when rows are merged into it as when all are sorted', () => {
    fc.assert(
      fc.property(fc.array(number), fc.array(number), fc.array(fc.boolean()), (a, b, dead) => {
        const values = Float64Array.from([...a, ...b]);
        const isAlive = Uint8Array.from(values, (_, k) => (dead[k] === true ? 0 : 1));
        const merged = mergeOrders(
          values,
          sortRows(values, 0, a.length),
          sortRows(values, a.length, values.length),
          isAlive,
        );
        expect([...merged.rows]).toEqual(byHand([...values], 0).filter((row) => isAlive[row] === 1));
      }),
    );
  });

  test('lists what passes in either direction, unknown numbers last in both', () => {
    const { passes, count } = selectRows(table, {});
    const order = sortRows(table.numbers.mag!, 0, table.count);
    expect([...listRows(order, passes, count, false).rows]).toEqual([3, 2, 0, 1, 4]);
    expect([...listRows(order, passes, count, true).rows]).toEqual([0, 2, 3, 1, 4]);
  });
});

describe('bins', () => {
  const all = selectRows(table, {});

  test('count rows by word; the last holds its upper end, and what is unknown is in none', () => {
    const axis = { column: 'score', isLog: false, from: 0, to: 1, bins: 2 };
    const counts = countBins(table, all, axis, 'verdict');
    expect(Object.entries(counts).map(([name, bins]) => [name, ...bins])).toEqual([
      ['none', 1, 1],
      ['real', 0, 2],
      ['bogus', 0, 1],
    ]);
    const mags = countBins(table, all, { ...axis, column: 'mag', from: 18, to: 20 }, 'verdict');
    expect([...mags.none!, ...mags.bogus!]).toEqual([1, 1, 0, 1]);
  });

  test('of a logarithmic axis are equal in ratio', () => {
    const snr = { column: 'snr', isLog: true, from: 1, to: 100, bins: 2 };
    expect(binEdges(snr)).toEqual([1, 10, 100]);
    const score = { column: 'score', isLog: false, from: 0, to: 1, bins: 2 };
    expect([...countCells(table, all, score, snr)]).toEqual([1, 0, 0, 4]);
  });

  test('reach from the least to the greatest number that passes', () => {
    expect(extentOf(table, all, 'mag', false)).toEqual({ from: 18, to: 20 });
    const none = selectRows(table, { ranges: [{ column: 'score', from: 2 }] });
    expect(extentOf(table, none, 'mag', false)).toBeUndefined();
  });
});
