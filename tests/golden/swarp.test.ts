import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareWithSwarp, type SwarpGolden } from './swarp-scene.ts';

const golden = JSON.parse(readFileSync(new URL('swarp.json', import.meta.url), 'utf8')) as SwarpGolden;

describe(`resampling beside ${golden.tool}`, () => {
  test.each(golden.cases)('gives the same fluxes and pixels with textbook weights: $name', (wanted) => {
    const { fluxes, pixels } = compareWithSwarp(golden, wanted, 'plain');
    expect(fluxes.length).toBeGreaterThan(20);
    // Both programs approximate the map between nodes, to 0.001 px.
    expect(Math.max(...fluxes)).toBeLessThan(3e-4);
    expect(Math.max(...pixels)).toBeLessThan(3e-4);
  });

  test.each(golden.cases)(
    'stays within 1e-3 of it, and of the truth, with our own weights: $name',
    (wanted) => {
      const { fluxes, pixels, fromTruth } = compareWithSwarp(golden, wanted, 'cubic');
      expect(Math.max(...fluxes)).toBeLessThan(1e-3);
      expect(Math.max(...pixels)).toBeLessThan(1e-3);
      expect(Math.max(...fromTruth)).toBeLessThan(1e-3);
    },
  );
});
