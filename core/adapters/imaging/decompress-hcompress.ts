import { TileDataError } from './decompress-rice.ts';
import { invertHTransform } from './invert-h-transform.ts';

/**
 * Decompress an HCOMPRESS_1 tile.
 *
 * @param smooth interpolate across the blocks that lossy compression leaves.
 * @param count pixels in the tile; checked before anything is allocated.
 * @returns whole numbers; doubles, because those of 32-bit images pass 2^31 on the way.
 * @throws TileDataError
 * @see FITS standard 4.0, 10.4.4; White, Postman & Lattanzi 1992, in Digitised Optical Sky Surveys, 167
 */
export function decompressHcompress(bytes: Uint8Array, count: number, smooth: boolean): Float64Array {
  if (bytes.length < 25 || bytes[0] !== 0xdd || bytes[1] !== 0x99)
    throw new TileDataError('does not begin as HCOMPRESS does');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows = view.getInt32(2);
  const columns = view.getInt32(6);
  const scale = view.getInt32(10);
  if (rows < 1 || columns < 1 || rows * columns !== count) {
    throw new TileDataError(`holds ${rows} x ${columns} pixels, not ${count}`);
  }
  const coefficients = new Float64Array(count);
  const bits = new BitReader(bytes, 25);
  const upperRows = Math.ceil(rows / 2);
  const leftColumns = Math.ceil(columns / 2);
  const lowerRows = rows - upperRows;
  const rightColumns = columns - leftColumns;
  const planes = [bytes[22]!, bytes[23]!, bytes[24]!];
  // The means with the differences inside them, then those across, down and diagonal.
  const quadrants = [
    { start: 0, rows: upperRows, columns: leftColumns, planes: planes[0]! },
    { start: leftColumns, rows: upperRows, columns: rightColumns, planes: planes[1]! },
    { start: columns * upperRows, rows: lowerRows, columns: leftColumns, planes: planes[1]! },
    { start: columns * upperRows + leftColumns, rows: lowerRows, columns: rightColumns, planes: planes[2]! },
  ];
  for (const quadrant of quadrants) readQuadrant(bits, coefficients, columns, quadrant);
  if (bits.nybble() !== 0) throw new TileDataError('does not end its bit planes where it should');
  bits.skipToByte();
  for (let i = 0; i < count; i++)
    if (coefficients[i] !== 0 && bits.bit() === 1) coefficients[i] = -coefficients[i]!;
  coefficients[0] = Number(view.getBigInt64(14));

  if (scale > 1) for (let i = 0; i < count; i++) coefficients[i]! *= scale;
  invertHTransform(coefficients, rows, columns, smooth ? scale : 0);
  return coefficients;
}

interface Quadrant {
  readonly start: number;
  readonly rows: number;
  readonly columns: number;
  readonly planes: number;
}

function readQuadrant(bits: BitReader, target: Float64Array, stride: number, quadrant: Quadrant): void {
  const { start, rows, columns, planes } = quadrant;
  if (planes > 62) throw new TileDataError(`has ${planes} bit planes`);
  const codeRows = Math.ceil(rows / 2);
  const codeColumns = Math.ceil(columns / 2);
  const levels = Math.ceil(Math.log2(Math.max(rows, columns, 1)));
  let codes = new Uint8Array(Math.max(1, codeRows * codeColumns));
  let spare = new Uint8Array(codes.length);
  for (let plane = planes - 1; plane >= 0; plane--) {
    const kind = bits.nybble();
    if (kind === 0) {
      for (let i = 0; i < codeRows * codeColumns; i++) codes[i] = bits.nybble();
    } else if (kind === 15) {
      // A tree of four-bit codes: each set bit says that the quarter below it is not empty.
      codes[0] = bits.treeCode();
      for (let level = levels - 1; level > 0; level--) {
        const parentColumns = Math.ceil(columns / 2 ** (level + 1));
        const childRows = Math.ceil(rows / 2 ** level);
        const childColumns = Math.ceil(columns / 2 ** level);
        spreadCodes(codes, spare, parentColumns, childRows, childColumns);
        [codes, spare] = [spare, codes];
        for (let i = childRows * childColumns - 1; i >= 0; i--)
          if (codes[i] !== 0) codes[i] = bits.treeCode();
      }
    } else {
      throw new TileDataError(`marks a bit plane with ${kind}`);
    }
    const weight = 2 ** plane;
    for (let row = 0; row < rows; row++) {
      const rowShift = (row & 1) === 0 ? 2 : 0;
      const line = (row >> 1) * codeColumns;
      for (let column = 0; column < columns; column++) {
        const shift = rowShift + ((column & 1) === 0 ? 1 : 0);
        if (((codes[line + (column >> 1)]! >> shift) & 1) === 1)
          target[start + row * stride + column]! += weight;
      }
    }
  }
}

function spreadCodes(
  parents: Uint8Array,
  children: Uint8Array,
  parentColumns: number,
  childRows: number,
  childColumns: number,
): void {
  for (let row = 0; row < childRows; row++) {
    const rowShift = (row & 1) === 0 ? 2 : 0;
    const line = (row >> 1) * parentColumns;
    for (let column = 0; column < childColumns; column++) {
      const shift = rowShift + ((column & 1) === 0 ? 1 : 0);
      children[row * childColumns + column] = (parents[line + (column >> 1)]! >> shift) & 1;
    }
  }
}

// What the codes 8 to 12 of four bits and 26 to 30 of five bits stand for.
const fourBitCodes = [3, 5, 10, 12, 15];
const fiveBitCodes = [6, 7, 9, 11, 13];

class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #held = 0;
  #heldBits = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  bit(): number {
    if (this.#heldBits === 0) {
      this.#held = this.#next();
      this.#heldBits = 8;
    }
    this.#heldBits--;
    return (this.#held >>> this.#heldBits) & 1;
  }

  nybble(): number {
    if (this.#heldBits < 4) {
      this.#held = ((this.#held << 8) | this.#next()) & 0xffff;
      this.#heldBits += 8;
    }
    this.#heldBits -= 4;
    return (this.#held >>> this.#heldBits) & 15;
  }

  /** One Huffman code of the tree: the commoner four-bit patterns have the shorter codes. */
  treeCode(): number {
    let code = (this.bit() << 2) | (this.bit() << 1) | this.bit();
    if (code < 4) return 1 << code;
    code = (code << 1) | this.bit();
    if (code < 13) return fourBitCodes[code - 8]!;
    code = (code << 1) | this.bit();
    if (code < 31) return fiveBitCodes[code - 26]!;
    return this.bit() === 0 ? 0 : 14;
  }

  skipToByte(): void {
    this.#heldBits = 0;
  }

  #next(): number {
    if (this.#at >= this.#bytes.length) throw new TileDataError(`ends after ${this.#bytes.length} bytes`);
    return this.#bytes[this.#at++]!;
  }
}
