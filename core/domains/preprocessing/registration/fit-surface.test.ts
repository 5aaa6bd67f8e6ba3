import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../utils/index.ts';
import { addSurface, fitSurface, layGrid } from './fit-surface.ts';

const bend = (x: number, y: number): number => 0.4 * Math.sin(x / 90) * Math.cos(y / 110);

function scatter(count: number, noisePx: number) {
  const random = createRandom(3);
  const x = Float64Array.from({ length: count }, () => 1000 * random.uniform());
  const y = Float64Array.from({ length: count }, () => 700 * random.uniform());
  const noisy = (value: number): number => value + noisePx * random.normal();
  const points = {
    x,
    y,
    u: x.map((value, k) => noisy(bend(value, y[k]!))),
    v: x.map((value, k) => noisy(-bend(y[k]!, value))),
  };
  return { points, weights: new Float64Array(count).fill(1 / noisePx ** 2) };
}

function evaluate(surface: Parameters<typeof addSurface>[0], x: number, y: number): [number, number] {
  const [u, v] = [new Float64Array(1), new Float64Array(1)];
  addSurface(surface, Float64Array.of(x), Float64Array.of(y), u, v);
  return [u[0]!, v[0]!];
}

describe('fitSurface', () => {
  test('follows a ripple to better than the noise of the stars', () => {
    const { points, weights } = scatter(1500, 0.1);
    const surface = fitSurface(points, weights, layGrid(points, 12), 0.1)!;
    let squares = 0;
    for (let k = 0; k < 400; k++) {
      const [x, y] = [50 + 45 * (k % 20), 35 + 31 * Math.floor(k / 20)];
      const [u, v] = evaluate(surface, x, y);
      squares += (u - bend(x, y)) ** 2 + (v + bend(y, x)) ** 2;
    }
    // 1500 stars on about 170 splines: the noise shrinks by three; the splines themselves miss some.
    expect(Math.sqrt(squares / 400)).toBeLessThan(0.08);
  });

  test('ends at its rectangle with the value of the edge, and passes on what is no number', () => {
    const { points, weights } = scatter(500, 0.05);
    const surface = fitSurface(points, weights, layGrid(points, 6), 0.1)!;
    const edge = surface.xPx + (surface.columns - 3) * surface.stepPx;
    expect(evaluate(surface, edge + 500, 300)).toEqual(evaluate(surface, edge, 300));
    expect(evaluate(surface, Number.NaN, 300)[0]).toBeNaN();
  });

  test('goes on straight where no star is, instead of swinging', () => {
    const { points, weights } = scatter(1500, 0.05);
    const blind = weights.map((weight, k) => (points.x[k]! > 600 ? 0 : weight));
    const surface = fitSurface(points, blind, layGrid(points, 10), 0.05)!;
    for (const y of [100, 350, 600]) expect(Math.abs(evaluate(surface, 990, y)[0])).toBeLessThan(3);
  });
});
