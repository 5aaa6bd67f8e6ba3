import { afterEach, describe, expect, it } from 'vitest';
import {
  dropIdlePlanes,
  giveBackPlanes,
  giveBackPlanesOf,
  lendMaskPlane,
  lendPlane,
  makeMaskPlane,
  makePlane,
} from './plane.ts';
import {
  addIdleMemory,
  spoilIdleMemory,
  takeBytesMade,
  takeIdleMemory,
  takeSizesAsked,
} from './plane-memory.ts';

describe('planes that are given back', () => {
  afterEach(() => {
    spoilIdleMemory(false);
    dropIdlePlanes();
  });

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

  it('are never lent twice at once, under whatever name another thread knows their memory', () => {
    const plane = lendPlane(8, 8);
    // As structured clone does, which gives the same memory another object.
    const alias = structuredClone(plane);
    expect(alias.data.buffer).not.toBe(plane.data.buffer);
    plane.data[3] = 7;
    expect(alias.data[3]).toBe(7);
    giveBackPlanes([plane]);
    giveBackPlanes([alias]);
    const [a, b] = [lendPlane(8, 8), lendPlane(8, 8)];
    a.data.fill(1);
    b.data.fill(2);
    expect(a.data.every((value) => value === 1)).toBe(true);
  });

  it('are clear for who asks for zeros, and not a number for who still looks at them in a test', () => {
    spoilIdleMemory(true);
    const [plane, mask] = [makePlane(16, 16), makeMaskPlane(16, 16)];
    giveBackPlanesOf({ image: { plane }, mask, list: [lendPlane(16, 16)] });
    expect(plane.data.every(Number.isNaN)).toBe(true);
    expect(mask.data.every((bits) => bits === 0xffff)).toBe(true);
    const again = [makePlane(16, 16), makeMaskPlane(16, 16)];
    expect(again.map(({ data }) => data.buffer)).toEqual([plane.data.buffer, mask.data.buffer]);
    expect(again.every(({ data }) => data.every((value) => value === 0))).toBe(true);
  });

  it('go to another thread and come back', () => {
    takeSizesAsked();
    const plane = lendPlane(1024, 512);
    giveBackPlanes([plane]);
    const sizes = takeSizesAsked();
    const [buffer] = takeIdleMemory(sizes);
    expect(buffer).toBe(plane.data.buffer);
    expect(lendPlane(1024, 512).data.buffer).not.toBe(buffer);
    giveBackPlanes([lendPlane(8, 8)]);
    expect(takeIdleMemory()).toEqual([]);
    addIdleMemory([buffer!]);
    expect(lendMaskPlane(1024, 1024).data.buffer).toBe(buffer);
  });

  it('are kept up to a bound, the latest', () => {
    const side = 2048;
    const planes = Array.from({ length: 17 }, () => lendPlane(side, side));
    giveBackPlanes(planes);
    const again = new Set(planes.map(() => lendPlane(side, side).data.buffer));
    const kept = planes.map(({ data }) => again.has(data.buffer));
    expect(kept).toEqual([false, false, ...Array(15).fill(true)]);
  });
});
