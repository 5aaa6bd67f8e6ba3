/** Median of some values (mean of the middle two if even); the input keeps its order. NaN for none. */
export function medianOf(values: Float32Array): number {
  const sorted = Float32Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  return n % 2 === 1 ? sorted[(n - 1) / 2]! : Math.fround((sorted[n / 2 - 1]! + sorted[n / 2]!) / 2);
}

/**
 * Give meshes that are NaN the mean of the good meshes nearest to them.
 *
 * @returns false if no mesh is good; then nothing was changed.
 */
export function fillBadMeshes(
  level: Float32Array,
  rms: Float32Array,
  columns: number,
  rows: number,
): boolean {
  const good: number[] = [];
  for (let i = 0; i < level.length; i++) if (!Number.isNaN(level[i]!)) good.push(i);
  if (good.length === 0) return false;
  if (good.length === level.length) return true;
  const filledLevel = Float32Array.from(level);
  const filledRms = Float32Array.from(rms);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const i = row * columns + column;
      if (!Number.isNaN(level[i]!)) continue;
      let nearest = Number.POSITIVE_INFINITY;
      let count = 0;
      let levelSum = 0;
      let rmsSum = 0;
      for (const j of good) {
        const distance = ((j % columns) - column) ** 2 + (Math.floor(j / columns) - row) ** 2;
        if (distance > nearest) continue;
        if (distance < nearest) {
          nearest = distance;
          count = 0;
          levelSum = 0;
          rmsSum = 0;
        }
        levelSum += level[j]!;
        rmsSum += rms[j]!;
        count++;
      }
      filledLevel[i] = levelSum / count;
      filledRms[i] = rmsSum / count;
    }
  }
  level.set(filledLevel);
  rms.set(filledRms);
  return true;
}

/** Median-filter both meshes in place; the window shrinks evenly at the borders so that it stays centred. */
export function filterMeshes(
  level: Float32Array,
  rms: Float32Array,
  columns: number,
  rows: number,
  size: number,
): void {
  const half = Math.floor(size / 2);
  if (half < 1) return;
  const levelIn = Float32Array.from(level);
  const rmsIn = Float32Array.from(rms);
  const levelBox = new Float32Array(size * size);
  const rmsBox = new Float32Array(size * size);
  for (let row = 0; row < rows; row++) {
    const halfY = Math.min(half, row, rows - 1 - row);
    for (let column = 0; column < columns; column++) {
      const halfX = Math.min(half, column, columns - 1 - column);
      let n = 0;
      for (let y = row - halfY; y <= row + halfY; y++) {
        for (let x = column - halfX; x <= column + halfX; x++) {
          levelBox[n] = levelIn[y * columns + x]!;
          rmsBox[n++] = rmsIn[y * columns + x]!;
        }
      }
      level[row * columns + column] = medianOf(levelBox.subarray(0, n));
      rms[row * columns + column] = medianOf(rmsBox.subarray(0, n));
    }
  }
}
