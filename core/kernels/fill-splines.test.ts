import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { fillSplines, type MeshSpline, makePlane, readSplines, withArena } from './index.ts';

/** Second derivatives of a row of nodes, coupled as they are along rows: over six where a natural spline is not. */
function bendsOf(nodes: readonly number[]): readonly number[] {
  const bends = nodes.map(() => 0);
  const pivots = [0];
  for (let i = 1; i < nodes.length - 1; i++) {
    pivots[i] = 1 / (4 - pivots[i - 1]!);
    bends[i] = (nodes[i - 1]! - 2 * nodes[i]! + nodes[i + 1]! - bends[i - 1]!) * pivots[i]!;
  }
  for (let i = nodes.length - 2; i >= 1; i--) bends[i]! -= (pivots[i]! * bends[i + 1]!) / 6;
  return bends;
}

describe('fillSplines', () => {
  it.each([
    [4, 3, 8],
    [2, 2, 11],
    [1, 1, 40],
    [5, 1, 7],
    [1, 4, 16],
  ])(
    'evaluates splines through %d x %d meshes from any row on, also in the arena',
    (columns, rows, meshPx) => {
      const random = createRandom(6);
      const [width, height] = [columns * meshPx - 1, rows * meshPx - 2];
      const intervals = Math.max(1, columns - 1);
      const starts = Int32Array.from({ length: intervals + 1 }, (_, k) =>
        k === 0 ? 0 : k === intervals ? width : Math.ceil((k + 0.5) * meshPx - 0.5),
      );
      const spline: MeshSpline = {
        columns,
        rows,
        meshPx,
        values: Float32Array.from({ length: columns * rows }, () => random.normal()),
        bends: Float64Array.from({ length: columns * rows }, () => 0.1 * random.normal()),
        starts,
        offsets: Float32Array.from({ length: intervals }, (_, k) => (starts[k]! + 0.5) / meshPx - 0.5 - k),
      };
      const whole = makePlane(width, height);
      fillSplines(whole, spline);
      const read = readSplines(spline, width);
      for (let y = 0; y < height; y++) {
        const v = y / meshPx - 0.5;
        const row = Math.min(Math.max(0, rows - 2), Math.max(0, Math.floor(v)));
        const b = rows === 1 ? 0 : v - row;
        const a = 1 - b;
        const nodes = Array.from({ length: columns }, (_, c) => {
          const [low, high] = [row * columns + c, Math.min(rows - 1, row + 1) * columns + c];
          return (
            a * spline.values[low]! +
            b * spline.values[high]! +
            (a ** 3 - a) * spline.bends[low]! +
            (b ** 3 - b) * spline.bends[high]!
          );
        });
        const bends = bendsOf(nodes);
        for (let x = 0; x < width; x++) {
          expect(read(x, y)).toBe(whole.data[y * width + x]);
          const u = (x + 0.5) / meshPx - 0.5;
          const k = Math.min(Math.max(0, columns - 2), Math.max(0, Math.floor(u)));
          const t = u - k;
          const s = 1 - t;
          const next = Math.min(columns - 1, k + 1);
          const wanted =
            columns === 1
              ? nodes[0]!
              : s * nodes[k]! + t * nodes[next]! + (s ** 3 - s) * bends[k]! + (t ** 3 - t) * bends[next]!;
          expect(whole.data[y * width + x]).toBeCloseTo(wanted, 4);
        }
      }
      const first = Math.min(5, height - 1);
      const part = makePlane(width, height - first);
      fillSplines(part, spline, first);
      expect(part.data).toEqual(whole.data.subarray(first * width));
      withArena((arena) => {
        const plane = arena.plane(width, height);
        fillSplines(plane, spline);
        expect(plane.data).toEqual(whole.data);
      });
    },
  );
});
