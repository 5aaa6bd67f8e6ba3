// Polynomials fitted to values at the same places again and again, without outliers: four fits side by side.

/** Bytes of four doubles. */
const ROW: usize = 32;
/** Values that are off by so many sigma have no say, and how often is looked. */
const CLIP_SIGMA: f64 = 3;
const CLIP_ROUNDS: i32 = 2;
/** From the median of absolute deviations to a standard deviation. */
const TO_SIGMA: f64 = 1.4826;
/** A value's own part of its fitted value counts as no more than this. */
const MOST_LEVERAGE: f64 = 0.9;
/** A pivot smaller than this part of its diagonal is none. */
const LEAST_PIVOT: f64 = 1e-14;

/** Doubles of scratch memory that `fitClipped` needs. */
export function clippedRoom(count: i32, places: i32): i32 {
  return 13 * places + 4 * (3 * count * count + 2);
}

/** Sum products of four numbers each with those of one row; four sums at a time do not wait for each other. */
function sumRow(numbers: usize, row: usize, places: i32, to: usize): void {
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  let s: i32 = 0;
  for (; s + 3 < places; s += 4, numbers += 4 * ROW, row += 32) {
    const p = v128.load64_splat(row, 0);
    a0 = f64x2.add(a0, f64x2.mul(v128.load(numbers, 0), p));
    a1 = f64x2.add(a1, f64x2.mul(v128.load(numbers, 16), p));
    const q = v128.load64_splat(row, 8);
    b0 = f64x2.add(b0, f64x2.mul(v128.load(numbers, 32), q));
    b1 = f64x2.add(b1, f64x2.mul(v128.load(numbers, 48), q));
    const r = v128.load64_splat(row, 16);
    c0 = f64x2.add(c0, f64x2.mul(v128.load(numbers, 64), r));
    c1 = f64x2.add(c1, f64x2.mul(v128.load(numbers, 80), r));
    const t = v128.load64_splat(row, 24);
    d0 = f64x2.add(d0, f64x2.mul(v128.load(numbers, 96), t));
    d1 = f64x2.add(d1, f64x2.mul(v128.load(numbers, 112), t));
  }
  for (; s < places; s++, numbers += ROW, row += 8) {
    const p = v128.load64_splat(row);
    a0 = f64x2.add(a0, f64x2.mul(v128.load(numbers, 0), p));
    a1 = f64x2.add(a1, f64x2.mul(v128.load(numbers, 16), p));
  }
  v128.store(to, f64x2.add(f64x2.add(a0, b0), f64x2.add(c0, d0)), 0);
  v128.store(to, f64x2.add(f64x2.add(a1, b1), f64x2.add(c1, d1)), 16);
}

/** Sum weights times the products of all pairs of terms into the lower triangle of a matrix, and mirror it. */
function sumPairs(weights: usize, products: usize, places: i32, count: i32, matrix: usize): void {
  let row = products;
  for (let a: i32 = 0; a < count; a++) {
    for (let b: i32 = 0; b <= a; b++, row += <usize>places << 3) {
      const at = matrix + ROW * <usize>(a * count + b);
      sumRow(weights, row, places, at);
      if (a !== b) memory.copy(matrix + ROW * <usize>(b * count + a), at, ROW);
    }
  }
}

/** Factor the matrix of each fit by Cholesky's method; where one has no factor, `isFit` becomes 0. */
function factorEach(matrix: usize, count: i32, lower: usize, isFit: usize): void {
  for (let lane: usize = 0; lane < ROW; lane += 16) {
    let good = v128.load(isFit + lane);
    for (let i: i32 = 0; i < count; i++) {
      for (let j: i32 = 0; j <= i; j++) {
        const at = ROW * <usize>(i * count + j) + lane;
        const element = v128.load(matrix + at);
        let sum = element;
        for (let k: i32 = 0; k < j; k++) {
          const p = v128.load(lower + ROW * <usize>(i * count + k) + lane);
          const q = v128.load(lower + ROW * <usize>(j * count + k) + lane);
          sum = f64x2.sub(sum, f64x2.mul(p, q));
        }
        if (i === j) {
          good = v128.and(
            good,
            f64x2.gt(sum, f64x2.mul(f64x2.splat(LEAST_PIVOT), f64x2.abs(element))),
          );
          v128.store(lower + at, f64x2.sqrt(sum));
        } else {
          const pivot = v128.load(lower + ROW * <usize>(j * count + j) + lane);
          v128.store(lower + at, f64x2.div(sum, pivot));
        }
      }
    }
    v128.store(isFit + lane, good);
  }
}

