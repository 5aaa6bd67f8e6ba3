import type { CanvasBox } from './draw-image.ts';
import type { ImageSource } from './model.ts';
import type { CanvasColours, Pane } from './pane.ts';
import { clearBox, PanePainter } from './pane-painter.ts';
import { ShownSources } from './shown-sources.ts';
import { USUAL_TILE_BYTES } from './tile-textures.ts';

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

/** Tiles copied to the card in one go while nothing is drawn, and how long the window may be busy before it is done anyway, ms. */
const PREFETCHES_AT_ONCE = 12;
const PREFETCH_WITHIN_MS = 400;

/** What prefetched tiles take is told in steps: telling is a change of the page, which costs a frame. */
const TOLD_STEP_BYTES = 8 * 2 ** 20;

/** On a machine without a graphics card: a frame this soon after another was shown is motion, ms. Keys come slower. */
const MOTION_MS = 100;

/** Stillness after which what was drawn roughly is drawn well, ms. */
const STILL_MS = 250;

/** Graphics cards that are programs. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render/i;

const NO_COLOURS: CanvasColours = {
  ground: [0, 0, 0],
  background: [0, 0, 0],
  notFinite: [0.2, 0.2, 0.2],
  tones: new Float32Array(15).fill(1),
  tints: new Float32Array(24).fill(1),
  onlyRed: false,
};

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
  readonly #wanted: ImageSource[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();
  readonly #resizes: ResizeObserver;
  /** Made with the first pane: a window that shows no image starts without waiting for shaders. */
  #gl: WebGL2RenderingContext | null | undefined;
  #isSoftware = false;
  #painter: PanePainter | undefined;
  #colours = NO_COLOURS;
  #status: CanvasStatus = { state: 'ready', residentBytes: 0, losses: 0 };
  #frame = 0;
  #isAllDirty = true;
  #lastShownMs = 0;
  /** Panes that were drawn roughly. */
  readonly #rough = new Set<Pane>();
  #finishing: ReturnType<typeof setTimeout> | undefined;
  #prefetching = 0;

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
    if (this.#painter === undefined) return;
    this.#painter.close();
    this.#build();
  }

  /** Show a pane from now on. @returns what takes it away again. */
  addPane(pane: Pane): () => void {
    if (this.#gl === undefined) this.#open();
    this.#panes.set(pane, '');
    this.#showOrHide();
    this.#resizes.observe(pane.element);
    this.invalidate();
    return () => {
      this.#panes.delete(pane);
      this.#showOrHide();
      this.#dirty.delete(pane);
      this.#rough.delete(pane);
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
    if (isReplaced) this.#painter?.tiles.cache.drop(`${sourceId}/`);
    for (const pane of this.#shown.panesOf(sourceId)) this.invalidate(pane as Pane);
  }

  /** Copy small images to the card before they are shown, while the window has nothing else to do. */
  prefetch(sources: readonly ImageSource[]): void {
    this.#wanted.splice(0, this.#wanted.length, ...sources);
    this.#prefetchSoon();
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
    cancelIdleCallback(this.#prefetching);
    clearTimeout(this.#finishing);
    this.#listeners.clear();
  }

  /** A canvas on which nothing is shown costs nothing. */
  #showOrHide(): void {
    this.#canvas.style.visibility = this.#panes.size > 0 ? '' : 'hidden';
  }

  #open(): void {
    const gl = this.#canvas.getContext('webgl2', {
      // Nothing has to be drawn under it, and it is not blended with what was.
      alpha: false,
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
    this.#painter = new PanePainter(gl, this.#budgetBytes, this.#shown);
    this.#setStatus({ ...this.#status, state: 'ready', residentBytes: 0 });
    this.#prefetchSoon();
    this.invalidate();
  }

  #lose(event: Event): void {
    // Without this the browser never gives the context back.
    event.preventDefault();
    this.#painter = undefined;
    this.#setStatus({ state: 'lost', residentBytes: 0, losses: this.#status.losses + 1 });
  }

  #draw(): void {
    const gl = this.#gl;
    const painter = this.#painter;
    if (!gl || painter === undefined || gl.isContextLost()) return;
    const pixelRatio = window.devicePixelRatio;
    const bounds = this.#canvas.getBoundingClientRect();
    const height = Math.max(1, Math.round(bounds.height * pixelRatio));
    this.#resize(Math.max(1, Math.round(bounds.width * pixelRatio)), height);
    const boxes = new Map(
      [...this.#panes.keys()].map((pane) => [pane, boxOf(pane.element, bounds, pixelRatio, height)]),
    );
    for (const [pane, box] of boxes)
      if (this.#panes.get(pane) !== JSON.stringify(box)) this.#isAllDirty = true;
    painter.tiles.cache.beginFrame();
    gl.enable(gl.SCISSOR_TEST);
    if (this.#isAllDirty)
      clearBox(gl, { x: 0, y: 0, width: this.#canvas.width, height }, this.#colours.ground);
    const due = this.#isAllDirty ? [...this.#panes.keys()] : [...this.#dirty];
    this.#isAllDirty = false;
    this.#dirty.clear();
    const isMotion = this.#isInMotion(due);
    let uploads = UPLOADS_PER_FRAME;
    for (const pane of due) {
      const box = boxes.get(pane);
      this.#panes.set(pane, JSON.stringify(box));
      if (box === undefined) continue;
      const isDraft = isMotion && pane.isMovable;
      const result = painter.draw(pane, { box, pixelRatio, uploads, isDraft, colours: this.#colours });
      uploads -= result.uploaded;
      if (result.isRough) this.#rough.add(pane);
      else this.#rough.delete(pane);
      // A pane that could have copied more and did not would do no better next time: it exceeds the budget.
      if (!result.isComplete && uploads <= 0) this.invalidate(pane);
    }
    if (painter.tiles.cache.residentBytes !== this.#status.residentBytes)
      this.#setStatus({ ...this.#status, residentBytes: painter.tiles.cache.residentBytes });
  }

  #resize(width: number, height: number): void {
    if (this.#canvas.width === width && this.#canvas.height === height) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#isAllDirty = true;
  }

  /** On a processor that stands in for a graphics card, motion is drawn roughly and finished when it ends. */
  #isInMotion(due: readonly Pane[]): boolean {
    // To learn when a frame was shown takes another, which is not asked for where nothing can move: after a key the
    // browser puts off answers of the core, and all else, until no frame is due.
    if (!this.#isSoftware || !due.some(({ isMovable }) => isMovable)) return false;
    const isMotion = performance.now() - this.#lastShownMs < MOTION_MS;
    clearTimeout(this.#finishing);
    // The next animation frame comes when this one has been shown, however long that took. Only then does stillness
    // begin: counted from here, it could end in the very frame that tells of this one, and be taken for motion again.
    requestAnimationFrame(() => {
      this.#lastShownMs = performance.now();
      if (this.#rough.size > 0) this.#finishSoon();
    });
    return isMotion;
  }

  #finishSoon(): void {
    clearTimeout(this.#finishing);
    this.#finishing = setTimeout(() => {
      this.#lastShownMs = 0;
      for (const pane of this.#rough) this.invalidate(pane);
    }, STILL_MS);
  }

  /** Copying draws nothing: what is on screen stays as it is, and the page needs no new frame. */
  #prefetchSoon(hasMore = this.#wanted.length > 0): void {
    if (this.#prefetching !== 0 || !hasMore || this.#abort.signal.aborted) return;
    this.#prefetching = requestIdleCallback(
      () => {
        this.#prefetching = 0;
        const painter = this.#painter;
        // A card that is away or not yet asked for gets what is still wanted when it is there.
        if (painter === undefined) return;
        let copies = PREFETCHES_AT_ONCE;
        while (copies > 0 && this.#wanted.length > 0)
          if (painter.images.prefetch(this.#wanted.shift()!)) copies--;
        this.#gl?.flush();
        const { residentBytes } = painter.tiles.cache;
        if (Math.abs(residentBytes - this.#status.residentBytes) >= TOLD_STEP_BYTES)
          this.#setStatus({ ...this.#status, residentBytes });
        this.#prefetchSoon(this.#wanted.length > 0 || painter.images.prepare());
      },
      { timeout: PREFETCH_WITHIN_MS },
    );
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
