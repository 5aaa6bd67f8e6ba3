import { describe, expect, it } from 'vitest';
import { type KernelModule, plainBase64, relaxedBase64 } from './generated/wasm.ts';

const start = (base64: string): KernelModule =>
  new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(base64, 'base64')))
    .exports as unknown as KernelModule;

describe('the kernels for plain and for relaxed SIMD', () => {
  it('offer the same and ask for nothing', () => {
    const [plain, relaxed] = [plainBase64, relaxedBase64].map(
      (base64) => new WebAssembly.Module(Buffer.from(base64, 'base64')),
    ) as [WebAssembly.Module, WebAssembly.Module];
    expect(WebAssembly.Module.imports(relaxed)).toEqual([]);
    expect(WebAssembly.Module.exports(relaxed)).toEqual(WebAssembly.Module.exports(plain));
  });

  it('differ by the rounding of a product at most', () => {
    const numbers = Float32Array.from({ length: 64 }, (_, k) => Math.fround(Math.sin(1 + k * k)));
    const multiply = (base64: string): Float32Array => {
      const { memory, heapBase, multiplyComplex } = start(base64);
      const room = Math.ceil(heapBase() / 64) * 64;
      if (room + 1024 > memory.buffer.byteLength) memory.grow(1);
      new Float32Array(memory.buffer, room, 64).set(numbers);
      multiplyComplex(room, room + 128, room + 512, 16);
      return new Float32Array(memory.buffer, room + 512, 32).slice();
    };
    const [plain, relaxed] = [multiply(plainBase64), multiply(relaxedBase64)];
    plain.forEach((value, k) => {
      const [re, im] = [numbers[k & ~1]!, numbers[k | 1]!];
      const [otherRe, otherIm] = [numbers[32 + (k & ~1)]!, numbers[32 + (k | 1)]!];
      const exact = k % 2 === 0 ? re * otherRe - im * otherIm : re * otherIm + im * otherRe;
      // Two products and their sum, each rounded to 2^-24 of a number below one and two.
      expect(Math.abs(value - exact)).toBeLessThan(4 * 2 ** -24);
      expect(Math.abs(relaxed[k]! - exact)).toBeLessThan(4 * 2 ** -24);
    });
  });
});
