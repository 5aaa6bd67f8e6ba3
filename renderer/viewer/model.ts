/** A rectangle of pixels, zero-based. */
export interface PixelRegion {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Pixels of one image that a pane can show.
 *
 * A value: what is learned of an image later comes as another source with the same id. Its pixels may lie in memory
 * or be fetched a tile at a time; who needs a pixel asks `valueAt`, who needs many asks `readRegion`.
 */
export interface ImageSource {
  /** Content address: two sources with the same id hold the same pixels. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Level n is the image reduced 2^n times in both directions; level 0 is the image. */
  readonly levelCount: number;
  /** From this level on a pixel stands for its neighbours until their mean is known; absent when none does. */
  readonly sampledFrom?: number | undefined;
  readonly statistics: PlaneStatistics;
  /** Pixels of one tile, if they are in memory. */
  tile(level: number, x: number, y: number): TilePixels | undefined;
  /** One pixel, if it is in memory; `undefined` also outside the image. */
  valueAt(x: number, y: number): number | undefined;
  /** Told which tiles a pane shows, so that those are fetched and kept; absent when all pixels are in memory. */
  show?(owner: object, shown: ShownTiles): void;
  /** Told that a pane shows it no more. */
  hide?(owner: object): void;
  /** Pixels of a rectangle that may reach beyond the image: row-major, first row at the bottom, NaN outside. */
  readRegion(region: PixelRegion, signal?: AbortSignal): Promise<Float32Array>;
}

/** A rectangle of tiles of one level. */
export interface ShownTiles {
  readonly level: number;
  readonly x0: number;
  readonly y0: number;
  readonly columns: number;
  readonly rows: number;
}

/** Where the pixels of a tile lie in an array. */
export interface TilePixels {
  readonly data: Float32Array;
  /** Of the tile's first pixel. */
  readonly offset: number;
  /** From a pixel to the one above it. */
  readonly rowLength: number;
  readonly width: number;
  readonly height: number;
}

/** One level of the pyramid: row-major, first row at the bottom. */
export interface ImageLevel {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** What the limits are made from. */
export interface PlaneStatistics {
  /** Whether every pixel was looked at; else `min`, `max`, `finiteCount` and percentiles are those of a sample. */
  readonly isExact: boolean;
  /** Smallest and largest finite pixel; NaN when there is none. */
  readonly min: number;
  readonly max: number;
  readonly finiteCount: number;
  readonly zscale: Limits;
  /** Finite pixels at equal steps of their rank, ascending: at most 65 536. */
  readonly sortedSample: Float32Array;
  readonly median: number;
  /** Robust standard deviation: 1.4826 times the median absolute deviation. */
  readonly sigma: number;
}

/** Pixel values shown at the two ends of the colour map. */
export interface Limits {
  readonly lo: number;
  readonly hi: number;
}

/** How the limits follow from the pixels. */
export type LimitsMode =
  | { readonly kind: 'zscale' }
  | { readonly kind: 'minmax' }
  | { readonly kind: 'percentile'; readonly percent: number }
  | { readonly kind: 'user'; readonly lo: number; readonly hi: number }
  | { readonly kind: 'symmetric'; readonly sigmas: number };

/** The curve between limits and colours. */
export const STRETCHES = ['linear', 'log', 'pow', 'sqrt', 'squared', 'asinh', 'sinh', 'histeq'] as const;
export type Stretch = (typeof STRETCHES)[number];

/** The colour maps; `red` is what every other becomes in the night. */
export const COLORMAPS = ['grey', 'heat', 'viridis', 'cividis', 'diverging', 'red'] as const;
export type Colormap = (typeof COLORMAPS)[number];

/** Everything between a pixel and its colour, except the limits' numbers. */
export interface Display {
  readonly limits: LimitsMode;
  readonly stretch: Stretch;
  readonly colormap: Colormap;
  readonly invert: boolean;
  /** DS9's contrast, 0..10; 1 changes nothing. */
  readonly contrast: number;
  /** DS9's bias, 0..1; 0.5 changes nothing. */
  readonly bias: number;
}

/**
 * Where a pane looks.
 *
 * Image coordinates: x right, y up, zero-based, the centre of the first pixel is (0, 0).
 */
export interface Camera {
  /** Image position at the middle of the pane. */
  readonly x: number;
  readonly y: number;
  /** Device pixels per image pixel. */
  readonly zoom: number;
  /** How far the image is turned counterclockwise on the screen, degrees; absent is 0. */
  readonly rotationDeg?: number | undefined;
  /** Whether left and right of the image are exchanged, before it is turned. */
  readonly isMirrored?: boolean | undefined;
}

/** Width and height: of an image in pixels, of a pane in device pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Shapes of overlay markers: a ring, with a small sign beside it that says what it is; a diamond, four strokes, a square. */
export const MARKER_SHAPES = [
  'ring',
  'ring-dot',
  'ring-cross',
  'ring-half',
  'diamond',
  'strokes',
  'square',
] as const;
export type MarkerShape = (typeof MARKER_SHAPES)[number];

/** Colours of overlay markers; the theme gives them their values. */
export const MARKER_TONES = ['plain', 'ok', 'warn', 'error', 'accent'] as const;
export type MarkerTone = (typeof MARKER_TONES)[number];

/** A sign drawn over an image; its size does not change with the zoom. */
export interface Marker {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly shape: MarkerShape;
  readonly tone: MarkerTone;
  readonly isSelected: boolean;
}
