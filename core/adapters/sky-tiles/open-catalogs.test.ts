import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildQuadIndex, type ReferenceStars, starsInCone } from '../../domains/catalog/index.ts';
import { createRandom } from '../../utils/index.ts';
import { openCatalogs } from './index.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  return { ...real, readFile: vi.fn(real.readFile) };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'astrid-catalogs-'));
});
afterEach(() => rm(folder, { recursive: true }));

function drawStars(count: number, raDeg: number, decDeg: number, sideDeg: number, seed = 1): ReferenceStars {
  const random = createRandom(seed);
  const width = sideDeg / Math.cos((decDeg * Math.PI) / 180);
  const numbers = (make: () => number): number[] => Array.from({ length: count }, make);
  return {
    count,
    epochYr: 2016,
    raDeg: Float64Array.from(numbers(() => (raDeg + width * (random.uniform() - 0.5) + 360) % 360)),
    decDeg: Float64Array.from(numbers(() => decDeg + sideDeg * (random.uniform() - 0.5))),
    pmRaMasYr: Float32Array.from(numbers(() => 10 * random.normal())),
    pmDecMasYr: Float32Array.from(numbers(() => 10 * random.normal())),
    bands: [
      {
        band: 'G',
        mag: Float32Array.from(numbers(() => 10 + 10 * random.uniform())),
        magErr: new Float32Array(count).fill(0.01),
      },
    ],
    isVariable: Uint8Array.from(numbers(() => (random.uniform() < 0.1 ? 1 : 0))),
    ids: Array.from({ length: count }, (_, k) => `${seed}-${4_000_000_000_000_000_000n + BigInt(k)}`),
  };
}

