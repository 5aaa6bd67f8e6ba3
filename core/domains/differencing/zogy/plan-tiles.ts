/** One piece of the image that is subtracted at once. */
export interface Tile {
  /** First pixel of the part that is kept, zero-based. */
  readonly x: number;
  readonly y: number;
  /** Size of the part that is kept, px. */
  readonly width: number;
  readonly height: number;
  /** Pixels around it that are computed and thrown away. */
  readonly border: number;
}

/**
 * Cut an image into tiles of nearly equal size that cover it once.
 *
 * @param sidePx  largest side of a tile without its border.
 * @param borderPx at least twice the radius of the point-spread functions: what wraps around in the transform stays in it.
 */
export function planTiles(width: number, height: number, sidePx: number, borderPx: number): readonly Tile[] {
  const columns = cut(width, sidePx);
  const rows = cut(height, sidePx);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      x: column.start,
      y: row.start,
      width: column.length,
      height: row.length,
      border: borderPx,
    })),
  );
}

function cut(length: number, side: number): readonly { readonly start: number; readonly length: number }[] {
  const count = Math.max(1, Math.ceil(length / side));
  return Array.from({ length: count }, (_, k) => {
    const start = Math.round((k * length) / count);
    return { start, length: Math.round(((k + 1) * length) / count) - start };
  });
}
