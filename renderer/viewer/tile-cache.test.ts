import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TILE_BYTES, TileCache } from './tile-cache.ts';

const cacheOf = (tiles: number): TileCache => new TileCache(tiles * TILE_BYTES);

describe('the tile cache', () => {
  it('gives every tile a slot of its own until the budget is full', () => {
    const cache = cacheOf(3);
    cache.beginFrame();
    const slots = ['a', 'b', 'c'].map((key) => cache.reserve(key)!.index);
    expect(new Set(slots)).toEqual(new Set([0, 1, 2]));
    expect(cache.residentBytes).toBe(3 * TILE_BYTES);
  });

  it('gives up the tile that was not used for longest', () => {
    const cache = cacheOf(2);
    cache.beginFrame();
    cache.reserve('old');
    cache.reserve('older');
    cache.beginFrame();
    const kept = cache.touch('old');
    cache.beginFrame();
    cache.reserve('new');
    expect(cache.touch('older')).toBeUndefined();
    expect(cache.touch('old')).toEqual(kept);
  });

  it('refuses rather than evict a tile of the frame being drawn', () => {
    const cache = cacheOf(2);
    cache.beginFrame();
    cache.reserve('a');
    cache.reserve('b');
    expect(cache.reserve('c')).toBeUndefined();
    expect(cache.has('a') && cache.has('b')).toBe(true);
    cache.beginFrame();
    cache.touch('a');
    expect(cache.reserve('c')).toBeDefined();
    expect(cache.has('b')).toBe(false);
  });

  it('forgets an image with all its tiles and uses their slots again', () => {
    const cache = cacheOf(2);
    cache.beginFrame();
    cache.reserve('x/0/0/0');
    cache.reserve('xy/0/0/0');
    cache.drop('x/');
    expect(cache.has('xy/0/0/0')).toBe(true);
    expect(cache.reserve('z')?.index).toBe(0);
  });

  it('never holds two tiles in one slot nor more than its budget, whatever is asked', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (asked) => {
        const cache = cacheOf(5);
        const holder = new Map<number, string>();
        for (const [tile, newFrame] of asked) {
          if (newFrame) cache.beginFrame();
          const key = `t${tile}`;
          const resident = cache.touch(key);
          if (resident !== undefined) {
            expect(holder.get(resident.index)).toBe(key);
            continue;
          }
          const slot = cache.reserve(key);
          if (slot !== undefined) holder.set(slot.index, key);
          expect(slot === undefined || slot.index < 5).toBe(true);
        }
        expect(cache.residentBytes).toBeLessThanOrEqual(5 * TILE_BYTES);
      }),
    );
  });
});
