import { expect, test } from 'vitest';
import { createRandom } from '../../utils/random.ts';
import { sortIntoCells, visitCells } from './sort-into-cells.ts';

test('whatever is within reach of a place is visited, large among small', () => {
  const random = createRandom(5);
  const objects = Array.from({ length: 400 }, (_, i) => ({
    x: 500 * random.uniform(),
    y: 300 * random.uniform(),
    a: i % 97 === 0 ? 30 * random.uniform() : 0.5 + 2 * random.uniform(),
  }));
  const grids = sortIntoCells(objects, 10);
  for (let k = 0; k < 50; k++) {
    const [x, y] = [520 * random.uniform() - 10, 320 * random.uniform() - 10];
    const near = new Set<number>();
    for (const grid of grids) visitCells(grid, x, y, 10 * (1 + grid.largest), (index) => near.add(index));
    objects.forEach((object, i) => {
      if (Math.hypot(object.x - x, object.y - y) <= 10 * (1 + object.a)) expect(near.has(i)).toBe(true);
    });
  }
});

test('no objects make no grids', () => {
  expect(sortIntoCells([], 10)).toEqual([]);
});
