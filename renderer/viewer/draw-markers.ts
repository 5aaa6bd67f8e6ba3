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
  /** Markers on an image pixel, on average over the rectangle around all; 0 for lists that are never a crowd. */
  readonly density: number;
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
    gl.uniform3fv(this.#uniforms.u_tones, tones);
    const { array, density } = this.#listOf(markers);
    gl.uniform1f(this.#uniforms.u_size, markerSize(camera.zoom / pixelRatio, density));
    gl.bindVertexArray(array);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, markers.length);
    gl.disable(gl.BLEND);
    gl.bindVertexArray(null);
  }

  #listOf(markers: readonly Marker[]): MarkerList {
    const list = this.#lists.get(markers) ?? this.#makeList(markers);
    this.#lists.delete(markers);
    this.#lists.set(markers, list);
    if (this.#lists.size > MOST_LISTS) {
      const [oldest, { array, buffer }] = this.#lists.entries().next().value!;
      this.#gl.deleteVertexArray(array);
      this.#gl.deleteBuffer(buffer);
      this.#lists.delete(oldest);
    }
    return list;
  }

  #makeList(markers: readonly Marker[]): MarkerList {
    const gl = this.#gl;
    const list: MarkerList = {
      array: gl.createVertexArray(),
      buffer: gl.createBuffer(),
      density: densityOf(markers),
    };
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

/** Lists from so many on may be a crowd. */
const CROWD = 2000;

/** Smallest size of a marker in a crowd, in parts of the usual one. */
const SMALLEST = 0.3;

/** Distance in a crowd at which markers have their usual size, CSS pixels: they do not touch. */
const ELBOW_ROOM = 30;

/**
 * Smaller where many pixels share one of the screen, and much smaller where markers would cover each other: they should
 * mark a field, not hide it.
 */
export function markerSize(zoom: number, density: number): number {
  const usual = Math.min(1, Math.max(0.55, 0.55 + 0.45 * (Math.log2(zoom) / 3 + 1)));
  if (density === 0) return usual;
  const distance = zoom / Math.sqrt(density);
  return Math.min(usual, Math.max(SMALLEST, distance / ELBOW_ROOM));
}

/** Markers on an image pixel; 0 for lists that are never a crowd. */
export function densityOf(markers: readonly Marker[]): number {
  if (markers.length < CROWD) return 0;
  let [left, right, bottom, top] = [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY, 0];
  for (const { x, y } of markers) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  return markers.length / Math.max(1, (right - left) * (top - bottom));
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
