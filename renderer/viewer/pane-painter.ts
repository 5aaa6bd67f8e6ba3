import { levelFor } from './camera.ts';
import { type CanvasBox, type DrawnImage, ImageLayer } from './draw-image.ts';
import { MarkerLayer } from './draw-markers.ts';
import { MaskLayer } from './draw-mask.ts';
import type { Camera } from './model.ts';
import type { CanvasColours, OverImage, Pane, PaneContent, ShownPixels } from './pane.ts';
import { resolveLimits } from './resolve-limits.ts';
import type { ShownSources } from './shown-sources.ts';
import { TileTextures } from './tile-textures.ts';

/** Where and how a pane is drawn in one frame. */
interface PaneFrame {
  readonly box: CanvasBox;
  readonly pixelRatio: number;
  /** How many tiles may still be copied to the card. */
  readonly uploads: number;
  readonly isDraft: boolean;
  readonly colours: CanvasColours;
}

const NOTHING: DrawnImage = { uploaded: 0, isComplete: true, shownLevel: 0, isRough: false };

/** Draws panes with what one graphics card holds; a card that comes back gets another painter. */
export class PanePainter {
  readonly tiles: TileTextures;
  readonly images: ImageLayer;
  readonly #markers: MarkerLayer;
  /** Made when a mask is first shown. */
  #masks: MaskLayer | undefined;
  readonly #gl: WebGL2RenderingContext;
  readonly #shown: ShownSources;
  readonly #told = new WeakMap<Pane, ShownPixels>();

  constructor(gl: WebGL2RenderingContext, budgetBytes: number, shown: ShownSources) {
    this.#gl = gl;
    this.#shown = shown;
    this.tiles = new TileTextures(gl, budgetBytes);
    this.images = new ImageLayer(gl, this.tiles);
    this.#markers = new MarkerLayer(gl);
  }

  /** Give back what the graphics card holds. */
  close(): void {
    this.tiles.close();
    this.images.close();
    this.#markers.close();
    this.#masks?.close();
  }

  /** Draw one pane, and tell it when what stands for its pixels has changed. */
  draw(pane: Pane, frame: PaneFrame): DrawnImage {
    const { box, pixelRatio, uploads, colours } = frame;
    clearBox(this.#gl, box, colours.background);
    const { image, over, mask, layers = [], markers = [] } = pane.read();
    if (image === undefined) {
      this.#shown.endPane(pane);
      return NOTHING;
    }
    let result = this.#drawImage(pane, image, true, frame);
    if (over !== undefined) {
      const rest = { ...frame, uploads: uploads - result.uploaded };
      const above = this.#drawOver(pane, over, image.camera, rest);
      result = {
        uploaded: result.uploaded + above.uploaded,
        isComplete: result.isComplete && above.isComplete,
        shownLevel: Math.max(result.shownLevel, above.shownLevel),
        isRough: result.isRough || above.isRough,
      };
    }
    this.#shown.endPane(pane);
    this.#tell(pane, image, result.shownLevel);
    if (mask !== undefined && mask.bits !== 0) {
      this.#masks ??= new MaskLayer(this.#gl);
      this.#masks.draw(mask, image.camera, box, colours.tints);
    }
    const look = { pixelRatio, tones: colours.tones, isDraft: frame.isDraft };
    let isRough = result.isRough;
    for (const list of [...layers, markers])
      if (this.#markers.draw(list, image.camera, box, look)) isRough = true;
    return { ...result, isRough };
  }

  #drawImage(
    pane: Pane,
    { source, camera, display, limits }: NonNullable<PaneContent['image']>,
    hasGrid: boolean,
    { box, uploads, isDraft, colours }: PaneFrame,
  ): DrawnImage {
    const view = {
      source,
      camera,
      display: { ...display, colormap: colours.onlyRed ? 'red' : display.colormap } as const,
      limits: limits ?? resolveLimits(display.limits, source.statistics),
      nanColour: colours.notFinite,
      hasGrid,
      background: hasGrid ? colours.background : undefined,
      isDraft,
    };
    return this.images.draw(view, box, uploads, this.#shown.ownerOf(pane, source));
  }

  #drawOver(pane: Pane, over: OverImage, camera: Camera, frame: PaneFrame): DrawnImage {
    const gl = this.#gl;
    const { box } = frame;
    const left = Math.round(over.from * box.width);
    if (over.opacity <= 0 || left >= box.width) return NOTHING;
    gl.scissor(box.x + left, box.y, box.width - left, box.height);
    gl.enable(gl.BLEND);
    gl.blendColor(0, 0, 0, over.opacity);
    gl.blendFunc(gl.CONSTANT_ALPHA, gl.ONE_MINUS_CONSTANT_ALPHA);
    const result = this.#drawImage(pane, { ...over, camera }, false, frame);
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
}

/** Fill a box with one colour, and draw in it from now on. */
export function clearBox(
  gl: WebGL2RenderingContext,
  box: CanvasBox,
  colour: readonly [number, number, number],
): void {
  gl.viewport(box.x, box.y, box.width, box.height);
  gl.scissor(box.x, box.y, box.width, box.height);
  gl.clearColor(...colour, 1);
  gl.clear(gl.COLOR_BUFFER_BIT);
}
