/** Pixels of one image that a pane can show, with all its reduced levels. */
export interface ImageSource {
  /** Content address: two sources with the same id hold the same pixels. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Level n is the image reduced 2^n times in both directions; level 0 is the image. */
  readonly levels: readonly ImageLevel[];
  readonly statistics: PlaneStatistics;
}

/** One level of the pyramid: row-major, first row at the bottom. */
export interface ImageLevel {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** What the limits are made from; measured once, when the pixels arrive. */
export interface PlaneStatistics {
  /** Smallest and largest finite pixel; NaN when there is none. */
  readonly min: number;
  readonly max: number;
  readonly finiteCount: number;
  readonly zscale: Limits;
  /** At most 65 536 finite pixels on a regular grid, ascending. */
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
  | { readonly kind: 'symmetric'; readonly sigmas: number };

/** The curve between limits and colours. */
export const STRETCHES = ['linear', 'log', 'pow', 'sqrt', 'squared', 'asinh', 'sinh'] as const;
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

/** Shapes of overlay markers: a ring, with a small sign beside it that says what it is. */
export const MARKER_SHAPES = ['ring', 'ring-dot', 'ring-cross', 'ring-half'] as const;
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
