import { makePlanePolynomial } from './distort-plane.ts';
import type { Distortion, PlanePolynomial } from './model.ts';
import { badWcs, type CardReader, numberOf } from './read-cards.ts';

/**
 * Powers of (own axis, other axis) of TPV's terms by index; the radial ones (3, 11, 23, 39) are absent.
 *
 * @see https://fits.gsfc.nasa.gov/registry/tpvwcs/tpv.html
 */
const TPV_POWERS: ReadonlyMap<number, readonly [number, number]> = makeTpvPowers();
const TPV_RADIAL = [3, 11, 23, 39];

/**
 * Read the SIP polynomials, if there are any.
 *
 * The inverse polynomials AP and BP are not read: they are fits, good to a tenth of a pixel at best, and the
 * forward ones are inverted exactly.
 *
 * @throws observations/bad-wcs
 * @see Shupe et al. 2005, ASP Conf. Ser. 347, 491
 */
export function parseSip(cards: CardReader): Distortion | undefined {
  if (!cards.has('A_ORDER') && !cards.has('B_ORDER')) return undefined;
  const polynomial = (letter: 'A' | 'B'): PlanePolynomial => {
    const order = cards.number(`${letter}_ORDER`) ?? 0;
    if (!Number.isInteger(order) || order < 0 || order > 9)
      throw badWcs(`${letter}_ORDER = ${order} is not an order from 0 to 9.`, `${letter}_ORDER`, order);
    const terms: [number, number, number][] = [];
    for (let i = 0; i <= order; i++)
      for (let j = 0; j <= order - i; j++) terms.push([i, j, cards.number(`${letter}_${i}_${j}`) ?? 0]);
    return makePlanePolynomial(terms);
  };
  return { kind: 'SIP', dx: polynomial('A'), dy: polynomial('B') };
}

/**
 * Tell whether PV cards of a TAN projection are SCAMP's distortion and not Paper II's parameters.
 *
 * Paper II gives TAN no parameter on the latitude axis and only indices 1 to 4 on the longitude axis.
 */
export function hasScampTerms(cards: CardReader, longitudeAxis: number, latitudeAxis: number): boolean {
  return (
    cards.matching(new RegExp(`^PV${latitudeAxis}_\\d+$`)).length > 0 ||
    cards.matching(new RegExp(`^PV${longitudeAxis}_([5-9]|\\d\\d+)$`)).length > 0
  );
}

/** Read the TPV polynomials. @throws observations/bad-wcs */
export function parseTpv(cards: CardReader, longitudeAxis: number, latitudeAxis: number): Distortion {
  const polynomial = (axis: number, isLongitude: boolean): PlanePolynomial => {
    const terms: [number, number, number][] = [];
    const radial = [0, 0, 0, 0];
    let linear = 1;
    for (const card of cards.matching(new RegExp(`^PV${axis}_\\d+$`))) {
      const index = Number(card.keyword.slice(4));
      const value = numberOf(card);
      const powers = TPV_POWERS.get(index);
      if (index === 1) linear = value;
      else if (powers !== undefined) terms.push(place(powers, value, isLongitude));
      else if (TPV_RADIAL.includes(index)) radial[TPV_RADIAL.indexOf(index)] = value;
      else throw badWcs(`${card.keyword} is beyond the 40 terms of TPV.`, card.keyword, value);
    }
    terms.push(place([1, 0], linear - 1, isLongitude));
    return makePlanePolynomial(terms, radial);
  };
  return { kind: 'TPV', dx: polynomial(longitudeAxis, true), dy: polynomial(latitudeAxis, false) };
}

/**
 * Read IRAF's TNX or ZPX corrections out of the WAT cards.
 *
 * @returns the distortion, absent when the strings hold no surface, and ZPX's `projpN`.
 * @throws observations/bad-wcs
 * @see https://fits.gsfc.nasa.gov/registry/tnx/tnx-doc.html and zpxwcs/zpx.html
 */
