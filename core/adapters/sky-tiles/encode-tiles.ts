import { brightnessOf, type ReferenceStars, SKY_TILES } from '../../domains/catalog/index.ts';

/** Tiles that hold stars, in rising order, and how many each holds. */
export interface TileTable {
  readonly tiles: Int32Array;
  readonly counts: Int32Array;
}

/** How the rows of a file are laid out. */
export interface RowLayout {
  readonly bandCount: number;
  /** Length of the longest identifier; a byte a letter, as no survey uses letters beyond Latin-1. */
  readonly idBytes: number;
}

/** Every tile starts at a multiple of this, so that its columns can be looked at in place. */
const ALIGNMENT = 8;

/** Bytes that so many rows take, padding included. */
export function blockBytes({ bandCount, idBytes }: RowLayout, rows: number): number {
  const bytes = rows * (2 * 8 + 2 * 4 + bandCount * 2 * 4 + 1 + idBytes);
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/**
 * Lay stars out by tile, brightest first in each; in a tile column after column, doubles before floats before bytes.
 *
 * @returns one block of bytes a tile, in the order of the table.
 */
export function encodeTiles(stars: ReferenceStars): {
  readonly table: TileTable;
  readonly layout: RowLayout;
  readonly blocks: readonly Uint8Array[];
} {
  const tile = Int32Array.from(stars.raDeg, (ra, k) => SKY_TILES.tileOf(ra, stars.decDeg[k]!));
  const mag = brightnessOf(stars);
  const order = Uint32Array.from({ length: stars.count }, (_, k) => k).sort(
    (a, b) => tile[a]! - tile[b]! || mag[a]! - mag[b]! || a - b,
  );
  const idBytes = stars.ids.reduce((longest, id) => Math.max(longest, id.length), 1);
  const layout = { bandCount: stars.bands.length, idBytes };
  const tiles: number[] = [];
  const counts: number[] = [];
  const blocks: Uint8Array[] = [];
  for (let from = 0; from < order.length; ) {
    const number = tile[order[from]!]!;
    let to = from;
    while (to < order.length && tile[order[to]!] === number) to++;
    tiles.push(number);
    counts.push(to - from);
    blocks.push(encodeBlock(stars, order.subarray(from, to), layout));
    from = to;
  }
  return { table: { tiles: Int32Array.from(tiles), counts: Int32Array.from(counts) }, layout, blocks };
}

function encodeBlock(stars: ReferenceStars, rows: Uint32Array, layout: RowLayout): Uint8Array {
  const n = rows.length;
  const bytes = new Uint8Array(blockBytes(layout, n));
  const view = viewBlock(bytes, n, layout);
  for (let at = 0; at < n; at++) {
    const k = rows[at]!;
    view.raDeg[at] = stars.raDeg[k]!;
    view.decDeg[at] = stars.decDeg[k]!;
    view.pmRaMasYr[at] = stars.pmRaMasYr[k]!;
    view.pmDecMasYr[at] = stars.pmDecMasYr[k]!;
    stars.bands.forEach(({ mag, magErr }, band) => {
      view.mags[band]![at] = mag[k]!;
      view.magErrs[band]![at] = magErr[k]!;
    });
    view.isVariable[at] = stars.isVariable[k]!;
    const id = stars.ids[k]!;
    for (let c = 0; c < id.length; c++) view.ids[at * layout.idBytes + c] = id.charCodeAt(c);
  }
  return bytes;
}

/** The columns of one tile, as views of its bytes. */
export interface BlockView {
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
  readonly pmRaMasYr: Float32Array;
  readonly pmDecMasYr: Float32Array;
  readonly mags: readonly Float32Array[];
  readonly magErrs: readonly Float32Array[];
  readonly isVariable: Uint8Array;
  /** `idBytes` each, zeros after the text. */
  readonly ids: Uint8Array;
}

/** Look at the columns of a tile in place. */
export function viewBlock(
  { buffer, byteOffset }: Uint8Array,
  rows: number,
  { bandCount, idBytes }: RowLayout,
): BlockView {
  let at = byteOffset;
  const doubles = (): Float64Array => {
    const view = new Float64Array(buffer, at, rows);
    at += rows * 8;
    return view;
  };
  const floats = (): Float32Array => {
    const view = new Float32Array(buffer, at, rows);
    at += rows * 4;
    return view;
  };
  const raDeg = doubles();
  const decDeg = doubles();
  const pmRaMasYr = floats();
  const pmDecMasYr = floats();
  const mags = Array.from({ length: bandCount }, floats);
  const magErrs = Array.from({ length: bandCount }, floats);
  const isVariable = new Uint8Array(buffer, at, rows);
  const ids = new Uint8Array(buffer, at + rows, rows * idBytes);
  return { raDeg, decDeg, pmRaMasYr, pmDecMasYr, mags, magErrs, isVariable, ids };
}
