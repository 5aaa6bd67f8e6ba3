import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeBigEndianFloat32,
  decodeBigEndianFloat64,
  decodeBigEndianInt16,
  decodeBigEndianInt32,
  decodeBigEndianUint8,
} from './index.ts';

const scalings = [{}, { bscale: 1, bzero: 32768 }, { bscale: 0.1, bzero: -7.25 }, { bscale: 3, blank: 77 }];
// Beyond one chunk of 16384, and every remainder of a vector.
const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 17, 16383, 16384, 16391, 40000];

const samples = {
  Float32: { bytes: 4, decode: decodeBigEndianFloat32, read: 'getFloat32', integer: false },
  Float64: { bytes: 8, decode: decodeBigEndianFloat64, read: 'getFloat64', integer: false },
  Int16: { bytes: 2, decode: decodeBigEndianInt16, read: 'getInt16', integer: true },
  Int32: { bytes: 4, decode: decodeBigEndianInt32, read: 'getInt32', integer: true },
  Uint8: { bytes: 1, decode: decodeBigEndianUint8, read: 'getUint8', integer: true },
} as const;

describe.each(Object.entries(samples))('%s samples', (_name, { bytes, decode, read, integer }) => {
  it('decode to DataView values, scaled in float64 and rounded once', () => {
    for (const length of lengths) {
      for (const scaling of scalings) {
        // An odd offset: FITS data need not be aligned in the file's buffer.
        const raw = new Uint8Array(length * bytes + 3).subarray(3);
        for (let i = 0; i < raw.length; i++) raw[i] = (i * 7919 + (i >> 7) * 31) & 0xff;
        const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
        if (integer && length > 3) {
          if (bytes === 1) view.setUint8(3, 77);
          else if (bytes === 2) view.setInt16(3 * 2, 77);
          else view.setInt32(3 * 4, 77);
        }
        const expected = new Float32Array(length);
        for (let i = 0; i < length; i++) {
          const stored = view[read](i * bytes, false);
          const blank = integer && 'blank' in scaling && stored === scaling.blank;
          expected[i] = blank
            ? Number.NaN
            : ('bzero' in scaling ? scaling.bzero : 0)! +
              ('bscale' in scaling ? scaling.bscale! : 1) * stored;
        }
        const actual = decode(raw, new Float32Array(length), scaling);
        expect(Buffer.compare(comparableBits(actual), comparableBits(expected))).toBe(0);
      }
    }
  });

  it('refuse a buffer of another length', () => {
    expect(() => decode(new Uint8Array(bytes * 4 + 1), new Float32Array(4))).toThrow(RangeError);
  });
});

/** Bits, with every NaN written alike. */
function comparableBits(values: Float32Array): Uint8Array {
  const plain = values.map((value) => (Number.isNaN(value) ? Number.NaN : value + 0));
  return new Uint8Array(plain.buffer);
}

describe('decodeBigEndianFloat32', () => {
  it('keeps every float, infinities and NaN', () => {
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 50 }), (values) => {
        const raw = new Uint8Array(values.length * 4);
        const view = new DataView(raw.buffer);
        for (const [i, value] of values.entries()) view.setFloat32(4 * i, value, false);
        expect(decodeBigEndianFloat32(raw, new Float32Array(values.length))).toEqual(values);
      }),
    );
  });
});
