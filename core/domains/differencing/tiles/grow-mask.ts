import type { MaskPlane } from '../../../kernels/index.ts';
import { MaskBit } from '../../observations/index.ts';
import { type LoadedTile, NO_SKY } from '../zogy/load-tile.ts';
import type { Tile } from '../zogy/plan-tiles.ts';

/**
 * Grow the mask of the difference, which has both images' bits, as far as a filled pixel spoils its surroundings; in place.
 *
 * Saturated pixels grow by `saturationGrowthPx`, other spoiled pixels by one (their filled value is nearly
 * right), and beside missing sky and along the image's rim as many pixels become EDGE as beside saturated ones:
 * there the filters see a mirrored world.
 */
export function growMask(
  loaded: LoadedTile,
  tile: Tile,
  imageWidth: number,
  imageHeight: number,
  saturationGrowthPx: number,
): void {
  const { width, mask, spoiled, scienceMask, templateMask } = loaded;
  const far = makeDisc(saturationGrowthPx);
  const near = makeDisc(1.5);
  const { offsetX, offsetY } = loaded;
  const { data } = mask;
  const spread = (k: number, added: number, { dx, dy }: Disc) => {
    const x = (k % width) - offsetX;
    const y = Math.floor(k / width) - offsetY;
    for (let i = 0; i < dx.length; i++) {
      const u = x + dx[i];
      const v = y + dy[i];
      if (u >= 0 && v >= 0 && u < tile.width && v < tile.height) data[v * tile.width + u] |= added;
    }
  };
  markRim(tile, imageWidth, imageHeight, saturationGrowthPx, mask);
  const grown = MaskBit.BAD | MaskBit.CR | MaskBit.STREAK | MaskBit.SPIKE;
  const growing = MaskBit.SAT | NO_SKY | grown;
  const last = scienceMask.length - width;
  for (const k of spoiled) {
    const value = scienceMask[k] | templateMask[k];
    if ((value & growing) === 0) continue;
    if (k >= width && k < last) {
      const [left, right, below, above] = [k - 1, k + 1, k - width, k + width];
      const beside =
        (scienceMask[left] | templateMask[left]) &
        (scienceMask[right] | templateMask[right]) &
        (scienceMask[below] | templateMask[below]) &
        (scienceMask[above] | templateMask[above]);
      // Inside, its neighbours grow as far.
      if ((beside & value) === value) continue;
    }
    if ((value & MaskBit.SAT) !== 0) spread(k, MaskBit.SAT, far);
    if ((value & NO_SKY) !== 0) spread(k, MaskBit.EDGE, far);
    if ((value & grown) !== 0) spread(k, value & grown, near);
  }
}

function markRim(tile: Tile, imageWidth: number, imageHeight: number, rim: number, mask: MaskPlane): void {
  const isRim = (u: number) => Math.min(tile.x + u, imageWidth - 1 - tile.x - u) < rim;
  const columns = Array.from({ length: tile.width }, (_, u) => u);
  const beside = columns.filter(isRim);
  for (let v = 0; v < tile.height; v++) {
    const fromY = Math.min(tile.y + v, imageHeight - 1 - tile.y - v);
    for (const u of fromY < rim ? columns : beside) mask.data[v * tile.width + u] |= MaskBit.EDGE;
  }
}

/** Pixels around one and itself. */
interface Disc {
  readonly dx: Int32Array;
  readonly dy: Int32Array;
}

function makeDisc(radius: number): Disc {
  const dx: number[] = [];
  const dy: number[] = [];
  const reach = Math.floor(radius);
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      if (x * x + y * y > radius * radius) continue;
      dx.push(x);
      dy.push(y);
    }
  }
  return { dx: Int32Array.from(dx), dy: Int32Array.from(dy) };
}
