import { describe, expect, test } from 'vitest';
import { matchColours } from './match-colours.ts';
import type { ReferenceStars } from './model.ts';

const ARCSEC = 1 / 3600;

function starsAt(
  places: readonly (readonly [raDeg: number, decDeg: number])[],
  bands: Readonly<Record<string, readonly number[]>>,
): ReferenceStars {
  const count = places.length;
  return {
    count,
    epochYr: 2016,
    raDeg: Float64Array.from(places, ([raDeg]) => raDeg),
    decDeg: Float64Array.from(places, ([, decDeg]) => decDeg),
    pmRaMasYr: new Float32Array(count),
    pmDecMasYr: new Float32Array(count),
    bands: Object.entries(bands).map(([band, mag]) => ({
      band,
      mag: Float32Array.from(mag),
      magErr: new Float32Array(count),
    })),
    isVariable: new Uint8Array(count),
    ids: places.map((_, k) => String(k)),
  };
}

describe('colours of places', () => {
  test('are those of the nearest star within the tolerance, also across right ascension 0 and near a pole', () => {
    const stars = starsAt(
      [
        [0.0001, 80],
        [359.9999, 80],
        [0.05, 80],
      ],
      { g: [18, 19, 20], r: [17.5, 18.75, 19] },
    );
    const beside = 1 / Math.cos((80 * Math.PI) / 180);
    const places = [
      { raDeg: 359.9999 - 0.05 * ARCSEC * beside, decDeg: 80 },
      { raDeg: 0.0001 + 0.05 * ARCSEC * beside, decDeg: 80 },
      { raDeg: 0.05, decDeg: 80 + 1.4 * ARCSEC },
      { raDeg: 0.05, decDeg: 80 + 1.6 * ARCSEC },
    ];
    const match = matchColours(places, stars, 1.5)!;
    expect([match.colourName, match.band]).toEqual(['g - r', 'r']);
    expect([...match.colour]).toEqual([0.25, 0.5, 1, Number.NaN]);
    expect([...match.mag]).toEqual([18.75, 17.5, 19, Number.NaN]);
  });

  test('are not known where a band was not measured, and not told by a catalogue of one band', () => {
    const place = [{ raDeg: 10, decDeg: -3 }];
    const half = starsAt([[10, -3]], { g: [Number.NaN], r: [18] });
    expect([...matchColours(place, half, 1)!.colour]).toEqual([Number.NaN]);
    expect(matchColours(place, starsAt([[10, -3]], { r: [18] }), 1)).toBeUndefined();
    expect(matchColours(place, starsAt([], { g: [], r: [] }), 1)!.colour).toHaveLength(1);
  });

  test('of Gaia are BP - RP', () => {
    const gaia = starsAt([[10, -3]], { G: [15], BP: [15.5], RP: [14.5] });
    expect(matchColours([{ raDeg: 10, decDeg: -3 }], gaia, 1)).toMatchObject({
      colourName: 'BP - RP',
      band: 'G',
      colour: Float64Array.of(1),
    });
  });
});
