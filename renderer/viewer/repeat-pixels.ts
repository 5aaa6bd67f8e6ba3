import type { CanvasBox } from './draw-image.ts';
import { SPARE_UNIT } from './image-shaders.ts';
import type { MagnifiedPart } from './plan-magnified.ts';

/** Sides of what is kept for small images grow by so much, px. */
const STEP = 256;

/** Holds pixels that have been coloured once, and repeats them on the canvas. */
export class PixelRepeater {
  readonly #gl: WebGL2RenderingContext;
  readonly #frame: WebGLFramebuffer;
  #texture: WebGLTexture | undefined;
  #width = 0;
  #height = 0;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#frame = gl.createFramebuffer();
  }

  /** Give back what is kept. */
  close(): void {
    this.#gl.deleteFramebuffer(this.#frame);
    if (this.#texture !== undefined) this.#gl.deleteTexture(this.#texture);
  }

  /** Draw from now on into pixels of the image, which are of one colour so far. */
  begin({ columns, rows }: MagnifiedPart, background: readonly [number, number, number]): void {
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#frame);
    this.#makeRoom(columns, rows);
    gl.viewport(0, 0, columns, rows);
    gl.scissor(0, 0, columns, rows);
    gl.clearColor(...background, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  /** Repeat them in a box of the canvas, and draw there again. */
  end({ columns, rows, left, bottom, zoom }: MagnifiedPart, box: CanvasBox): void {
    const gl = this.#gl;
    const [x, y] = [box.x + left, box.y + bottom];
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    gl.viewport(box.x, box.y, box.width, box.height);
    gl.scissor(box.x, box.y, box.width, box.height);
    gl.blitFramebuffer(
      ...([0, 0, columns, rows] as const),
      ...([x, y, x + columns * zoom, y + rows * zoom] as const),
      gl.COLOR_BUFFER_BIT,
      gl.NEAREST,
    );
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  #makeRoom(columns: number, rows: number): void {
    if (columns <= this.#width && rows <= this.#height) return;
    const gl = this.#gl;
    this.#width = Math.max(this.#width, Math.ceil(columns / STEP) * STEP);
    this.#height = Math.max(this.#height, Math.ceil(rows / STEP) * STEP);
    if (this.#texture !== undefined) gl.deleteTexture(this.#texture);
    this.#texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + SPARE_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.#texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, this.#width, this.#height);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.#texture, 0);
  }
}
