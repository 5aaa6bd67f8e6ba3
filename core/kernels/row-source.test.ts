import { expect, it } from 'vitest';
import { type RowSource, readPixels } from './row-source.ts';

it('reads the same pixels of rows as of a plane, in any order, and makes few of them twice', () => {
  const [width, height] = [7, 301];
  const data = Float32Array.from({ length: width * height }, (_, k) => k);
  let made = 0;
  const rows: RowSource = {
    width,
    height,
    fillRows: (first, out) => {
      made += out.height;
      out.data.set(data.subarray(first * width, (first + out.height) * width));
    },
  };
  const read = readPixels(rows);
  const plain = readPixels({ width, height, data });
  for (let y = 0; y < height; y++) {
    for (const row of [y, Math.max(0, y - 40), Math.min(height - 1, y + 40)]) {
      expect(read(y % width, row)).toBe(plain(y % width, row));
    }
  }
  expect(made).toBe(height);
  expect(read(0, 0)).toBe(0);
  expect(readPixels(3)(1, 1)).toBe(3);
});
