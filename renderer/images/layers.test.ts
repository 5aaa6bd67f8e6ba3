import { afterEach, expect, it } from 'vitest';
import { MASK_BITS } from '../../core/api/contract/index.ts';
import { MaskBit } from '../../core/domains/observations/index.ts';
import {
  chooseInLayers,
  describeMover,
  describeStar,
  describeVetoed,
  findInLayers,
  placeOnImage,
  toggleMaskBit,
  toggleTable,
  useLayers,
} from './layers.ts';

const start = useLayers.getState();
afterEach(() => useLayers.setState(start, true));

const LOOK = { shape: 'strokes', tone: 'accent' } as const;
const findPixel = (raDeg: number, decDeg: number) =>
  decDeg > 80 ? undefined : { x: raDeg * 10, y: decDeg * 10 };

it('places rows on the image and leaves out what lies beside it or has no place', async () => {
  const places = { raDeg: [1, null, -1, 9.9, 12, 5], decDeg: [2, 3, 2, 4.9, 1, 85] };
  const markers = await placeOnImage(places, findPixel, { width: 100, height: 50 }, 'star/0/', LOOK);
  expect(markers.map(({ id, x, y }) => [id, x, y])).toEqual([
    ['star/0/0', 10, 20],
    ['star/0/3', 99, 49],
  ]);
});

it('places long lists in pieces, and stops when nobody waits for them any more', async () => {
  const places = { raDeg: Array<number>(5000).fill(1), decDeg: Array<number>(5000).fill(1) };
  const size = { width: 100, height: 50 };
  expect(await placeOnImage(places, findPixel, size, 's/', LOOK)).toHaveLength(5000);
  const stop = new AbortController();
  const placing = placeOnImage(places, findPixel, size, 's/', LOOK, stop.signal);
  stop.abort();
  await expect(placing).rejects.toThrow();
});

it('finds the nearest marker of all lists, and lights up one only', () => {
  const list = (id: string, x: number) => [{ id, x, y: 0, ...LOOK, isSelected: false }];
  useLayers.setState({ lists: [list('a', 10), list('b', 13)] });
  expect(findInLayers({ x: 12, y: 0 }, 5)?.id).toBe('b');
  expect(findInLayers({ x: 30, y: 0 }, 5)).toBeUndefined();
  chooseInLayers(findInLayers({ x: 10, y: 1 }, 5));
  expect(useLayers.getState().chosen?.list[0]).toMatchObject({ id: 'a', isSelected: true });
  chooseInLayers(undefined);
  expect(useLayers.getState().chosen).toBeUndefined();
});

it('switches planes of the mask and tables one by one', () => {
  toggleMaskBit(1);
  toggleMaskBit(4);
  expect(useLayers.getState().maskBits).toBe(MaskBit.SAT | MaskBit.NO_DATA);
  toggleMaskBit(1);
  expect(useLayers.getState().maskBits).toBe(MaskBit.NO_DATA);
  toggleTable('t');
  expect(useLayers.getState().tables).toEqual(['t']);
  toggleTable('t');
  expect(useLayers.getState().tables).toEqual([]);
});

it('names the planes of the mask by their bits', () => {
  MASK_BITS.forEach((name, bit) => {
    expect(MaskBit[name]).toBe(1 << bit);
  });
});

it('says of a star what its catalogue knows', () => {
  const catalog = {
    name: 'gaia',
    band: 'G',
    isCut: false,
    raDeg: [],
    decDeg: [],
    ids: ['7', '8'],
    mag: [12.345, null],
  };
  expect(describeStar(catalog, 0)).toBe('gaia 7 G 12.35');
  expect(describeStar(catalog, 1)).toBe('gaia 8');
});

it('says of a known body which it is, how bright and how fast, and of a vetoed detection why', () => {
  const ceres = {
    name: 'Ceres',
    number: 1,
    kind: 'Dwarf planet',
    raDeg: 1,
    decDeg: 2,
    mag: 7.61,
    errArcsec: 0.012,
    raRateArcsecPerHour: 30,
    decRateArcsecPerHour: -40,
  };
  expect(describeMover(ceres)).toBe('(1) Ceres  Dwarf planet  V 7.6  50.0″/h  ± 0.01″');
  expect(describeMover({ name: '2019 RB21', kind: '', raDeg: 1, decDeg: 2 })).toBe('2019 RB21');
  const vetoes = [{ rule: 'edge', reason: 'it touches the edge' }];
  expect(describeVetoed({ snr: 6.24, vetoes })).toBe('vetoed, S/N 6.2: it touches the edge');
});
