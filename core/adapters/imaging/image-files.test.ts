import { closeSync, openSync, truncateSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { makeTanWcs, writeWcsCards } from '../../domains/observations/index.ts';
import { ImageFiles } from './image-files.ts';
import { type HduToWrite, writeFitsBytes } from './index.ts';
import { FitsFile } from './open-fits.ts';

const WIDTH = 300;
const HEIGHT = 200;
const valueAt = (x: number, y: number): number => 1000 * y + x;
const ramp = () =>
  Int32Array.from({ length: WIDTH * HEIGHT }, (_, i) => valueAt(i % WIDTH, Math.floor(i / WIDTH)));

function open(): { readonly files: ImageFiles; readonly folder: string } {
  const folder = makeTemporaryFolder();
  const files = new ImageFiles(join(folder, 'cache'));
  onTestFinished(() => files.close());
  return { files, folder };
}

function write(folder: string, name: string, hdus: readonly HduToWrite[]): string {
  const path = join(folder, name);
  writeFileSync(path, writeFitsBytes(hdus));
  return path;
}

const WHOLE = { hdu: 0, slice: 0, stepX: 1, stepY: 1, reduce: 'nearest' } as const;

describe('a FITS file that is looked at where it lies', () => {
  test('shows its HDUs, and SCI first', async () => {
    const { files, folder } = open();
    const wcs = makeTanWcs({
      raDeg: 150,
      decDeg: 2,
      pixelScaleArcsec: 0.5,
      positionAngleDeg: 30,
      xPx: 149.5,
      yPx: 99.5,
    });
    const path = write(folder, 'night.fits', [
      { kind: 'image', shape: [10, 20], data: new Float32Array(200) },
      {
        kind: 'image',
        extname: 'SCI',
        shape: [HEIGHT, WIDTH],
        data: Float32Array.from(ramp()),
        header: [...writeWcsCards(wcs), { keyword: 'BUNIT', value: 'e-/s' }],
      },
      { kind: 'image', extname: 'CUBE', shape: [3, 4, 5], data: new Float32Array(60) },
    ]);
    const { hdus, defaultHdu, problem } = await files.open(path);
    expect(problem).toBeUndefined();
    expect(defaultHdu).toBe(1);
    expect(hdus.map(({ width, height, planes }) => [width, height, planes])).toEqual([
      [20, 10, 1],
      [300, 200, 1],
      [5, 4, 3],
    ]);
    expect(hdus[1]).toMatchObject({ extname: 'SCI', bitpix: -32, unit: 'e-/s' });
    expect(hdus[0]?.sky).toBeUndefined();
    const { center, pixelScaleArcsec } = hdus[1]!.sky!;
    expect([center.raDeg, center.decDeg, pixelScaleArcsec]).toEqual([
      expect.closeTo(150, 6),
      expect.closeTo(2, 6),
      expect.closeTo(0.5, 6),
    ]);
    const sky = await files.readSky(path, 1);
    expect(sky.raDeg).toHaveLength(sky.columns * sky.rows);
    await expect(files.readSky(path, 0)).rejects.toMatchObject({ code: 'observations/no-wcs' });
  });

  test.each([
    ['plain', undefined],
    ['rice', { method: 'rice' }],
  ] as const)('gives rectangles, thinned and averaged, of a %s image', async (_name, compression) => {
    const { files, folder } = open();
    const image = { kind: 'image', shape: [HEIGHT, WIDTH], data: ramp(), compression } as const;
    const path = write(folder, 'ramp.fits', [image]);
    const hdu = compression === undefined ? 0 : 1;
    const region = { x: 37, y: 11, width: 101, height: 64 };
    const at = (x: number, y: number): number => valueAt(region.x + x, region.y + y);

    const plain = await files.readPixels(path, { ...WHOLE, hdu, region });
    expect([plain.width, plain.height]).toEqual([101, 64]);
    expect(plain.data.every((value, i) => value === at(i % 101, Math.floor(i / 101)))).toBe(true);

    const thin = await files.readPixels(path, { ...WHOLE, hdu, region, stepX: 10, stepY: 10 });
    expect([thin.width, thin.height]).toEqual([11, 7]);
    expect(thin.data.every((value, i) => value === at(10 * (i % 11), 10 * Math.floor(i / 11)))).toBe(true);

    const uneven = await files.readPixels(path, { ...WHOLE, hdu, region, stepX: 3, stepY: 40 });
    expect([uneven.width, uneven.height]).toEqual([34, 2]);
    expect(uneven.data[34 + 5]).toBe(at(15, 40));

    const mean = await files.readPixels(path, { ...WHOLE, hdu, region, stepX: 4, stepY: 4, reduce: 'mean' });
    expect([mean.width, mean.height]).toEqual([26, 16]);
    // The mean of a plane over a block is its value in the middle; the last block is one pixel wide.
    expect(mean.data[26 * 3 + 2]).toBeCloseTo(at(9.5, 13.5), 3);
    expect(mean.data[25]).toBeCloseTo(at(100, 1.5), 3);
  });

  test('gives slices of a cube, and refuses one that is not there', async () => {
    const { files, folder } = open();
    const data = Float32Array.from({ length: 60 }, (_, i) => i);
    const path = write(folder, 'cube.fits', [{ kind: 'image', shape: [3, 4, 5], data }]);
    const { data: slice } = await files.readPixels(path, { ...WHOLE, slice: 2 });
    expect([...slice]).toEqual([...data.subarray(40)]);
    await expect(files.readPixels(path, { ...WHOLE, slice: 3 })).rejects.toMatchObject({
      code: 'observations/no-such-plane',
    });
  });

  test('is unpacked once when it is gzipped, and read from there', async () => {
    const { files, folder } = open();
    const bytes = writeFitsBytes([
      { kind: 'image', shape: [HEIGHT, WIDTH], data: Float32Array.from(ramp()) },
    ]);
    const path = join(folder, 'night.fits.gz');
    writeFileSync(path, gzipSync(bytes));
    // As long as it takes: a slow disk unpacks it after the first answer.
    await expect.poll(() => files.open(path), { timeout: 20_000 }).not.toHaveProperty('unpacking');
    expect((await files.open(path)).hdus).toHaveLength(1);
    const region = { x: 5, y: 7, width: 2, height: 1 };
    const { data } = await files.readPixels(path, { ...WHOLE, region });
    expect([...data]).toEqual([valueAt(5, 7), valueAt(6, 7)]);
    writeFileSync(path, gzipSync(bytes).subarray(0, 5000));
    await expect(files.readHeader(path, 0)).rejects.toMatchObject({ code: 'observations/truncated' });
  });

  test('that changed on the disk is opened anew, and what was asked of the old one is refused', async () => {
    const { files, folder } = open();
    const path = write(folder, 'a.fits', [{ kind: 'image', shape: [1, 2], data: Float32Array.of(1, 2) }]);
    const { revision } = await files.open(path);
    write(folder, 'a.fits', [{ kind: 'image', shape: [1, 2], data: Float32Array.of(3, 4) }]);
    utimesSync(path, 1, 2);
    await expect(files.readPixels(path, { ...WHOLE, revision })).rejects.toMatchObject({
      code: 'observations/file-changed',
    });
    expect([...(await files.readPixels(path, WHOLE)).data]).toEqual([3, 4]);
  });

  test('that is cut short keeps the HDUs before the damage', async () => {
    const { files, folder } = open();
    const image = { kind: 'image', shape: [HEIGHT, WIDTH], data: Float32Array.from(ramp()) } as const;
    const path = write(folder, 'cut.fits', [image, image]);
    truncateSync(path, WIDTH * HEIGHT * 4 + 10_000);
    const { hdus } = await files.open(path);
    expect(hdus[0]!.missingBytes).toBe(0);
    expect(hdus[1]!.missingBytes).toBeGreaterThan(0);
    expect((await files.readPixels(path, WHOLE)).data[WIDTH]).toBe(1000);
  });

  test('that the disk would not give once is described at the next question', async () => {
    const { files, folder } = open();
    const path = write(folder, 'a.fits', [{ kind: 'image', shape: [1, 2], data: Float32Array.of(1, 2) }]);
    const ioError = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
    const failing = vi.spyOn(FitsFile.prototype, 'hduAt').mockRejectedValueOnce(ioError);
    onTestFinished(() => failing.mockRestore());
    await expect(files.open(path)).rejects.toBe(ioError);
    expect((await files.open(path)).hdus).toHaveLength(1);
  });

  test('that is no FITS file, or is not there, is an expected failure, asked twice as well', async () => {
    const { files, folder } = open();
    writeFileSync(join(folder, 'note.txt'), 'hello');
    for (const [name, code] of [
      ['note.txt', 'observations/not-fits'],
      ['missing.fits', 'observations/unreadable'],
      ['.', 'observations/unreadable'],
    ] as const)
      for (let i = 0; i < 2; i++)
        await expect(files.open(join(folder, name))).rejects.toMatchObject({ code });
  });

  test('may have 44 000 cards of history; more files may be asked for than are kept open', async () => {
    const { files, folder } = open();
    const path = join(folder, 'history.fits');
    const cards = [
      'SIMPLE  =                    T',
      'BITPIX  =                    8',
      'NAXIS   =                    2',
      'NAXIS1  =                    4',
      'NAXIS2  =                    3',
      ...Array.from({ length: 44_000 }, (_, n) => `HISTORY step ${n} of the pipeline took ${n % 7} seconds`),
      'END',
    ];
    const header = cards.map((card) => card.padEnd(80)).join('');
    const file = openSync(path, 'w');
    writeSync(file, header.padEnd(Math.ceil(header.length / 2880) * 2880));
    writeSync(file, Buffer.alloc(2880, 7));
    closeSync(file);
    const { hdus } = await files.open(path);
    expect(hdus[0]!.cardCount).toBe(44_005);
    expect(await files.readHeader(path, 0)).toHaveLength(44_005);
    for (let n = 0; n < 9; n++) {
      const other = write(folder, `${n}.fits`, [{ kind: 'image', shape: [1, 1], data: Float32Array.of(n) }]);
      expect([...(await files.readPixels(other, WHOLE)).data]).toEqual([n]);
    }
    expect((await files.readPixels(path, WHOLE)).data[0]).toBe(7);
  });
});
