/** Lobes of the Lanczos window: 4 keeps a star of 2.4 px FWHM to a few 1e-4 of its peak. */
const LOBES = 4;
const TAPS = 2 * LOBES;

/** Write the weights that interpolate at fraction `f` in [0, 1) beyond the middle tap; they sum to one. */
function lanczosWeights(f: number, weights: Float64Array): void {
  let sum = 0;
  for (let tap = 0; tap < TAPS; tap++) {
    const t = tap - LOBES + 1 - f;
    const x = Math.PI * t;
    const w = Math.abs(t) < 1e-12 ? 1 : (LOBES * Math.sin(x) * Math.sin(x / LOBES)) / (x * x);
    weights[tap] = w;
    sum += w;
  }
  for (let tap = 0; tap < TAPS; tap++) weights[tap] /= sum;
}

// Tens of thousands of stamps are moved one after the other: with memory of their own for each, what was thrown away
// would lie scattered among what is kept.
const weights = new Float64Array(TAPS);
let room = new Float64Array(0);

/**
 * Move what a square stamp shows by a fraction of a pixel (Lanczos, separable); outside the stamp is zero.
 *
 * @param source (size, size)
 * @param dx, dy px, 4 at most; the content moves towards larger x and y.
 * @param target (size, size), overwritten.
 * @throws RangeError for a longer way
 */
export function shiftStamp(
  source: ArrayLike<number>,
  size: number,
  dx: number,
  dy: number,
  target: Float64Array,
): void {
  // The value at x comes from x - dx = (x - ceil(dx)) + f with f in [0, 1).
  const wholeX = Math.ceil(dx);
  const wholeY = Math.ceil(dy);
  const w = weights;
  lanczosWeights(wholeX - dx, w);
  const length = size + 2 * TAPS;
  if (room.length < length * (size + 1)) room = new Float64Array(length * (size + 1));
  // Zeros above and below let the columns run without looking where the stamp ends.
  const rows = room
    .subarray(0, length * size)
    .fill(0, 0, TAPS * size)
    .fill(0, (size + TAPS) * size);
  const line = room.subarray(length * size, length * (size + 1)).fill(0);
  const firstX = TAPS - wholeX - LOBES + 1;
  const firstY = TAPS - wholeY - LOBES + 1;
  if (!(Math.min(firstX, firstY) >= 0 && Math.max(firstX, firstY) <= TAPS + 1)) {
    throw new RangeError(`shiftStamp moves by ${LOBES} px at most, not by (${dx}, ${dy})`);
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) line[x + TAPS] = source[y * size + x];
    interpolate(line, firstX, 1, w, rows, (y + TAPS) * size, 1, size);
  }
  lanczosWeights(wholeY - dy, w);
  for (let x = 0; x < size; x++) interpolate(rows, firstY * size + x, size, w, target, x, size, size);
}

/** Write weighted sums of eight numbers in a row each, of which each is looked at once. */
function interpolate(
  source: Float64Array,
  first: number,
  pitch: number,
  w: Float64Array,
  target: Float64Array,
  to: number,
  toPitch: number,
  count: number,
): void {
  const [w0, w1, w2, w3] = [w[0], w[1], w[2], w[3]];
  const [w4, w5, w6, w7] = [w[4], w[5], w[6], w[7]];
  let a = source[first];
  let b = source[first + pitch];
  let c = source[first + 2 * pitch];
  let d = source[first + 3 * pitch];
  let e = source[first + 4 * pitch];
  let f = source[first + 5 * pitch];
  let g = source[first + 6 * pitch];
  let at = first + 7 * pitch;
  for (let i = 0, k = to; i < count; i++, k += toPitch, at += pitch) {
    const h = source[at];
    target[k] = w0 * a + w1 * b + w2 * c + w3 * d + (w4 * e + w5 * f + w6 * g + w7 * h);
    a = b;
    b = c;
    c = d;
    d = e;
    e = f;
    f = g;
    g = h;
  }
}
