/** Four points as a figure: A and B farthest apart, and where C and D lie in their frame. */
export interface Quad {
  /** Indices of A, B, C, D. */
  readonly stars: readonly [number, number, number, number];
  /** C and D with A at 0 and B at 1 of the complex plane: re, im, re, im. */
  readonly code: readonly [number, number, number, number];
  /** Distance from A to B. */
  readonly size: number;
}

/**
 * Describe four points by what does not change with shift, rotation and scale.
 *
 * A is that of the two outer points nearer to the inner ones, C the inner one nearer to A: so the same four points
 * always give the same numbers.
 *
 * @param isMirrored describe the points as seen from behind.
 * @returns `undefined` when points coincide.
 * @see Lang et al. 2010, AJ 139, 1782, section 2.1
 */
export function encodeQuad(
  x: Float64Array,
  y: Float64Array,
  points: readonly [number, number, number, number],
  isMirrored: boolean,
): Quad | undefined {
  let [a, b, longest] = [0, 0, 0];
  for (let i = 0; i < 3; i++)
    for (let j = i + 1; j < 4; j++) {
      const square = (x[points[i]!]! - x[points[j]!]!) ** 2 + (y[points[i]!]! - y[points[j]!]!) ** 2;
      if (square > longest) [a, b, longest] = [i, j, square];
    }
  if (!(longest > 0)) return undefined;
  let c = 0;
  while (c === a || c === b) c++;
  let d = 6 - a - b - c;
  const sign = isMirrored ? -1 : 1;
  const [abX, abY] = [x[points[b]!]! - x[points[a]!]!, sign * (y[points[b]!]! - y[points[a]!]!)];
  const place = (k: number): [number, number] => {
    const [dx, dy] = [x[points[k]!]! - x[points[a]!]!, sign * (y[points[k]!]! - y[points[a]!]!)];
    return [(dx * abX + dy * abY) / longest, (dy * abX - dx * abY) / longest];
  };
  let [cRe, cIm] = place(c);
  let [dRe, dIm] = place(d);
  if (cRe + dRe > 1) {
    [a, b] = [b, a];
    [cRe, cIm, dRe, dIm] = [1 - cRe, -cIm, 1 - dRe, -dIm];
  }
  if (cRe > dRe) {
    [c, d] = [d, c];
    [cRe, cIm, dRe, dIm] = [dRe, dIm, cRe, cIm];
  }
  return {
    stars: [points[a]!, points[b]!, points[c]!, points[d]!],
    code: [cRe, cIm, dRe, dIm],
    size: Math.sqrt(longest),
  };
}
