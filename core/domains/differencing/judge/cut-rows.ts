/** Some rows of a difference that are judged at once. */
export interface Rows {
  readonly first: number;
  /** The row after the last. */
  readonly end: number;
}

/** About so many rows: for 2048 px columns half a megapixel, whose planes take turns in the last cache. */
const BAND_ROWS = 64;

/** Cut an image into bands of rows, which depend on its height alone. */
export function cutRows(height: number): readonly Rows[] {
  const count = Math.max(1, Math.round(height / BAND_ROWS));
  const startOf = (band: number) => Math.round((band * height) / count);
  return Array.from({ length: count }, (_, band) => ({ first: startOf(band), end: startOf(band + 1) }));
}
