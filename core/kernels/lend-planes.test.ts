import { afterEach, describe, expect, it } from 'vitest';
import { dropIdlePlanes, giveBackPlanes, lendMaskPlane, lendPlane } from './lend-planes.ts';
import { takeBytesMade } from './plane.ts';

describe('planes that are given back', () => {
  afterEach(dropIdlePlanes);

  it('are lent again to who needs their size, and count as made once', () => {
    takeBytesMade();
    const first = lendPlane(30, 20);
    giveBackPlanes([first]);
    const second = lendPlane(20, 30);
    expect(second.data.buffer).toBe(first.data.buffer);
    expect([second.width, second.height, second.data.length]).toEqual([20, 30, 600]);
    expect(takeBytesMade()).toBe(2400);
  });

  it('are never lent twice at once, even if they were given back twice', () => {
    const plane = lendPlane(8, 8);
    giveBackPlanes([plane, plane]);
    giveBackPlanes([plane]);
    const [a, b] = [lendPlane(8, 8), lendMaskPlane(16, 8)];
    expect(a.data.buffer).toBe(plane.data.buffer);
    expect(b.data.buffer).not.toBe(a.data.buffer);
  });

  it('serve masks as well as floats', () => {
    const plane = lendPlane(4, 4);
    giveBackPlanes([plane]);
    expect(lendMaskPlane(8, 4).data.buffer).toBe(plane.data.buffer);
  });

  it('are left alone where they are only a part of what lies in their memory, or not shared', () => {
    const shared = new Float32Array(new SharedArrayBuffer(128), 0, 16);
    const own = new Float32Array(16);
    giveBackPlanes([shared, own].map((data) => ({ width: 4, height: 4, data })));
    expect(lendPlane(4, 4).data.buffer).not.toBe(own.buffer);
    expect(lendPlane(8, 4).data.buffer).not.toBe(shared.buffer);
  });

  it('are kept up to a bound, the latest', () => {
    const side = 2048;
    const planes = Array.from({ length: 7 }, () => lendPlane(side, side));
    giveBackPlanes(planes);
    const again = new Set(planes.map(() => lendPlane(side, side).data.buffer));
    const kept = planes.map(({ data }) => again.has(data.buffer));
    expect(kept).toEqual([false, true, true, true, true, true, true]);
  });
});
