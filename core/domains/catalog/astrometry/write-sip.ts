import { type Header, parseWcs, type Wcs } from '../../observations/index.ts';
import { evaluatePlaneAt, fitPlane, type PlaneMap } from '../../preprocessing/index.ts';
import type { TangentFrame } from './project-tangent.ts';

/** Coefficients by powers of two coordinates: `terms[i][j]` is that of u^i v^j. */
type Powers = readonly (readonly number[])[];

/** Orders of the inverse polynomials: enough for a hundredth of a pixel. */
const MOST_INVERSE_ORDER = 6;
/** Error of the inverse polynomials that suffices, px. */
const INVERSE_ERROR_PX = 0.005;
const GRID = 33;

/**
 * Write a map from pixels to the tangent plane as a TAN or TAN-SIP header, with distortion both ways.
 *
 * @param map pixels to `frame`; its constant terms at the reference pixel must be zero.
 * @param xRefPx reference pixel, zero-based.
 * @returns the WCS as read back from its cards, and the largest error of AP and BP over the image, px.
 * @see Shupe et al. 2005, ASP Conf. Ser. 347, 491
 */
export function writeSip(
  map: PlaneMap,
  frame: TangentFrame,
  xRefPx: number,
  yRefPx: number,
  size: { readonly widthPx: number; readonly heightPx: number },
): { readonly wcs: Wcs; readonly inverseErrorPx: number } {
  const degrees = frame.unitArcsec / 3600;
  const xi = expandPlane(map, map.xCoefficients, xRefPx, yRefPx);
  const eta = expandPlane(map, map.yCoefficients, xRefPx, yRefPx);
  const [a, b, c, d] = [xi[1]![0]!, xi[0]![1]!, eta[1]![0]!, eta[0]![1]!];
  const determinant = a * d - b * c;
  const forward = (first: Powers, second: Powers, p: number, q: number): Powers =>
    first.map((row, i) =>
      row.map((value, j) => (i + j < 2 ? 0 : (p * value + q * second[i]![j]!) / determinant)),
    );
  const hasSip = map.order > 1;
  const suffix = hasSip ? '-SIP' : '';
  const sip = forward(xi, eta, d, -b);
  const tip = forward(eta, xi, a, -c);
  const inverse = hasSip ? fitInverse(sip, tip, map.order, xRefPx, yRefPx, size) : undefined;
  const cards: Header = [
    { keyword: 'WCSAXES', value: 2 },
    { keyword: 'CTYPE1', value: `RA---TAN${suffix}` },
    { keyword: 'CTYPE2', value: `DEC--TAN${suffix}` },
    { keyword: 'CUNIT1', value: 'deg' },
    { keyword: 'CUNIT2', value: 'deg' },
    { keyword: 'CRPIX1', value: xRefPx + 1 },
    { keyword: 'CRPIX2', value: yRefPx + 1 },
    { keyword: 'CRVAL1', value: frame.raDeg },
    { keyword: 'CRVAL2', value: frame.decDeg },
    { keyword: 'CD1_1', value: a * degrees },
    { keyword: 'CD1_2', value: b * degrees },
    { keyword: 'CD2_1', value: c * degrees },
    { keyword: 'CD2_2', value: d * degrees },
    { keyword: 'RADESYS', value: 'ICRS' },
    ...(inverse === undefined
      ? []
      : [
          ...sipCards('A', sip, map.order, 2),
          ...sipCards('B', tip, map.order, 2),
          ...sipCards('AP', inverse.ap, inverse.order, 0),
          ...sipCards('BP', inverse.bp, inverse.order, 0),
        ]),
  ];
  return { wcs: parseWcs(cards)!, inverseErrorPx: inverse?.errorPx ?? 0 };
}

function sipCards(letter: string, powers: Powers, order: number, lowest: number): Header {
  const cards = [{ keyword: `${letter}_ORDER`, value: order }];
  for (let degree = lowest; degree <= order; degree++)
    for (let i = degree; i >= 0; i--)
      cards.push({ keyword: `${letter}_${i}_${degree - i}`, value: powers[i]![degree - i]! });
  return cards;
}

/** Write out a polynomial of normalised coordinates in powers of u = x - x0 and v = y - y0. */
function expandPlane(
  { order, xMid, yMid, scalePx }: PlaneMap,
  coefficients: readonly number[],
  x0: number,
  y0: number,
): number[][] {
  const powers = Array.from({ length: order + 1 }, () => new Array<number>(order + 1).fill(0));
  // X = (u + shift) / scale: its n-th power by the binomial theorem.
  const expand = (n: number, shift: number): number[] => {
    const row: number[] = [];
    let binomial = 1;
    for (let k = 0; k <= n; k++) {
      row.push((binomial * shift ** (n - k)) / scalePx ** n);
      binomial = (binomial * (n - k)) / (k + 1);
    }
    return row;
  };
  let at = 0;
  for (let degree = 0; degree <= order; degree++)
    for (let j = 0; j <= degree; j++) {
      const value = coefficients[at++]!;
      const inX = expand(degree - j, x0 - xMid);
      const inY = expand(j, y0 - yMid);
      inX.forEach((a, i) => {
        inY.forEach((b, k) => {
          powers[i]![k]! += value * a * b;
        });
      });
    }
  return powers;
}

function evaluatePowers(powers: Powers, u: number, v: number): number {
  let sum = 0;
  for (let i = powers.length - 1; i >= 0; i--) {
    let row = 0;
    for (let j = powers.length - 1; j >= 0; j--) row = row * v + powers[i]![j]!;
    sum = sum * u + row;
  }
  return sum;
}

/** Fit the way back on a grid a little larger than the image; the lowest order that is good enough. */
function fitInverse(
  sip: Powers,
  tip: Powers,
  order: number,
  xRefPx: number,
  yRefPx: number,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): { ap: Powers; bp: Powers; order: number; errorPx: number } {
  const count = GRID * GRID;
  const [x, y, u, v] = Array.from({ length: 4 }, () => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let k = 0; k < count; k++) {
    const du = ((k % GRID) / (GRID - 1)) * widthPx - 0.5 - xRefPx;
    const dv = (Math.floor(k / GRID) / (GRID - 1)) * heightPx - 0.5 - yRefPx;
    x[k] = du + evaluatePowers(sip, du, dv);
    y[k] = dv + evaluatePowers(tip, du, dv);
    u[k] = du - x[k]!;
    v[k] = dv - y[k]!;
  }
  for (let inverseOrder = order; ; inverseOrder++) {
    const map = fitPlane({ x, y, u, v }, inverseOrder)!;
    const fitted = evaluatePlaneAt(map, x, y);
    const errorPx = fitted.x.reduce(
      (worst, value, k) => Math.max(worst, Math.hypot(value - u[k]!, fitted.y[k]! - v[k]!)),
      0,
    );
    if (errorPx > INVERSE_ERROR_PX && inverseOrder < MOST_INVERSE_ORDER) continue;
    return {
      ap: expandPlane(map, map.xCoefficients, 0, 0),
      bp: expandPlane(map, map.yCoefficients, 0, 0),
      order: inverseOrder,
      errorPx,
    };
  }
}
