import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { decodeRiceFloat32, decodeRiceInt32 } from './decode-rice.ts';

const BLOCK = 32;

/** Pack pixels after the standard with a given split for all blocks: -1 where nothing changes, 14 for verbatim. */
function pack(pixels: readonly number[], splitOf: (block: number) => number): Uint8Array {
  const bits: number[] = [];
  const put = (value: number, count: number): void => {
    for (let k = count - 1; k >= 0; k--) bits.push(Math.floor(value / 2 ** k) % 2);
  };
  put(pixels[0]! & 0xffff, 16);
  let last = pixels[0]!;
  for (let first = 0; first < pixels.length; first += BLOCK) {
    const split = splitOf(first / BLOCK);
    put(split + 1, 4);
    for (const pixel of pixels.slice(first, first + BLOCK)) {
      if (split < 0) continue;
      const difference = ((pixel - last) << 16) >> 16;
      const code = (difference < 0 ? -2 * difference - 1 : 2 * difference) & 0xffff;
      if (split === 14) put(code, 16);
      else {
        for (let zeros = code >>> split; zeros > 0; zeros--) bits.push(0);
        bits.push(1);
        put(code & ((1 << split) - 1), split);
      }
      last = pixel;
    }
  }
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => {
    bytes[i >> 3]! |= bit << (7 - (i & 7));
  });
  return bytes;
}

const coding = { blockSize: BLOCK, pixelBytes: 2 };

describe('decoding Rice tiles', () => {
  it('gives back pixels whatever the split, with runs of zeros longer than a machine word', () => {
    const random = createRandom(3);
    const pixels = Array.from({ length: 301 }, (_, i) =>
      Math.floor(i < 200 ? 500 + 40 * random.normal() : 65536 * random.uniform() - 32768),
    );
    const splits = [0, 3, 5, 1, 6, 2, 12, 10, 14, 13];
    const out = new Int32Array(pixels.length);
    expect(
      decodeRiceInt32(
        pack(pixels, (block) => splits[block]!),
        out,
        coding,
      ),
    ).toBeUndefined();
    expect(Array.from(out)).toEqual(pixels);
  });

  it('repeats the last pixel through blocks without change', () => {
    const pixels = [...new Array<number>(64).fill(7), ...new Array<number>(20).fill(9)];
    const out = new Int32Array(84);
    expect(
      decodeRiceInt32(
        pack(pixels, (block) => (block < 2 ? -1 : 4)),
        out,
        coding,
      ),
    ).toBeUndefined();
    expect(Array.from(out)).toEqual(pixels);
  });

  it('scales straight into a part of an image and leaves the rest alone', () => {
    const pixels = [5, 6, -3, 8, 5];
    const out = new Float32Array(9).fill(1);
    const scaling = { bscale: 2, bzero: 32768, blank: -3 };
    const bytes = pack(pixels, () => 2);
    expect(
      decodeRiceFloat32(bytes, [{ start: 0, length: bytes.length }], out, 3, 5, coding, scaling),
    ).toBeUndefined();
    expect(Array.from(out)).toEqual([1, 1, 1, 32778, 32780, Number.NaN, 32784, 32778, 1]);
  });

  it('decodes several tiles as one by one, whatever their blocks are split by', () => {
    const random = createRandom(5);
    const count = 5 * BLOCK + 7;
    const splits = [3, 14, -1, 0, 12];
    const tiles = Array.from({ length: 7 }, (_, k) => {
      let pixels = Array.from({ length: count }, () => Math.floor(500 + 40 * random.normal()));
      // Some have codes of more zeros than a word has bits, and some blocks in which nothing changes.
      if (k % 3 === 0) pixels[70] = 30_000;
      const splitOf = (block: number) => (k === 6 ? 6 : splits[(block + k) % splits.length]!);
      pixels = pixels.map((value, i) => {
        const block = Math.floor(i / BLOCK);
        return splitOf(block) < 0 ? pixels[Math.max(0, block * BLOCK - 1)]! : value;
      });
      return { pixels, bytes: pack(pixels, splitOf) };
    });
    const bytes = new Uint8Array(tiles.reduce((sum, tile) => sum + tile.bytes.length, 3));
    // Last tile first: they may lie in any order.
    let at = 3;
    const places = tiles
      .toReversed()
      .map((tile) => {
        bytes.set(tile.bytes, at);
        at += tile.bytes.length;
        return { start: at - tile.bytes.length, length: tile.bytes.length };
      })
      .toReversed();
    const out = new Float32Array(tiles.length * count + 2);
    expect(decodeRiceFloat32(bytes, places, out, 1, count, coding)).toBeUndefined();
    expect(Array.from(out)).toEqual([0, ...tiles.flatMap(({ pixels }) => pixels), 0]);
    const cut = places.map((place, k) => (k === 4 ? { ...place, length: place.length - 2 } : place));
    expect(decodeRiceFloat32(bytes, cut, out, 1, count, coding)).toMatchObject({
      tile: 4,
      fault: { kind: 'short' },
    });
  });

  it('tells where bytes end too early, at every length', () => {
    const random = createRandom(4);
    const pixels = Array.from({ length: 100 }, () => Math.floor(1000 * random.uniform()));
    const whole = pack(pixels, (block) => (block === 1 ? 14 : 7));
    const out = new Int32Array(100);
    for (let length = 0; length < whole.length - 1; length++) {
      expect(decodeRiceInt32(whole.slice(0, length), out, coding)?.kind, `${length} bytes`).toBe('short');
    }
    expect(decodeRiceInt32(new Uint8Array(50), new Int32Array(100_000), coding)?.kind).toBe('short');
  });

  it('refuses a split that the width does not have', () => {
    const bytes = Uint8Array.from([0, 1, 0xff, 0xff, 0xff]);
    expect(decodeRiceInt32(bytes, new Int32Array(4), { blockSize: 32, pixelBytes: 4 })?.kind).toBe('split');
    expect(
      decodeRiceInt32(Uint8Array.from([0, 0, 0, 1, 0xff, 0xff]), new Int32Array(4), {
        blockSize: 32,
        pixelBytes: 4,
      }),
    ).toEqual({ kind: 'split', bits: 30 });
  });
});
