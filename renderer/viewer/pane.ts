import type { ShownMask } from './draw-mask.ts';
import type { Camera, Display, ImageSource, Limits, Marker } from './model.ts';

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
  /** Whether hands drag and turn it: then it may be drawn roughly while it moves. */
  readonly isMovable: boolean;
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
  /** Of the page: the canvas lets nothing shine through, and has it between panes. */
  readonly ground: readonly [number, number, number];
  /** Behind images. */
  readonly background: readonly [number, number, number];
  readonly notFinite: readonly [number, number, number];
  /** Three numbers for each of `MARKER_TONES`. */
  readonly tones: Float32Array;
  /** Three numbers for each of the eight bits of a mask. */
  readonly tints: Float32Array;
  /** The night: every colour map becomes `red`. */
  readonly onlyRed: boolean;
}
