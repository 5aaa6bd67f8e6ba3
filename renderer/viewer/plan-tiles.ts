import { levelFor, visibleBox } from './camera.ts';
import type { Camera, ImageSource, ShownTiles, Size } from './model.ts';
import { TILE_SIZE, type TileSlot } from './tile-cache.ts';

/** Side of a page table: panes up to 8192 device pixels wide need no more tiles than this at any zoom. */
export const PAGE_TABLE_SIZE = 64;

/** Find the tiles that a pane needs, at the level its zoom asks for; none when the image is out of view. */
export function planTiles(source: ImageSource, camera: Camera, viewport: Size): ShownTiles {
  const level = levelFor(camera.zoom, source.levelCount);
  const box = visibleBox(camera, viewport);
  const scale = 2 ** level;
  // One pixel of the level on every side: the average of an edge pixel reaches that far.
  const left = Math.max(box.left, -0.5);
  const right = Math.min(box.right, source.width - 0.5);
  const bottom = Math.max(box.bottom, -0.5);
  const top = Math.min(box.top, source.height - 0.5);
  if (left >= right || bottom >= top) return { level, x0: 0, y0: 0, columns: 0, rows: 0 };
  const lastX = Math.ceil(source.width / scale / TILE_SIZE) - 1;
  const lastY = Math.ceil(source.height / scale / TILE_SIZE) - 1;
  const tileAt = (image: number, margin: number, last: number): number =>
    Math.min(last, Math.max(0, Math.floor(((image + 0.5) / scale + margin) / TILE_SIZE)));
  const x0 = tileAt(left, -1, lastX);
  const y0 = tileAt(bottom, -1, lastY);
  return {
    level,
    x0,
    y0,
    columns: Math.min(PAGE_TABLE_SIZE, tileAt(right, 1, lastX) - x0 + 1),
    rows: Math.min(PAGE_TABLE_SIZE, tileAt(top, 1, lastY) - y0 + 1),
  };
}

/** Name a tile in the cache. */
export function tileKey(source: ImageSource, level: number, x: number, y: number): string {
  return `${source.id}/${level}/${x}/${y}`;
}

/** A tile that a plan names and the graphics card does not have. */
export interface MissingTile {
  readonly level: number;
  readonly x: number;
  readonly y: number;
}

/**
 * Write the page table of a plan: for each tile the slot it lies in, or that of the finest coarser tile.
 *
 * An entry is 0 for nothing, else `(slot + 1) | levelsCoarser << 16`.
 *
 * @param lookUp finds a resident tile by its key and marks it used.
 * @returns the tiles of the plan itself that are missing, nearest to the middle first, and the coarsest level that
 *   stands in for any.
 */
export function fillPageTable(
  source: ImageSource,
  plan: ShownTiles,
  lookUp: (key: string) => TileSlot | undefined,
  table: Uint32Array,
): { readonly missing: MissingTile[]; readonly coarsest: number } {
  const missing: MissingTile[] = [];
  let coarsest = plan.level;
  for (let row = 0; row < plan.rows; row++) {
    for (let column = 0; column < plan.columns; column++) {
      const x = plan.x0 + column;
      const y = plan.y0 + row;
      let entry = 0;
      for (let coarser = 0; plan.level + coarser < source.levelCount; coarser++) {
        const slot = lookUp(tileKey(source, plan.level + coarser, x >> coarser, y >> coarser));
        if (slot !== undefined) {
          entry = (slot.index + 1) | (coarser << 16);
          coarsest = Math.max(coarsest, plan.level + coarser);
          break;
        }
        if (coarser === 0) missing.push({ level: plan.level, x, y });
      }
      table[row * PAGE_TABLE_SIZE + column] = entry;
    }
  }
  const middleX = plan.x0 + (plan.columns - 1) / 2;
  const middleY = plan.y0 + (plan.rows - 1) / 2;
  const distance = (tile: MissingTile): number => (tile.x - middleX) ** 2 + (tile.y - middleY) ** 2;
  return { missing: missing.sort((a, b) => distance(a) - distance(b)), coarsest };
}
