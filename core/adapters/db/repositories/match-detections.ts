/** What tells one detection of a run from another. */
export interface Place {
  readonly xPx: number;
  readonly yPx: number;
  readonly isNegative: boolean;
}

/**
 * Pair detections with earlier ones of the same sign within a radius, nearest pairs first, each used once.
 *
 * @returns for each detection the position of its earlier one, or `undefined`.
 */
export function matchDetections(
  detections: readonly Place[],
  earlier: readonly Place[],
  radiusPx: number,
): readonly (number | undefined)[] {
  // Cells as wide as the radius: a pair lies in the same cell or in neighbouring ones.
  const cellOf = (value: number): number => Math.floor(value / radiusPx);
  const cells = new Map<string, number[]>();
  for (const [position, place] of earlier.entries()) {
    const key = `${cellOf(place.xPx)},${cellOf(place.yPx)},${place.isNegative}`;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, [position]);
    else cell.push(position);
  }
  const pairs: { readonly detection: number; readonly earlier: number; readonly distancePx: number }[] = [];
  for (const [detection, place] of detections.entries())
    for (let i = -1; i <= 1; i++)
      for (let j = -1; j <= 1; j++) {
        const key = `${cellOf(place.xPx) + i},${cellOf(place.yPx) + j},${place.isNegative}`;
        for (const position of cells.get(key) ?? []) {
          const other = earlier[position]!;
          const distancePx = Math.hypot(other.xPx - place.xPx, other.yPx - place.yPx);
          if (distancePx <= radiusPx) pairs.push({ detection, earlier: position, distancePx });
        }
      }
  pairs.sort((a, b) => a.distancePx - b.distancePx || a.detection - b.detection || a.earlier - b.earlier);
  const matched: (number | undefined)[] = detections.map(() => undefined);
  const taken = new Set<number>();
  for (const pair of pairs) {
    if (matched[pair.detection] !== undefined || taken.has(pair.earlier)) continue;
    matched[pair.detection] = pair.earlier;
    taken.add(pair.earlier);
  }
  return matched;
}
