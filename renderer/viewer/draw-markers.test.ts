import { expect, it } from 'vitest';
import { densityOf, markerSize } from './draw-markers.ts';
import type { Marker } from './model.ts';

const crowd = (count: number, side: number): readonly Marker[] =>
  Array.from({ length: count }, (_, k) => ({
    id: String(k),
    x: (k * 7919) % side,
    y: (k * 104_729) % side,
    shape: 'strokes',
    tone: 'accent',
    isSelected: false,
  }));

it('a few markers have their size by the zoom alone', () => {
  expect(densityOf(crowd(1000, 100))).toBe(0);
  expect(markerSize(8, 0)).toBe(1);
  expect(markerSize(0.01, 0)).toBe(0.55);
});

it('markers of a crowd are smaller until there is room between them', () => {
  const density = densityOf(crowd(100_000, 1000));
  expect(density).toBeCloseTo(0.1, 2);
  // Three pixels apart: at 1:1 they would cover each other, at 8:1 they have most of their size.
  expect(markerSize(1, density)).toBe(0.3);
  expect(markerSize(8, density)).toBeGreaterThan(0.8);
  expect(markerSize(16, density)).toBe(1);
});
