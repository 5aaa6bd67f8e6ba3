const BITS = 11;
const BUCKETS = 1 << BITS;

/**
 * Sort numbers into new memory as `toSorted` does, several times as fast where there are many; none may be NaN.
 *
 * By their bits from the lowest on: of positive floats larger ones have larger bits, of negative ones smaller.
 */
export function sortFloats(numbers: Float32Array): Float32Array {
  let from = new Uint32Array(numbers.length);
  const bits = new Int32Array(new Float32Array(numbers).buffer);
  const counts = new Uint32Array(3 * BUCKETS);
  for (let i = 0; i < bits.length; i++) {
    const key = (bits[i]! ^ ((bits[i]! >> 31) | 0x80000000)) >>> 0;
    from[i] = key;
    counts[key & (BUCKETS - 1)]!++;
    counts[BUCKETS + ((key >>> BITS) & (BUCKETS - 1))]!++;
    counts[2 * BUCKETS + (key >>> (2 * BITS))]!++;
  }
  let to = new Uint32Array(numbers.length);
  for (let digit = 0; digit < 3; digit++) {
    const next = counts.subarray(digit * BUCKETS, (digit + 1) * BUCKETS);
    let before = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = next[bucket]!;
      next[bucket] = before;
      before += count;
    }
    const shift = digit * BITS;
    for (let i = 0; i < from.length; i++) {
      const key = from[i]!;
      to[next[(key >>> shift) & (BUCKETS - 1)]!++] = key;
    }
    [from, to] = [to, from];
  }
  for (let i = 0; i < from.length; i++) bits[i] = from[i]! ^ ((~(from[i]! | 0) >> 31) | 0x80000000);
  return new Float32Array(bits.buffer);
}
