import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { addSignal, makePlane, type Plane, type RowSource, subtractRows, withArena } from './index.ts';

describe('a plane and rows that are made when they are looked at', () => {
  const random = createRandom(3);
  const [width, height] = [37, 133];
  const plane = makePlane(width, height);
  const made = new Float32Array(width * height);
  for (let i = 0; i < made.length; i++) {
    plane.data[i] = i % 97 === 0 ? Number.NaN : 30 * random.normal();
    made[i] = 10 * random.uniform();
  }
  const rows: RowSource = {
    width,
    height,
    fillRows: (first, out) => out.data.set(made.subarray(first * width, first * width + out.data.length)),
  };
  const difference = plane.data.map((value, i) => value - made[i]!);
  const light = plane.data.map((value) => (Number.isNaN(value) ? 0 : Math.max(0, value)));
  const variance = made.map((sigma, i) => sigma * sigma + light[i]!);

  it('are subtracted, in place too, as numbers are', () => {
    expect(subtractRows(plane, rows, makePlane(width, height)).data).toEqual(difference);
    const copy = makePlane(width, height);
    copy.data.set(plane.data);
    expect(subtractRows(copy, rows, copy).data).toEqual(difference);
    withArena((arena) => {
      const held = arena.hold(plane);
      expect(subtractRows(held, rows, held).data).toEqual(difference);
    });
  });

  it('make variances: light that is none, or not a number, adds nothing', () => {
    expect(addSignal(plane, rows, makePlane(width, height)).data).toEqual(variance);
  });

  it('must have one size', () => {
    const small: Plane = makePlane(8, 8);
    expect(() => subtractRows(plane, rows, small)).toThrow(RangeError);
    expect(() => addSignal(small, rows, small)).toThrow(RangeError);
  });
});
