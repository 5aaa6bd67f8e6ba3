import { describe, expect, it } from 'vitest';
import { writeFitsBytes } from '../../core/adapters/imaging/index.ts';
import { readLocalHdus, readLocalPlane } from './read-fits.ts';

const blobOf = (bytes: Uint8Array): Blob => new Blob([new Uint8Array(bytes)]);

describe('a FITS file in the browser', () => {
  it.each([
    ['8 bits', Uint8Array],
    ['unsigned 16 bits', Uint16Array],
    ['32 bits', Int32Array],
    ['floats', Float32Array],
    ['doubles', Float64Array],
  ] as const)('gives the pixels of %s that were written', async (_name, Type) => {
    const values = [0, 1, 2, 100, 200, 250];
    const file = blobOf(
      writeFitsBytes([
        { kind: 'header' },
        { kind: 'image', extname: 'SCI', shape: [2, 3], data: Type.from(values as never) as Float32Array },
      ]),
    );
    const hdus = await readLocalHdus(file);
    expect(hdus.map(({ kind, extname, shape }) => [kind, extname, shape])).toEqual([
      ['image', undefined, []],
      ['image', 'SCI', [2, 3]],
    ]);
    expect([...(await readLocalPlane(file, hdus[1]!, 0))]).toEqual(values);
  });

  it('gives slices of a cube', async () => {
    const data = Float32Array.from({ length: 24 }, (_, i) => i);
    const file = blobOf(writeFitsBytes([{ kind: 'image', shape: [2, 3, 4], data }]));
    const [cube] = await readLocalHdus(file);
    expect([...(await readLocalPlane(file, cube!, 1))]).toEqual([...data.subarray(12)]);
  });

  it('says in words what it cannot read', async () => {
    await expect(readLocalHdus(new Blob(['hello']))).rejects.toThrow('not a FITS file');
    const whole = writeFitsBytes([{ kind: 'image', shape: [60, 60], data: new Float32Array(3600) }]);
    const cut = blobOf(whole.subarray(0, 4000));
    const [image] = await readLocalHdus(cut);
    await expect(readLocalPlane(cut, image!, 0)).rejects.toThrow('cut short');
    const packed = blobOf(
      writeFitsBytes([
        { kind: 'image', shape: [2, 3], data: new Int32Array(6), compression: { method: 'rice' } },
      ]),
    );
    const [, tiles] = await readLocalHdus(packed);
    expect([tiles!.kind, tiles!.shape]).toEqual(['compressed-image', [2, 3]]);
    await expect(readLocalPlane(packed, tiles!, 0)).rejects.toThrow('Ctrl+O');
  });
});
