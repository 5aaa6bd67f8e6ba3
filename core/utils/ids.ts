/**
 * Make a UUIDv7 from a clock and ten random bytes.
 *
 * @param unixMs milliseconds since 1970; ids made later sort later.
 * @param randomBytes at least ten bytes.
 * @see RFC 9562, 5.7
 */
export function makeUuidV7(unixMs: number, randomBytes: Uint8Array): string {
  const bytes = new Uint8Array(16);
  let rest = Math.floor(unixMs);
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes.set(randomBytes.subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
