import { describe, expect, it } from 'vitest';
import type { RegionFrame, RegionGeometry } from '../../../core/api/contract/index.ts';
import { boundsOf, containsPoint, hasArea } from './contain-point.ts';
import { outlineRegion } from './outline-region.ts';
import {
  addRegion,
  changeRegion,
  EMPTY_HISTORY,
  exportRegions,
  importRegions,
  recordChange,
  redoChange,
  regionsOf,
  removeRegion,
  setProperty,
  undoChange,
} from './region-document.ts';
import {
  addVertex,
  DRAWN_SHAPES,
  distanceTo,
  dragHandle,
  drawRegion,
  handlesOf,
  moveRegion,
} from './shape-region.ts';

const makeIds = () => {
  let n = 0;
  return () => `r${n++}`;
};

/** One degree a pixel is no telescope, but numbers are easily seen. */
const FRAME: RegionFrame = {
  sky: {
    toPixel: (raDeg, decDeg) => ({ x: (10 - raDeg) * 100, y: decDeg * 100 }),
    toSky: (x, y) => ({ raDeg: 10 - x / 100, decDeg: y / 100 }),
  },
};

const FILE = `# Region file format: DS9 version 4.1
# made by hand
global color=cyan width=2
image
circle(11,21,5) # text={one}
hexagon(1,2,3)
icrs
-box(9.9,0.2,36",72",0) # tag={a} tag={b}
detector
circle(1,2,3)
`;

