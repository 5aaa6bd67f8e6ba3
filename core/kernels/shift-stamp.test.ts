import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { withArena } from './arena.ts';
import { makePress } from './press-profiles.ts';
import { shiftStamp } from './shift-stamp.ts';

const SIZE = 15;

function randomStamp(size: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: size * size }, () => random.normal());
}

/** Weight of Lanczos-4 at a distance, before the weights are normalised. */
function lanczos(t: number): number {
  if (Math.abs(t) >= 4) return 0;
  const x = Math.PI * t;
  return t === 0 ? 1 : (4 * Math.sin(x) * Math.sin(x / 4)) / (x * x);
}

/** Eight weights around each pixel, one after the other, without any of the kernel's tricks. */
function shiftPlainly(source: Float64Array, size: number, dx: number, dy: number): Float64Array {
  const along = (d: number, at: number, value: (k: number) => number): number => {
    let sum = 0;
    let weights = 0;
    const first = Math.floor(at - d) - 3;
    for (let k = first; k < first + 8; k++) {
      const weight = lanczos(k - (at - d));
      weights += weight;
      if (k >= 0 && k < size) sum += weight * value(k);
    }
    return sum / weights;
  };
  return Float64Array.from({ length: size * size }, (_, k) =>
    along(dy, Math.floor(k / size), (row) => along(dx, k % size, (column) => source[row * size + column]!)),
  );
}

const largestGap = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]!)), 0);

describe('shiftStamp', () => {
  it('interpolates as eight weights a pixel do, whatever the way', () => {
    const source = randomStamp(SIZE, 1);
    const random = createRandom(2);
    for (let n = 0; n < 50; n++) {
      const [dx, dy] = [8 * random.uniform() - 4, 8 * random.uniform() - 4];
      const moved = new Float64Array(SIZE * SIZE);
      shiftStamp(source, SIZE, dx, dy, moved);
      // Sums of 64 products of numbers near one.
      expect(largestGap(moved, shiftPlainly(source, SIZE, dx, dy))).toBeLessThan(1e-13);
    }
  });

  it('moves by whole pixels exactly, and lets go of what leaves the stamp', () => {
    const source = randomStamp(SIZE, 3);
    const moved = new Float64Array(SIZE * SIZE);
    shiftStamp(source, SIZE, 2, -1, moved);
    const expected = moved.map((_, k) => {
      const [x, y] = [(k % SIZE) - 2, Math.floor(k / SIZE) + 1];
      return x >= 0 && y < SIZE ? source[y * SIZE + x]! : 0;
    });
    expect(largestGap(moved, expected)).toBeLessThan(1e-15);
  });

  it('may write where it reads', () => {
    const source = randomStamp(SIZE, 4);
    const moved = new Float64Array(SIZE * SIZE);
    shiftStamp(source, SIZE, 0.3, 0.4, moved);
    shiftStamp(source, SIZE, 0.3, 0.4, source);
    expect(source).toEqual(moved);
  });

  it('refuses a way of more than four pixels', () => {
    const stamp = randomStamp(SIZE, 5);
    expect(() => shiftStamp(stamp, SIZE, 0, 5.5, stamp)).toThrow(RangeError);
    expect(() => shiftStamp(stamp, SIZE, Number.NaN, 0, stamp)).toThrow(RangeError);
  });
});

describe('makePress', () => {
  const POINTS = 400;
  const radial = Float64Array.from({ length: POINTS + 2 }, (_, k) => (1 + (k / 100) ** 2) ** -3);
  const ellipse = { cxx: 0.2, cyy: 0.3, cxy: 0.05, radial, scale: 100 };

  const drawPlainly = (size: number, dx: number, dy: number): Float64Array =>
    Float64Array.from({ length: size * size }, (_, k) => {
      const half = (size - 1) / 2;
      const [u, v] = [(k % size) - half - dx, Math.floor(k / size) - half - dy];
      const t = Math.sqrt(ellipse.cyy * v * v + u * (ellipse.cxx * u + ellipse.cxy * v)) * ellipse.scale;
      const at = Math.floor(t);
      return at <= POINTS ? radial[at]! + (t - at) * (radial[at + 1]! - radial[at]!) : 0;
    });

  it('draws an ellipse to the bit, and nothing beyond its table', () => {
    withArena(() => {
      const press = makePress();
      const profile = { ...ellipse, tables: [], side: SIZE };
      for (const [size, dx, dy] of [
        [SIZE, 0.3, -0.45],
        [9, 0, 0],
        [31, -0.2, 0.1],
      ] as const) {
        const stamp = new Float64Array(size * size);
        press.draw(profile, dx, dy, undefined, size, stamp);
        expect(stamp).toEqual(drawPlainly(size, dx, dy));
      }
    });
  });

  it('adds tables times their factors, moved; of a smaller stamp their middles', () => {
    withArena(() => {
      const press = makePress();
      const tables = [randomStamp(SIZE, 6), randomStamp(SIZE, 7)];
      const profile = { ...ellipse, tables, side: SIZE };
      const size = 11;
      const stamp = new Float64Array(size * size);
      press.draw(profile, 0.25, -0.4, Float64Array.of(1, -0.5), size, stamp);
      const mixed = Float64Array.from({ length: size * size }, (_, k) => {
        const from = (Math.floor(k / size) + 2) * SIZE + (k % size) + 2;
        return tables[0]![from]! - 0.5 * tables[1]![from]!;
      });
      shiftStamp(mixed, size, 0.25, -0.4, mixed);
      const expected = drawPlainly(size, 0.25, -0.4).map((value, k) => value + mixed[k]!);
      expect(stamp).toEqual(expected);
    });
  });

  it('moves tables alone where there is no ellipse', () => {
    withArena(() => {
      const tables = [Float32Array.from(randomStamp(SIZE, 10))];
      const profile = { ...ellipse, radial: new Float64Array(0), tables, side: SIZE };
      const stamp = new Float64Array(SIZE * SIZE);
      makePress().draw(profile, 0.25, -0.4, Float64Array.of(2), SIZE, stamp);
      const expected = Float64Array.from(tables[0]!, (value) => 2 * value);
      shiftStamp(expected, SIZE, 0.25, -0.4, expected);
      expect(stamp).toEqual(expected);
    });
  });

  it('draws the profile that it is given, whichever it drew before, and after its memory has moved', () => {
    withArena((arena) => {
      const press = makePress();
      const small = { ...ellipse, tables: [randomStamp(9, 8)], side: 9 };
      const large = { ...ellipse, tables: [randomStamp(SIZE, 9)], side: SIZE };
      const draw = (profile: typeof small, size: number) => {
        const stamp = new Float64Array(size * size);
        press.draw(profile, 0.1, 0.2, Float64Array.of(1), size, stamp);
        return stamp;
      };
      const first = draw(small, 9);
      const second = draw(large, SIZE);
      expect(draw(small, 9)).toEqual(first);
      arena.plane(2048, 4096);
      expect(draw(large, SIZE)).toEqual(second);
      expect(draw(small, 9)).toEqual(first);
    });
  });
});
