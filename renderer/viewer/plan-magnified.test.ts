import { describe, expect, test } from 'vitest';
import type { Camera, Size } from './model.ts';
import { planMagnified } from './plan-magnified.ts';

const IMAGE = { width: 63, height: 40 };

/** The image pixel under the middle of a device pixel, as the shader finds it. */
const pixelUnder = (at: number, middle: number, zoom: number, length: number): number =>
  Math.floor(middle + 0.5 + (at + 0.5 - length / 2) / zoom);

const isAway = (middle: number, zoom: number, length: number, size: number): boolean =>
  middle + 0.5 + length / 2 / zoom <= 0 || middle + 0.5 - length / 2 / zoom >= size;

describe('planMagnified', () => {
  test('shows on every device pixel the image pixel under its middle', () => {
    const zooms = [2, 3, 6, 7, 16];
    const lengths = [1, 62, 63, 378, 441, 500];
    // From far outside to far outside. An edge on the middle of a device pixel is either's: none is there.
    const places = Array.from({ length: 40 }, (_, n) => 2.217 * n - 12.03);
    for (const zoom of zooms)
      for (const width of lengths)
        for (const x of places)
          expect(differing({ x, y: 20.3 - x / 3, zoom }, { width, height: 510 - width })).toBe(0);
  });

  /** Device pixels along both sides that show another pixel, or none. */
  function differing(camera: Camera, box: Size): number {
    const part = planMagnified(IMAGE, camera, box);
    if (part === undefined) {
      // One axis shows nothing at all.
      expect(
        isAway(camera.x, camera.zoom, box.width, IMAGE.width) ||
          isAway(camera.y, camera.zoom, box.height, IMAGE.height),
      ).toBe(true);
      return 0;
    }
    let count = 0;
    for (const [length, middle, size, first, pixels, start] of [
      [box.width, camera.x, IMAGE.width, part.x, part.columns, part.left],
      [box.height, camera.y, IMAGE.height, part.y, part.rows, part.bottom],
    ] as const) {
      for (let at = 0; at < length; at++) {
        const pixel = pixelUnder(at, middle, camera.zoom, length);
        const repeated = Math.floor((at - start) / camera.zoom);
        const isCovered = repeated >= 0 && repeated < pixels;
        if (isCovered !== (pixel >= 0 && pixel < size)) count++;
        else if (isCovered && first + repeated !== pixel) count++;
      }
    }
    return count;
  }

  test('leaves alone what copies would not show the same, or not sooner', () => {
    const box = { width: 400, height: 400 };
    const camera = { x: 31, y: 20, zoom: 6 };
    expect(planMagnified(IMAGE, camera, box)).toMatchObject({ x: 0, y: 0, columns: 63, rows: 40 });
    for (const change of [
      { zoom: 1 },
      { zoom: 0.5 },
      { zoom: 6.5 },
      { zoom: 32 },
      { rotationDeg: 90 },
      { isMirrored: true },
      { x: 500 },
    ])
      expect(planMagnified(IMAGE, { ...camera, ...change }, box)).toBeUndefined();
  });
});
