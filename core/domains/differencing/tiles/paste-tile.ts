import type { MaskPlane, Plane } from '../../../kernels/index.ts';
import type { Tile } from '../zogy/plan-tiles.ts';

/** Write a tile's plane to its place. */
export function pastePlane({ data }: Plane, tile: Tile, target: Plane): void {
  pasteRows(data, tile, target.data, target.width);
}

/** Write a tile's mask to its place. */
export function pasteMask({ data }: MaskPlane, tile: Tile, target: MaskPlane): void {
  pasteRows(data, tile, target.data, target.width);
}

/** V8 copies shared memory byte by byte where rows lie differently within a word; then a loop is faster. */
function pasteRows<Pixels extends Float32Array | Uint16Array>(
  from: Pixels,
  { x, y, width, height }: Tile,
  target: Pixels,
  pitch: number,
): void {
  const size = from.BYTES_PER_ELEMENT;
  for (let j = 0; j < height; j++) {
    const to = (y + j) * pitch + x;
    const isAlike = (from.byteOffset + (j * width - to) * size - target.byteOffset) % 8 === 0;
    if (isAlike) target.set(from.subarray(j * width, (j + 1) * width), to);
    else for (let i = 0; i < width; i++) target[to + i] = from[j * width + i];
  }
}
