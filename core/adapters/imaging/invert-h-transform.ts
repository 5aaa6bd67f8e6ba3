/**
 * Undo the H-transform in place: from means and differences of ever larger squares back to pixels.
 *
 * Coefficients are rounded at each level as the forward transform did, which makes integers come back exactly.
 *
 * @param a rows x columns, whole numbers.
 * @param smoothScale the quantisation step if blocks are to be smoothed, else 0.
 * @see White, Postman & Lattanzi 1992; FITS standard 4.0, 10.4.4
 */
export function invertHTransform(a: Float64Array, rows: number, columns: number, smoothScale: number): void {
  const levels = Math.ceil(Math.log2(Math.max(rows, columns)));
  const scratch = new Float64Array(Math.max(rows, columns));
  a[0] = roundTo(a[0]!, 2 ** (levels + 1));
  for (let level = levels - 1; level >= 0; level--) {
    const unit = 2 ** level;
    const usedRows = Math.ceil(rows / unit);
    const usedColumns = Math.ceil(columns / unit);
    for (let row = 0; row < usedRows; row++) interleave(a, row * columns, usedColumns, 1, scratch);
    for (let column = 0; column < usedColumns; column++) interleave(a, column, usedRows, columns, scratch);
    if (smoothScale > 1) smoothBlocks(a, usedRows, usedColumns, columns, Math.floor(smoothScale / 2));
    // Sums were halved at each level but the first, which is the last one undone.
    invertLevel(a, usedRows, usedColumns, columns, unit, level === 0 ? 0.25 : 0.5);
  }
}

// The first half of a line holds its even elements, the second half the odd ones.
function interleave(
  a: Float64Array,
  start: number,
  length: number,
  stride: number,
  scratch: Float64Array,
): void {
  const half = Math.ceil(length / 2);
  for (let i = half; i < length; i++) scratch[i - half] = a[start + i * stride]!;
  for (let i = half - 1; i > 0; i--) a[start + 2 * i * stride] = a[start + i * stride]!;
  for (let i = 0; i < length - half; i++) a[start + (2 * i + 1) * stride] = scratch[i]!;
}

// Round to a multiple of a power of two, halves away from zero.
function roundTo(value: number, unit: number): number {
  if (unit === 1) return value;
  return Math.floor((value >= 0 ? value + unit / 2 : value + unit / 2 - 1) / unit) * unit;
}

function isOdd(value: number, unit: number): boolean {
  return Math.floor(value / unit) % 2 !== 0;
}

function invertLevel(
  a: Float64Array,
  rows: number,
  columns: number,
  stride: number,
  unit: number,
  share: number,
): void {
  const twice = unit * 2;
  for (let row = 0; row < rows; row += 2) {
    const hasBelow = row + 1 < rows;
    for (let column = 0; column < columns; column += 2) {
      const i00 = row * stride + column;
      const i10 = i00 + stride;
      const hasRight = column + 1 < columns;
      let h0 = a[i00]!;
      if (hasBelow && hasRight) {
        let hx = roundTo(a[i10]!, twice);
        let hy = roundTo(a[i00 + 1]!, twice);
        const hc = roundTo(a[i10 + 1]!, unit);
        // The four sums are all even or all odd, so each coefficient's lost low bits are known from hc's.
        const low = isOdd(hc, unit) ? unit : 0;
        hx += hx >= 0 ? -low : low;
        hy += hy >= 0 ? -low : low;
        const next = isOdd(hc, twice) !== (isOdd(hx, twice) !== isOdd(hy, twice)) ? twice : 0;
        if (h0 >= 0) h0 += low - next;
        else h0 += low === 0 ? next : low - next;
        a[i10 + 1] = Math.floor((h0 + hx + hy + hc) * share);
        a[i10] = Math.floor((h0 + hx - hy - hc) * share);
        a[i00 + 1] = Math.floor((h0 - hx + hy - hc) * share);
        a[i00] = Math.floor((h0 - hx - hy + hc) * share);
      } else if (hasBelow || hasRight) {
        const other = hasBelow ? i10 : i00 + 1;
        const difference = roundTo(a[other]!, twice);
        const next = isOdd(difference, twice) ? twice : 0;
        h0 += h0 >= 0 ? -next : next;
        a[other] = Math.floor((h0 + difference) * share);
        a[i00] = Math.floor((h0 - difference) * share);
      } else {
        a[i00] = Math.floor(h0 * share);
      }
    }
  }
}

/**
 * Let each block's slopes follow its neighbours' means, within what quantisation could have hidden.
 *
 * Blocks at the edge stay as they are; a slope never passes what keeps the means monotonic.
 */
function smoothBlocks(a: Float64Array, rows: number, columns: number, stride: number, limit: number): void {
  const down = 2 * stride;
  for (let row = 2; row < rows - 2; row += 2) {
    for (let column = 0; column < columns; column += 2) {
      const at = row * stride + column;
      adjustSlope(a, at, at - down, at + down, at + stride, limit);
    }
  }
  for (let row = 0; row < rows; row += 2) {
    for (let column = 2; column < columns - 2; column += 2) {
      const at = row * stride + column;
      adjustSlope(a, at, at - 2, at + 2, at + 1, limit);
    }
  }
  for (let row = 2; row < rows - 2; row += 2) {
    for (let column = 2; column < columns - 2; column += 2)
      adjustCurvature(a, row * stride + column, stride, limit);
  }
}

function adjustSlope(
  a: Float64Array,
  at: number,
  before: number,
  after: number,
  slope: number,
  limit: number,
): void {
  const mean = a[at]!;
  const rise = a[after]! - mean;
  const fall = mean - a[before]!;
  const most = Math.max(Math.min(rise, fall), 0) * 4;
  const least = Math.min(Math.max(rise, fall), 0) * 4;
  if (least >= most) return;
  const wanted = clamp(rise + fall, least, most);
  a[slope]! += clamp(Math.trunc((wanted - a[slope]! * 8) / 8), -limit, limit);
}

function adjustCurvature(a: Float64Array, at: number, stride: number, limit: number): void {
  const down = 2 * stride;
  const mm = a[at - down - 2]!;
  const pm = a[at + down - 2]!;
  const mp = a[at - down + 2]!;
  const pp = a[at + down + 2]!;
  const mean = a[at]!;
  const slopeX = a[at + stride]! * 2;
  const slopeY = a[at + 1]! * 2;
  const most =
    16 *
    Math.min(
      Math.max(pp - mean, 0) - slopeX - slopeY,
      Math.max(mean - pm, 0) + slopeX - slopeY,
      Math.max(mean - mp, 0) - slopeX + slopeY,
      Math.max(mm - mean, 0) + slopeX + slopeY,
    );
  const least =
    16 *
    Math.max(
      Math.min(pp - mean, 0) - slopeX - slopeY,
      Math.min(mean - pm, 0) + slopeX - slopeY,
      Math.min(mean - mp, 0) - slopeX + slopeY,
      Math.min(mm - mean, 0) + slopeX + slopeY,
    );
  if (least >= most) return;
  const curvature = at + stride + 1;
  const wanted = clamp(pp + mm - mp - pm, least, most);
  a[curvature]! += clamp(Math.trunc((wanted - a[curvature]! * 64) / 64), -limit, limit);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(Math.min(value, most), least);
}