describe('reference catalogues on disk', () => {
  test('give back every star of a cone with all it is, whichever tiles it lies on', async () => {
    const stars = drawStars(20_000, 0.2, 41.3, 4);
    const store = openCatalogs(folder);
    await store.add('gaia', 'gaia', stars, 'a.csv');
    const cone = { raDeg: 359.9, decDeg: 41.5, radiusDeg: 0.8 };
    const wanted = starsInCone(stars, cone);
    const found = await store.cone('gaia', cone);
    expect(found.count).toBe(wanted.length);
    const at = new Map(found.ids.map((id, k) => [id, k]));
    for (const k of wanted.slice(0, 200)) {
      const here = at.get(stars.ids[k]!)!;
      expect([
        found.raDeg[here],
        found.decDeg[here],
        found.pmRaMasYr[here],
        found.bands[0]!.mag[here],
        found.isVariable[here],
      ]).toEqual([
        stars.raDeg[k],
        stars.decDeg[k],
        stars.pmRaMasYr[k],
        stars.bands[0]!.mag[k],
        stars.isVariable[k],
      ]);
    }
  });

  test('give the brightest of a cone when asked for a few', async () => {
    const stars = drawStars(3000, 50, -89.7, 1);
    const store = openCatalogs(folder);
    await store.add('gaia', 'gaia', stars, 'a');
    const cone = { raDeg: 50, decDeg: -89.7, radiusDeg: 0.4 };
    const mags = starsInCone(stars, cone).map((k) => stars.bands[0]!.mag[k]!);
    const few = await store.cone('gaia', cone, 50);
    expect(Array.from(few.bands[0]!.mag).sort()).toEqual(
      mags
        .toSorted((a, b) => a - b)
        .slice(0, 50)
        .sort(),
    );
  });

  test('grow by files that overlap without a star twice, and leave one file of tiles behind', async () => {
    const store = openCatalogs(folder);
    const first = drawStars(500, 10, 0, 1, 1);
    await store.add('gaia', 'gaia', first, 'a.csv');
    const again = await store.add('gaia', 'gaia', first, 'a.csv');
    expect([again.count, again.added]).toEqual([500, 0]);
    const more = await store.add('gaia', 'gaia', drawStars(300, 30, 0, 1, 2), 'b.csv');
    expect([more.count, more.added, more.origins]).toEqual([800, 300, ['a.csv', 'b.csv']]);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tiles'))).toHaveLength(1);
    // Another program that opens the folder sees the same.
    expect(await openCatalogs(folder).list()).toMatchObject([{ name: 'gaia', count: 800, bands: ['G'] }]);
  });

  test('take what is added at the same time one after the other, and lose none of it', async () => {
    await openCatalogs(folder).add('gaia', 'gaia', drawStars(1000, 10, 0, 1, 1), 'a');
    const added = await Promise.all(
      [2, 3, 4].map((seed) =>
        openCatalogs(folder).add('gaia', 'gaia', drawStars(100 * seed, 40 * seed, 0, 1, seed), `${seed}`),
      ),
    );
    expect(added.map((one) => one.added)).toEqual([200, 300, 400]);
    expect((await openCatalogs(folder).all('gaia')).count).toBe(1900);
    expect((await openCatalogs(folder).list())[0]!.origins).toHaveLength(4);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tiles'))).toHaveLength(1);
  });

  test('are read while stars are added, as they were or as they are', async () => {
    const store = openCatalogs(folder);
    await store.add('gaia', 'gaia', drawStars(1000, 10, 0, 1, 1), 'a');
    let isAdding = true;
    const adding = (async () => {
      for (let seed = 2; seed < 22; seed++)
        await store.add('gaia', 'gaia', drawStars(20, 40, 0, 1, seed), `${seed}`);
    })().finally(() => {
      isAdding = false;
    });
    const reader = openCatalogs(folder);
    const counts: number[] = [];
    do counts.push((await reader.all('gaia')).count);
    while (isAdding);
    await adding;
    for (const count of counts) expect((count - 1000) % 20).toBe(0);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });

  test('whose older tiles were taken away since they were looked up are read as they are', async () => {
    const store = openCatalogs(folder);
    await store.add('gaia', 'gaia', drawStars(10, 10, 0, 1, 1), 'a');
    const old = await readFile(join(folder, 'gaia.json'), 'utf8');
    await store.add('gaia', 'gaia', drawStars(5, 30, 0, 1, 2), 'b');
    // What a reader finds who looked the catalogue up before the last stars were added.
    vi.mocked(readFile).mockImplementationOnce(async () => old);
    expect((await openCatalogs(folder).all('gaia')).count).toBe(15);
  });

  test('clear away what an interrupted addition left, and nothing of their neighbours', async () => {
    const store = openCatalogs(folder);
    await store.add('gaia', 'gaia', drawStars(10, 10, 0, 1, 1), 'a');
    await store.add('gaia-dr3', 'gaia', drawStars(10, 10, 0, 1, 2), 'a');
    const kept = (await readdir(folder)).sort();
    for (const ending of ['tiles', 'quads'])
      await writeFile(join(folder, `gaia-${'0'.repeat(16)}.${ending}`), '');
    await store.add('gaia', 'gaia', drawStars(10, 10, 0, 1, 1), 'a');
    expect((await readdir(folder)).sort()).toEqual(kept);
    expect((await store.all('gaia-dr3')).count).toBe(10);
  });

  test('have the same address for the same stars in any order of import', async () => {
    const [a, b] = [drawStars(100, 10, 0, 1, 1), drawStars(100, 30, 0, 1, 2)];
    const store = openCatalogs(folder);
    await store.add('one', 'gaia', a, 'a');
    await store.add('one', 'gaia', b, 'b');
    await store.add('two', 'gaia', b, 'b');
    await store.add('two', 'gaia', a, 'a');
    const [one, two] = await store.list();
    expect(one!.sha256).toBe(two!.sha256);
  });

  test('keep the index of their stars, and lose it when stars are added', async () => {
    const store = openCatalogs(folder);
    await store.add('gaia', 'gaia', drawStars(400, 10, 0, 1), 'a');
    expect(await store.index('gaia')).toBeUndefined();
    const index = buildQuadIndex(await store.all('gaia'));
    await store.keepIndex('gaia', index);
    expect(await openCatalogs(folder).index('gaia')).toEqual(index);
    const file = (await readdir(folder)).find((name) => name.endsWith('.quads'))!;
    const bytes = await readFile(join(folder, file));
    await writeFile(join(folder, file), bytes.subarray(0, bytes.length - 8));
    await expect(store.index('gaia')).rejects.toMatchObject({ code: 'catalog/damaged' });
    await store.add('gaia', 'gaia', drawStars(10, 20, 0, 1, 2), 'b');
    expect(await store.index('gaia')).toBeUndefined();
    expect((await readdir(folder)).filter((name) => name.endsWith('.quads'))).toEqual([]);
  });

  test('name their content together, and nothing where there is none', async () => {
    const store = openCatalogs(join(folder, 'not-there'));
    expect([store.version(), await store.list()]).toEqual([undefined, []]);
    await store.add('gaia', 'gaia', drawStars(10, 20, 0, 1, 2), 'b');
    const before = store.version();
    expect(before).toMatch(/^gaia-[0-9a-f]{16}\.tiles$/);
    await store.add('gaia', 'gaia', drawStars(10, 20, 0, 1, 3), 'c');
    expect(store.version()).not.toBe(before);
  });

  test('that are missing, damaged, misnamed or of other bands give errors that say what to do', async () => {
    const store = openCatalogs(folder);
    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => 'none',
        (error) => error.code,
      );
    const cone = { raDeg: 10, decDeg: 0, radiusDeg: 1 };
    expect(await code(store.cone('gaia', cone))).toBe('catalog/no-catalog');
    expect(await code(store.add('../x', 'gaia', drawStars(1, 1, 1, 1), 'a'))).toBe('catalog/bad-name');
    await store.add('gaia', 'gaia', drawStars(100, 10, 0, 1), 'a');
    const other = drawStars(10, 10, 0, 1, 3);
    const r = { ...other, bands: [{ ...other.bands[0]!, band: 'r' }] };
    expect(await code(store.add('gaia', 'plain', r, 'b'))).toBe('catalog/other-bands');
    const tiles = (await readdir(folder)).find((name) => name.endsWith('.tiles'))!;
    await writeFile(join(folder, tiles), (await readFile(join(folder, tiles))).subarray(0, 100));
    expect(await code(store.cone('gaia', cone))).toBe('catalog/damaged');
    await writeFile(join(folder, 'gaia.json'), '{');
    expect(await code(openCatalogs(folder).list())).toBe('catalog/damaged');
  });
});
