import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { columnNumbers, openFits, tableColumn } from '../../core/adapters/imaging/index.ts';
import { coneOfHint, selectReference, solveField, starsInCone } from '../../core/domains/catalog/index.ts';
import { parseWcs, pixelToSky, skyToPixel } from '../../core/domains/observations/index.ts';
import type { Source } from '../../core/domains/preprocessing/index.ts';
import { createRandom } from '../../core/utils/index.ts';

/**
 * A list of sources of a 4109 x 4096 CCD and astrometry.net's solution of it (TAN-SIP of order 2, index 5200), as
 * recorded by astroquery (BSD-3). The catalogue is made of the list through that solution, with a fifth of the stars
 * lost, a fifth added, in another order of brightness and with 0.05 arcsec of noise: no catalogue is offline here.
 */
const FOLDER = new URL('../../../shared/fixtures/astrometry-net/', import.meta.url).pathname;
const recorded = existsSync(FOLDER) ? test : test.skip;
const SIZE = { widthPx: 4109, heightPx: 4096 };

describe("astrometry.net's solution of a list of sources", () => {
  recorded('is found again from a pointing 5 arcmin off and a scale 20 % off', async () => {
    const list = await openFits(`${FOLDER}test-source-list.fit`);
    const table = await list.readTable();
    await list.close();
    const column = (name: string): Float64Array => columnNumbers(tableColumn(table, name)!)!;
    const solved = await openFits(`${FOLDER}wcs-sol-from-source-list-index-5200.fit`);
    const truth = parseWcs((await solved.hdu(0)).header)!;
    await solved.close();
    const [x, y, flux] = [column('X'), column('Y'), column('FLUX')];
    const sources = Array.from(x, (xPx, k) => makeSource(xPx - 1, y[k]! - 1, flux[k]!));

    const random = createRandom(1);
    const seen = sources.filter(() => random.uniform() > 0.2);
    const added = Array.from({ length: 1200 }, () =>
      makeSource(
        4 * 4109 * (random.uniform() - 0.4),
        4 * 4096 * (random.uniform() - 0.4),
        seen[random.integer(seen.length)]!.fluxE,
      ),
    ).filter(({ xPx, yPx }, k) => k < 200 || xPx < 0 || yPx < 0 || xPx > 4109 || yPx > 4096);
    const rows = [...seen, ...added].map(({ xPx, yPx, fluxE }) => {
      const { raDeg, decDeg } = pixelToSky(truth, xPx, yPx);
      return {
        raDeg: raDeg + (0.05 * random.normal()) / 3600 / Math.cos((decDeg * Math.PI) / 180),
        decDeg: decDeg + (0.05 * random.normal()) / 3600,
        mag: 20 - 2.5 * Math.log10(fluxE) + 0.3 * random.normal(),
      };
    });
    const stars = {
      count: rows.length,
      epochYr: 2016,
      raDeg: Float64Array.from(rows, (row) => row.raDeg),
      decDeg: Float64Array.from(rows, (row) => row.decDeg),
      pmRaMasYr: new Float32Array(rows.length),
      pmDecMasYr: new Float32Array(rows.length),
      bands: [
        { band: 'G', mag: Float32Array.from(rows, (row) => row.mag), magErr: new Float32Array(rows.length) },
      ],
      isVariable: new Uint8Array(rows.length),
      ids: rows.map((_, k) => String(k)),
    };
    const centre = pixelToSky(truth, 2054, 2047.5);
    const hint = {
      raDeg: centre.raDeg,
      decDeg: centre.decDeg + 5 / 60,
      radiusDeg: 0.1,
      scaleArcsec: [0.5, 0.8] as const,
    };
    const around = selectReference(stars, starsInCone(stars, coneOfHint(hint, SIZE)));
    const { wcs, matched, log10Odds } = solveField({ name: 'list', ...SIZE, sources, stars: around, hint });
    expect(matched).toBeGreaterThan(500);
    expect(log10Odds).toBeGreaterThan(100);
    for (const [px, py] of [
      [0, 0],
      [4108, 0],
      [2054, 2048],
      [0, 4095],
      [4108, 4095],
    ] as const) {
      const there = pixelToSky(truth, px, py);
      const back = skyToPixel(wcs, there.raDeg, there.decDeg)!;
      // 800 stars of 0.09 px leave under 0.01 px in the middle, a few times that in a corner.
      expect(Math.hypot(back.xPx - px, back.yPx - py), `${px}, ${py}`).toBeLessThan(0.06);
    }
  });
});

function makeSource(xPx: number, yPx: number, fluxE: number): Source {
  return {
    xPx,
    yPx,
    fluxE,
    fluxErrE: fluxE / 100,
    peakE: fluxE / 10,
    snr: 100,
    aPx: 1.3,
    bPx: 1.25,
    thetaRad: 0,
    fwhmPx: 3,
    halfLightRadiusPx: 1.8,
    kronRadius: 3.5,
    areaPx: 30,
    flags: 0,
    maskBits: 0,
  };
}
