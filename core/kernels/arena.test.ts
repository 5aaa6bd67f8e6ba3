import { afterEach, describe, expect, it } from 'vitest';
import {
  irfft2,
  kernelMemoryBytes,
  makePlane,
  medianFilter,
  releaseKernelMemory,
  rfft2,
  withArena,
} from './index.ts';

afterEach(() => releaseKernelMemory());

describe('withArena', () => {
  it('frees all at the end, also when the work throws: memory does not grow with repetition', () => {
    const plane = makePlane(512, 512);
    irfft2(rfft2(plane));
    medianFilter(plane, 5);
    const bytes = kernelMemoryBytes();
    for (let i = 0; i < 20; i++) {
      irfft2(rfft2(plane));
      medianFilter(plane, 5);
      expect(() =>
        withArena((arena) => {
          arena.plane(256, 256);
          throw new Error('stop');
        }),
      ).toThrow('stop');
    }
    expect(kernelMemoryBytes()).toBe(bytes);
  });

  it('keeps planes readable when the memory grows under them', () => {
    withArena((arena) => {
      const small = arena.plane(4, 1);
      small.data.set([1, 2, 3, 4]);
      const before = kernelMemoryBytes();
      arena.plane(4096, 1024);
      expect(kernelMemoryBytes()).toBeGreaterThan(before);
      expect([...small.data]).toEqual([1, 2, 3, 4]);
    });
  });

  it('gives neighbours that do not overlap', () => {
    withArena((arena) => {
      const planes = Array.from({ length: 10 }, (_, i) => {
        const plane = arena.plane(5 + i, 3);
        plane.data.fill(i);
        return plane;
      });
      planes.forEach((plane, i) => {
        expect([...plane.data]).toEqual(new Array((5 + i) * 3).fill(i));
      });
    });
  });

  it('takes kernels on its planes as on any others', () => {
    const plane = makePlane(30, 20);
    plane.data.forEach((_, i) => {
      plane.data[i] = (i * 7919) % 101;
    });
    withArena((arena) => {
      const out = medianFilter(arena.hold(plane), 3, arena.plane(30, 20));
      expect([...out.data]).toEqual([...medianFilter(plane, 3).data]);
    });
  });
});

describe('releaseKernelMemory', () => {
  it('gives memory back and lets kernels start anew', () => {
    withArena((arena) => arena.plane(2048, 2048));
    expect(kernelMemoryBytes()).toBeGreaterThan(16e6);
    releaseKernelMemory();
    expect(kernelMemoryBytes()).toBeLessThan(1e6);
  });

  it('refuses while an arena is in use', () => {
    withArena((arena) => {
      arena.plane(8, 8);
      expect(() => releaseKernelMemory()).toThrow(RangeError);
    });
  });
});
