import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { convolve } from './convolve-plane.ts';
import { findOutstanding } from './find-outstanding.ts';
import { listUnusable, markAbove } from './mark-above.ts';
import { makeMaskPlane, makePlane, type Plane } from './plane.ts';
import { scaleCounts } from './scale-counts.ts';

function noisePlane(width: number, height: number, seed: number): Plane {
  const random = createRandom(seed);
  const plane = makePlane(width, height);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = random.normal();
  return plane;
}

describe('pixels above a threshold', () => {
  it('are those of the convolved image, missing pixels and the surroundings being zero', () => {
    // Wider than a band is high, so that bands meet.
    const [width, height] = [4099, 67];
    const plane = noisePlane(width, height, 1);
    const missing = Int32Array.from([5, width - 1, 31 * width + 17, 32 * width, width * height - 1]);
    const rms = makePlane(width, height);
    for (let i = 0; i < rms.data.length; i++) rms.data[i] = 0.5 + (i % 7) / 10;
    const kernel = { width: 3, height: 5, data: Float32Array.from({ length: 15 }, (_, i) => (i + 1) / 120) };
    const { above, smoothed } = markAbove(plane, { missing, kernel, rms, threshold: 0.4 });

    const framed = makePlane(width + 2, height + 4);
    for (let y = 0; y < height; y++) {
      framed.data.set(plane.data.subarray(y * width, (y + 1) * width), (y + 2) * framed.width + 1);
    }
    for (const at of missing) {
      framed.data[(Math.floor(at / width) + 2) * framed.width + (at % width) + 1] = 0;
    }
    const whole = convolve(framed, kernel);
    let differ = 0;
    for (let i = 0; i < above.length; i++) {
      const wanted = whole.data[(Math.floor(i / width) + 2) * framed.width + (i % width) + 1]!;
      if (smoothed[i] !== wanted) differ++;
      if (above[i] !== Number(wanted > Math.fround(Math.fround(0.4) * rms.data[i]!))) differ++;
    }
    expect(differ).toBe(0);
  });

  it('lists pixels that are not finite or masked, whatever the length', () => {
    for (const width of [1, 7, 8, 9, 131]) {
      const plane = noisePlane(width, 3, width);
      const mask = makeMaskPlane(width, 3);
      plane.data[0] = Number.NaN;
      plane.data[3 * width - 1] = Number.NEGATIVE_INFINITY;
      mask.data[width] = 0x8004;
      mask.data[2 * width - 1]! |= 2;
      const wanted = [0, width, 3 * width - 1];
      expect([...listUnusable(plane, mask, 0x8004)]).toEqual([...new Set(wanted)].sort((a, b) => a - b));
      expect([...listUnusable(plane, undefined, 0x8004)]).toEqual([0, 3 * width - 1]);
    }
  });
});

describe('pixels that stand apart', () => {
  it('are counted along whole pieces of columns and rows, and cold ones are listed', () => {
    const [width, height] = [70, 53];
    const plane = noisePlane(width, height, 2);
    for (let y = 0; y < 53; y++) plane.data[y * width + 20]! += 9;
    for (let x = 0; x < 70; x++) plane.data[30 * width + x]! -= 9;
    plane.data[10 * width + 40] = -50;
    const found = findOutstanding(plane, {
      apartPx: 3,
      margin: 0.7,
      columnPiecePx: 16,
      rowPiecePx: 11,
      coldDepth: 20,
    });
    const balance = (at: number, step: number): number => {
      const a = plane.data[at]! - plane.data[at - step]!;
      const b = plane.data[at]! - plane.data[at + step]!;
      return Number(a > 0.7 && b > 0.7) - Number(a < -0.7 && b < -0.7);
    };
    for (let piece = 0; piece < 3; piece++) {
      for (let x = 3; x < width - 3; x++) {
        let wanted = 0;
        for (let y = 16 * piece; y < 16 * piece + 16; y++) wanted += balance(y * width + x, 3);
        expect(found.columns[piece * width + x]).toBe(wanted);
      }
    }
    for (let y = 3; y < height - 3; y++) {
      for (let piece = 0; piece < 6; piece++) {
        let wanted = 0;
        for (let x = 11 * piece; x < 11 * piece + 11; x++) wanted += balance(y * width + x, 3 * width);
        expect(found.rows[y * found.rowPieces + piece]).toBe(wanted);
      }
    }
    expect([...found.cold]).toEqual([10 * width + 40]);
    expect(Math.abs(found.coldMedians[0]!)).toBeLessThan(2);
  });
});

describe('counts', () => {
  it('become electrons in a trimmed frame, with saturated and missing ones marked', () => {
    const plane = noisePlane(30, 20, 3);
    plane.data[5 * 30 + 7] = Number.NaN;
    plane.data[6 * 30 + 9] = 60_000;
    plane.data[7 * 30 + 8] = 3e38;
    plane.data[8 * 30 + 8] = -3e38;
    plane.data[0] = -1e6;
    const out = makePlane(21, 13);
    const mask = makeMaskPlane(21, 13);
    const scaling = {
      x0: 4,
      y0: 5,
      pedestal: 100.25,
      gain: 1.7,
      saturation: 60_000,
      absentBit: 16,
      saturatedBit: 2,
    };
    const { finite, lowest, highest } = scaleCounts(plane, out, mask, scaling);
    expect(finite).toBe(21 * 13 - 3);
    expect(highest).toBe(60_000);
    expect(lowest).toBeGreaterThan(-10);
    for (let y = 0; y < 13; y++) {
      for (let x = 0; x < 21; x++) {
        const count = plane.data[(y + 5) * 30 + x + 4]!;
        // Times the gain this is more than a float32 holds.
        const isAbsent = Number.isNaN(count) || Math.abs(count) === Math.fround(3e38);
        expect(out.data[y * 21 + x]).toBe(isAbsent ? 0 : Math.fround((count - 100.25) * 1.7));
        expect(mask.data[y * 21 + x]).toBe(isAbsent ? 16 : count >= 60_000 ? 2 : 0);
      }
    }
  });
});
