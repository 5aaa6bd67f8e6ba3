import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fillPane,
  fitCamera,
  fitWhole,
  flip,
  formatZoom,
  keepOnImage,
  levelFor,
  MAX_ZOOM,
  northUp,
  panBy,
  pixelAt,
  rotateBy,
  toImage,
  toScreen,
  turnOf,
  visibleBox,
  zoomAt,
} from './camera.ts';
import type { Camera } from './model.ts';

const viewport = { width: 800, height: 600 };

const cameras = fc.record({
  x: fc.double({ min: -0.5, max: 20_000, noNaN: true }),
  y: fc.double({ min: -0.5, max: 20_000, noNaN: true }),
  zoom: fc.double({ min: 1 / 64, max: 64, noNaN: true }),
  rotationDeg: fc.oneof(fc.constantFrom(0, 90, 180, 270), fc.double({ min: 0, max: 360, noNaN: true })),
  isMirrored: fc.boolean(),
});
const places = fc.record({
  x: fc.double({ min: 0, max: 800, noNaN: true }),
  y: fc.double({ min: 0, max: 600, noNaN: true }),
});

describe('the camera', () => {
  it('puts the centre of the first pixel at (0, 0): half a pixel inside the corner of the image', () => {
    const camera = fitCamera({ width: 80, height: 60 }, viewport);
    expect(camera).toEqual({ x: 39.5, y: 29.5, zoom: 10 });
    // Lower left corner of the pane is the lower left corner of the image: (-0.5, -0.5).
    expect(toImage(camera, viewport, { x: 0, y: 600 })).toEqual({ x: -0.5, y: -0.5 });
    // Five screen pixels further is the middle of the first pixel.
    expect(toImage(camera, viewport, { x: 5, y: 595 })).toEqual({ x: 0, y: 0 });
  });

  it('gives a pixel everything from half a pixel before its centre up to half a pixel after', () => {
    expect(pixelAt({ x: -0.5, y: 0.4999 })).toEqual({ x: 0, y: 0 });
    expect(pixelAt({ x: 0.5, y: -0.5001 })).toEqual({ x: 1, y: -1 });
  });

  it('has y up: the top of the pane shows larger y', () => {
    const camera = { x: 0, y: 0, zoom: 1 };
    expect(toImage(camera, viewport, { x: 400, y: 0 }).y).toBe(300);
  });

  it('goes to the image and back without a trace, to a millionth of a pixel at any zoom', () => {
    fc.assert(
      fc.property(cameras, places, (camera, place) => {
        const back = toScreen(camera, viewport, toImage(camera, viewport, place));
        expect(Math.hypot(back.x - place.x, back.y - place.y)).toBeLessThan(1e-6);
      }),
    );
  });

  it('keeps what is under the pointer there while it zooms', () => {
    fc.assert(
      fc.property(cameras, places, fc.double({ min: 0.2, max: 5, noNaN: true }), (camera, place, factor) => {
        const before = toImage(camera, viewport, place);
        const zoomed = zoomAt(camera, viewport, place, factor);
        const after = toScreen(zoomed, viewport, before);
        expect(Math.hypot(after.x - place.x, after.y - place.y)).toBeLessThan(1e-5);
      }),
    );
  });

  it('does not zoom past its closest', () => {
    expect(zoomAt({ x: 0, y: 0, zoom: MAX_ZOOM }, viewport, { x: 1, y: 1 }, 2).zoom).toBe(MAX_ZOOM);
  });

  it('moves the image with the hand', () => {
    const camera = { x: 100, y: 100, zoom: 2 };
    const grabbed = toImage(camera, viewport, { x: 10, y: 20 });
    const moved = panBy(camera, 30, -40);
    expect(toScreen(moved, viewport, grabbed)).toEqual({ x: 40, y: -20 });
  });

  it('cannot lose the image', () => {
    const kept = keepOnImage({ x: -900, y: 5000, zoom: 1 }, { width: 100, height: 50 });
    expect(kept).toEqual({ x: -0.5, y: 49.5, zoom: 1 });
  });

  it('fills a pane with image near an edge, and centres an image that is smaller', () => {
    const image = { width: 1000, height: 100 };
    const filled = fillPane({ x: 3, y: 90, zoom: 2 }, image, { width: 400, height: 400 });
    expect(filled).toEqual({ x: 99.5, y: 49.5, zoom: 2 });
    expect(toImage(filled, { width: 400, height: 400 }, { x: 0, y: 0 }).x).toBe(-0.5);
    expect(fillPane({ x: 500, y: 90, zoom: 2 }, image, { width: 400, height: 40 }).x).toBe(500);
  });

  it('fits small images by whole factors, so that every pixel has the same size', () => {
    expect(fitWhole({ width: 63, height: 63 }, { width: 347, height: 400 }).zoom).toBe(5);
    expect(fitWhole({ width: 6300, height: 63 }, { width: 630, height: 400 }).zoom).toBeCloseTo(0.1, 12);
  });

  it('reads the coarsest level whose pixels are not larger than those of the screen', () => {
    expect([2, 1, 0.9, 0.51, 0.5, 0.25, 0.24, 0.001].map((zoom) => levelFor(zoom, 5))).toEqual([
      0, 0, 0, 0, 1, 2, 2, 4,
    ]);
  });

  it('writes the zoom as a ratio', () => {
    expect([1, 8, 2.5, 0.25, 0.1, 1 / 13].map(formatZoom)).toEqual([
      '1:1',
      '8:1',
      '2.5:1',
      '1:4',
      '1:10',
      '1:13',
    ]);
  });
});

