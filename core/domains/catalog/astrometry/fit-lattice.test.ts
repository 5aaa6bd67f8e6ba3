import { expect, it } from 'vitest';
import { makeTanWcs, parseWcs, pixelToSky, sampleSkyLattice, type Wcs } from '../../observations/index.ts';
import { fitLattice } from './fit-lattice.ts';

/** Largest distance on the sky between two WCS over an image, in pixels of the first. */
function worstError(a: Wcs, b: Wcs, width: number, height: number, scaleArcsec: number): number {
  let worst = 0;
  for (let k = 0; k < 49; k++) {
    const [x, y] = [((k % 7) / 6) * (width - 1), (Math.floor(k / 7) / 6) * (height - 1)];
    const [p, q] = [pixelToSky(a, x, y), pixelToSky(b, x, y)];
    const east = (((p.raDeg - q.raDeg + 540) % 360) - 180) * Math.cos((p.decDeg * Math.PI) / 180);
    worst = Math.max(worst, (3600 * Math.hypot(east, p.decDeg - q.decDeg)) / scaleArcsec);
  }
  return worst;
}

it('gives back a plain projection, turned and near a pole, to a thousandth of a pixel', () => {
  for (const [decDeg, positionAngleDeg] of [
    [2, 30],
    [88, 200],
  ] as const) {
    const wcs = makeTanWcs({
      raDeg: 359.9,
      decDeg,
      xPx: 700,
      yPx: 300,
      pixelScaleArcsec: 0.4,
      positionAngleDeg,
    });
    const fit = fitLattice(sampleSkyLattice(wcs, 1500, 1100), 1500, 1100)!;
    expect(fit.errorPx).toBeLessThan(0.001);
    expect(worstError(wcs, fit.wcs, 1500, 1100, 0.4)).toBeLessThan(0.001);
    expect(fit.wcs.cards.find(({ keyword }) => keyword === 'CTYPE1')?.value).toBe('RA---TAN');
  }
});

it('follows a distortion with as many terms as it takes', () => {
  const plain = makeTanWcs({ raDeg: 150, decDeg: -30, xPx: 500, yPx: 500, pixelScaleArcsec: 1 });
  const cards = [
    ...plain.cards.map((card) =>
      /^CTYPE/.test(card.keyword) ? { ...card, value: `${card.value}-SIP` } : card,
    ),
    { keyword: 'A_ORDER', value: 3 },
    { keyword: 'A_3_0', value: 2e-8 },
    { keyword: 'A_1_2', value: 2e-8 },
    { keyword: 'B_ORDER', value: 3 },
    { keyword: 'B_0_3', value: 2e-8 },
    { keyword: 'B_2_1', value: 2e-8 },
  ];
  const wcs = parseWcs(cards)!;
  const fit = fitLattice(sampleSkyLattice(wcs, 1000, 1000), 1000, 1000)!;
  // Undistorted it would be off by 5 px in the corners.
  expect(worstError(wcs, fit.wcs, 1000, 1000, 1)).toBeLessThan(0.01);
});
