import { writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openWorkstation } from '../../tests/support/open-workstation.ts';
import { makeTemporaryFolder } from '../../tests/support/temporary-workspace.ts';
import { ImageFiles, openFits, writeFitsBytes } from '../adapters/imaging/index.ts';
import {
  headerNumber,
  headerString,
  makeTanWcs,
  parseWcs,
  pixelToSky,
  writeWcsCards,
} from '../domains/observations/index.ts';
import { saveArtefact } from '../pipeline/artefact.ts';
import { createImageCutter } from './cut-image.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  return { ...real, statfs: vi.fn(real.statfs) };
});

const SIP = [
  ...writeWcsCards(
    makeTanWcs({ raDeg: 150, decDeg: 2, pixelScaleArcsec: 0.5, positionAngleDeg: 30, xPx: 49.5, yPx: 39.5 }),
  ).map((card) => (/^CTYPE/.test(card.keyword) ? { ...card, value: `${card.value}-SIP` } : card)),
  { keyword: 'A_ORDER', value: 2 },
  { keyword: 'A_2_0', value: 3e-5 },
  { keyword: 'B_ORDER', value: 2 },
  { keyword: 'B_0_2', value: -2e-5 },
  { keyword: 'DATASEC', value: '[1:100,1:80]' },
  { keyword: 'OBJECT', value: 'M 31' },
];

const valueAt = (x: number, y: number): number => (x === 33 && y === 22 ? Number.NaN : 1000 * y + x);
const IMAGE = Float32Array.from({ length: 100 * 80 }, (_, i) => valueAt(i % 100, Math.floor(i / 100)));

async function readBack(bytes: Uint8Array) {
  const path = join(makeTemporaryFolder(), 'cut.fits');
  writeFileSync(path, bytes);
  const file = await openFits(path);
  onTestFinished(() => file.close());
  const { plane } = await file.readImage();
  const { header } = await file.hdu(0);
  return { plane, header };
}

test('a part of a file has its pixels, its header and every pixel’s place on the sky', async () => {
  const folder = makeTemporaryFolder();
  const path = join(folder, 'm 31.fits.fz');
  writeFileSync(
    path,
    writeFitsBytes([
      { kind: 'image', shape: [80, 100], data: IMAGE, header: SIP, compression: { method: 'gzip' } },
    ]),
  );
  const images = new ImageFiles(join(folder, 'cache'));
  onTestFinished(() => images.close());
  const { blobs, database } = await openParts();
  const cutter = createImageCutter({ ...database, blobs, images });
  const source = { kind: 'file', path, hdu: 1, slice: 0 } as const;
  expect(await cutter.sidesOf(source)).toMatchObject({ width: 100, height: 80 });
  const { name, bytes } = await cutter.cut(source, { x: 30, y: 20, width: 25, height: 11 });
  expect(name).toBe('m_31-31-21.fits');
  const { plane, header } = await readBack(bytes);
  expect([plane.width, plane.height]).toEqual([25, 11]);
  for (const [x, y] of [
    [0, 0],
    [24, 10],
    [3, 2],
  ] as const) {
    expect(plane.data[y * 25 + x]).toBe(valueAt(30 + x, 20 + y));
    const [here, there] = [parseWcs(header)!, parseWcs(SIP)!].map((wcs, i) =>
      pixelToSky(wcs, x + 30 * i, y + 20 * i),
    );
    expect(here!.raDeg).toBeCloseTo(there!.raDeg, 11);
    expect(here!.decDeg).toBeCloseTo(there!.decDeg, 11);
  }
  expect(headerString(header, 'OBJECT')).toBe('M 31');
  expect(headerString(header, 'DATASEC')).toBeUndefined();
  expect(headerNumber(header, 'LTV1')).toBe(-30);
  expect(header.find(({ keyword }) => keyword === 'HISTORY')?.comment).toBe(
    'AstrID: cut from m 31.fits.fz[31:55,21:31]',
  );
});