/** Solve with the factors of `factorEach`, in place. */
function solveEach(lower: usize, count: i32, x: usize): void {
  for (let lane: usize = 0; lane < ROW; lane += 16) {
    const element = lower + lane;
    const value = x + lane;
    for (let i: i32 = 0; i < count; i++) {
      let sum = v128.load(value + ROW * <usize>i);
      for (let k: i32 = 0; k < i; k++) {
        const factor = v128.load(element + ROW * <usize>(i * count + k));
        sum = f64x2.sub(sum, f64x2.mul(factor, v128.load(value + ROW * <usize>k)));
      }
      v128.store(value + ROW * <usize>i, f64x2.div(sum, v128.load(element + ROW * <usize>(i * count + i))));
    }
    for (let i = count - 1; i >= 0; i--) {
      const own = f64x2.div(
        v128.load(value + ROW * <usize>i),
        v128.load(element + ROW * <usize>(i * count + i)),
      );
      v128.store(value + ROW * <usize>i, own);
      for (let k: i32 = 0; k < i; k++) {
        const factor = v128.load(element + ROW * <usize>(i * count + k));
        const other = value + ROW * <usize>k;
        v128.store(other, f64x2.sub(v128.load(other), f64x2.mul(factor, own)));
      }
    }
  }
}

/** Write what the polynomials are at each place. */
function predictEach(values: usize, terms: usize, places: i32, count: i32, predicted: usize): void {
  for (let s: i32 = 0; s < places; s++, predicted += ROW) {
    let low = f64x2.splat(0);
    let high = low;
    for (let a: i32 = 0; a < count; a++) {
      const term = v128.load64_splat(terms + (<usize>(a * places + s) << 3));
      const value = values + ROW * <usize>a;
      low = f64x2.add(low, f64x2.mul(v128.load(value, 0), term));
      high = f64x2.add(high, f64x2.mul(v128.load(value, 16), term));
    }
    v128.store(predicted, low, 0);
    v128.store(predicted, high, 16);
  }
}

/** Put the k-th smallest of `n` doubles in its place and return it. @see Hoare 1961, Comm. ACM 4, 321 (FIND) */
function selectDouble(numbers: usize, k: i32, n: i32): f64 {
  let from: i32 = 0;
  let to: i32 = n - 1;
  while (from < to) {
    const a = load<f64>(numbers + (<usize>from << 3));
    const b = load<f64>(numbers + (<usize>((from + to) >> 1) << 3));
    const c = load<f64>(numbers + (<usize>to << 3));
    const pivot = max(min(a, b), min(max(a, b), c));
    let i = from;
    let j = to;
    while (i <= j) {
      while (load<f64>(numbers + (<usize>i << 3)) < pivot) i++;
      while (load<f64>(numbers + (<usize>j << 3)) > pivot) j--;
      if (i > j) break;
      const p = numbers + (<usize>i << 3);
      const q = numbers + (<usize>j << 3);
      const swapped = load<f64>(p);
      store<f64>(p, load<f64>(q));
      store<f64>(q, swapped);
      i++;
      j--;
    }
    if (k <= j) to = j;
    else if (k >= i) from = i;
    else break;
  }
  return load<f64>(numbers + (<usize>k << 3));
}

/**
 * Set the weights to zero of the values that are off by more than three sigma of one of the four fits.
 *
 * `pulls` are rows of four, `list` room for one double each.
 *
 * @returns how many values count before `used`, less those taken out.
 */
function clipOne(pulls: usize, weights: usize, places: i32, used: i32, list: usize): i32 {
  let n: i32 = 0;
  let small: i32 = 0;
  for (let s: i32 = 0; s < places; s++) {
    const at = ROW * <usize>s;
    if (load<f64>(weights + at) === 0) continue;
    const pull = load<f64>(pulls + at);
    store<f64>(list + (<usize>n << 3), pull);
    n++;
    if (TO_SIGMA * pull <= 1) small++;
  }
  // Where most are small there is no need to know how small the middle one is.
  const scatter = small > used >> 1 ? 1 : max<f64>(1, TO_SIGMA * selectDouble(list, used >> 1, used));
  const most = CLIP_SIGMA * scatter;
  for (let s: i32 = 0; s < places; s++) {
    const at = ROW * <usize>s;
    if (load<f64>(weights + at) === 0 || load<f64>(pulls + at) <= most) continue;
    store<f64>(weights + at, 0);
    n--;
  }
  return n;
}

/**
 * Fit polynomials to values at the same places, four fits to a group, each without values that are off by more than three sigma.
 *
 * `wanted` and `weights` are rows of four doubles, one row a place, group after group; weights of what is left out become 0.
 * `terms` are `count` rows of a double for each place, `products` those of all pairs (a, b <= a) of them. Writes for each group
 * rows of four: whether it is a fit (0 if not), the coefficients, their variances as the weights have them, and, with
 * `hasSpread`, what these would be from what each value would change by leaving (HC3).
 */
