import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { listRuns } from './index.ts';

describe('listRuns', () => {
  it.each([
    [1, 1],
    [16, 5],
    [37, 40],
    [300, 1200],
  ])('lists what a walk through %d x %d marks finds', (width, height) => {
    const random = createRandom(width);
    const marks = new Uint8Array(width * height);
    // Stretches of up to forty, so that runs cross blocks and reach both ends of rows.
    for (let at = 0, isMarked = 1; at < marks.length; isMarked ^= 1) {
      const end = at + 1 + random.integer(40);
      marks.fill(isMarked, at, end);
      at = end;
    }
    const wanted: number[] = [];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (marks[y * width + x] === 0) continue;
        const first = x;
        while (x + 1 < width && marks[y * width + x + 1] !== 0) x++;
        wanted.push(y, first, x);
      }
    }
    expect(listRuns(marks, width, height)).toEqual(Int32Array.from(wanted));
  });
});
