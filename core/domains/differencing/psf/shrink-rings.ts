/**
 * Shrink what cannot be told from noise, ring by ring, in place: first each pixel towards its ring's mean, then that
 * towards zero.
 *
 * Far out a profile is a halo around the star: its mean over a ring is known where single pixels drown.
 *
 * @param table (size, size), centred.
 * @param variance of each value; pixels of variance 0 are left alone.
 * @see James & Stein 1961, Proc. 4th Berkeley Symp. 1, 361
 */
export function shrinkRings(table: Float64Array, variance: Float64Array, size: number): void {
  const half = (size - 1) / 2;
  const rings = Array.from({ length: Math.ceil(half * Math.SQRT2) + 2 }, () => [] as number[]);
  for (let k = 0; k < table.length; k++) {
    if (variance[k] > 0)
      rings[Math.round(Math.hypot((k % size) - half, Math.floor(k / size) - half))].push(k);
  }
  for (const ring of rings) {
    if (ring.length === 0) continue;
    const mean = ring.reduce((sum, k) => sum + table[k], 0) / ring.length;
    const noise = ring.reduce((sum, k) => sum + variance[k], 0) / ring.length;
    const power = ring.reduce((sum, k) => sum + (table[k] - mean) ** 2, 0) / ring.length;
    const keepMean = mean === 0 ? 0 : Math.max(0, 1 - noise / ring.length / mean ** 2);
    const keepRest = power > 0 ? Math.max(0, 1 - noise / power) : 0;
    for (const k of ring) table[k] = mean * keepMean + (table[k] - mean) * keepRest;
  }
}

/** Fall smoothly from one at `from` to zero at `to`. */
export function fade(radius: number, from: number, to: number): number {
  if (radius <= from) return 1;
  if (radius >= to) return 0;
  return 0.5 * (1 + Math.cos((Math.PI * (radius - from)) / (to - from)));
}
