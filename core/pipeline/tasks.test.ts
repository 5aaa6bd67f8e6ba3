import { afterEach, expect, test, vi } from 'vitest';
import { LARGE_IMAGE_PX, largestImagePx, serveTasks } from './tasks.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const image = (side: number) => ({ width: side, height: side, path: 'somewhere' });
const entry = serveTasks([{ name: 'test.look', litterBytes: 32 << 20, run: () => 'seen' }]);

test('an image is found wherever a message speaks of it, and lists are not searched', () => {
  expect(largestImagePx({ exposure: { pixels: image(100) }, stamp: image(10) })).toBe(10_000);
  expect(largestImagePx({ stars: [image(100)], pixels: new Float32Array(9), name: 'a', none: null })).toBe(0);
  expect(largestImagePx(undefined)).toBe(0);
});

test('a thread collects every 64 MB that tasks on large images leave, on small ones when it has waited', async () => {
  vi.useFakeTimers();
  const gc = vi.fn();
  vi.stubGlobal('gc', gc);
  const look = async (side: number, times: number) => {
    for (let k = 0; k < times; k++) {
      expect(await entry({ name: 'test.look', input: { science: image(side) } })).toMatchObject({ ok: true });
      await vi.advanceTimersByTimeAsync(1);
    }
  };
  await look(Math.sqrt(LARGE_IMAGE_PX) + 1, 4);
  expect(gc).toHaveBeenCalledTimes(2);
  await look(1024, 20);
  expect(gc).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(gc).toHaveBeenCalledTimes(3);
});
