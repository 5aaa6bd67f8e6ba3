import { describe, expect, test } from 'vitest';
import { findOnLattice } from './find-on-lattice.ts';
import type { SkyLattice } from './sample-sky-lattice.ts';

/** A tangent projection around a place, rotated, with a scale of 0.5 arcsec. */
function makeLattice(raDeg: number, decDeg: number, columns = 9, rows = 7, stepPx = 32): SkyLattice {
  const rad = Math.PI / 180;
  const scale = (0.5 / 3600) * rad;
  const [sin0, cos0] = [Math.sin(decDeg * rad), Math.cos(decDeg * rad)];
  const nodes = Array.from({ length: columns * rows }, (_, k) => {
    const x = (k % columns) * stepPx - 120;
    const y = Math.floor(k / columns) * stepPx - 90;
    const xi = -(x * Math.cos(0.4) - y * Math.sin(0.4)) * scale;
    const eta = (x * Math.sin(0.4) + y * Math.cos(0.4)) * scale;
    const ra = raDeg + Math.atan2(xi, cos0 - eta * sin0) / rad;
    const dec = Math.atan2(sin0 + eta * cos0, Math.hypot(xi, cos0 - eta * sin0)) / rad;
    return [((ra % 360) + 360) % 360, dec] as const;
  });
  return {
    stepPx,
    columns,
    rows,
    raDeg: nodes.map(([ra]) => ra),
    decDeg: nodes.map(([, dec]) => dec),
    pixelScaleArcsec: 0.5,
  };
}

describe('a place on a lattice', () => {
  test.each([
    [180, 20],
    [0.001, -45],
    [312, 89.99],
  ])('is found at its node, across RA 0 and near the pole too (%f, %f)', (raDeg, decDeg) => {
    const lattice = makeLattice(raDeg, decDeg);
    for (const k of [0, 8, 31, 40, 62]) {
      const found = findOnLattice(lattice, { raDeg: lattice.raDeg[k]!, decDeg: lattice.decDeg[k]! })!;
      expect(found.xPx).toBeCloseTo((k % 9) * 32, 3);
      expect(found.yPx).toBeCloseTo(Math.floor(k / 9) * 32, 3);
    }
  });

  test('is not found outside, nor on the other side of the sky', () => {
    const lattice = makeLattice(180, 20);
    expect(findOnLattice(lattice, { raDeg: 181, decDeg: 20 })).toBeUndefined();
    expect(findOnLattice(lattice, { raDeg: 0, decDeg: -20 })).toBeUndefined();
  });
});
