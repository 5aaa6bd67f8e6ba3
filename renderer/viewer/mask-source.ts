/** A mask of eight bits a pixel, reduced so that it fits on a graphics card; a reduced pixel has the bits of all it stands for. */
export interface MaskSource {
  /** Of the image that it masks. */
  readonly width: number;
  readonly height: number;
  /** Side of a pixel of the first level, image pixels: a power of two. */
  readonly reduction: number;
  /** Level n is reduced 2^n times more. */
  readonly levels: readonly MaskLevel[];
  /** Image pixels that bear each of the eight bits. */
  readonly counts: readonly number[];
}

/** One level: row-major, first row at the bottom. */
export interface MaskLevel {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Longest side of the first level, px: every WebGL2 has textures of this size. */
const LONGEST_SIDE = 4096;

/** Gathers a mask as its bytes come: little-endian 16-bit pixels, of which the lower eight bits are kept. */
export class MaskBuilder {
  readonly #width: number;
  readonly #height: number;
  readonly #shift: number;
  readonly #first: MaskLevel;
  /** How many pixels have each of the 256 values. */
  readonly #values = new Uint32Array(256);
  /** Bytes taken so far. */
  #taken = 0;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    let shift = 0;
    while (Math.max(width, height) >> shift > LONGEST_SIDE) shift++;
    this.#shift = shift;
    const columns = Math.ceil(width / 2 ** shift);
    const rows = Math.ceil(height / 2 ** shift);
    this.#first = { width: columns, height: rows, data: new Uint8Array(columns * rows) };
  }

  /** Take the next bytes, however they are cut. */
  take(bytes: Uint8Array): void {
    const { data, width: columns } = this.#first;
    // Pixels begin at even bytes; the upper byte of each says nothing here.
    for (let i = this.#taken & 1; i < bytes.length; i += 2) {
      const value = bytes[i]!;
      const pixel = (this.#taken + i) >> 1;
      this.#values[value]!++;
      if (value === 0) continue;
      const y = Math.floor(pixel / this.#width);
      const x = pixel - y * this.#width;
      data[(y >> this.#shift) * columns + (x >> this.#shift)]! |= value;
    }
    this.#taken += bytes.length;
  }

  /** The mask when all bytes have come. @throws Error when they are too few or too many */
  finish(): MaskSource {
    const expected = this.#width * this.#height * 2;
    if (this.#taken !== expected)
      throw new Error(`The mask has ${this.#taken} bytes instead of ${expected}.`);
    const levels: MaskLevel[] = [this.#first];
    while (levels.at(-1)!.width > 1 || levels.at(-1)!.height > 1) levels.push(halveMask(levels.at(-1)!));
    const counts = Array.from({ length: 8 }, (_, bit) =>
      this.#values.reduce((sum, count, value) => sum + ((value >> bit) & 1 ? count : 0), 0),
    );
    return {
      width: this.#width,
      height: this.#height,
      reduction: 2 ** this.#shift,
      levels,
      counts,
    };
  }
}

/** Join every two by two pixels: a defect of one pixel is seen at any zoom. */
function halveMask({ width, height, data }: MaskLevel): MaskLevel {
  // As the card counts: rounded down, with what is left over joined to the last.
  const columns = Math.max(1, width >> 1);
  const rows = Math.max(1, height >> 1);
  const half = new Uint8Array(columns * rows);
  for (let y = 0; y < height; y++) {
    const row = Math.min(rows - 1, y >> 1) * columns;
    for (let x = 0; x < width; x++) half[row + Math.min(columns - 1, x >> 1)]! |= data[y * width + x]!;
  }
  return { width: columns, height: rows, data: half };
}