export function fitClipped(
  wanted: usize, weights: usize, groups: i32, places: i32,
  terms: usize, products: usize, count: i32, hasSpread: i32, room: usize, results: usize,
): void {
  const rows = ROW * <usize>places;
  const square = ROW * <usize>(count * count);
  const edge = ROW * <usize>count;
  const weighted = room;
  const predicted = weighted + rows;
  const pulls = predicted + rows;
  const list = pulls + rows;
  const matrix = list + (<usize>places << 3);
  const lower = matrix + square;
  const inverse = lower + square;
  const isFit = inverse + square;
  const used = isFit + ROW;
  const all = f64x2.eq(f64x2.splat(0), f64x2.splat(0));
  for (let g: i32 = 0; g < groups; g++, wanted += rows, weights += rows, results += ROW + 3 * edge) {
    const values = results + ROW;
    const formal = values + edge;
    const spread = formal + edge;
    v128.store(isFit, all, 0);
    v128.store(isFit, all, 16);
    for (let lane: usize = 0; lane < 4; lane++) {
      let n: i32 = 0;
      for (let s: i32 = 0; s < places; s++) {
        if (load<f64>(weights + ROW * <usize>s + (lane << 3)) !== 0) n++;
      }
      store<i32>(used + (lane << 2), n);
    }
    for (let round: i32 = 0; ; round++) {
      for (let at: usize = 0; at < rows; at += 16) {
        v128.store(weighted + at, f64x2.mul(v128.load(weights + at), v128.load(wanted + at)));
      }
      sumPairs(weights, products, places, count, matrix);
      for (let a: i32 = 0; a < count; a++) {
        sumRow(weighted, terms + (<usize>(a * places) << 3), places, values + ROW * <usize>a);
      }
      for (let lane: usize = 0; lane < 4; lane++) {
        if (load<i32>(used + (lane << 2)) < 2 * count) store<i64>(isFit + (lane << 3), 0);
      }
      factorEach(matrix, count, lower, isFit);
      solveEach(lower, count, values);
      if (round === CLIP_ROUNDS) break;
      predictEach(values, terms, places, count, predicted);
      for (let at: usize = 0; at < rows; at += 16) {
        const off = f64x2.abs(f64x2.sub(v128.load(wanted + at), v128.load(predicted + at)));
        v128.store(pulls + at, f64x2.mul(off, f64x2.sqrt(v128.load(weights + at))));
      }
      // A fit that loses nothing stays as it is, however often it is made again.
      let isSettled = true;
      for (let lane: usize = 0; lane < 4; lane++) {
        if (load<i64>(isFit + (lane << 3)) === 0) continue;
        const before = load<i32>(used + (lane << 2));
        const left = clipOne(pulls + (lane << 3), weights + (lane << 3), places, before, list);
        if (left === before) continue;
        store<i32>(used + (lane << 2), left);
        isSettled = false;
      }
      if (isSettled) break;
    }
    v128.store(results, v128.and(v128.load(isFit, 0), f64x2.splat(1)), 0);
    v128.store(results, v128.and(v128.load(isFit, 16), f64x2.splat(1)), 16);
    for (let t: i32 = 0; t < count; t++) {
      const unit = inverse + edge * <usize>t;
      memory.fill(unit, 0, edge);
      v128.store(unit + ROW * <usize>t, f64x2.splat(1), 0);
      v128.store(unit + ROW * <usize>t, f64x2.splat(1), 16);
      solveEach(lower, count, unit);
      memory.copy(formal + ROW * <usize>t, unit + ROW * <usize>t, ROW);
    }
    if (hasSpread === 0) continue;
    predictEach(values, terms, places, count, predicted);
    memory.fill(pulls, 0, rows);
    let row = products;
    for (let a: i32 = 0; a < count; a++) {
      for (let b: i32 = 0; b <= a; b++) {
        const factor = inverse + ROW * <usize>(a * count + b);
        const twice = f64x2.splat(a === b ? 1 : 2);
        const low = f64x2.mul(twice, v128.load(factor, 0));
        const high = f64x2.mul(twice, v128.load(factor, 16));
        for (let s: i32 = 0; s < places; s++, row += 8) {
          const p = v128.load64_splat(row);
          const at = pulls + ROW * <usize>s;
          v128.store(at, f64x2.add(v128.load(at, 0), f64x2.mul(low, p)), 0);
          v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(high, p)), 16);
        }
      }
    }
    for (let at: usize = 0; at < rows; at += 16) {
      const w = v128.load(weights + at);
      const own = f64x2.pmin(f64x2.splat(MOST_LEVERAGE), f64x2.mul(w, v128.load(pulls + at)));
      const off = f64x2.mul(w, f64x2.sub(v128.load(wanted + at), v128.load(predicted + at)));
      const change = f64x2.div(off, f64x2.sub(f64x2.splat(1), own));
      v128.store(weighted + at, f64x2.mul(change, change));
    }
    sumPairs(weighted, products, places, count, matrix);
    for (let lane: usize = 0; lane < ROW; lane += 16) {
      for (let t: i32 = 0; t < count; t++) {
        const own = inverse + edge * <usize>t + lane;
        let variance = f64x2.splat(0);
        for (let a: i32 = 0; a < count; a++) {
          for (let b: i32 = 0; b < count; b++) {
            const element = v128.load(matrix + ROW * <usize>(a * count + b) + lane);
            const left = f64x2.mul(v128.load(own + ROW * <usize>a), element);
            variance = f64x2.add(variance, f64x2.mul(left, v128.load(own + ROW * <usize>b)));
          }
        }
        v128.store(spread + ROW * <usize>t + lane, variance);
      }
    }
  }
}
