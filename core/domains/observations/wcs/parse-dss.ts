import { makePlanePolynomial } from './distort-plane.ts';
import type { Distortion } from './model.ts';
import { badWcs, type CardReader } from './read-cards.ts';

/** What a Digitized Sky Survey plate solution says, in the terms of a TAN projection of plate millimetres. */
export interface DssPlate {
  readonly longitudeDeg: number;
  readonly latitudeDeg: number;
  /** Zero-based pixel under the plate's axis, and millimetres a pixel. */
  readonly xRefPx: number;
  readonly yRefPx: number;
  readonly xMmPerPx: number;
  readonly yMmPerPx: number;
  readonly distortion: Distortion;
}

/** Powers of (own, other axis) for the first terms of AMDX and AMDY; 7, 12 and 13 hold the squared radius. */
const OWN_POWERS: readonly (readonly [number, number])[] = [
  [1, 0],
  [0, 1],
  [0, 0],
  [2, 0],
  [1, 1],
  [0, 2],
];
const CUBIC_POWERS: readonly (readonly [number, number])[] = [
  [3, 0],
  [2, 1],
  [1, 2],
  [0, 3],
];

/**
 * Read a plate solution (AMDX, AMDY, PLTRA, PPO) where a header has no standard WCS.
 *
 * @returns `undefined` when the header holds no plate solution.
 * @throws observations/bad-wcs
 * @see DSS user's guide, "Astrometric calibration": x = (PPO3 - XPIXELSZ X) / 1000 mm, y = (YPIXELSZ Y - PPO6) / 1000 mm
 */
export function parseDssPlate(cards: CardReader): DssPlate | undefined {
  if (!cards.has('AMDX1') || !cards.has('PPO3') || !cards.has('PLTRAH')) return undefined;
  const need = (keyword: string): number => {
    const value = cards.number(keyword);
    if (value === undefined) throw badWcs(`the plate solution lacks ${keyword}.`, keyword);
    return value;
  };
  const xSize = need('XPIXELSZ');
  const ySize = need('YPIXELSZ');
  if (xSize === 0 || ySize === 0) throw badWcs('XPIXELSZ or YPIXELSZ is 0.', 'XPIXELSZ', 0);
  const sign = cards.text('PLTDECSN') === '-' ? -1 : 1;
  // X = CNPIX1 + (one-based pixel) - 0.5 = CNPIX1 + (zero-based pixel) + 0.5.
  return {
    longitudeDeg: 15 * (need('PLTRAH') + need('PLTRAM') / 60 + need('PLTRAS') / 3600),
    latitudeDeg: sign * (need('PLTDECD') + need('PLTDECM') / 60 + need('PLTDECS') / 3600),
    xRefPx: need('PPO3') / xSize - need('CNPIX1') - 0.5,
    yRefPx: need('PPO6') / ySize - need('CNPIX2') - 0.5,
    xMmPerPx: -xSize / 1000,
    yMmPerPx: ySize / 1000,
    distortion: {
      kind: 'DSS',
      dx: makePlanePolynomial(plateTerms(cards, 'AMDX', true)),
      dy: makePlanePolynomial(plateTerms(cards, 'AMDY', false)),
    },
  };
}

/** The solution minus the identity, since a distortion is what is added; arcseconds become degrees. */
function plateTerms(cards: CardReader, name: string, isX: boolean): [number, number, number][] {
  const terms: [number, number, number][] = [];
  const add = (own: number, other: number, value: number): void => {
    terms.push(isX ? [own, other, value] : [other, own, value]);
  };
  const coefficient = (index: number): number => (cards.number(`${name}${index}`) ?? 0) / 3600;
  OWN_POWERS.forEach(([own, other], k) => {
    add(own, other, coefficient(k + 1));
  });
  CUBIC_POWERS.forEach(([own, other], k) => {
    add(own, other, coefficient(k + 8));
  });
  add(2, 0, coefficient(7));
  add(0, 2, coefficient(7));
  add(3, 0, coefficient(12));
  add(1, 2, coefficient(12));
  add(5, 0, coefficient(13));
  add(3, 2, 2 * coefficient(13));
  add(1, 4, coefficient(13));
  add(1, 0, -1);
  return terms;
}
