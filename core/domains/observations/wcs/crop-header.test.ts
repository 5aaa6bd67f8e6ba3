import { describe, expect, it } from 'vitest';
import { headerNumber } from '../header.ts';
import type { Header } from '../model.ts';
import { cropHeader } from './crop-header.ts';
import { pixelToSky } from './map-sky.ts';
import { parseWcs } from './parse-wcs.ts';

const cards = (values: Readonly<Record<string, string | number>>): Header =>
  Object.entries(values).map(([keyword, value]) => ({ keyword, value }));

const SIP = cards({
  CTYPE1: 'RA---TAN-SIP',
  CTYPE2: 'DEC--TAN-SIP',
  CUNIT1: 'deg',
  CUNIT2: 'deg',
  CRPIX1: 1024.5,
  CRPIX2: 900.25,
  CRVAL1: 150.1,
  CRVAL2: 2.2,
  CD1_1: -1e-5,
  CD1_2: 8e-6,
  CD2_1: 8e-6,
  CD2_2: 1.1e-5,
  A_ORDER: 3,
  A_2_0: 2e-5,
  A_0_2: 8e-6,
  A_1_1: -5e-6,
  A_3_0: 2e-9,
  B_ORDER: 3,
  B_2_0: -6e-6,
  B_0_2: 1e-5,
  B_1_1: 7e-6,
  B_0_3: -1.5e-9,
  RADESYS: 'ICRS',
});

describe('the header of a part of an image', () => {
  // astropy 5.2.1: Cutout2D of this image, all_pix2world of the part.
  it.each([
    [0, 0, 150.10799843863035, 2.204081552808316],
    [79, 49, 150.1076139744759, 2.2052596704271923],
    [33, 12, 150.10777068325157, 2.2044787184492534],
  ])('keeps pixel (%i, %i) where it is on the sky, distortion and all', (x, y, raDeg, decDeg) => {
    const cropped = cropHeader(SIP, 700, 1500);
    expect(headerNumber(cropped, 'CRPIX1')).toBe(324.5);
    expect(headerNumber(cropped, 'CRPIX2')).toBe(-599.75);
    const sky = pixelToSky(parseWcs(cropped)!, x, y);
    // A millionth of a pixel of 0.05 arcsec.
    expect(Math.abs(sky.raDeg - raDeg)).toBeLessThan(1e-11);
    expect(Math.abs(sky.decDeg - decDeg)).toBeLessThan(1e-11);
  });

  it('moves every coordinate system it has, and drops what speaks of other pixels', () => {
    const header = cards({
      CTYPE1: 'RA---TAN',
      CTYPE2: 'DEC--TAN',
      CRPIX2: 50,
      CRPIX1A: 10,
      CRPIX2P: 0.5,
      CNPIX1: 3000,
      LTV1: -5,
      LTM1_1: 0.5,
      DATASEC: '[1:100,1:100]',
      OBJECT: 'M 31',
    });
    const cropped = cropHeader(header, 7, 9);
    const read = (keyword: string) => headerNumber(cropped, keyword);
    expect([read('CRPIX1'), read('CRPIX2'), read('CRPIX1A'), read('CRPIX2P')]).toEqual([-7, 41, 3, -8.5]);
    expect([read('CNPIX1'), read('LTV1'), read('LTM1_1')]).toEqual([3007, -12, 0.5]);
    expect([read('LTV2'), read('LTM2_2')]).toEqual([-9, 1]);
    expect(cropped.map(({ keyword }) => keyword)).not.toContain('DATASEC');
    expect(cropped.find(({ keyword }) => keyword === 'OBJECT')?.value).toBe('M 31');
  });

  it('leads from a pixel of the part back to the one of the original, however often it was cut', () => {
    const twice = cropHeader(cropHeader([], 100, 200), 30, 40);
    // physical = (image - LTV) / LTM, counted from one: the first pixel is the 131st and the 241st.
    expect((1 - headerNumber(twice, 'LTV1')!) / headerNumber(twice, 'LTM1_1')!).toBe(131);
    expect((1 - headerNumber(twice, 'LTV2')!) / headerNumber(twice, 'LTM2_2')!).toBe(241);
  });
});
