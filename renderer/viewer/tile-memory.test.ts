import { describe, expect, it } from 'vitest';
import { TileMemory } from './tile-memory.ts';

const tile = (value: number) => ({
  data: new Float32Array(25).fill(value),
  offset: 0,
  rowLength: 5,
  width: 5,
  height: 5,
});

describe('tiles in memory', () => {
  it('forget first what was shown longest ago, then what lies beside what is shown, and never what is shown', () => {
    const memory = new TileMemory(400);
    const pane = {};
    for (const key of ['a/1', 'a/2']) memory.put(key, tile(0));
    memory.put('a/beside', tile(0));
    memory.put('a/shown', tile(0));
    memory.show(pane, new Set(['a/shown']), new Set(['a/beside']));
    memory.get('a/1');
    expect(memory.bytes).toEqual({ visible: 100, prefetch: 100, recent: 200 });
    memory.put('a/3', tile(0));
    expect(['a/1', 'a/2', 'a/beside', 'a/shown', 'a/3'].filter((key) => memory.has(key))).toEqual([
      'a/1',
      'a/beside',
      'a/shown',
      'a/3',
    ]);
    memory.show({}, new Set(['a/1', 'a/3', 'a/4', 'a/5']));
    memory.put('a/4', tile(0));
    expect(memory.has('a/beside')).toBe(false);
    // More is shown than the budget holds: it is kept all the same.
    memory.put('a/5', tile(0));
    expect(memory.bytes).toEqual({ visible: 500, prefetch: 0, recent: 0 });
    memory.show(pane, new Set());
    memory.put('a/6', tile(0));
    expect(memory.has('a/shown')).toBe(false);
  });

  it('of one plane are forgotten together', () => {
    const memory = new TileMemory(1000);
    memory.put('a/1', tile(1));
    memory.put('b/1', tile(2));
    memory.drop('a/');
    expect([memory.get('a/1'), memory.get('b/1')?.data[0]]).toEqual([undefined, 2]);
    expect(memory.bytes.recent).toBe(100);
  });
});
