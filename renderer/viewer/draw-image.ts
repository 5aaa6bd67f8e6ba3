import { turnOf } from './camera.ts';
import { makeColormap } from './colormaps.ts';
import { CURVE_SIZE, equalisingCurve } from './equalise.ts';
import { readExactly } from './graphics.ts';
import { ImagePrograms, type ImageUniforms } from './image-programs.ts';
import { COLORMAP_UNIT, CURVE_UNIT, hasVisibleGrid, PAGES_UNIT } from './image-shaders.ts';
import {
  type Camera,
  COLORMAPS,
  type Colormap,
  type Display,
  type ImageSource,
  type Limits,
} from './model.ts';
import { type MagnifiedPart, planMagnified } from './plan-magnified.ts';
import { fillPageTable, type MissingTile, PAGE_TABLE_SIZE, planTiles, tileKey } from './plan-tiles.ts';
import { PixelRepeater } from './repeat-pixels.ts';
import { TILE_SIZE } from './tile-cache.ts';
import type { TileTextures } from './tile-textures.ts';

/** A rectangle of the canvas, device pixels from its lower left corner. */
export interface CanvasBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One image in one pane. */
export interface ImageView {
  readonly source: ImageSource;
  readonly camera: Camera;
  readonly display: Display;
  readonly limits: Limits;
  /** Red, green, blue of pixels that are not finite, 0..1. */
  readonly nanColour: readonly [number, number, number];
  /** Lines between pixels where they are large. */
  readonly hasGrid: boolean;
  /** What the box is filled with; absent when there is an image under this one. */
  readonly background?: readonly [number, number, number] | undefined;
  /** One pixel instead of the mean where the image is reduced: for motion on slow machines. */
  readonly isDraft: boolean;
}

/** What came of drawing an image. */
export interface DrawnImage {
  /** Tiles copied to the card. */
  readonly uploaded: number;
  /** Whether every tile in view is on the card. */
  readonly isComplete: boolean;
  /** The coarsest level that is shown anywhere. */
  readonly shownLevel: number;
  /** One pixel stands for many until motion ends. */
  readonly isRough: boolean;
}

/** The tile itself, or the finest coarser one that covers it and is in memory. */
function finestInMemory(source: ImageSource, { level, x, y }: MissingTile): MissingTile {
  for (let coarser = 0; level + coarser < source.levelCount - 1; coarser++) {
    const at = { level: level + coarser, x: x >> coarser, y: y >> coarser };
    if (source.tile(at.level, at.x, at.y) !== undefined) return at;
  }
  return { level: source.levelCount - 1, x: 0, y: 0 };
}

/** Draws images from tiles: what turns pixels into colours. */
export class ImageLayer {
  readonly #gl: WebGL2RenderingContext;
  readonly #tiles: TileTextures;
  readonly #programs: ImagePrograms;
  readonly #repeater: PixelRepeater;
  readonly #pages: WebGLTexture;
  readonly #curve: WebGLTexture;
  #curveHeld: Float32Array | undefined;
  readonly #table = new Uint32Array(PAGE_TABLE_SIZE * PAGE_TABLE_SIZE);
  readonly #colormaps = new Map<Colormap, WebGLTexture>();

  constructor(gl: WebGL2RenderingContext, tiles: TileTextures) {
    this.#gl = gl;
    this.#tiles = tiles;
    this.#programs = new ImagePrograms(gl, tiles.layers);
    this.#repeater = new PixelRepeater(gl);
    this.#pages = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + PAGES_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.#pages);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32UI, PAGE_TABLE_SIZE, PAGE_TABLE_SIZE);
    readExactly(gl, gl.TEXTURE_2D);
    this.#curve = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + CURVE_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.#curve);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32F, CURVE_SIZE, 1);
    readExactly(gl, gl.TEXTURE_2D);
    for (const name of COLORMAPS) this.#colormaps.set(name, this.#makeColormap(name));
  }

