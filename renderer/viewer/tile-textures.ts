import { readExactly } from './graphics.ts';
import { ARRAY_COUNT, layersFor } from './image-shaders.ts';
import type { ImageSource, TilePixels } from './model.ts';
import { type MissingTile, tileKey } from './plan-tiles.ts';
import { TILE_BYTES, TILE_SIZE, TileCache, type TileSlot } from './tile-cache.ts';

/** Budget of tiles on the graphics card unless a person says otherwise, bytes. */
export const USUAL_TILE_BYTES = 256 * 2 ** 20;

/** The tiles on the graphics card: arrays of R32F layers, made when they are first needed. */
export class TileTextures {
  readonly cache: TileCache;
  /** Tiles in each array. */
  readonly layers: number;
  readonly #gl: WebGL2RenderingContext;
  readonly #arrays: WebGLTexture[] = [];

  constructor(gl: WebGL2RenderingContext, budgetBytes: number) {
    this.#gl = gl;
    this.layers = layersFor(budgetBytes, gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS) as number);
    this.cache = new TileCache(Math.min(budgetBytes, ARRAY_COUNT * this.layers * TILE_BYTES));
    this.#addArray();
  }

  /** Arrays that exist. */
  get arrayCount(): number {
    return this.#arrays.length;
  }

  /** Give the graphics card's memory back. */
  close(): void {
    for (const texture of this.#arrays) this.#gl.deleteTexture(texture);
  }

  /** Bind every array to its unit; those that do not exist yet stand in with the first. */
  bind(): void {
    const gl = this.#gl;
    for (let i = 0; i < ARRAY_COUNT; i++) {
      gl.activeTexture(gl.TEXTURE0 + i);
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.#arrays[i] ?? this.#arrays[0]!);
    }
  }

  /** Copy one tile to the card; false when its pixels are not there, or the budget is full of tiles in view. */
  upload(source: ImageSource, { level, x, y }: MissingTile): boolean {
    const pixels = source.tile(level, x, y);
    if (pixels === undefined) return false;
    const slot = this.cache.reserve(tileKey(source, level, x, y));
    if (slot === undefined) return false;
    this.#write(pixels, slot);
    return true;
  }

  #write(pixels: TilePixels, slot: TileSlot): void {
    const gl = this.#gl;
    const array = Math.floor(slot.index / this.layers);
    while (this.#arrays.length <= array) this.#addArray();
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.#arrays[array]!);
    // The tile is cut out of the level by the upload itself: no copy in between.
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, pixels.rowLength);
    gl.texSubImage3D(
      gl.TEXTURE_2D_ARRAY,
      0,
      0,
      0,
      slot.index % this.layers,
      pixels.width,
      pixels.height,
      1,
      gl.RED,
      gl.FLOAT,
      pixels.data,
      pixels.offset,
    );
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 0);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.#arrays[0]!);
  }

  #addArray(): void {
    const gl = this.#gl;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.R32F, TILE_SIZE, TILE_SIZE, this.layers);
    readExactly(gl, gl.TEXTURE_2D_ARRAY);
    this.#arrays.push(texture);
  }
}