describe('a turned image', () => {
  const camera = { x: 10, y: 20, zoom: 2 };
  const at = (turned: Camera, x: number, y: number): number[] => {
    const screen = toScreen(turned, viewport, { x, y });
    // Right and up from the middle of the pane.
    return [screen.x - 400, 300 - screen.y].map((value) => Math.round(value * 1e6) / 1e6 + 0);
  };

  it('turns counterclockwise on the screen', () => {
    expect(at(rotateBy(camera, 90), 11, 20)).toEqual([0, 2]);
    expect(at(rotateBy(camera, 90), 10, 21)).toEqual([-2, 0]);
    expect(at(rotateBy(rotateBy(camera, 270), 270), 11, 20)).toEqual([-2, 0]);
  });

  it('is flipped about the axes of the screen, however it is turned', () => {
    for (const rotationDeg of [0, 30, 90, 200]) {
      const turned = { ...camera, rotationDeg };
      const [right, up] = at(turned, 13, 17) as [number, number];
      expect(at(flip(turned, 'x'), 13, 17)).toEqual([expect.closeTo(-right, 5), expect.closeTo(up, 5)]);
      expect(at(flip(turned, 'y'), 13, 17)).toEqual([expect.closeTo(right, 5), expect.closeTo(-up, 5)]);
      expect(flip(flip(turned, 'y'), 'y')).toEqual({ ...turned, isMirrored: false });
    }
  });

  it('has north up and east on the side that is asked for, from any orientation of the sky', () => {
    const angles = fc.double({ min: -180, max: 180, noNaN: true });
    fc.assert(
      fc.property(cameras, angles, fc.boolean(), (start, degrees, isSkyLike) => {
        const [cosine, sine] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
        const north = [cosine, sine] as const;
        const east = isSkyLike ? ([-sine, cosine] as const) : ([sine, -cosine] as const);
        for (const side of ['left', 'right'] as const) {
          const up = northUp(start, { north, east }, side);
          const [a, b, c, d] = turnOf(up);
          expect(a * north[0] + b * north[1]).toBeCloseTo(0, 6);
          expect(c * north[0] + d * north[1]).toBeCloseTo(1, 6);
          expect(a * east[0] + b * east[1]).toBeCloseTo(side === 'left' ? -1 : 1, 6);
        }
      }),
    );
  });

  it('fits as it lies, and its box holds all corners of the pane', () => {
    const turned = fitCamera({ width: 80, height: 60 }, viewport, { rotationDeg: 90 });
    expect(turned).toMatchObject({ x: 39.5, y: 29.5, zoom: 7.5, rotationDeg: 90 });
    const box = visibleBox({ x: 0, y: 0, zoom: 1, rotationDeg: 30 }, viewport);
    for (const corner of [
      { x: 0, y: 0 },
      { x: 800, y: 0 },
      { x: 0, y: 600 },
    ]) {
      const { x, y } = toImage({ x: 0, y: 0, zoom: 1, rotationDeg: 30 }, viewport, corner);
      expect(x >= box.left - 1e-9 && x <= box.right + 1e-9).toBe(true);
      expect(y >= box.bottom - 1e-9 && y <= box.top + 1e-9).toBe(true);
    }
  });
});
