import { describe, expect, it } from 'vitest';
import type { StarEvidence } from './collect-evidence.ts';
import { fitCorrections } from './fit-corrections.ts';
import { fitShapeModes, measureShapes } from './fit-shape-modes.ts';
import { drawMoffat, makeMoffat } from './moffat.ts';
import type { PsfModel } from './psf-model.ts';

const SIDE = 500;
const SIZE = 33;
const FWHM = 4;
const MODEL: PsfModel = {
  moffat: makeMoffat(FWHM, 3),
  fwhmPx: FWHM,
  size: SIZE,
  imageWidth: SIDE,
  imageHeight: SIDE,
  degree: 0,
  corrections: [],
};
const NOTHING = new Float64Array(SIZE * SIZE);

function draw(fwhmPx: number): Float64Array {
  const profile = new Float64Array(SIZE * SIZE);
  drawMoffat(makeMoffat(fwhmPx, 3), 0, 0, profile, SIZE);
  return profile;
}

/** Stars that grow along x by `growth` from the middle to the rim, with the fluxes that the mean profile gives them. */
function grow(growth: number, noise: (k: number) => number): StarEvidence[] {
  const mean = draw(FWHM);
  const inner = (k: number) => Math.hypot((k % SIZE) - 16, Math.floor(k / SIZE) - 16) < 1.5 * FWHM;
  return Array.from({ length: 60 }, (_, s) => {
    const u = (2 * (s % 10)) / 9 - 1;
    const own = draw(FWHM * (1 + growth * u));
    let [along, norm] = [0, 0];
    own.forEach((value, k) => {
      if (!inner(k)) return;
      along += value * mean[k]!;
      norm += mean[k]! ** 2;
    });
    const flux = along / norm;
    return {
      x: ((u + 1) / 2) * (SIDE - 1),
      y: (Math.floor(s / 10) / 5) * (SIDE - 1),
      wanted: own.map((value, k) => value / flux - mean[k]!),
      weight: own.map((_, k) => noise(k) ** -2),
    };
  });
}

const light = (table: ArrayLike<number>, from: number, to: number): number => {
  let sum = 0;
  for (let k = 0; k < table.length; k++) {
    const radius = Math.hypot((k % SIZE) - 16, Math.floor(k / SIZE) - 16);
    if (radius >= from && radius < to) sum += table[k]!;
  }
  return sum;
};

describe('fitShapeModes', () => {
  it('finds all of what sizes differ by, though fluxes that were fitted with one size hide half of it', () => {
    const evidence = grow(0.02, () => 1e-4);
    const { tables } = fitShapeModes(MODEL, measureShapes(MODEL, NOTHING, evidence, 2 * FWHM), evidence, 1);
    const [low, high] = [draw(FWHM * 0.98), draw(FWHM * 1.02)];
    const slope = high.map((value, k) => (value - low[k]!) / 2);
    const half = (SIZE * SIZE - 1) / 2;
    // Derivatives are differences of pixels two apart: a few percent in the core.
    expect(Math.abs(tables[1]![half]! / slope[half]! - 1)).toBeLessThan(0.08);
    expect(Math.abs(light(tables[1]!, 0, 3) / light(slope, 0, 3) - 1)).toBeLessThan(0.08);
    expect(Math.abs(light(tables[2]!, 0, 3))).toBeLessThan(1e-3 * Math.abs(light(slope, 0, 3)));
  });
});

describe('fitCorrections', () => {
  it('has wings grow with the core where they are too faint to tell', () => {
    // Beyond 1.5 FWHM nothing is seen.
    const noise = (k: number) =>
      Math.hypot((k % SIZE) - 16, Math.floor(k / SIZE) - 16) < 1.5 * FWHM ? 1e-4 : 1;
    const evidence = grow(0.02, noise);
    const [low, high] = [draw(FWHM * 0.98), draw(FWHM * 1.02)];
    const slope = light(
      high.map((value, k) => (value - low[k]!) / 2),
      2 * FWHM,
      3 * FWHM,
    );
    const shapes = fitShapeModes(MODEL, measureShapes(MODEL, NOTHING, evidence, 2 * FWHM), evidence, 1);
    const alone = fitCorrections(MODEL, evidence, 1)[1]!;
    const guided = fitCorrections(MODEL, evidence, 1, undefined, shapes)[1]!;
    expect(Math.abs(light(alone, 2 * FWHM, 3 * FWHM))).toBeLessThan(0.1 * slope);
    expect(Math.abs(light(guided, 2 * FWHM, 3 * FWHM) / slope - 1)).toBeLessThan(0.1);
  });
});
