import { describe, expect, test } from 'vitest';
import { createRandom } from '../../utils/index.ts';
import { SKY_TILES, starsInCone, TILE_DEG } from './tile-sky.ts';

describe('sky tiles', () => {
  test('of a cone hold every star of the cone, at the poles and across 0 h too', () => {
    const random = createRandom(7);
    for (let trial = 0; trial < 3000; trial++) {
      const cone = {
        raDeg: random.uniform() * 360,
        decDeg:
          trial % 3 === 0
            ? (random.uniform() < 0.5 ? -90 : 90) + 3 * (random.uniform() - 0.5)
            : random.uniform() * 178 - 89,
        radiusDeg: 10 ** (random.uniform() * 3 - 2.5),
      };
      cone.decDeg = Math.max(-90, Math.min(90, cone.decDeg));
      // A point within the cone, by a tangent step from its centre.
      const angle = random.uniform() * 2 * Math.PI;
      const reach = ((cone.radiusDeg * Math.PI) / 180) * Math.sqrt(random.uniform()) * 0.999999;
      const [ra, dec] = [(cone.raDeg * Math.PI) / 180, (cone.decDeg * Math.PI) / 180];
      const sinDec = Math.sin(dec) * Math.cos(reach) + Math.cos(dec) * Math.sin(reach) * Math.cos(angle);
      const dRa = Math.atan2(
        Math.sin(angle) * Math.sin(reach) * Math.cos(dec),
        Math.cos(reach) - Math.sin(dec) * sinDec,
      );
      const starRa = (((((ra + dRa) * 180) / Math.PI) % 360) + 360) % 360;
      const starDec = (Math.asin(Math.max(-1, Math.min(1, sinDec))) * 180) / Math.PI;
      const tile = SKY_TILES.tileOf(starRa, starDec);
      const runs = SKY_TILES.tilesOfCone(cone);
      expect(
        runs.some(([first, last]) => tile >= first && tile <= last),
        JSON.stringify({ cone, starRa, starDec }),
      ).toBe(true);
    }
  });

  test('are of nearly one area and cover the sphere once', () => {
    let total = 0;
    const last = SKY_TILES.tileOf(359.999, 90);
    for (let tile = 0; tile <= last; tile++) total += SKY_TILES.tileArea(tile);
    expect(total).toBeCloseTo(41_252.96, 1);
    expect(SKY_TILES.tileArea(SKY_TILES.tileOf(180, 45))).toBeGreaterThan(0.9 * TILE_DEG ** 2);
  });

  test('give the stars within a circle, not those of its square', () => {
    const stars = { raDeg: Float64Array.of(359.9, 0.1, 0.7, 180), decDeg: Float64Array.of(0, 0.1, 0.75, 0) };
    expect(starsInCone(stars, { raDeg: 0, decDeg: 0, radiusDeg: 1 })).toEqual([0, 1]);
    const polar = { raDeg: Float64Array.of(10, 190), decDeg: Float64Array.of(89.9, 89.9) };
    expect(starsInCone(polar, { raDeg: 10, decDeg: 89.95, radiusDeg: 0.2 })).toEqual([0, 1]);
  });
});
