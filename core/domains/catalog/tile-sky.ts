import type { Cone, ReferenceStars } from './model.ts';

const RADIAN = Math.PI / 180;

/** Height of the tiles that catalogues are kept in, and nearly their width, degrees. */
export const TILE_DEG = 0.5;

/** The sky cut into numbered tiles. */
export interface Tiling {
  /** Number the tile of a place on the sky. */
  tileOf(raDeg: number, decDeg: number): number;
  /** List the tiles that a cone touches, as runs `[first, last]` of consecutive numbers in rising order. */
  tilesOfCone(cone: Cone): (readonly [number, number])[];
  /** Area of a tile, square degrees. */
  tileArea(tile: number): number;
}

/**
 * Cut the sky into tiles of a height.
 *
 * Tiles are zones of declination cut evenly in right ascension: equal in area to a few per cent away from the
 * poles, and a cone is a few runs of consecutive numbers, which are read at one stroke each. HEALPix has equal
 * areas to the last digit and harmonics; neither is wanted here, and its runs are short.
 *
 * @param tileDeg divides 180.
 */
export function createTiling(tileDeg: number): Tiling {
  const zones = Math.round(180 / tileDeg);
  const cells = Int32Array.from({ length: zones }, (_, zone) => {
    // The zone's edge nearer to the equator: no tile is wider than it is high.
    const nearest =
      zone * tileDeg < 90 && (zone + 1) * tileDeg > 90
        ? 0
        : Math.min(Math.abs(zone * tileDeg - 90), Math.abs((zone + 1) * tileDeg - 90));
    return Math.max(1, Math.ceil((360 / tileDeg) * Math.cos(nearest * RADIAN) - 1e-9));
  });
  const first = new Int32Array(zones + 1);
  for (let zone = 0; zone < zones; zone++) first[zone + 1] = first[zone]! + cells[zone]!;
  const zoneOf = (decDeg: number): number =>
    Math.min(zones - 1, Math.max(0, Math.floor((decDeg + 90) / tileDeg)));
  return {
    tileOf: (raDeg, decDeg) => {
      const zone = zoneOf(decDeg);
      return first[zone]! + Math.min(cells[zone]! - 1, Math.floor((raDeg / 360) * cells[zone]!));
    },
    tileArea: (tile) => {
      let zone = 0;
      while (first[zone + 1]! <= tile) zone++;
      const low = Math.sin((zone * tileDeg - 90) * RADIAN);
      const high = Math.sin(((zone + 1) * tileDeg - 90) * RADIAN);
      return ((360 / cells[zone]!) * (high - low)) / RADIAN;
    },
    tilesOfCone: ({ raDeg, decDeg, radiusDeg }) => {
      const runs: [number, number][] = [];
      const hasPole = Math.abs(decDeg) + radiusDeg >= 90;
      // Farthest in right ascension that a circle reaches, at whatever declination.
      const halfWidth = hasPole
        ? 180
        : Math.asin(Math.min(1, Math.sin(radiusDeg * RADIAN) / Math.cos(decDeg * RADIAN))) / RADIAN;
      const highest = zoneOf(decDeg + radiusDeg);
      for (let zone = zoneOf(decDeg - radiusDeg); zone <= highest; zone++) {
        const count = cells[zone]!;
        const from = Math.floor(((raDeg - halfWidth) / 360) * count);
        const to = Math.floor(((raDeg + halfWidth) / 360) * count);
        if (to - from + 1 >= count) {
          runs.push([first[zone]!, first[zone]! + count - 1]);
          continue;
        }
        const wrap = (cell: number): number => first[zone]! + (((cell % count) + count) % count);
        if (wrap(from) <= wrap(to)) runs.push([wrap(from), wrap(to)]);
        else runs.push([first[zone]!, wrap(to)], [wrap(from), first[zone]! + count - 1]);
      }
      return runs;
    },
  };
}

/** The tiles that catalogues are kept in. */
export const SKY_TILES: Tiling = createTiling(TILE_DEG);

/** Find which of some stars lie in a cone; their indices. */
export function starsInCone(
  { raDeg, decDeg }: Pick<ReferenceStars, 'raDeg' | 'decDeg'>,
  cone: Cone,
): number[] {
  const inside: number[] = [];
  const reach = cone.radiusDeg;
  const limit = Math.sin((Math.min(180, reach) * RADIAN) / 2) ** 2;
  const cosine = Math.cos(cone.decDeg * RADIAN);
  for (let k = 0; k < raDeg.length; k++) {
    const dDec = decDeg[k]! - cone.decDeg;
    if (dDec > reach || dDec < -reach) continue;
    const a = Math.sin((dDec * RADIAN) / 2);
    const b = Math.sin(((raDeg[k]! - cone.raDeg) * RADIAN) / 2);
    if (a * a + cosine * Math.cos(decDeg[k]! * RADIAN) * b * b <= limit) inside.push(k);
  }
  return inside;
}
