/** A tile's bytes end before its pixels do, or make no sense. */
export class TileDataError extends Error {}

/**
 * Decompress a RICE_1 tile.
 *
 * Each pixel is stored as its difference from the one before, in blocks that share the number of bits kept whole.
 *
 * @param pixelBytes 1, 2 or 4: the width in which differences wrap; one-byte pixels are unsigned.
 * @throws TileDataError
 * @see FITS standard 4.0, 10.4.1; Rice, Yeh & Miller 1993, AIAA 93-4541
 */
export function decompressRice(
  bytes: Uint8Array,
  count: number,
  blockSize: number,
  pixelBytes: number,
): Int32Array {
  const pixels = new Int32Array(count);
  const splitBits = pixelBytes === 1 ? 3 : pixelBytes === 2 ? 4 : 5;
  const verbatimSplit = pixelBytes === 1 ? 6 : pixelBytes === 2 ? 14 : 25;
  const pixelBits = pixelBytes * 8;
  const unusedBits = 32 - pixelBits;
  if (count === 0) return pixels;
  if (bytes.length <= pixelBytes) throw new TileDataError(`has ${bytes.length} bytes for ${count} pixels`);

  let last = 0;
  let at = 0;
  while (at < pixelBytes) last = (last << 8) | bytes[at++]!;
  last = (last << unusedBits) >> unusedBits;
  // `held` keeps the `heldBits` lowest bits that are read but not yet used; always fewer than eight between codes.
  let held = bytes[at++]!;
  let heldBits = 8;
  for (let i = 0; i < count; ) {
    const blockEnd = Math.min(i + blockSize, count);
    heldBits -= splitBits;
    if (heldBits < 0) {
      held = (held << 8) | bytes[at++]!;
      heldBits += 8;
    }
    const split = (held >>> heldBits) - 1;
    held &= (1 << heldBits) - 1;

    if (split < 0) {
      pixels.fill(last, i, blockEnd);
      i = blockEnd;
      continue;
    }
    const isVerbatim = split === verbatimSplit;
    if (split > verbatimSplit) throw new TileDataError(`has a block split of ${split} bits`);
    for (; i < blockEnd; i++) {
      let code = 0;
      if (isVerbatim) {
        let needed = pixelBits - heldBits;
        code = held;
        for (; needed >= 8; needed -= 8) code = (code << 8) | bytes[at++]!;
        if (needed > 0) {
          held = bytes[at++]!;
          heldBits = 8 - needed;
          code = (code << needed) | (held >>> heldBits);
          held &= (1 << heldBits) - 1;
        } else {
          held = 0;
          heldBits = 0;
        }
      } else {
        while (held === 0) {
          if (at >= bytes.length) throw new TileDataError(`ends at pixel ${i} of ${count}`);
          held = bytes[at++]!;
          heldBits += 8;
        }
        const oneBit = 31 - Math.clz32(held);
        const zeros = heldBits - 1 - oneBit;
        held ^= 1 << oneBit;
        heldBits = oneBit - split;
        while (heldBits < 0) {
          held = (held << 8) | bytes[at++]!;
          heldBits += 8;
        }
        code = (zeros << split) | (held >>> heldBits);
        held &= (1 << heldBits) - 1;
      }
      // Even codes are the differences 0, 1, 2 ..., odd ones -1, -2 ...
      const difference = (code & 1) === 0 ? code >>> 1 : ~(code >>> 1);
      last = ((last + difference) << unusedBits) >> unusedBits;
      pixels[i] = last;
    }
    if (at > bytes.length) throw new TileDataError(`ends before pixel ${blockEnd} of ${count}`);
  }
  if (pixelBytes === 1) for (let i = 0; i < count; i++) pixels[i] = pixels[i]! & 0xff;
  return pixels;
}
