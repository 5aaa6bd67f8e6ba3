// Floats by their bits.

/** Bits whose unsigned order is the order of the floats. */
// @ts-ignore: decorator
@inline
export function orderedBits(v: f32): u32 {
  const bits = reinterpret<u32>(v);
  return bits ^ (<u32>(<i32>bits >> 31) | 0x80000000);
}

/** The float whose ordered bits these are. */
// @ts-ignore: decorator
@inline
export function floatOfBits(key: u32): f32 {
  return reinterpret<f32>(key ^ (<u32>(~(<i32>key) >> 31) | 0x80000000));
}