describe('a region file on an image', () => {
  const read = () => importRegions(FILE, FRAME, makeIds());

  it('is drawn where it can be, and the rest is counted and kept', () => {
    const { entries, placed, unplaced } = read();
    expect([placed, unplaced]).toEqual([2, 2]);
    const [circle, box] = regionsOf({ entries, selectedId: undefined });
    expect(circle!.geometry).toEqual({ kind: 'circle', centre: { x: 10, y: 20 }, radius: 5 });
    expect(box!.geometry).toMatchObject({
      kind: 'box',
      axes: [{ a: expect.closeTo(1, 3), b: expect.closeTo(2, 3) }],
    });
    expect(box!.dress.isExcluded).toBe(true);
  });

  it('goes out as it came in', () => {
    const { entries } = read();
    expect(exportRegions({ entries, selectedId: undefined }, FRAME, 'as-read')).toBe(FILE);
  });

  it('changes only the shape that was changed', () => {
    const { entries } = read();
    const [circle] = regionsOf({ entries, selectedId: undefined });
    const moved = changeRegion({ entries, selectedId: undefined }, circle!.id, {
      geometry: moveRegion(circle!.geometry, 1, 2),
    });
    expect(exportRegions(moved, FRAME, 'as-read')).toBe(FILE.replace('circle(11,21,5)', 'circle(12,23,5)'));
    const red = changeRegion(moved, circle!.id, { dress: setProperty(circle!.dress, 'color', 'red') });
    expect(exportRegions(red, FRAME, 'as-read')).toContain('circle(12,23,5) # text={one} color=red');
  });

  it('can be written in one system, and what has no place stays in its own', () => {
    const text = exportRegions({ entries: read().entries, selectedId: undefined }, FRAME, 'icrs');
    // A degree of right ascension is 6e-6 shorter there than one of declination.
    expect(text).toMatch(/icrs\ncircle\(9\.9,0\.2,179\.999\d+"\) # text=\{one\}/);
    expect(text).toContain('detector\ncircle(1,2,3)');
    const hours = exportRegions(
      { entries: read().entries, selectedId: undefined },
      FRAME,
      'fk5',
      'sexagesimal',
    );
    expect(hours).toMatch(/circle\(0:39:36.0000,\+0:12:00.0000,179.999\d+"\)/);
  });
});

describe('the history of regions', () => {
  const region = (id: string, x: number) =>
    ({ kind: 'region', id, geometry: { kind: 'point', centre: { x, y: 0 } }, dress: {} }) as const;

  it('takes back and does again any number of changes, and forgets the future when something else is done', () => {
    let history = EMPTY_HISTORY;
    for (let i = 0; i < 200; i++)
      history = recordChange(history, addRegion(history.present, region(`p${i}`, i)));
    for (let i = 0; i < 200; i++) history = undoChange(history);
    expect(history.present.entries).toEqual([]);
    expect(undoChange(history)).toEqual(history);
    for (let i = 0; i < 150; i++) history = redoChange(history);
    expect(history.present.entries).toHaveLength(150);
    history = recordChange(history, removeRegion(history.present, 'p3'));
    expect(history.future).toEqual([]);
    expect(history.present.entries.some(({ id }) => id === 'p3')).toBe(false);
    expect(undoChange(history).present.entries).toHaveLength(150);
  });

  it('does not count choosing as a change', () => {
    const one = recordChange(EMPTY_HISTORY, addRegion(EMPTY_HISTORY.present, region('a', 0)));
    const chosen = recordChange(one, { ...one.present, selectedId: undefined });
    expect(chosen.past).toHaveLength(1);
  });
});

const SHAPES: readonly RegionGeometry[] = [
  { kind: 'circle', centre: { x: 50, y: 40 }, radius: 12.5 },
  { kind: 'ellipse', centre: { x: 50, y: 40 }, axes: [{ a: 12, b: 5 }], angleDeg: 33 },
  {
    kind: 'ellipse',
    centre: { x: 50, y: 40 },
    axes: [
      { a: 6, b: 3 },
      { a: 12, b: 6 },
    ],
    angleDeg: 33,
  },
  {
    kind: 'box',
    centre: { x: 50, y: 40 },
    axes: [
      { a: 12, b: 5 },
      { a: 24, b: 10 },
    ],
    angleDeg: 350,
  },
  { kind: 'annulus', centre: { x: 50, y: 40 }, radii: [3, 5, 8] },
  {
    kind: 'panda',
    centre: { x: 50, y: 40 },
    inner: { a: 3, b: 3 },
    outer: { a: 9, b: 9 },
    rings: 2,
    startDeg: 300,
    stopDeg: 100,
    wedges: 3,
    angleDeg: 0,
  },
  {
    kind: 'bpanda',
    centre: { x: 50, y: 40 },
    inner: { a: 4, b: 4 },
    outer: { a: 18, b: 12 },
    rings: 2,
    startDeg: 10,
    stopDeg: 200,
    wedges: 3,
    angleDeg: 45,
  },
  {
    kind: 'polygon',
    points: [
      { x: 40, y: 30 },
      { x: 60, y: 32 },
      { x: 55, y: 52 },
      { x: 50, y: 38 },
    ],
  },
];

describe('a shape', () => {
  it.each(SHAPES.map((shape) => [shape.kind, shape] as const))(
    '%s holds what lies inside its outline and nothing else',
    (_, shape) => {
      const box = boundsOf(shape)!;
      expect(hasArea(shape)).toBe(true);
      let inside = 0;
      for (let y = Math.floor(box.bottom) - 2; y < box.top + 2; y++) {
        for (let x = Math.floor(box.left) - 2; x < box.right + 2; x++) {
          if (!containsPoint(shape, x, y)) continue;
          inside++;
          expect(
            x >= box.left - 1e-9 && x <= box.right + 1e-9 && y >= box.bottom - 1e-9 && y <= box.top + 1e-9,
          ).toBe(true);
        }
      }
      expect(inside).toBeGreaterThan(10);
      // Just beside the outline the two sides differ, except along lines within a ring or wedge.
      const first = outlineRegion(shape)[0]!;
      const [p, q] = [first[4 % (first.length - 1)]!, first[(4 % (first.length - 1)) + 1]!];
      const middle = { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2 };
      const [nx, ny] = [(q.y - p.y) * 0.05, -(q.x - p.x) * 0.05];
      expect(containsPoint(shape, middle.x + nx, middle.y + ny)).not.toBe(
        containsPoint(shape, middle.x - nx, middle.y - ny),
      );
      expect(distanceTo(shape, middle)).toBeLessThan(0.01);
    },
  );

  it('with rings is hollow', () => {
    expect(containsPoint(SHAPES[2]!, 50, 40)).toBe(false);
    expect(containsPoint(SHAPES[4]!, 50, 44)).toBe(true);
    expect(containsPoint(SHAPES[4]!, 50, 42)).toBe(false);
  });

  it.each(DRAWN_SHAPES)('%s is drawn by a drag or a click, and moves with all its handles', (kind) => {
    for (const end of [
      { x: 30, y: 25 },
      { x: 10, y: 10 },
    ]) {
      const shape = drawRegion(kind, { x: 10, y: 10 }, end, 8);
      expect(shape.kind).toBe(kind);
      const moved = moveRegion(shape, 3, -2);
      handlesOf(moved).forEach(({ at, id }, i) => {
        const before = handlesOf(shape)[i]!;
        expect(id).toBe(before.id);
        expect(at.x).toBeCloseTo(before.at.x + 3, 9);
        expect(at.y).toBeCloseTo(before.at.y - 2, 9);
      });
      expect(distanceTo(moved, { x: 13, y: 8 }, true)).toBeLessThan(25);
    }
  });

  it('follows the handle that is taken', () => {
    for (const kind of DRAWN_SHAPES) {
      const shape = drawRegion(kind, { x: 10, y: 10 }, { x: 30, y: 25 }, 8);
      for (const { id, at } of handlesOf(shape)) {
        if (id === 'turn') continue;
        const same = handlesOf(dragHandle(shape, id, at)).filter((handle) => handle.id === id);
        expect(
          Math.min(...same.map((h) => Math.hypot(h.at.x - at.x, h.at.y - at.y))),
          `${kind} ${id}`,
        ).toBeLessThan(1e-9);
      }
    }
    const circle = drawRegion('circle', { x: 10, y: 10 }, { x: 13, y: 14 }, 8);
    expect(dragHandle(circle, 'radius-0', { x: 10, y: 22 })).toMatchObject({ radius: 12 });
    const box = dragHandle(drawRegion('box', { x: 0, y: 0 }, { x: 8, y: 4 }, 8), 'turn', { x: 4, y: 50 });
    expect(box).toMatchObject({ angleDeg: 90 });
    const polygon = drawRegion('polygon', { x: 0, y: 0 }, { x: 8, y: 4 }, 8) as Extract<
      RegionGeometry,
      { points: unknown }
    >;
    expect(addVertex(polygon, { x: 8.5, y: 2 })).toMatchObject({
      points: [{}, {}, { x: 8.5, y: 2 }, {}, {}],
    });
  });
});
