import type { Cone, ReferenceStars } from './model.ts';

const RADIAN = Math.PI / 180;

/** Height of a tile and nearly its width, degrees. */
export const TILE_DEG = 0.5;

const ZONES = 180 / TILE_DEG;

/** Tiles of each zone of declination, and the number of its first one. */
const CELLS = Int32Array.from({ length: ZONES }, (_, zone) => {
  // The zone's edge nearer to the equator: no tile is wider than TILE_DEG.
  const nearest = Math.min(Math.abs(zone * TILE_DEG - 90), Math.abs((zone + 1) * TILE_DEG - 90));
  return Math.max(1, Math.ceil((360 / TILE_DEG) * Math.cos(nearest * RADIAN)));
});
const FIRST = Int32Array.from({ length: ZONES + 1 }, (_, zone) =>
  CELLS.subarray(0, zone).reduce((sum, cells) => sum + cells, 0),
);

/**
 * Number the tile of a place on the sky.
 *
 * Tiles are zones of declination cut evenly in right ascension: equal in area to a few per cent away from the
 * poles, and a cone is a few runs of consecutive numbers, which are read at one stroke each. HEALPix has equal
 * areas to the last digit and harmonics; neither is wanted here, and its runs are short.
 */
export function tileOf(raDeg: number, decDeg: number): number {
  const zone = Math.min(ZONES - 1, Math.max(0, Math.floor((decDeg + 90) / TILE_DEG)));
  const cells = CELLS[zone]!;
  return FIRST[zone]! + Math.min(cells - 1, Math.floor((raDeg / 360) * cells));
}

/** Tell the area of a tile, square degrees. */
export function tileArea(tile: number): number {
  let zone = 0;
  while (FIRST[zone + 1]! <= tile) zone++;
  const low = Math.sin((zone * TILE_DEG - 90) * RADIAN);
  const high = Math.sin(((zone + 1) * TILE_DEG - 90) * RADIAN);
  return ((360 / CELLS[zone]!) * (high - low)) / RADIAN;
}

/** List the tiles that a cone touches, as runs `[first, last]` of consecutive numbers in rising order. */
export function tilesOfCone({ raDeg, decDeg, radiusDeg }: Cone): (readonly [number, number])[] {
  const runs: [number, number][] = [];
  const lowest = Math.max(0, Math.floor((decDeg - radiusDeg + 90) / TILE_DEG));
  const highest = Math.min(ZONES - 1, Math.floor((decDeg + radiusDeg + 90) / TILE_DEG));
  const hasPole = Math.abs(decDeg) + radiusDeg >= 90;
  // Farthest in right ascension that a circle reaches, at whatever declination.
  const halfWidth = hasPole
    ? 180
    : Math.asin(Math.min(1, Math.sin(radiusDeg * RADIAN) / Math.cos(decDeg * RADIAN))) / RADIAN;
  for (let zone = lowest; zone <= highest; zone++) {
    const cells = CELLS[zone]!;
    const first = Math.floor(((raDeg - halfWidth) / 360) * cells);
    const last = Math.floor(((raDeg + halfWidth) / 360) * cells);
    if (last - first + 1 >= cells) {
      runs.push([FIRST[zone]!, FIRST[zone]! + cells - 1]);
      continue;
    }
    const wrap = (cell: number): number => FIRST[zone]! + (((cell % cells) + cells) % cells);
    if (wrap(first) <= wrap(last)) runs.push([wrap(first), wrap(last)]);
    else runs.push([FIRST[zone]!, wrap(last)], [wrap(first), FIRST[zone]! + cells - 1]);
  }
  return runs;
}

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