export function parseWat(
  cards: CardReader,
  kind: 'TNX' | 'ZPX',
  longitudeAxis: number,
  latitudeAxis: number,
): { readonly distortion?: Distortion | undefined; readonly projection: readonly number[] } {
  const longitude = joinWat(cards, longitudeAxis);
  const latitude = joinWat(cards, latitudeAxis);
  const dx = parseSurface(longitude, 'lngcor', longitudeAxis);
  const dy = parseSurface(latitude, 'latcor', latitudeAxis);
  const projection: number[] = [];
  for (const match of `${longitude} ${latitude}`.matchAll(/projp(\d+)\s*=\s*"?\s*([-+.\deE]+)/g))
    projection[Number(match[1])] = Number(match[2]);
  const nothing = makePlanePolynomial([]);
  const distortion =
    dx === undefined && dy === undefined ? undefined : { kind, dx: dx ?? nothing, dy: dy ?? nothing };
  return { distortion, projection: Array.from(projection, (value) => value ?? 0) };
}

/**
 * Join the WATi_nnn cards.
 *
 * IRAF cuts the string every 68 characters, blanks included, and FITS readers drop blanks at the end of a
 * value: they are put back.
 */
function joinWat(cards: CardReader, axis: number): string {
  return cards
    .matching(new RegExp(`^WAT${axis}_\\d{3}$`))
    .toSorted((a, b) => (a.keyword < b.keyword ? -1 : 1))
    .map((card) => String(card.value).padEnd(68))
    .join('');
}

/** Parse one surface: type, orders, cross terms, ranges, coefficients; turned into plain powers. */
function parseSurface(wat: string, name: string, axis: number): PlanePolynomial | undefined {
  const text = new RegExp(`${name}\\s*=\\s*"([^"]*)"`).exec(wat)?.[1];
  if (text === undefined) return undefined;
  const numbers = text.trim().split(/\s+/).map(Number);
  const card = `WAT${axis}_001`;
  const [type = 0, xOrder = 0, yOrder = 0, crossTerms = 0, xMin = 0, xMax = 0, yMin = 0, yMax = 0] = numbers;
  const coefficients = numbers.slice(8);
  const isSound =
    numbers.every(Number.isFinite) &&
    [1, 2, 3].includes(type) &&
    [0, 1, 2].includes(crossTerms) &&
    [xOrder, yOrder].every((order) => Number.isInteger(order) && order >= 1 && order <= 20) &&
    xMax > xMin &&
    yMax > yMin;
  if (!isSound) throw badWcs(`the ${name} surface of ${card} is malformed.`, card, text);

  const highest = Math.max(xOrder, yOrder);
  const xBasis = basisPolynomials(type, xOrder);
  const yBasis = basisPolynomials(type, yOrder);
  const terms: [number, number, number][] = [];
  let used = 0;
  for (let j = 0; j < yOrder; j++)
    for (let i = 0; i < xOrder; i++) {
      if (crossTerms === 0 && i > 0 && j > 0) continue;
      if (crossTerms === 2 && i + j >= highest) continue;
      const value = coefficients[used++] ?? Number.NaN;
      xBasis[i]!.forEach((a, powerX) => {
        yBasis[j]!.forEach((b, powerY) => {
          if (a * b !== 0) terms.push([powerX, powerY, value * a * b]);
        });
      });
    }
  if (used !== coefficients.length)
    throw badWcs(
      `the ${name} surface of ${card} has ${coefficients.length} coefficients, not ${used}.`,
      card,
    );
  if (type === 3) return makePlanePolynomial(terms);
  return makePlanePolynomial(terms, [], {
    xMid: (xMin + xMax) / 2,
    yMid: (yMin + yMax) / 2,
    xScale: 2 / (xMax - xMin),
    yScale: 2 / (yMax - yMin),
  });
}

/** Coefficients by power of the first `count` Chebyshev (1), Legendre (2) or plain (3) polynomials. */
function basisPolynomials(type: number, count: number): number[][] {
  const basis: number[][] = [[1], [0, 1]];
  for (let n = 2; n < count; n++) {
    if (type === 3) {
      basis.push([...new Array<number>(n).fill(0), 1]);
      continue;
    }
    const [a, b] = type === 1 ? [2, 1] : [(2 * n - 1) / n, (n - 1) / n];
    const next = new Array<number>(n + 1).fill(0);
    basis[n - 1]!.forEach((value, power) => {
      next[power + 1]! += a * value;
    });
    basis[n - 2]!.forEach((value, power) => {
      next[power]! -= b * value;
    });
    basis.push(next);
  }
  return basis.slice(0, count);
}

function place(
  [own, other]: readonly [number, number],
  value: number,
  isLongitude: boolean,
): [number, number, number] {
  return isLongitude ? [own, other, value] : [other, own, value];
}

/** Degree by degree: x^n, x^(n-1) y ... y^n; after degrees 1, 3, 5 and 7 one index goes to the radial term. */
function makeTpvPowers(): Map<number, readonly [number, number]> {
  const powers = new Map<number, readonly [number, number]>();
  let index = 0;
  for (let degree = 0; degree <= 7; degree++) {
    for (let other = 0; other <= degree; other++) powers.set(index++, [degree - other, other]);
    if (degree % 2 === 1) index++;
  }
  return powers;
}
