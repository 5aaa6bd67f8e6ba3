import { turnOf } from './camera.ts';
import type { CanvasBox } from './draw-image.ts';
import { buildProgram, findUniforms, readExactly, selectProgram } from './graphics.ts';
import { IMAGE_VERTEX_SHADER, PAGES_UNIT } from './image-shaders.ts';
import type { MaskSource } from './mask-source.ts';
import type { Camera } from './model.ts';

/** A mask over an image, and which of its bits are shown. */
export interface ShownMask {
  readonly source: MaskSource;
  readonly bits: number;
}

const UNIFORMS = [
  'u_mask',
  'u_paneOrigin',
  'u_paneSize',
  'u_camera',
  'u_turnBack',
  'u_imageSize',
  'u_reduction',
  'u_level',
  'u_bits',
  'u_tints',
] as const;

/** Masks on the card at once. */
const MOST_MASKS = 2;

/**
 * Tints the pixels of an image by the bits of a mask: a colour for each bit, and one of four hatchings, so that none is
 * told by its colour alone.
 */
const MASK_FRAGMENT_SHADER = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;

uniform usampler2D u_mask;
uniform vec2 u_paneOrigin;
uniform vec2 u_paneSize;
uniform vec2 u_camera;
uniform mat2 u_turnBack;
uniform vec2 u_imageSize;
uniform float u_reduction;
uniform int u_level;
uniform uint u_bits;
uniform vec3 u_tints[8];

out vec4 o_colour;

bool isInked(int bit, ivec2 at) {
  int way = bit & 3;
  if (way == 0) return true;
  if (way == 1) return ((at.x + at.y) & 7) < 3;
  if (way == 2) return ((at.x - at.y) & 7) < 3;
  return (at.y & 7) < 3;
}

void main() {
  vec2 onPane = gl_FragCoord.xy - u_paneOrigin;
  vec2 place = u_camera + u_turnBack * (onPane - 0.5 * u_paneSize) + 0.5;
  if (any(lessThan(place, vec2(0.0))) || any(greaterThanEqual(place, u_imageSize))) discard;
  ivec2 size = textureSize(u_mask, u_level);
  ivec2 pixel = min(ivec2(place / u_reduction) >> u_level, size - 1);
  uint bits = texelFetch(u_mask, pixel, u_level).r & u_bits;
  if (bits == 0u) discard;
  vec3 sum = vec3(0.0);
  float count = 0.0;
  ivec2 at = ivec2(onPane);
  for (int bit = 0; bit < 8; bit++) {
    if (((bits >> bit) & 1u) == 0u || !isInked(bit, at)) continue;
    sum += u_tints[bit];
    count += 1.0;
  }
  if (count == 0.0) discard;
  o_colour = vec4(sum / count, 1.0) * 0.5;
}`;

/** Draws masks over images. */
export class MaskLayer {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #uniforms: Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;
  readonly #textures = new Map<MaskSource, WebGLTexture>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#program = buildProgram(gl, IMAGE_VERTEX_SHADER, MASK_FRAGMENT_SHADER);
    this.#uniforms = findUniforms(gl, this.#program, UNIFORMS);
  }

  /** Give back what the graphics card holds. */
  close(): void {
    for (const texture of this.#textures.values()) this.#gl.deleteTexture(texture);
    this.#gl.deleteProgram(this.#program);
  }

  /**
   * Tint one box of the canvas.
   *
   * @param tints red, green, blue (0..1) of each of the eight bits.
   */
  draw({ source, bits }: ShownMask, camera: Camera, box: CanvasBox, tints: Float32Array): void {
    const gl = this.#gl;
    const u = this.#uniforms;
    selectProgram(gl, this.#program);
    gl.activeTexture(gl.TEXTURE0 + PAGES_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.#textureOf(source));
    gl.uniform1i(u.u_mask, PAGES_UNIT);
    gl.uniform2f(u.u_paneOrigin, box.x, box.y);
    gl.uniform2f(u.u_paneSize, box.width, box.height);
    gl.uniform2f(u.u_camera, camera.x, camera.y);
    const [a, b, c, d] = turnOf(camera);
    // The inverse of a turn is its transpose; WebGL takes matrices by columns.
    gl.uniformMatrix2fv(
      u.u_turnBack,
      false,
      [a, b, c, d].map((entry) => entry / camera.zoom),
    );
    gl.uniform2f(u.u_imageSize, source.width, source.height);
    gl.uniform1f(u.u_reduction, source.reduction);
    const reduced = Math.floor(Math.log2(1 / (camera.zoom * source.reduction)));
    gl.uniform1i(u.u_level, Math.min(source.levels.length - 1, Math.max(0, reduced)));
    gl.uniform1ui(u.u_bits, bits);
    gl.uniform3fv(u.u_tints, tints);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    gl.disable(gl.BLEND);
  }

  #textureOf(source: MaskSource): WebGLTexture {
    const known = this.#textures.get(source);
    if (known !== undefined) return known;
    const gl = this.#gl;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    const [{ width, height }] = source.levels as [MaskSource['levels'][0]];
    gl.texStorage2D(gl.TEXTURE_2D, source.levels.length, gl.R8UI, width, height);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    source.levels.forEach((level, n) => {
      gl.texSubImage2D(
        gl.TEXTURE_2D,
        n,
        0,
        0,
        level.width,
        level.height,
        gl.RED_INTEGER,
        gl.UNSIGNED_BYTE,
        level.data,
      );
    });
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
    readExactly(gl, gl.TEXTURE_2D);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST_MIPMAP_NEAREST);
    if (this.#textures.size >= MOST_MASKS) {
      const [oldest, forgotten] = this.#textures.entries().next().value!;
      gl.deleteTexture(forgotten);
      this.#textures.delete(oldest);
    }
    this.#textures.set(source, texture);
    return texture;
  }
}
