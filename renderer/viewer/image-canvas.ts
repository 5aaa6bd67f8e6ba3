import { levelFor } from './camera.ts';
import { type CanvasBox, type DrawnImage, ImageLayer } from './draw-image.ts';
import { MarkerLayer } from './draw-markers.ts';
import { MaskLayer, type ShownMask } from './draw-mask.ts';
import type { Camera, Display, ImageSource, Limits, Marker } from './model.ts';
import { resolveLimits } from './resolve-limits.ts';
import { ShownSources } from './shown-sources.ts';
import { TileTextures, USUAL_TILE_BYTES } from './tile-textures.ts';

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
  /** Another image of the same place over the first: as if it were of glass, or behind a curtain. */
  readonly over?: OverImage | undefined;
  /** Bits of a mask that tint the image. */
  readonly mask?: ShownMask | undefined;
  /** Lists of markers below the others: each is copied to the card once, however many panes show it. */
  readonly layers?: readonly (readonly Marker[])[] | undefined;
  readonly markers?: readonly Marker[] | undefined;
}

/** An image over an image; it is drawn with the camera of the one below. */
export interface OverImage {
  readonly source: ImageSource;
  readonly display: Display;
  readonly limits?: Limits | undefined;
  /** 0 leaves the image below, 1 hides it. */
  readonly opacity: number;
  /** Where it begins, in parts of the pane's width from the left, 0..1. */
  readonly from: number;
}

/** A part of the canvas: where an element of the page is, what `read` says is drawn. */
export interface Pane {
  readonly element: HTMLElement;
  /** Asked when the pane is drawn; it is black without an image. */
  read(): PaneContent;
  /** Told after a drawing when what stands for the image's pixels has changed. */
  onShown?(shown: ShownPixels): void;
}

/** How far what a pane shows is from what it would show at best. */
export interface ShownPixels {
  /** Image pixels that one shown pixel stands for where that is more than the zoom asks for or a sample, else 1. */
  readonly reduction: number;
  /** Whether limits were found from all pixels. */
  readonly isExact: boolean;
}

/** Colours of the canvas, 0..1; they come from the theme. */
export interface CanvasColours {
  readonly background: readonly [number, number, number];
  readonly notFinite: readonly [number, number, number];
  /** Three numbers for each of `MARKER_TONES`. */
  readonly tones: Float32Array;
  /** Three numbers for each of the eight bits of a mask. */
  readonly tints: Float32Array;
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

/** A card that has forgotten everything so often is not waited for again. */
const TRUSTED_LOSSES = 1;

/** Tell whether the graphics card can be relied on; else small images are better painted by the processor. */
export function isCardTrusted({ state, losses }: Pick<CanvasStatus, 'state' | 'losses'>): boolean {
  return state === 'ready' && losses <= TRUSTED_LOSSES;
}

/** Tiles copied to the card in one frame: 12 MiB, which costs about two milliseconds. */
const UPLOADS_PER_FRAME = 48;

/** On a machine without a graphics card: a frame this soon after another was shown is motion, ms. */
const MOTION_MS = 250;

/** Graphics cards that are programs. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render/i;

const NO_COLOURS: CanvasColours = {
  background: [0, 0, 0],
  notFinite: [0.2, 0.2, 0.2],
  tones: new Float32Array(15).fill(1),
  tints: new Float32Array(24).fill(1),
  onlyRed: false,
};

interface Layers {
  readonly tiles: TileTextures;
  readonly images: ImageLayer;
  readonly markers: MarkerLayer;
  /** Made when a mask is first shown. */
  masks?: MaskLayer | undefined;
}

/**
 * The one WebGL2 canvas behind all image panes.
 *
 * Panes are transparent elements in front of it. It draws only panes that have changed, and builds
 * itself anew from the pixels in memory when the graphics card has lost its own.
 */
export class ImageCanvas {
  readonly #canvas: HTMLCanvasElement;
  #budgetBytes: number;
  /** Panes and where each was drawn last, as text. */
  readonly #panes = new Map<Pane, string>();
  readonly #dirty = new Set<Pane>();
  readonly #shown = new ShownSources();
  readonly #told = new WeakMap<Pane, ShownPixels>();
  readonly #wanted: ImageSource[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();
  readonly #resizes: ResizeObserver;
  /** Made with the first pane: a window that shows no image starts without waiting for shaders. */
  #gl: WebGL2RenderingContext | null | undefined;
  #isSoftware = false;
  #layers: Layers | undefined;
  #colours = NO_COLOURS;
  #status: CanvasStatus = { state: 'ready', residentBytes: 0, losses: 0 };
  #frame = 0;
  #isAllDirty = true;
  #lastShownMs = 0;
  #finishing: ReturnType<typeof setTimeout> | undefined;

