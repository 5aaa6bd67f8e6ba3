import { describe, expect, it } from 'vitest';
import { makePlane, type Plane } from '../../../kernels/index.ts';
import type { SpatialPsf } from '../model.ts';
import { drawMoffat, makeMoffat } from '../psf/moffat.ts';
import { applyBrightStars, type TileSide } from './apply-bright-stars.ts';
import { drawWidePsf } from './draw-wide-psf.ts';

const SIDE = 101;
const MIDDLE = { x: 50, y: 50 };

/** A profile whose width grows along x: 2.6 px FWHM at one rim, 3.4 at the other. */
function varyingPsf(): SpatialPsf {
  const size = 29;
  const stamp = (fwhmPx: number): Float64Array => {
    const data = new Float64Array(size * size);
    drawMoffat(makeMoffat(fwhmPx, 3), 0, 0, data, size);
    const sum = data.reduce((a, b) => a + b, 0);
    return data.map((value) => value / sum);
  };
  const [narrow, broad] = [stamp(2.6), stamp(3.4)];
  return {
    size,
    degree: 1,
    imageWidth: SIDE,
    imageHeight: SIDE,
    coefficients: [
      Float32Array.from(narrow, (value, k) => (value + broad[k]!) / 2),
      Float32Array.from(narrow, (value, k) => (broad[k]! - value) / 2),
      new Float32Array(size * size),
    ],
    fwhmPx: 3,
    starsUsed: 100,
    heldOutChi2: 1,
    mismatch: 0,
    method: 'pixels',
  };
}

function draw(psf: SpatialPsf, flux: number, x: number, y: number, place?: { x: number; y: number }): Plane {
  const plane = makePlane(SIDE, SIDE);
  plane.data.set(drawWidePsf(psf, x, y, 50, 50, SIDE, place).map((value) => flux * value));
  return plane;
}

const side = (plane: Plane, psf: SpatialPsf, profileAt?: { x: number; y: number }): TileSide => ({
  plane,
  variance: makePlane(SIDE, SIDE),
  mask: new Uint16Array(SIDE * SIDE),
  psf,
  profileAt,
  ratioAt: () => 1,
  skyVariance: 400,
});

const star = { x: 83.3, y: 61.6, flux: 5e5, background: 0, coreRadius: 0, isPoint: true };
const worst = (a: Plane, b: Plane): number =>
  a.data.reduce((most, value, k) => Math.max(most, Math.abs(value - b.data[k])), 0);

describe('applyBrightStars', () => {
  it('gives a bright star in a corner the profile of the middle of its cell, and changes no light', () => {
    const psf = varyingPsf();
    const own = draw(psf, star.flux, star.x, star.y);
    const asInMiddle = draw(psf, star.flux, star.x, star.y, MIDDLE);
    expect(worst(own, asInMiddle)).toBeGreaterThan(2000);
    const plane = { ...own, data: own.data.slice() };
    applyBrightStars(side(plane, psf, MIDDLE), [star], 0, 0, new Uint8Array(SIDE * SIDE), 1);
    expect(worst(plane, asInMiddle)).toBeLessThan(1);
    const sum = (data: Float32Array) => data.reduce((a, b) => a + b, 0);
    expect(Math.abs(sum(plane.data) / sum(own.data) - 1)).toBeLessThan(1e-4);
  });

  it('leaves stars as they are where filters follow the profile, and stars that are not known to be single', () => {
    const psf = varyingPsf();
    const own = draw(psf, star.flux, star.x, star.y);
    const plane = { ...own, data: own.data.slice() };
    applyBrightStars(side(plane, psf), [star], 0, 0, new Uint8Array(SIDE * SIDE), 1);
    applyBrightStars(
      side(plane, psf, MIDDLE),
      [{ ...star, isPoint: false }],
      0,
      0,
      new Uint8Array(SIDE * SIDE),
      1,
    );
    expect(worst(plane, own)).toBe(0);
  });
});
