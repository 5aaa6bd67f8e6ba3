import { expect, test } from 'vitest';
import { openWorkstation } from '../../../tests/support/open-workstation.ts';
import type { ReferenceStars } from '../../domains/catalog/index.ts';

const STARS: ReferenceStars = {
  count: 4,
  epochYr: 2016,
  raDeg: Float64Array.of(10.1, 10.2, 10.3, 10.4),
  decDeg: Float64Array.of(0.1, 0.2, 0.3, 0.4),
  pmRaMasYr: new Float32Array(4),
  pmDecMasYr: new Float32Array(4),
  bands: [
    { band: 'z', mag: new Float32Array(4).fill(Number.NaN), magErr: new Float32Array(4) },
    { band: 'G', mag: Float32Array.of(18, Number.NaN, 0, 12), magErr: new Float32Array(4) },
  ],
  isVariable: new Uint8Array(4),
  ids: ['a', 'b', 'c', 'd'],
};

test("stars over a run's image come brightest first, of the circle around its sky, and say what was left out", async () => {
  const asked: unknown[] = [];
  const { fetch, seed } = await openWorkstation({
    change: (services) => ({
      ...services,
      starsAround: async (...question) => {
        asked.push(question);
        return [{ name: 'gaia', stars: STARS }];
      },
    }),
  });
  const ask = async (query: string) =>
    (await fetch(new Request(`http://core/api/v1/runs/${seed.doneRunId}/stars${query}`))).json();
  expect(await ask('')).toEqual({
    catalogs: [
      {
        name: 'gaia',
        band: 'G',
        isCut: false,
        ids: ['c', 'd', 'a', 'b'],
        raDeg: [10.3, 10.4, 10.1, 10.2],
        decDeg: [0.3, 0.4, 0.1, 0.2],
        mag: [0, 12, 18, null],
      },
    ],
  });
  // The seeded sky is a square degree: the circle around it reaches its far corners.
  const [[place, radiusDeg]] = asked as [[{ raDeg: number; decDeg: number }, number]];
  expect(place).toEqual({ raDeg: 11, decDeg: 1 });
  expect(radiusDeg).toBeGreaterThan(Math.SQRT2 - 0.001);
  expect((await ask('?limit=2')).catalogs[0]).toMatchObject({ isCut: true, ids: ['c', 'd'] });
});

test('a run without coordinates has no stars', async () => {
  const { fetch, seed } = await openWorkstation();
  const answer = await fetch(new Request(`http://core/api/v1/runs/${seed.failedRunId}/stars`));
  expect(await answer.json()).toEqual({ catalogs: [] });
});

test('colours are those of the stars that rows lie on, and what is drawn on them filters every list and export', async () => {
  // The nth candidate lies at RA 10 + n/1000, Dec 0.5; every other one on a star, the redder the later.
  const on = Array.from({ length: 6 }, (_, k) => 2 * k);
  const stars: ReferenceStars = {
    ...STARS,
    count: 6,
    raDeg: Float64Array.from(on, (n) => 10 + n / 1000),
    decDeg: new Float64Array(6).fill(0.5),
    bands: [
      { band: 'g', mag: Float32Array.from(on, (n) => 18 + n / 8), magErr: new Float32Array(6) },
      { band: 'r', mag: new Float32Array(6).fill(18), magErr: new Float32Array(6) },
    ],
    ids: on.map(String),
  };
  const { fetch } = await openWorkstation({
    change: (services) => ({ ...services, starsAround: async () => [{ name: 'survey', stars }] }),
  });
  const ask = async (path: string) => fetch(new Request(`http://core/api/v1${path}`));
  const found = await (await ask('/catalog/colours/detections')).json();
  expect(found).toMatchObject({ catalogue: 'survey', colourName: 'g - r', band: 'r', catalogues: 1 });
  // Best score first; the vetoed detection has no coordinates.
  expect([found.colour, found.looked, found.total]).toEqual([on.map((n) => n / 8), 12, 13]);
  expect(found.field.colour).toHaveLength(6);

  const points = [
    [0.4, 17],
    [2, 17],
    [2, 19],
    [0.4, 19],
  ];
  const filter = encodeURIComponent(JSON.stringify({ lassos: [{ x: 'colour', y: 'starMag', points }] }));
  const list = await (await ask(`/catalog/detections?filter=${filter}`)).json();
  expect(list.items.map(({ id }: { id: string }) => id)).toEqual(found.ids.slice(2));
  const bins = await (await ask(`/catalog/bins/detections?x=score&filter=${filter}`)).json();
  const file = await (await ask(`/exports/candidates?format=csv&filter=${filter}`)).text();
  expect([list.total, bins.total, file.trim().split('\n').length - 1]).toEqual([4, 4, 4]);
});