  /** Give back what the graphics card holds beside the tiles. */
  close(): void {
    for (const texture of [this.#pages, this.#curve, ...this.#colormaps.values()])
      this.#gl.deleteTexture(texture);
    this.#repeater.close();
    this.#programs.close();
  }

  /**
   * Draw one image into one box of the canvas.
   *
   * @param uploads how many tiles may still be copied to the card in this frame.
   * @param owner who is told of as showing the tiles.
   */
  draw(view: ImageView, box: CanvasBox, uploads: number, owner: object): DrawnImage {
    const { source, camera } = view;
    const plan = planTiles(source, camera, box);
    source.show?.(owner, plan);
    if (plan.columns === 0) return { uploaded: 0, isComplete: true, shownLevel: plan.level, isRough: false };
    const lookUp = (key: string) => this.#tiles.cache.touch(key);
    const top = source.levelCount - 1;
    let uploaded = 0;
    // The coarsest level is one tile: with it the whole image can be shown at once, if unsharp.
    if (lookUp(`${source.id}/${top}/0/0`) === undefined) {
      if (this.#tiles.upload(source, { level: top, x: 0, y: 0 })) uploaded++;
    }
    let filled = fillPageTable(source, plan, lookUp, this.#table);
    if (filled.missing.length > 0) {
      for (const tile of filled.missing) {
        if (uploaded >= uploads) break;
        const best = finestInMemory(source, tile);
        if (lookUp(tileKey(source, best.level, best.x, best.y)) !== undefined) continue;
        if (!this.#tiles.upload(source, best)) break;
        uploaded++;
      }
      filled = fillPageTable(source, plan, lookUp, this.#table);
    }
    const step = 1 / (camera.zoom * 2 ** plan.level);
    // A screen pixel that covers one image pixel shows that alone; a hair more is a matter of rounding.
    const isReduced = step > 1.0001;
    const part = view.background && planMagnified(source, camera, box);
    if (part === undefined) this.#paint(view, box, plan, isReduced && !view.isDraft);
    else this.#paintMagnified(view, box, plan, part);
    return {
      uploaded,
      isComplete: filled.missing.length === 0,
      shownLevel: filled.coarsest,
      isRough: isReduced && view.isDraft,
    };
  }

  #paint(view: ImageView, box: CanvasBox, plan: ReturnType<typeof planTiles>, isAveraged: boolean): void {
    this.#setUniforms(view, box, plan, isAveraged);
    this.#gl.drawArrays(this.#gl.TRIANGLES, 0, 3);
  }

  /** Colour every pixel once: a processor that stands in for a graphics card is quicker with copies. */
  #paintMagnified(
    view: ImageView,
    box: CanvasBox,
    plan: ReturnType<typeof planTiles>,
    part: MagnifiedPart,
  ): void {
    const { x, y, columns, rows } = part;
    const camera = { x: x + (columns - 1) / 2, y: y + (rows - 1) / 2, zoom: 1 };
    this.#repeater.begin(part, view.background!);
    this.#paint({ ...view, camera }, { x: 0, y: 0, width: columns, height: rows }, plan, false);
    this.#repeater.end(part, box);
  }

  #setUniforms(
    view: ImageView,
    box: CanvasBox,
    plan: ReturnType<typeof planTiles>,
    isAveraged: boolean,
  ): void {
    const gl = this.#gl;
    const { source, camera, display, limits } = view;
    const scale = 2 ** plan.level;
    // Positions in pixels of the level, whose first pixel reaches from 0 to 1; all sums in float64.
    const x = (camera.x + 0.5) / scale;
    const y = (camera.y + 0.5) / scale;
    const anchorX = Math.floor(x);
    const anchorY = Math.floor(y);
    const step = 1 / (camera.zoom * scale);
    const u: ImageUniforms = this.#programs.select({
      stretch: display.stretch,
      isAveraged,
      hasGrid: view.hasGrid && hasVisibleGrid(camera.zoom),
      arrays: this.#tiles.arrayCount,
    });
    this.#tiles.bind();
    gl.activeTexture(gl.TEXTURE0 + PAGES_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.#pages);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, PAGE_TABLE_SIZE);
    gl.texSubImage2D(
      gl.TEXTURE_2D,
      0,
      0,
      0,
      plan.columns,
      plan.rows,
      gl.RED_INTEGER,
      gl.UNSIGNED_INT,
      this.#table,
    );
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 0);
    gl.activeTexture(gl.TEXTURE0 + COLORMAP_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.#colormaps.get(display.colormap)!);
    gl.uniform2f(u.u_paneOrigin, box.x, box.y);
    gl.uniform2f(u.u_paneSize, box.width, box.height);
    gl.uniform2i(u.u_anchor, anchorX, anchorY);
    gl.uniform2f(u.u_fraction, x - anchorX, y - anchorY);
    gl.uniform1f(u.u_step, step);
    // From directions of the screen to directions of the level: the transpose of a turn, which WebGL takes by columns.
    const [a, b, c, d] = turnOf(camera);
    gl.uniformMatrix2fv(u.u_turn, false, [a * step, b * step, c * step, d * step]);
    gl.uniform4f(
      u.u_bounds,
      -anchorX,
      -anchorY,
      source.width / scale - anchorX,
      source.height / scale - anchorY,
    );
    gl.uniform2i(u.u_levelSize, Math.ceil(source.width / scale), Math.ceil(source.height / scale));
    gl.uniform2i(u.u_firstTile, plan.x0, plan.y0);
    gl.uniform2i(u.u_tileCount, plan.columns, plan.rows);
    gl.uniform2f(u.u_limits, limits.lo, limits.hi);
    gl.uniform1f(u.u_contrast, display.contrast);
    gl.uniform1f(u.u_bias, display.bias);
    gl.uniform1i(u.u_invert, display.invert ? 1 : 0);
    gl.uniform1f(u.u_gridZoom, camera.zoom);
    if (display.stretch === 'histeq') this.#bindCurve(equalisingCurve(source.statistics, limits));
    gl.uniform3f(u.u_nanColour, ...view.nanColour);
    // Of the colours a map ends with neither: seen on black and on white. In the night only the red of it.
    const grid = display.colormap === 'red' ? [0.5, 0, 0] : [0.5, 0.5, 0.5];
    gl.uniform3fv(u.u_gridColour, grid);
  }

  #bindCurve(curve: Float32Array): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + CURVE_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.#curve);
    if (curve === this.#curveHeld) return;
    this.#curveHeld = curve;
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, CURVE_SIZE, 1, gl.RED, gl.FLOAT, curve);
  }

  #makeColormap(name: Colormap): WebGLTexture {
    const gl = this.#gl;
    const colours = makeColormap(name);
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + COLORMAP_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, colours.length / 4, 1);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, colours.length / 4, 1, gl.RGBA, gl.UNSIGNED_BYTE, colours);
    readExactly(gl, gl.TEXTURE_2D);
    return texture;
  }

  /** Copy a small image to the card before it is asked for; false when it is there already or there is no room. */
  prefetch(source: ImageSource): boolean {
    const top = source.levelCount - 1;
    if (this.#tiles.cache.touch(`${source.id}/${top}/0/0`) !== undefined) return false;
    if (source.width > TILE_SIZE || source.height > TILE_SIZE) return false;
    return this.#tiles.upload(source, { level: 0, x: 0, y: 0 });
  }

  /** Make a program that a later frame will need. @returns whether there was one to make */
  prepare(): boolean {
    return this.#programs.prepare(this.#tiles.arrayCount);
  }
}