  constructor(canvas: HTMLCanvasElement, budgetBytes = USUAL_TILE_BYTES) {
    this.#canvas = canvas;
    this.#budgetBytes = budgetBytes;
    const { signal } = this.#abort;
    canvas.addEventListener('webglcontextlost', (event) => this.#lose(event), { signal });
    canvas.addEventListener('webglcontextrestored', () => this.#build(), { signal });
    window.addEventListener('resize', () => this.invalidate(), { signal });
    this.#resizes = new ResizeObserver(() => this.invalidate());
    this.#resizes.observe(canvas);
  }

  /** Let tiles take so much of the graphics card; those that are there are copied anew. */
  setTileBudget(bytes: number): void {
    if (bytes === this.#budgetBytes) return;
    this.#budgetBytes = bytes;
    if (this.#layers === undefined) return;
    this.#layers.tiles.close();
    this.#build();
  }

  /** Show a pane from now on. @returns what takes it away again. */
  addPane(pane: Pane): () => void {
    if (this.#gl === undefined) this.#open();
    this.#panes.set(pane, '');
    this.#resizes.observe(pane.element);
    this.invalidate();
    return () => {
      this.#panes.delete(pane);
      this.#dirty.delete(pane);
      this.#shown.remove(pane);
      this.#resizes.unobserve(pane.element);
      this.invalidate();
    };
  }

  /** Say that a pane has changed, or that everything has: it is drawn in the next frame. */
  invalidate(pane?: Pane): void {
    if (pane === undefined) this.#isAllDirty = true;
    else this.#dirty.add(pane);
    if (this.#frame !== 0 || this.#abort.signal.aborted) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** Say that pixels of an image came; those on the card are replaced where better ones came. */
  renew(sourceId: string, isReplaced: boolean): void {
    if (isReplaced) this.#layers?.tiles.cache.drop(`${sourceId}/`);
    for (const pane of this.#shown.panesOf(sourceId)) this.invalidate(pane as Pane);
  }

  /** Copy small images to the card before they are shown, a few in each frame. */
  prefetch(sources: readonly ImageSource[]): void {
    this.#wanted.splice(0, this.#wanted.length, ...sources);
    const [first] = this.#panes.keys();
    if (sources.length > 0 && first !== undefined) this.invalidate(first);
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
    clearTimeout(this.#finishing);
    this.#listeners.clear();
  }

  #open(): void {
    const gl = this.#canvas.getContext('webgl2', {
      alpha: true,
      antialias: false,
      depth: false,
      stencil: false,
      // Panes that have not changed keep their pixels from frame to frame.
      preserveDrawingBuffer: true,
      powerPreference: 'high-performance',
    });
    this.#gl = gl;
    if (gl === null) {
      this.#setStatus({ ...this.#status, state: 'unavailable' });
      return;
    }
    const names = gl.getExtension('WEBGL_debug_renderer_info');
    this.#isSoftware =
      names !== null && SOFTWARE.test(String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)));
    this.#build();
  }

  #build(): void {
    const gl = this.#gl!;
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
    if (!gl || layers === undefined || gl.isContextLost()) return;
    const pixelRatio = window.devicePixelRatio;
    const bounds = this.#canvas.getBoundingClientRect();
    const height = Math.max(1, Math.round(bounds.height * pixelRatio));
    this.#resize(Math.max(1, Math.round(bounds.width * pixelRatio)), height);
    const isDraft = this.#isInMotion();
    const boxes = new Map(
      [...this.#panes.keys()].map((pane) => [pane, boxOf(pane.element, bounds, pixelRatio, height)]),
    );
    for (const [pane, box] of boxes)
      if (this.#panes.get(pane) !== JSON.stringify(box)) this.#isAllDirty = true;
    layers.tiles.cache.beginFrame();
    gl.enable(gl.SCISSOR_TEST);
    if (this.#isAllDirty) clearBox(gl, { x: 0, y: 0, width: this.#canvas.width, height }, [0, 0, 0], 0);
    const due = this.#isAllDirty ? [...this.#panes.keys()] : [...this.#dirty];
    this.#isAllDirty = false;
    this.#dirty.clear();
    let uploads = UPLOADS_PER_FRAME;
    for (const pane of due) {
      const box = boxes.get(pane);
      this.#panes.set(pane, JSON.stringify(box));
      if (box === undefined) continue;
      const result = this.#drawPane(layers, pane, box, pixelRatio, uploads, isDraft);
      uploads -= result.uploaded;
      // A pane that could have copied more and did not would do no better next time: it exceeds the budget.
      if (!result.isComplete && uploads <= 0) this.invalidate(pane);
    }
    while (uploads > 0 && this.#wanted.length > 0)
      if (layers.images.prefetch(this.#wanted.shift()!)) uploads--;
    if (this.#wanted.length > 0 && due[0] !== undefined) this.invalidate(due[0]);
    if (layers.tiles.cache.residentBytes !== this.#status.residentBytes)
      this.#setStatus({ ...this.#status, residentBytes: layers.tiles.cache.residentBytes });
  }

  #drawPane(
    layers: Layers,
    pane: Pane,
    box: CanvasBox,
    pixelRatio: number,
    uploads: number,
    isDraft: boolean,
  ): { uploaded: number; isComplete: boolean } {
    clearBox(this.#gl!, box, this.#colours.background, 1);
    const { image, over, mask, layers: lists = [], markers = [] } = pane.read();
    if (image === undefined) {
      this.#shown.endPane(pane);
      return { uploaded: 0, isComplete: true };
    }
    const { source, camera } = image;
    const colormap = this.#colours.onlyRed ? 'red' : image.display.colormap;
    let result = layers.images.draw(
      {
        source,
        camera,
        display: { ...image.display, colormap },
        limits: image.limits ?? resolveLimits(image.display.limits, source.statistics),
        nanColour: this.#colours.notFinite,
        hasGrid: true,
        isDraft,
      },
      box,
      uploads,
      this.#shown.ownerOf(pane, source),
    );
    if (over !== undefined) {
      const above = this.#drawOver(layers, pane, over, camera, box, uploads - result.uploaded, isDraft);
      result = {
        uploaded: result.uploaded + above.uploaded,
        isComplete: result.isComplete && above.isComplete,
        shownLevel: Math.max(result.shownLevel, above.shownLevel),
      };
    }
    this.#shown.endPane(pane);
    this.#tell(pane, image, result.shownLevel);
    if (mask !== undefined && mask.bits !== 0) {
      layers.masks ??= new MaskLayer(this.#gl!);
      layers.masks.draw(mask, camera, box, this.#colours.tints);
    }
    for (const list of [...lists, markers])
      layers.markers.draw(list, camera, box, pixelRatio, this.#colours.tones);
    return result;
  }

  #drawOver(
    layers: Layers,
    pane: Pane,
    { source, display, limits, opacity, from }: OverImage,
    camera: Camera,
    box: CanvasBox,
    uploads: number,
    isDraft: boolean,
  ): DrawnImage {
    const gl = this.#gl!;
    const left = Math.round(from * box.width);
    if (opacity <= 0 || left >= box.width) return { uploaded: 0, isComplete: true, shownLevel: 0 };
    gl.scissor(box.x + left, box.y, box.width - left, box.height);
    gl.enable(gl.BLEND);
    gl.blendColor(0, 0, 0, opacity);
    gl.blendFunc(gl.CONSTANT_ALPHA, gl.ONE_MINUS_CONSTANT_ALPHA);
    const colormap = this.#colours.onlyRed ? 'red' : display.colormap;
    const result = layers.images.draw(
      {
        source,
        camera,
        display: { ...display, colormap },
        limits: limits ?? resolveLimits(display.limits, source.statistics),
        nanColour: this.#colours.notFinite,
        hasGrid: false,
        isDraft,
      },
      box,
      uploads,
      this.#shown.ownerOf(pane, source),
    );
    gl.disable(gl.BLEND);
    gl.scissor(box.x, box.y, box.width, box.height);
    return result;
  }

  #tell(pane: Pane, image: NonNullable<PaneContent['image']>, shownLevel: number): void {
    const { source, camera, display, limits } = image;
    const isSample = source.sampledFrom !== undefined && shownLevel >= source.sampledFrom;
    // zscale has a grid of its own, which is read as it is.
    const isFromGrid =
      limits !== undefined || display.limits.kind === 'zscale' || display.limits.kind === 'user';
    const isCoarse = shownLevel > levelFor(camera.zoom, source.levelCount);
    const shown: ShownPixels = {
      reduction: isSample || isCoarse ? 2 ** shownLevel : 1,
      isExact: source.statistics.isExact || (isFromGrid && display.stretch !== 'histeq'),
    };
    const told = this.#told.get(pane);
    if (told?.reduction === shown.reduction && told.isExact === shown.isExact) return;
    this.#told.set(pane, shown);
    pane.onShown?.(shown);
  }

  #resize(width: number, height: number): void {
    if (this.#canvas.width === width && this.#canvas.height === height) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#isAllDirty = true;
  }

  /** On a processor that stands in for a graphics card, motion is drawn roughly and finished when it ends. */
  #isInMotion(): boolean {
    if (!this.#isSoftware) return false;
    const isMotion = performance.now() - this.#lastShownMs < MOTION_MS;
    clearTimeout(this.#finishing);
    // The next animation frame comes when this one has been shown, however long that took.
    requestAnimationFrame(() => {
      this.#lastShownMs = performance.now();
      if (!isMotion) return;
      this.#finishing = setTimeout(() => {
        this.#lastShownMs = 0;
        this.invalidate();
      }, MOTION_MS);
    });
    return isMotion;
  }

  #setStatus(status: CanvasStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener();
  }
}

function clearBox(
  gl: WebGL2RenderingContext,
  box: CanvasBox,
  colour: readonly [number, number, number],
  alpha: number,
): void {
  gl.viewport(box.x, box.y, box.width, box.height);
  gl.scissor(box.x, box.y, box.width, box.height);
  gl.clearColor(...colour, alpha);
  gl.clear(gl.COLOR_BUFFER_BIT);
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