test('a part of a run’s image has the coordinates that the line found', async () => {
  const parts = await openParts();
  const { blobs, database, seed } = parts;
  const wcs = makeTanWcs({ raDeg: 10, decDeg: 0.5, pixelScaleArcsec: 0.4, xPx: 20, yPx: 15 });
  const { sha256 } = await saveArtefact(blobs, {
    science: {
      header: [
        { keyword: 'CRPIX1', value: 999 },
        { keyword: 'TELESCOP', value: 'one' },
      ],
      wcs,
      science: IMAGE,
    },
  });
  const images = new ImageFiles(join(makeTemporaryFolder(), 'cache'));
  onTestFinished(() => images.close());
  const kept = { stage: 'preprocess', output: { artefact: sha256 } } as never;
  const stageRuns = { latest: async () => [kept], find: async () => kept };
  const source = { kind: 'run', runId: seed.doneRunId, plane: 'science' } as const;
  const region = { x: 5, y: 7, width: 10, height: 8 };
  const { name, bytes } = await createImageCutter({ ...database, stageRuns, blobs, images }).cut(
    source,
    region,
  );
  expect(name).toBe('good-science-6-8.fits');
  const { plane, header } = await readBack(bytes);
  expect(plane.data[3 * 10 + 2]).toBe(100 * 10 + 7);
  const sky = pixelToSky(parseWcs(header)!, 15, 8);
  expect(sky.raDeg).toBeCloseTo(10, 11);
  expect(sky.decDeg).toBeCloseTo(0.5, 11);
  expect([headerString(header, 'BUNIT'), headerString(header, 'TELESCOP')]).toEqual(['electron', 'one']);
  // Without what the line kept, and without the file, the pixels are still there.
  const bare = await createImageCutter({ ...database, blobs, images }).cut(source, region);
  expect((await readBack(bare.bytes)).plane.data[0]).toBe(705);
  await expect(
    createImageCutter({ ...database, blobs, images }).sidesOf({ ...source, plane: 'score' }),
  ).rejects.toMatchObject({
    code: 'observations/no-image',
    message: expect.stringContaining('it has science'),
  });
});

test('a part of a file that is still being unpacked comes when it is, and so does its header for a run', async () => {
  const folder = makeTemporaryFolder();
  const path = join(folder, 'm 31.fits.gz');
  const image = { kind: 'image', shape: [80, 100], data: IMAGE, header: SIP } as const;
  const { database, seed, blobs } = await openParts();
  writeFileSync(path, gzipSync(writeFitsBytes([{ kind: 'header' }, { ...image, extname: 'SCI' }])));
  const run = { ...(await database.runs.get(seed.doneRunId)), sciencePath: path };
  // Longer than a look into a file waits.
  const answer = await statfs(folder);
  const unpackSlowly = (): void =>
    void vi.mocked(statfs).mockImplementationOnce(async () => {
      await sleep(400);
      return answer;
    });
  const region = { x: 5, y: 7, width: 10, height: 8 };
  for (const source of [
    { kind: 'file', path, hdu: 1, slice: 0 },
    { kind: 'run', runId: run.id, plane: 'science' },
  ] as const) {
    const images = new ImageFiles(join(folder, source.kind));
    onTestFinished(() => images.close());
    unpackSlowly();
    const cutter = createImageCutter({ ...database, runs: { get: async () => run }, blobs, images });
    if (source.kind === 'file')
      expect(await cutter.sidesOf(source)).toMatchObject({ width: 100, height: 80 });
    const { header } = await readBack((await cutter.cut(source, region)).bytes);
    expect(headerString(header, 'OBJECT')).toBe('M 31');
    expect(parseWcs(header)).toBeDefined();
  }
});

async function openParts() {
  const { database, seed, folder } = await openWorkstation();
  const { createFolderBlobStore } = await import('../adapters/storage/index.ts');
  return { database, seed, blobs: await createFolderBlobStore(join(folder, 'blobs')) };
}
