/**
 * Average an image over square blocks: each pixel of the result is the mean of the finite ones of its block.
 *
 * @param pixels row-major, `width * height`; blocks at the right and upper rim may be cut.
 * @param step   side of a block, px.
 * @returns `ceil(width / step) * ceil(height / step)` pixels; NaN where a block has no finite one.
 */
export function meanOfBlocks(
  pixels: Float32Array,
  width: number,
  height: number,
  step: number,
): Float32Array {
  const columns = Math.ceil(width / step);
  const rows = Math.ceil(height / step);
  const means = new Float32Array(columns * rows);
  const sums = new Float64Array(columns);
  const counts = new Uint32Array(columns);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    counts.fill(0);
    const last = Math.min(height, (row + 1) * step);
    for (let y = row * step; y < last; y++) {
      const start = y * width;
      for (let column = 0, x = 0; column < columns; column++) {
        const end = Math.min(width, x + step);
        let sum = 0;
        let count = 0;
        for (; x < end; x++) {
          const value = pixels[start + x]!;
          // What is not finite differs from itself.
          if (value - value !== 0) continue;
          sum += value;
          count++;
        }
        sums[column]! += sum;
        counts[column]! += count;
      }
    }
    for (let column = 0; column < columns; column++)
      means[row * columns + column] = counts[column]! > 0 ? sums[column]! / counts[column]! : Number.NaN;
  }
  return means;
}
