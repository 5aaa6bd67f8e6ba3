import { describe, expect, it } from 'vitest';
import { makeSource } from './make-source.ts';
import { fillPageTable, PAGE_TABLE_SIZE, planTiles, tileKey } from './plan-tiles.ts';

const source = makeSource('s', new Float32Array(1100 * 600), 1100, 600);
const viewport = { width: 400, height: 300 };

describe('the tiles of a view', () => {
  it('are all of the coarse level when the whole image is in view', () => {
    const plan = planTiles(source, { x: 549.5, y: 299.5, zoom: 0.25 }, viewport);
    expect(plan).toEqual({ level: 2, x0: 0, y0: 0, columns: 2, rows: 1 });
  });

  it('are those around the middle when magnified, with one pixel to spare', () => {
    expect(planTiles(source, { x: 300, y: 300, zoom: 8 }, viewport)).toEqual({
      level: 0,
      x0: 1,
      y0: 1,
      columns: 1,
      rows: 1,
    });
    // The right edge of the view is pixel 255.9: the next tile starts within the margin.
    expect(planTiles(source, { x: 205.4, y: 300, zoom: 4 }, viewport).columns).toBe(2);
  });

  it('are none when the image is out of view', () => {
    expect(planTiles(source, { x: -5000, y: 0, zoom: 1 }, viewport).columns).toBe(0);
  });
});

describe('the page table', () => {
  it('points at resident tiles, at coarser ones where they are missing, and lists what is missing from the middle', () => {
    const plan = planTiles(source, { x: 549.5, y: 299.5, zoom: 1 }, { width: 1100, height: 600 });
    expect([plan.columns, plan.rows]).toEqual([5, 3]);
    const resident = new Map([
      [tileKey(source, 0, 0, 0), { index: 7 }],
      [tileKey(source, 3, 0, 0), { index: 0 }],
    ]);
    const table = new Uint32Array(PAGE_TABLE_SIZE ** 2);
    const { missing, coarsest } = fillPageTable(source, plan, (key) => resident.get(key), table);
    expect(coarsest).toBe(3);
    expect(table[0]).toBe(8);
    expect(table[1]).toBe(1 | (3 << 16));
    expect(missing).toHaveLength(14);
    expect(missing[0]).toEqual({ level: 0, x: 2, y: 1 });
  });

  it('says nothing is there when nothing is', () => {
    const plan = planTiles(source, { x: 100, y: 100, zoom: 1 }, viewport);
    const table = new Uint32Array(PAGE_TABLE_SIZE ** 2).fill(9);
    fillPageTable(source, plan, () => undefined, table);
    expect(table[0]).toBe(0);
  });
});
