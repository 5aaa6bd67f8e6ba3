import { type CanvasBox, ImageLayer } from './draw-image.ts';
import { MarkerLayer } from './draw-markers.ts';
import type { Camera, Display, ImageSource, Limits, Marker } from './model.ts';
import { resolveLimits } from './resolve-limits.ts';
import { MAX_TILE_BYTES, TileTextures } from './tile-textures.ts';

/** What a pane shows in one frame. */
export interface PaneContent {
  readonly image?:
    | {
        readonly source: ImageSource;
        readonly camera: Camera;
        readonly display: Display;
        /** Given, they stand instead of those that `display.limits` would find. */
        readonly limits?: Limits | undefined;
      }
    | undefined;
  readonly markers?: readonly Marker[] | undefined;
  /** Drawn over the markers; kept apart because it moves with the mouse. */
  readonly cursor?: readonly Marker[] | undefined;
}

/** A part of the canvas: where an element of the page is, what `read` says is drawn. */
export interface Pane {
  readonly element: HTMLElement;
  /** Asked once a frame; the pane is black without an answer. */
  read(): PaneContent;
}

/** Colours of the canvas, 0..1; they come from the theme. */
export interface CanvasColours {
  readonly background: readonly [number, number, number];
  readonly notFinite: readonly [number, number, number];
  /** Three numbers for each of `MARKER_TONES`. */
  readonly tones: Float32Array;
  /** The night: every colour map becomes `red`. */
  readonly onlyRed: boolean;
}

/** How the canvas is doing, for the status bar. */
export interface CanvasStatus {
  readonly state: 'ready' | 'lost' | 'unavailable';
  readonly residentBytes: number;
  /** How often the graphics card has forgotten everything. */
  readonly losses: number;
}

/** Tiles copied to the card in one frame: 12 MiB, which costs about two milliseconds. */
const UPLOADS_PER_FRAME = 48;

const NO_COLOURS: CanvasColours = {
  background: [0, 0, 0],
  notFinite: [0.2, 0.2, 0.2],
  tones: new Float32Array(15).fill(1),
  onlyRed: false,
};

interface Layers {
  readonly tiles: TileTextures;
  readonly images: ImageLayer;
  readonly markers: MarkerLayer;
}

/**
 * The one WebGL2 canvas behind all image panes.
 *
 * Panes are transparent elements in front of it. It draws only when something has changed, and builds
 * itself anew from the pixels in memory when the graphics card has lost its own.
 */
export class ImageCanvas {
  readonly #canvas: HTMLCanvasElement;
  readonly #gl: WebGL2RenderingContext | null;
  readonly #budgetBytes: number;
  readonly #panes: Pane[] = [];
  readonly #wanted: ImageSource[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();
  readonly #resizes: ResizeObserver;
  #layers: Layers | undefined;
  #colours = NO_COLOURS;
  #status: CanvasStatus = { state: 'ready', residentBytes: 0, losses: 0 };
  #frame = 0;

