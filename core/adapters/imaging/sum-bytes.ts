/**
 * Add big-endian 32-bit words in ones' complement.
 *
 * @param bytes a multiple of four.
 * @param start the sum so far.
 * @returns the sum, 0 to 2^32 - 1.
 * @see FITS standard 4.0, appendix J
 */
export function sumBytes(bytes: Uint8Array, start = 0): number {
  // Halves of words are added in doubles, which hold 2^37 of them, and carried at the end.
  let high = start >>> 16;
  let low = start & 0xffff;
  for (let i = 0; i + 3 < bytes.length; i += 4) {
    high += (bytes[i]! << 8) | bytes[i + 1]!;
    low += (bytes[i + 2]! << 8) | bytes[i + 3]!;
  }
  while (high > 0xffff || low > 0xffff) {
    const highCarry = Math.floor(high / 65536);
    const lowCarry = Math.floor(low / 65536);
    high = (high % 65536) + lowCarry;
    low = (low % 65536) + highCarry;
  }
  return high * 65536 + low;
}

/**
 * Write the complement of a sum as the sixteen characters of CHECKSUM, which make the whole HDU sum to -0.
 *
 * @see FITS standard 4.0, appendix J
 */
export function encodeChecksum(sum: number): string {
  const complement = ~sum >>> 0;
  const characters = new Uint8Array(16);
  for (let byte = 0; byte < 4; byte++) {
    const value = (complement >>> (24 - 8 * byte)) & 0xff;
    const quarter = Math.floor(value / 4) + 0x30;
    const parts = [quarter + (value % 4), quarter, quarter, quarter];
    // Pairs move apart until all four are letters or digits.
    for (const first of [0, 2]) {
      while (!isAlphanumeric(parts[first]!) || !isAlphanumeric(parts[first + 1]!)) {
        parts[first]!++;
        parts[first + 1]!--;
      }
    }
    for (let part = 0; part < 4; part++) characters[(4 * part + byte + 1) % 16] = parts[part]!;
  }
  return String.fromCharCode(...characters);
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
