import { turnOf } from './camera.ts';
import type { CanvasBox } from './draw-image.ts';
import { buildProgram, findUniforms, selectProgram } from './graphics.ts';
import { MARKER_FRAGMENT_SHADER, MARKER_VERTEX_SHADER } from './marker-shaders.ts';
import { type Camera, MARKER_SHAPES, MARKER_TONES, type Marker } from './model.ts';

/** Bytes of one marker: two floats of place, four bytes of look. */
const STRIDE = 12;

const UNIFORMS = ['u_paneSize', 'u_camera', 'u_turn', 'u_pixelRatio', 'u_size', 'u_tones'] as const;

/** A list of markers as the card holds it. */
interface MarkerList {
  readonly array: WebGLVertexArrayObject;
  readonly buffer: WebGLBuffer;
}

/** Lists on the card at once: all that four panes show, and what they showed before. */
const MOST_LISTS = 24;

/** Draws a list of markers in one call; it is copied to the card once, whatever panes show it. */
export class MarkerLayer {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #uniforms: Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;
  /** In the order of use. */
  readonly #lists = new Map<readonly Marker[], MarkerList>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#program = buildProgram(gl, MARKER_VERTEX_SHADER, MARKER_FRAGMENT_SHADER);
    this.#uniforms = findUniforms(gl, this.#program, UNIFORMS);
  }

  /**
   * Draw markers over an image.
   *
   * @param markers not changed afterwards: another list is another array.
   * @param tones red, green, blue (0..1) of each of `MARKER_TONES`.
   */
  draw(
    markers: readonly Marker[],
    camera: Camera,
    box: CanvasBox,
    pixelRatio: number,
    tones: Float32Array,
  ): void {
    if (markers.length === 0) return;
    const gl = this.#gl;
    selectProgram(gl, this.#program);
    gl.uniform2f(this.#uniforms.u_paneSize, box.width, box.height);
    gl.uniform2f(this.#uniforms.u_camera, camera.x, camera.y);
    const [a, b, c, d] = turnOf(camera);
    // WebGL takes matrices by columns.
    const turn = [a, c, b, d].map((entry) => entry * camera.zoom);
    gl.uniformMatrix2fv(this.#uniforms.u_turn, false, turn);
    gl.uniform1f(this.#uniforms.u_pixelRatio, pixelRatio);
    gl.uniform1f(this.#uniforms.u_size, markerSize(camera.zoom / pixelRatio));
    gl.uniform3fv(this.#uniforms.u_tones, tones);
    gl.bindVertexArray(this.#arrayOf(markers));
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, markers.length);
    gl.disable(gl.BLEND);
    gl.bindVertexArray(null);
  }

  #arrayOf(markers: readonly Marker[]): WebGLVertexArrayObject {
    const list = this.#lists.get(markers) ?? this.#makeList(markers);
    this.#lists.delete(markers);
    this.#lists.set(markers, list);
    if (this.#lists.size > MOST_LISTS) {
      const [oldest, { array, buffer }] = this.#lists.entries().next().value!;
      this.#gl.deleteVertexArray(array);
      this.#gl.deleteBuffer(buffer);
      this.#lists.delete(oldest);
    }
    return list.array;
  }

  #makeList(markers: readonly Marker[]): MarkerList {
    const gl = this.#gl;
    const list: MarkerList = { array: gl.createVertexArray(), buffer: gl.createBuffer() };
    gl.bindVertexArray(list.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, list.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, packMarkers(markers), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, STRIDE, 0);
    gl.vertexAttribDivisor(0, 1);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribIPointer(1, 4, gl.UNSIGNED_BYTE, STRIDE, 8);
    gl.vertexAttribDivisor(1, 1);
    gl.bindVertexArray(null);
    return list;
  }
}

/** Smaller where many pixels share one of the screen: rings should mark a field, not cover it. */
function markerSize(zoom: number): number {
  return Math.min(1, Math.max(0.55, 0.55 + 0.45 * (Math.log2(zoom) / 3 + 1)));
}

const SHAPES = new Map(MARKER_SHAPES.map((shape, i) => [shape, i]));
const TONES = new Map(MARKER_TONES.map((tone, i) => [tone, i]));

/** Write markers as the card reads them; every machine that runs this is little-endian. */
export function packMarkers(markers: readonly Marker[]): ArrayBuffer {
  const bytes = new ArrayBuffer(markers.length * STRIDE);
  const places = new Float32Array(bytes);
  const looks = new Uint8Array(bytes);
  for (let i = 0; i < markers.length; i++) {
    const { x, y, shape, tone, isSelected } = markers[i]!;
    places[(i * STRIDE) / 4] = x;
    places[(i * STRIDE) / 4 + 1] = y;
    looks[i * STRIDE + 8] = SHAPES.get(shape)!;
    looks[i * STRIDE + 9] = TONES.get(tone)!;
    looks[i * STRIDE + 10] = isSelected ? 1 : 0;
  }
  return bytes;
}
