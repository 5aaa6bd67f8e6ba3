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
  const codes = new Uint32Array(blockSize);
  let bytes = new Uint8Array(pixels.length * pixelBytes + 64);
  let length = 0;
  // The lowest `heldBits` of `held` wait for a whole byte; never more than seven between calls.
  let held = 0;
  let heldBits = 0;
  const put = (value: number, bits: number): void => {
    if (bits > 16) {
      put(value >>> 16, bits - 16);
      put(value & 0xffff, 16);
      return;
    }
    held = (held << bits) | (value & ((1 << bits) - 1));
    heldBits += bits;
    while (heldBits >= 8) {
      heldBits -= 8;
      bytes[length++] = held >>> heldBits;
    }
    held &= (1 << heldBits) - 1;
  };

  let last = pixels[0] ?? 0;
  put(last, pixelBits);
  for (let start = 0; start < pixels.length; start += blockSize) {
    const count = Math.min(blockSize, pixels.length - start);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const pixel = pixels[start + i]!;
      const difference = ((pixel - last) << unusedBits) >> unusedBits;
      last = pixel;
      // 0, -1, 1, -2, 2 ... become 0, 1, 2, 3, 4 ...
      const code = ((difference << 1) ^ (difference >> 31)) >>> 0;
      codes[i] = code;
      sum += code;
    }
    // As many low bits are kept whole as half the mean code has.
    const half = Math.floor(Math.max(0, (sum - count / 2 - 1) / count) / 2);
    const split = half === 0 ? 0 : 32 - Math.clz32(half);
    const mostBits = Math.max(count * pixelBits, sum / 2 ** split + count * (split + 1)) + 64;
    if (length + mostBits / 8 > bytes.length) {
      const larger = new Uint8Array(bytes.length * 2 + Math.ceil(mostBits / 8));
      larger.set(bytes);
      bytes = larger;
    }
    if (sum === 0) {
      put(0, splitBits);
    } else if (split >= verbatimSplit) {
      put(verbatimSplit + 1, splitBits);
      for (let i = 0; i < count; i++) put(codes[i]!, pixelBits);
    } else {
      put(split + 1, splitBits);
      const one = 1 << split;
      for (let i = 0; i < count; i++) {
        const code = codes[i]!;
        let zeros = code >>> split;
        for (; zeros > 16; zeros -= 16) put(0, 16);
        const tail = one | (code & (one - 1));
        if (zeros + split < 16) {
          put(tail, zeros + split + 1);
        } else {
          put(0, zeros);
          put(tail, split + 1);
        }
      }
    }
  }
  if (heldBits > 0) put(0, 8 - heldBits);
  return bytes.subarray(0, length);
}
