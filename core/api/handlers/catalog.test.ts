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
