import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { encodePng } from './png.ts';

describe('A PNG', () => {
  it('keeps every byte of the picture', () => {
    const rgba = Uint8Array.from({ length: 5 * 3 * 4 }, (_, i) => (i * 37) % 256);
    const png = encodePng(5, 3, rgba);
    expect(Array.from(png.subarray(0, 4))).toEqual([0x89, 0x50, 0x4e, 0x47]);
    const { width, height, channels, data } = decode(png);
    expect({ width, height, channels }).toEqual({ width: 5, height: 3, channels: 4 });
    expect(Array.from(data)).toEqual(Array.from(rgba));
  });
  it('is refused where the bytes do not fill it', () => {
    expect(() => encodePng(5, 3, new Uint8Array(59))).toThrow(
      expect.objectContaining({ code: 'observations/bad-image' }),
    );
  });
});
