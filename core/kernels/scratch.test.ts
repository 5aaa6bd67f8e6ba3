import { afterEach, describe, expect, it } from 'vitest';
import { keepScratch, withScratch } from './scratch.ts';

describe('withScratch', () => {
  it('lends the memory of an inner call to the next one', () => {
    withScratch(() => {
      const first = withScratch((inner) => inner.plane(10, 10).data.buffer);
      const second = withScratch((inner) => inner.plane(9, 9).data.buffer);
      expect(second).toBe(first);
    });
  });

  it('never lends the same memory twice at once', () => {
    withScratch((outer) => {
      const [a, b] = [outer.plane(8, 8), outer.plane(8, 8)];
      withScratch((inner) => {
        const c = inner.plane(8, 8);
        a.data.fill(1);
        b.data.fill(2);
        c.data.fill(3);
      });
      expect(a.data.every((value) => value === 1)).toBe(true);
      expect(b.data.every((value) => value === 2)).toBe(true);
    });
  });

  it('gives everything back at its end, also when the work throws', () => {
    const lent: ArrayBufferLike[] = [];
    const work = () =>
      withScratch((scratch) => {
        lent.push(scratch.mask(5, 5).data.buffer, scratch.zeroInts(7).buffer, scratch.bytes(3).buffer);
        throw new Error('no');
      });
    expect(work).toThrow('no');
    expect(lent.map((buffer) => buffer.byteLength)).toEqual([0, 0, 0]);
  });

  it('gives zeros where it says so, even after others wrote to its memory', () => {
    withScratch(() => {
      withScratch((inner) => inner.bytes(64).fill(9));
      withScratch((inner) => {
        expect(inner.zeroBytes(64).every((value) => value === 0)).toBe(true);
        expect(inner.zeroInts(16).every((value) => value === 0)).toBe(true);
      });
    });
  });

  describe('told to keep memory', () => {
    afterEach(() => keepScratch(0));
    const side = 256;
    const borrow = () => withScratch((scratch) => scratch.plane(side, side).data.buffer);

    it('lends it again after the outermost call, with zeros where it says so, until told to keep none', () => {
      keepScratch(1 << 20);
      const first = withScratch((scratch) => scratch.plane(side, side).data.fill(7).buffer);
      expect(borrow()).toBe(first);
      const zeros = withScratch((scratch) => scratch.zeroFloats(side * side).slice());
      expect(zeros.every((value) => value === 0)).toBe(true);
      expect(borrow()).toBe(first);
      keepScratch(0);
      expect(first.byteLength).toBe(0);
      expect(borrow().byteLength).toBe(0);
    });

    it('keeps no more than that, and nothing that is small', () => {
      keepScratch(3 * side * side * 4);
      const lent = withScratch((scratch) =>
        [1, 2, 3, 4].map(() => scratch.plane(side, side).data.buffer).concat(scratch.bytes(100).buffer),
      );
      expect(lent.map(({ byteLength }) => byteLength > 0)).toEqual([false, true, true, true, false]);
    });
  });
});
