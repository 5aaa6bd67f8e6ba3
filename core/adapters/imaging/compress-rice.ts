/**
 * Compress a tile with RICE_1.
 *
 * @param pixels whole numbers that fit in `pixelBytes`.
 * @param pixelBytes 1, 2 or 4.
 * @see FITS standard 4.0, 10.4.1; the inverse of `decompressRice`
 */
export function compressRice(pixels: ArrayLike<number>, blockSize: number, pixelBytes: number): Uint8Array {
  const splitBits = pixelBytes === 1 ? 3 : pixelBytes === 2 ? 4 : 5;
  const verbatimSplit = pixelBytes === 1 ? 6 : pixelBytes === 2 ? 14 : 25;
  const pixelBits = pixelBytes * 8;
  const unusedBits = 32 - pixelBits;
  const out = new BitWriter(pixels.length * pixelBytes + 64);
  let last = pixels[0] ?? 0;
  out.put(last, pixelBits);
  const codes = new Uint32Array(blockSize);
  for (let start = 0; start < pixels.length; start += blockSize) {
    const count = Math.min(blockSize, pixels.length - start);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const pixel = pixels[start + i]!;
      const difference = ((pixel - last) << unusedBits) >> unusedBits;
      last = pixel;
      const code = (difference < 0 ? ~(difference << 1) : difference << 1) >>> 0;
      codes[i] = code;
      sum += code;
    }
    if (sum === 0) {
      out.put(0, splitBits);
      continue;
    }
    // As many low bits are kept whole as half the mean code has.
    const half = Math.floor(Math.max(0, (sum - count / 2 - 1) / count) / 2);
    const split = half === 0 ? 0 : 32 - Math.clz32(half);
    if (split >= verbatimSplit) {
      out.put(verbatimSplit + 1, splitBits);
      for (let i = 0; i < count; i++) out.put(codes[i]!, pixelBits);
      continue;
    }
    out.put(split + 1, splitBits);
    for (let i = 0; i < count; i++) {
      const code = codes[i]!;
      out.putZeros(code >>> split);
      out.put((1 << split) | (code & ((1 << split) - 1)), split + 1);
    }
  }
  return out.finish();
}

class BitWriter {
  #bytes: Uint8Array;
  #length = 0;
  #held = 0;
  #heldBits = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Put the lowest `bits` of a number, at most 32. */
  put(value: number, bits: number): void {
    for (let left = bits; left > 0; ) {
      const take = Math.min(8 - this.#heldBits, left);
      left -= take;
      this.#held = (this.#held << take) | ((value >>> left) & ((1 << take) - 1));
      this.#heldBits += take;
      if (this.#heldBits === 8) this.#flush();
    }
  }

  putZeros(count: number): void {
    for (let left = count; left > 0; left -= 32) this.put(0, Math.min(32, left));
  }

  finish(): Uint8Array {
    if (this.#heldBits > 0) this.put(0, 8 - this.#heldBits);
    return this.#bytes.subarray(0, this.#length);
  }

  #flush(): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = this.#held;
    this.#held = 0;
    this.#heldBits = 0;
  }
}
