import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import {
  addProductSpectra,
  irfft2,
  makePlane,
  makeSpectrum,
  multiplyConjugate,
  multiplyReal,
  multiplySpectra,
  powerSpectrum,
  rfft2,
  type Spectrum,
  scaleAdd,
  withArena,
} from './index.ts';

function noise(width: number, height: number, seed: number): Spectrum {
  const random = createRandom(seed);
  const spectrum = makeSpectrum(width, height);
  for (let i = 0; i < spectrum.data.length; i++) spectrum.data[i] = random.normal();
  return spectrum;
}

type Complex = readonly [number, number];
const product = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const numbers = ({ data }: Spectrum): Complex[] =>
  Array.from({ length: data.length / 2 }, (_, k) => [data[2 * k]!, data[2 * k + 1]!]);

// An odd count of complex numbers, and one of several chunks.
const sizes = [
  [2, 1],
  [4, 5],
  [250, 90],
] as const;

describe.each(sizes)('spectra of %i x %i', (width, height) => {
  const [a, x, b, y] = [1, 2, 3, 4].map((seed) => noise(width, height, seed)) as [
    Spectrum,
    Spectrum,
    Spectrum,
    Spectrum,
  ];
  const [na, nx, nb, ny] = [a, x, b, y].map(numbers) as [Complex[], Complex[], Complex[], Complex[]];
  const expectNumbers = (actual: Spectrum, expected: (k: number) => Complex): void => {
    numbers(actual).forEach(([re, im], k) => {
      const [er, ei] = expected(k);
      // Sums of a few products of normal deviates.
      expect(Math.abs(re - er) + Math.abs(im - ei)).toBeLessThan(1e-5);
    });
  };

  it('multiplies', () => {
    expectNumbers(multiplySpectra(a, b), (k) => product(na[k]!, nb[k]!));
  });

  it('multiplies by the conjugate', () => {
    expectNumbers(multiplyConjugate(a, b), (k) => product(na[k]!, [nb[k]![0], -nb[k]![1]]));
  });

  it('adds with factors', () => {
    expectNumbers(scaleAdd(a, 2, b, -0.5), (k) => [
      2 * na[k]![0] - 0.5 * nb[k]![0],
      2 * na[k]![1] - 0.5 * nb[k]![1],
    ]);
  });

  it('adds two products', () => {
    expectNumbers(addProductSpectra(a, x, b, y, -1), (k) => {
      const [p, q] = [product(na[k]!, nx[k]!), product(nb[k]!, ny[k]!)];
      return [p[0] - q[0], p[1] - q[1]];
    });
  });

  it('takes the power and multiplies by it', () => {
    const power = powerSpectrum(a);
    expect(power.width).toBe(width / 2 + 1);
    na.forEach(([re, im], k) => {
      expect(power.data[k]).toBeCloseTo(re * re + im * im, 4);
    });
    expectNumbers(multiplyReal(b, power), (k) => [nb[k]![0] * power.data[k]!, nb[k]![1] * power.data[k]!]);
  });

  it('gives the same bits in place and in the arena', () => {
    const expected = multiplySpectra(a, b);
    const inPlace = makeSpectrum(width, height);
    inPlace.data.set(a.data);
    multiplySpectra(inPlace, b, inPlace);
    expect(inPlace.data).toEqual(expected.data);
    withArena((arena) => {
      const held = arena.spectrum(width, height);
      held.data.set(a.data);
      const out = multiplySpectra(held, b, arena.spectrum(width, height));
      expect([...out.data]).toEqual([...expected.data]);
      const both = multiplySpectra(held, held, arena.spectrum(width, height));
      expect([...both.data]).toEqual([...multiplySpectra(a, a).data]);
    });
  });

  it('refuses spectra of different sizes', () => {
    expect(() => multiplySpectra(a, makeSpectrum(width + 2, height))).toThrow(RangeError);
    expect(() => multiplyReal(a, makePlane(width, height + 1))).toThrow(RangeError);
  });
});

describe('multiplySpectra', () => {
  it('convolves planes with wrap-around', () => {
    const plane = makePlane(12, 10);
    const kernel = makePlane(12, 10);
    plane.data[9 * 12 + 11] = 2;
    kernel.data[0] = 0.5;
    kernel.data[1 * 12 + 2] = 0.25;
    const out = irfft2(multiplySpectra(rfft2(plane), rfft2(kernel)));
    const expected = makePlane(12, 10);
    expected.data[9 * 12 + 11] = 1;
    expected.data[0 * 12 + 1] = 0.5;
    for (let i = 0; i < 120; i++) expect(out.data[i]).toBeCloseTo(expected.data[i]!, 6);
  });
});