  constructor(canvas: HTMLCanvasElement, budgetBytes = MAX_TILE_BYTES) {
    this.#canvas = canvas;
    this.#budgetBytes = budgetBytes;
    this.#gl = canvas.getContext('webgl2', {
      alpha: true,
      antialias: false,
      depth: false,
      stencil: false,
      powerPreference: 'high-performance',
    });
    const { signal } = this.#abort;
    canvas.addEventListener('webglcontextlost', (event) => this.#lose(event), { signal });
    canvas.addEventListener('webglcontextrestored', () => this.#build(), { signal });
    window.addEventListener('resize', () => this.invalidate(), { signal });
    this.#resizes = new ResizeObserver(() => this.invalidate());
    this.#resizes.observe(canvas);
    this.#build();
  }

  /** Show a pane from now on; later panes lie over earlier ones. @returns what takes it away again. */
  addPane(pane: Pane): () => void {
    this.#panes.push(pane);
    this.#resizes.observe(pane.element);
    this.invalidate();
    return () => {
      this.#panes.splice(this.#panes.indexOf(pane), 1);
      this.#resizes.unobserve(pane.element);
      this.invalidate();
    };
  }

  /** Say that something has changed: the next frame is drawn. */
  invalidate(): void {
    if (this.#frame !== 0 || this.#abort.signal.aborted) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** Copy small images to the card before they are shown, a few in each frame. */
  prefetch(sources: readonly ImageSource[]): void {
    this.#wanted.splice(0, this.#wanted.length, ...sources);
    if (sources.length > 0) this.invalidate();
  }

  setColours(colours: CanvasColours): void {
    this.#colours = colours;
    this.invalidate();
  }

  get status(): CanvasStatus {
    return this.#status;
  }

  /** Be told when `status` changes. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#abort.abort();
    this.#resizes.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#listeners.clear();
  }

  #build(): void {
    const gl = this.#gl;
    if (gl === null) {
      this.#setStatus({ ...this.#status, state: 'unavailable' });
      return;
    }
    const tiles = new TileTextures(gl, this.#budgetBytes);
    this.#layers = { tiles, images: new ImageLayer(gl, tiles), markers: new MarkerLayer(gl) };
    this.#setStatus({ ...this.#status, state: 'ready', residentBytes: 0 });
    this.invalidate();
  }

  #lose(event: Event): void {
    // Without this the browser never gives the context back.
    event.preventDefault();
    this.#layers = undefined;
    this.#setStatus({ state: 'lost', residentBytes: 0, losses: this.#status.losses + 1 });
  }

  #draw(): void {
    const gl = this.#gl;
    const layers = this.#layers;
    if (gl === null || layers === undefined || gl.isContextLost()) return;
    const pixelRatio = window.devicePixelRatio;
    const bounds = this.#canvas.getBoundingClientRect();
    const width = Math.max(1, Math.round(bounds.width * pixelRatio));
    const height = Math.max(1, Math.round(bounds.height * pixelRatio));
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    layers.tiles.cache.beginFrame();
    gl.enable(gl.SCISSOR_TEST);
    gl.viewport(0, 0, width, height);
    gl.scissor(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    let uploads = UPLOADS_PER_FRAME;
    let isComplete = true;
    for (const pane of this.#panes) {
      const box = boxOf(pane.element, bounds, pixelRatio, height);
      if (box === undefined) continue;
      gl.viewport(box.x, box.y, box.width, box.height);
      gl.scissor(box.x, box.y, box.width, box.height);
      gl.clearColor(...this.#colours.background, 1);
      gl.clear(gl.COLOR_BUFFER_BIT);
      const result = this.#drawPane(layers, pane, box, pixelRatio, uploads);
      uploads -= result.uploaded;
      isComplete &&= result.isComplete;
    }
    while (uploads > 0 && this.#wanted.length > 0)
      if (layers.images.prefetch(this.#wanted.shift()!)) uploads--;
    if (layers.tiles.cache.residentBytes !== this.#status.residentBytes)
      this.#setStatus({ ...this.#status, residentBytes: layers.tiles.cache.residentBytes });
    // A frame that could copy nothing more will not do better next time: the view exceeds the budget.
    if (this.#wanted.length > 0 || (!isComplete && uploads <= 0)) this.invalidate();
  }

  #drawPane(
    layers: Layers,
    pane: Pane,
    box: CanvasBox,
    pixelRatio: number,
    uploads: number,
  ): { uploaded: number; isComplete: boolean } {
    const { image, markers, cursor } = pane.read();
    if (image === undefined) return { uploaded: 0, isComplete: true };
    const { source, camera } = image;
    const colormap = this.#colours.onlyRed ? 'red' : image.display.colormap;
    const result = layers.images.draw(
      {
        source,
        camera,
        display: { ...image.display, colormap },
        limits: image.limits ?? resolveLimits(image.display.limits, source.statistics),
        nanColour: this.#colours.notFinite,
      },
      box,
      uploads,
    );
    const { tones } = this.#colours;
    if (markers !== undefined) layers.markers.draw(pane, markers, camera, box, pixelRatio, tones);
    if (cursor !== undefined) layers.markers.draw(pane.element, cursor, camera, box, pixelRatio, tones);
    return result;
  }

  #setStatus(status: CanvasStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener();
  }
}

/** Where an element lies on the canvas, in device pixels from the lower left; `undefined` when it has no area. */
function boxOf(
  element: HTMLElement,
  bounds: DOMRect,
  pixelRatio: number,
  canvasHeight: number,
): CanvasBox | undefined {
  const rect = element.getBoundingClientRect();
  const left = Math.round((rect.left - bounds.left) * pixelRatio);
  const right = Math.round((rect.right - bounds.left) * pixelRatio);
  const top = Math.round((rect.top - bounds.top) * pixelRatio);
  const bottom = Math.round((rect.bottom - bounds.top) * pixelRatio);
  if (right <= left || bottom <= top) return undefined;
  return { x: left, y: canvasHeight - bottom, width: right - left, height: bottom - top };
}
