import { turnOf } from './camera.ts';
import type { CanvasBox } from './draw-image.ts';
import { buildProgram, findUniforms, selectProgram } from './graphics.ts';
import { MARKER_FRAGMENT_SHADER, MARKER_VERTEX_SHADER } from './marker-shaders.ts';
import { type Camera, MARKER_SHAPES, MARKER_TONES, type Marker } from './model.ts';

/** Bytes of one marker: two floats of place, four bytes of look. */
const STRIDE = 12;

const UNIFORMS = ['u_paneSize', 'u_camera', 'u_turn', 'u_pixelRatio', 'u_size', 'u_tones'] as const;

/** Markers that a processor which stands in for a graphics card draws while an image moves, about; the rest come when it rests. */
const DRAFT_MARKERS = 5000;

/** WebGL steps over 255 bytes from one marker to the next, at most. */
const MOST_SKIPPED = Math.floor(255 / STRIDE);

/** A list of markers as the card holds it. */
interface MarkerList {
  readonly array: WebGLVertexArrayObject;
  /** Every `step`th of them, strewn over the list as all are. */
  readonly draft: WebGLVertexArrayObject;
  readonly step: number;
  readonly buffer: WebGLBuffer;
  /** Markers on an image pixel, on average over the rectangle around all; 0 for lists that are never a crowd. */
  readonly density: number;
}

/** How markers look in one frame. */
interface MarkerLook {
  readonly pixelRatio: number;
  readonly tones: Float32Array;
  readonly isDraft: boolean;
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

  /** Give back what the graphics card holds. */
  close(): void {
    for (const list of this.#lists.values()) this.#forget(list);
    this.#gl.deleteProgram(this.#program);
  }

  /**
   * Draw markers over an image.
   *
   * @param markers not changed afterwards: another list is another array.
   * @param tones red, green, blue (0..1) of each of `MARKER_TONES`.
   * @param isDraft draw a part of many.
   * @returns whether some were left out.
   */
  draw(
    markers: readonly Marker[],
    camera: Camera,
    box: CanvasBox,
    { pixelRatio, tones, isDraft }: MarkerLook,
  ): boolean {
    if (markers.length === 0) return false;
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
    const { array, draft, step, density } = this.#listOf(markers);
    const isPart = isDraft && step > 1;
    gl.uniform1f(this.#uniforms.u_size, markerSize(camera.zoom / pixelRatio, density));
    gl.bindVertexArray(isPart ? draft : array);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArraysInstanced(
      gl.TRIANGLE_STRIP,
      0,
      4,
      isPart ? Math.floor(markers.length / step) : markers.length,
    );
    gl.disable(gl.BLEND);
    gl.bindVertexArray(null);
    return isPart;
  }

  #listOf(markers: readonly Marker[]): MarkerList {
    const list = this.#lists.get(markers) ?? this.#makeList(markers);
    this.#lists.delete(markers);
    this.#lists.set(markers, list);
    if (this.#lists.size > MOST_LISTS) {
      const [oldest, forgotten] = this.#lists.entries().next().value!;
      this.#forget(forgotten);
      this.#lists.delete(oldest);
    }
    return list;
  }

  #forget({ array, draft, buffer }: MarkerList): void {
    this.#gl.deleteVertexArray(array);
    this.#gl.deleteVertexArray(draft);
    this.#gl.deleteBuffer(buffer);
  }

  #makeList(markers: readonly Marker[]): MarkerList {
    const gl = this.#gl;
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, packMarkers(markers), gl.STATIC_DRAW);
    const step = Math.min(MOST_SKIPPED, Math.ceil(markers.length / DRAFT_MARKERS));
    return {
      array: this.#readEvery(1, buffer),
      draft: this.#readEvery(step, buffer),
      step,
      buffer,
      density: densityOf(markers),
    };
  }

  /** Say how every `step`th marker of a list is read. */
  #readEvery(step: number, buffer: WebGLBuffer): WebGLVertexArrayObject {
    const gl = this.#gl;
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, step * STRIDE, 0);
    gl.vertexAttribDivisor(0, 1);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribIPointer(1, 4, gl.UNSIGNED_BYTE, step * STRIDE, 8);
    gl.vertexAttribDivisor(1, 1);
    gl.bindVertexArray(null);
    return array;
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
