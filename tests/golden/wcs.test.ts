import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Header, parseWcs, pixelsToSky, skyToPixels } from '../../core/domains/observations/index.ts';

interface Case {
  readonly name: string;
  readonly cards: readonly (readonly [string, string | number | boolean])[];
  readonly pixels: readonly (readonly [number, number])[];
  readonly sky: readonly (readonly [number, number])[];
}

const golden = JSON.parse(readFileSync(new URL('wcs.json', import.meta.url), 'utf8')) as {
  readonly tool: string;
  readonly real: readonly Case[];
  readonly synthetic: readonly Case[];
};

const headerOf = (cards: Case['cards']): Header => cards.map(([keyword, value]) => ({ keyword, value }));

/** Worst distance on the sky (deg) and worst round trip (px) of one header. */
function measure(one: Case): { skyDeg: number; roundTripPx: number } {
  const wcs = parseWcs(headerOf(one.cards))!;
  const x = Float64Array.from(one.pixels, (pixel) => pixel[0]);
  const y = Float64Array.from(one.pixels, (pixel) => pixel[1]);
  const sky = pixelsToSky(wcs, x, y);
  const back = skyToPixels(wcs, sky.raDeg, sky.decDeg);
  let skyDeg = 0;
  let roundTripPx = 0;
  for (const [i, [ra, dec]] of one.sky.entries()) {
    const turn = ((sky.raDeg[i]! - ra + 540) % 360) - 180;
    const across = turn * Math.cos((dec * Math.PI) / 180);
    // Math.max lets NaN through, so a point that cannot be mapped fails too.
    skyDeg = Math.max(skyDeg, Math.hypot(across, sky.decDeg[i]! - dec));
    roundTripPx = Math.max(roundTripPx, Math.hypot(back.xPx[i]! - x[i]!, back.yPx[i]! - y[i]!));
  }
  return { skyDeg, roundTripPx };
}

/**
 * 1e-9 deg is 4 microarcsec. FK4 is looser by ten: astropy composes B1950 from rounded constants in several steps.
 */
const toleranceDeg = (one: Case): number =>
  one.cards.some(([keyword, value]) => /^(EQUINOX|EPOCH)$/.test(keyword) && value === 1950) ? 1e-8 : 1e-9;

describe(`sky coordinates against ${golden.tool}`, () => {
  test.each([...golden.real, ...golden.synthetic])('$name: agrees to 1e-9 deg, returns to 1e-6 px', (one) => {
    const { skyDeg, roundTripPx } = measure(one);
    expect(skyDeg).toBeLessThan(toleranceDeg(one));
    expect(roundTripPx).toBeLessThan(1e-6);
  });
});
