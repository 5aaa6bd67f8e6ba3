import { expect, it } from 'vitest';
import { makePlane, scaleByPolynomial, withArena } from './index.ts';

const [WIDTH, HEIGHT] = [10, 7];
const value = (k: number) => 100 * Math.sin(k) + 3;

it('multiplies rows by their polynomial and variances by its square, in float64, in the arena and outside', () => {
  const u = Float64Array.from({ length: WIDTH }, (_, x) => (2 * x) / (WIDTH - 1) - 1);
  const rows = Array.from({ length: HEIGHT }, (_, y) => [0.5 + 0.01 * y, 0.02 - 0.003 * y, 0.01] as const);
  const whitening = 1 / 0.93 ** 2;
  const check = (plane: { data: Float32Array }, variance: { data: Float32Array }) => {
    for (let k = 0; k < WIDTH * HEIGHT; k++) {
      const [one, slope, bend] = rows[Math.floor(k / WIDTH)]!;
      const x = u[k % WIDTH]!;
      const ratio = (bend * x + slope) * x + one;
      expect(plane.data[k]).toBe(Math.fround(Math.fround(value(k)) * ratio));
      expect(variance.data[k]).toBe(Math.fround(k * (ratio * ratio * whitening)));
    }
  };
  const fill = (plane: { data: Float32Array }, variance: { data: Float32Array }) => {
    for (let k = 0; k < WIDTH * HEIGHT; k++) {
      plane.data[k] = value(k);
      variance.data[k] = k;
    }
  };
  const planes = [makePlane(WIDTH, HEIGHT), makePlane(WIDTH, HEIGHT)] as const;
  fill(...planes);
  scaleByPolynomial(...planes, u, rows, whitening);
  check(...planes);
  withArena((arena) => {
    const held = [arena.plane(WIDTH, HEIGHT), arena.plane(WIDTH, HEIGHT)] as const;
    fill(...held);
    scaleByPolynomial(...held, u, rows, whitening);
    check(...held);
  });
});

it('refuses what is no pair of planes with a polynomial for each row', () => {
  const plane = makePlane(4, 2);
  const rows = [[1, 0, 0] as const, [1, 0, 0] as const];
  expect(() => scaleByPolynomial(plane, makePlane(2, 4), new Float64Array(4), rows, 1)).toThrow(RangeError);
  expect(() => scaleByPolynomial(plane, plane, new Float64Array(3), rows, 1)).toThrow(RangeError);
  const odd = makePlane(3, 2);
  expect(() => scaleByPolynomial(odd, odd, new Float64Array(3), rows, 1)).toThrow(RangeError);
});
