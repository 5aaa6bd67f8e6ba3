import type { MeshSpline } from '../../kernels/index.ts';

/**
 * Lay cubic splines through values at mesh centres, in both directions, for rows of `width` pixels.
 *
 * Beyond the outermost centres the outermost cubics go on. With one mesh in a direction it is constant there.
 * Two habits of SExtractor and SEP are kept, so that the maps agree with theirs: y is measured from a row's lower
 * edge instead of its centre, and second derivatives are coupled more weakly than in a natural spline.
 *
 * @param values (rows, columns) at the mesh centres.
 */
export function laySplines(
  values: Float32Array,
  columns: number,
  rows: number,
  meshPx: number,
  width: number,
): MeshSpline {
  const bends = splineColumns(values, columns, rows);
  return { columns, rows, meshPx, values, bends, ...layIntervals(columns, meshPx, width) };
}

/** Pixel centres lie at (x + 0.5) / mesh - 0.5 - k in [0, 1) of interval k; the outermost reach the borders. */
function layIntervals(
  columns: number,
  meshPx: number,
  width: number,
): Pick<MeshSpline, 'starts' | 'offsets'> {
  const intervals = Math.max(1, columns - 1);
  const starts = Int32Array.from({ length: intervals + 1 }, (_, k) =>
    k === 0 ? 0 : k === intervals ? width : Math.ceil((k + 0.5) * meshPx - 0.5),
  );
  const offsets = Float32Array.from({ length: intervals }, (_, k) => (starts[k]! + 0.5) / meshPx - 0.5 - k);
  return { starts, offsets };
}

/** A sixth of the second derivatives along y at every node. */
function splineColumns(values: Float32Array, columns: number, rows: number): Float64Array {
  const all = Float64Array.from(values);
  const result = new Float64Array(columns * rows);
  const scratch = new Float64Array(rows);
  for (let c = 0; c < columns; c++) splineSecondDerivatives(all, rows, columns, c, result, scratch);
  return result;
}

/** Solve the tridiagonal system (1, 4, 1) of a cubic spline with unit spacing and no bend at its ends. */
function splineSecondDerivatives(
  values: Float64Array,
  count: number,
  stride: number,
  offset: number,
  out: Float64Array,
  scratch: Float64Array,
): void {
  out[offset] = 0;
  if (count < 3) {
    if (count === 2) out[offset + stride] = 0;
    return;
  }
  scratch[0] = 0;
  let carried = 0;
  for (let i = 1; i < count - 1; i++) {
    const at = offset + i * stride;
    const bend = values[at - stride]! - 2 * values[at]! + values[at + stride]!;
    const pivot = 1 / (4 - scratch[i - 1]!);
    scratch[i] = pivot;
    carried = (bend - carried) * pivot;
    out[at] = carried;
  }
  out[offset + (count - 1) * stride] = 0;
  for (let i = count - 2; i >= 1; i--) {
    const at = offset + i * stride;
    // A natural spline would not divide by six here; SExtractor does.
    out[at] = out[at]! - (scratch[i]! * out[at + stride]!) / 6;
  }
}
