import { expect, it } from 'vitest';
import { MaskBuilder } from './mask-source.ts';

function build(width: number, height: number, pixels: Uint16Array, cut: number) {
  const builder = new MaskBuilder(width, height);
  const bytes = new Uint8Array(pixels.buffer);
  for (let at = 0; at < bytes.length; at += cut) builder.take(bytes.subarray(at, at + cut));
  return builder.finish();
}

it('keeps the lower eight bits of every pixel, however the bytes are cut, and counts each bit', () => {
  const pixels = Uint16Array.from({ length: 12 }, (_, k) => (k === 5 ? 0x0203 : k === 7 ? 2 : 0));
  for (const cut of [1, 3, 24]) {
    const mask = build(4, 3, pixels, cut);
    expect([...mask.levels[0]!.data]).toEqual([0, 0, 0, 0, 0, 3, 0, 2, 0, 0, 0, 0]);
    expect(mask.counts).toEqual([1, 2, 0, 0, 0, 0, 0, 0]);
    expect(mask.reduction).toBe(1);
  }
});

it('loses no defect of one pixel at any level, odd sides too', () => {
  const width = 37;
  const height = 21;
  for (const at of [0, width - 1, width * height - 1, 10 * width + 17]) {
    const pixels = new Uint16Array(width * height);
    pixels[at] = 8;
    const { levels } = build(width, height, pixels, 100);
    expect(levels.at(-1)).toMatchObject({ width: 1, height: 1 });
    for (const { data } of levels) expect([...data].filter((value) => value === 8)).toHaveLength(1);
  }
});

it('reduces what is larger than a texture and still counts every pixel', () => {
  const width = 9000;
  const pixels = new Uint16Array(width * 3);
  pixels[8999] = 1;
  pixels[9000] = 4;
  const mask = build(width, 3, pixels, 1 << 16);
  expect(mask.reduction).toBe(4);
  expect([mask.levels[0]!.width, mask.levels[0]!.height]).toEqual([2250, 1]);
  expect([mask.levels[0]!.data[2249], mask.levels[0]!.data[0]]).toEqual([1, 4]);
  expect(mask.counts.slice(0, 3)).toEqual([1, 0, 1]);
});

it('refuses a file that ends too early', () => {
  const builder = new MaskBuilder(4, 4);
  builder.take(new Uint8Array(20));
  expect(() => builder.finish()).toThrow('20 bytes instead of 32');
});
