// Normal equations of eight unknowns.

/** Bytes of eight slopes, a residual and a weight. */
const ROW: usize = 80;

// @ts-ignore: decorator
@inline
function grow(sum: v128, weighted: v128, from: usize): v128 {
  return f64x2.add(sum, f64x2.mul(weighted, v128.load(from)));
}

/**
 * Add up the normal equations of `count` values: rows of eight slopes, a residual and a weight.
 *
 * Adds to the lower triangle of `normal` (8 x 8 doubles, what lies right of the diagonal by one may be spoiled) and to `right`
 * (8 doubles), value by value.
 */
export function addEquations(rows: usize, count: i32, normal: usize, right: usize): void {
  let n00 = v128.load(normal, 0);
  let n10 = v128.load(normal, 64);
  let n20 = v128.load(normal, 128);
  let n22 = v128.load(normal, 144);
  let n30 = v128.load(normal, 192);
  let n32 = v128.load(normal, 208);
  let n40 = v128.load(normal, 256);
  let n42 = v128.load(normal, 272);
  let n44 = v128.load(normal, 288);
  let row = rows;
  for (let i: i32 = 0; i < count; i++, row += ROW) {
    const weight = v128.load64_splat(row, 72);
    n00 = grow(n00, f64x2.mul(weight, v128.load64_splat(row, 0)), row);
    n10 = grow(n10, f64x2.mul(weight, v128.load64_splat(row, 8)), row);
    const c = f64x2.mul(weight, v128.load64_splat(row, 16));
    n20 = grow(n20, c, row);
    n22 = grow(n22, c, row + 16);
    const d = f64x2.mul(weight, v128.load64_splat(row, 24));
    n30 = grow(n30, d, row);
    n32 = grow(n32, d, row + 16);
    const e = f64x2.mul(weight, v128.load64_splat(row, 32));
    n40 = grow(n40, e, row);
    n42 = grow(n42, e, row + 16);
    n44 = grow(n44, e, row + 32);
  }
  v128.store(normal, n00, 0);
  v128.store(normal, n10, 64);
  v128.store(normal, n20, 128);
  v128.store(normal, n22, 144);
  v128.store(normal, n30, 192);
  v128.store(normal, n32, 208);
  v128.store(normal, n40, 256);
  v128.store(normal, n42, 272);
  v128.store(normal, n44, 288);
  let n50 = v128.load(normal, 320);
  let n52 = v128.load(normal, 336);
  let n54 = v128.load(normal, 352);
  let n60 = v128.load(normal, 384);
  let n62 = v128.load(normal, 400);
  let n64 = v128.load(normal, 416);
  let n66 = v128.load(normal, 432);
  row = rows;
  for (let i: i32 = 0; i < count; i++, row += ROW) {
    const weight = v128.load64_splat(row, 72);
    const f = f64x2.mul(weight, v128.load64_splat(row, 40));
    n50 = grow(n50, f, row);
    n52 = grow(n52, f, row + 16);
    n54 = grow(n54, f, row + 32);
    const g = f64x2.mul(weight, v128.load64_splat(row, 48));
    n60 = grow(n60, g, row);
    n62 = grow(n62, g, row + 16);
    n64 = grow(n64, g, row + 32);
    n66 = grow(n66, g, row + 48);
  }
  v128.store(normal, n50, 320);
  v128.store(normal, n52, 336);
  v128.store(normal, n54, 352);
  v128.store(normal, n60, 384);
  v128.store(normal, n62, 400);
  v128.store(normal, n64, 416);
  v128.store(normal, n66, 432);
  let n70 = v128.load(normal, 448);
  let n72 = v128.load(normal, 464);
  let n74 = v128.load(normal, 480);
  let n76 = v128.load(normal, 496);
  let r0 = v128.load(right, 0);
  let r2 = v128.load(right, 16);
  let r4 = v128.load(right, 32);
  let r6 = v128.load(right, 48);
  row = rows;
  for (let i: i32 = 0; i < count; i++, row += ROW) {
    const weight = v128.load64_splat(row, 72);
    const h = f64x2.mul(weight, v128.load64_splat(row, 56));
    n70 = grow(n70, h, row);
    n72 = grow(n72, h, row + 16);
    n74 = grow(n74, h, row + 32);
    n76 = grow(n76, h, row + 48);
    const residual = v128.load64_splat(row, 64);
    r0 = f64x2.add(r0, f64x2.mul(f64x2.mul(weight, v128.load(row, 0)), residual));
    r2 = f64x2.add(r2, f64x2.mul(f64x2.mul(weight, v128.load(row, 16)), residual));
    r4 = f64x2.add(r4, f64x2.mul(f64x2.mul(weight, v128.load(row, 32)), residual));
    r6 = f64x2.add(r6, f64x2.mul(f64x2.mul(weight, v128.load(row, 48)), residual));
  }
  v128.store(normal, n70, 448);
  v128.store(normal, n72, 464);
  v128.store(normal, n74, 480);
  v128.store(normal, n76, 496);
  v128.store(right, r0, 0);
  v128.store(right, r2, 16);
  v128.store(right, r4, 32);
  v128.store(right, r6, 48);
}
