import { COLORMAP_SIZE } from './colormaps.ts';
import { CURVE_SIZE } from './equalise.ts';
import type { Stretch } from './model.ts';
import { TILE_BYTES, TILE_SIZE } from './tile-cache.ts';

/** Texture arrays that hold the tiles. */
export const ARRAY_COUNT = 8;

/** Tiles in each array at least: 8 x 128 x 256 KiB = 256 MiB. */
const FEWEST_LAYERS = 128;

/**
 * Tiles in each array for a budget: a power of two, so that a slot's array and layer are bits of its number.
 *
 * @param mostLayers what the graphics card allows; every WebGL2 allows 256, which is 512 MiB.
 */
export function layersFor(budgetBytes: number, mostLayers: number): number {
  let layers = FEWEST_LAYERS;
  while (ARRAY_COUNT * layers * TILE_BYTES < budgetBytes && 2 * layers <= mostLayers) layers *= 2;
  return layers;
}

/** Texture units: the tile arrays come first, from unit 0. */
export const PAGES_UNIT = 8;
export const COLORMAP_UNIT = 9;
export const CURVE_UNIT = 10;

/** A texture unit that no program reads. */
export const SPARE_UNIT = 11;

/** Device pixels per image pixel from which lines between pixels are drawn, and at which they are fully there. */
const GRID_FROM = 24;
const GRID_FULL = 40;

const TILE_BITS = Math.log2(TILE_SIZE);

/** Covers the pane with one triangle. */
export const IMAGE_VERTEX_SHADER = `#version 300 es
void main() {
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

/** One uniform for each array: an array of samplers crashes the graphics process of some Chromiums. */
export const TILE_UNIFORMS = Array.from({ length: ARRAY_COUNT }, (_, i) => `u_tiles${i}`);

/** What a program is made for; everything else is told to it with each image. */
export interface ImageProgramKind {
  readonly stretch: Stretch;
  /** A screen pixel shows the mean of what it covers; otherwise the pixel under its middle. */
  readonly isAveraged: boolean;
  /** There may be lines between pixels. */
  readonly hasGrid: boolean;
  /** Texture arrays that exist, of which a tile is read. */
  readonly arrays: number;
}

/** The stretches, as functions of x in 0..1. */
const BENDS: Readonly<Record<Stretch, string>> = {
  linear: 'x',
  log: 'log(1000.0 * x + 1.0) / log(1000.0)',
  pow: '(pow(1000.0, x) - 1.0) / 1000.0',
  sqrt: 'sqrt(x)',
  squared: 'x * x',
  asinh: 'asinh(10.0 * x) / 3.0',
  sinh: 'sinh(3.0 * x) / 10.0',
  histeq: 'equalise(x)',
};

const fetchFrom = (arrays: number): string =>
  arrays === 1
    ? 'return texelFetch(u_tiles0, place, 0).r;'
    : `switch (array) {
${Array.from({ length: arrays }, (_, i) => `    case ${i}: return texelFetch(u_tiles${i}, place, 0).r;`).join('\n')}
  }
  return 0.0;`;

/** Lines between pixels can be seen from this zoom on. */
export function hasVisibleGrid(zoom: number): boolean {
  return zoom > GRID_FROM;
}

/**
 * From tiles to colours, in one pass.
 *
 * Coordinates are pixels of one level, relative to an anchor near the middle of the pane: the anchor is
 * an integer and the rest is small, so 32-bit floats are exact enough at any zoom and image size.
 * `u_step` is level pixels per screen pixel: up to 1 the pixel under the middle of the screen pixel is
 * shown, above 1 the mean over the area of the screen pixel, weighted by overlap. `u_turn` takes directions of the
 * screen to the level; a screen pixel that is turned askew is averaged over an upright square of its size.
 *
 * Each kind is a program of its own: processors that stand in for a graphics card run every branch of a program for
 * every pixel, taken or not, which made one program for all kinds five times slower.
 *
 * @param layers tiles in each array.
 */
export const makeImageFragmentShader = (
  { stretch, isAveraged, hasGrid, arrays }: ImageProgramKind,
  layers: number,
): string => `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2DArray;
precision highp usampler2D;

${TILE_UNIFORMS.slice(0, arrays)
  .map((name) => `uniform sampler2DArray ${name};`)
  .join('\n')}
uniform usampler2D u_pages;
uniform sampler2D u_colormap;
uniform sampler2D u_curve;

uniform vec2 u_paneOrigin;
uniform vec2 u_paneSize;
uniform ivec2 u_anchor;
uniform vec2 u_fraction;
uniform float u_step;
uniform mat2 u_turn;
uniform float u_gridZoom;
uniform vec4 u_bounds;
uniform ivec2 u_levelSize;
uniform ivec2 u_firstTile;
uniform ivec2 u_tileCount;

uniform vec2 u_limits;
uniform float u_contrast;
uniform float u_bias;
uniform bool u_invert;
uniform vec3 u_nanColour;
uniform vec3 u_gridColour;

out vec4 o_colour;

const uint EXPONENT_BITS = 0x7f800000u;

// Compilers may assume that isnan is never true; the bits cannot be argued with.
bool isFinite(float value) {
  return (floatBitsToUint(value) & EXPONENT_BITS) != EXPONENT_BITS;
}

float fetchTile(int array, ivec3 place) {
  ${fetchFrom(arrays)}
}

ivec2 tileOf(ivec2 pixel) {
  return clamp((pixel >> ${TILE_BITS}) - u_firstTile, ivec2(0), u_tileCount - 1);
}

// One pixel of the tile that an entry of the page table points to.
float fetchPixel(ivec2 pixel, uint entry) {
  int slot = int(entry & 0xffffu) - 1;
  pixel >>= int(entry >> 16);
  return fetchTile(slot >> ${Math.log2(layers)}, ivec3(pixel & ${TILE_SIZE - 1}, slot & ${layers - 1}));
}

ivec2 pixelAt(vec2 place) {
  return clamp(u_anchor + ivec2(floor(place)), ivec2(0), u_levelSize - 1);
}

// The pixel under a place; false when no tile that covers it is on the card.
bool fetchNearest(vec2 place, out float value) {
  ivec2 pixel = pixelAt(place);
  uint entry = texelFetch(u_pages, tileOf(pixel), 0).r;
  if (entry == 0u) return false;
  value = fetchPixel(pixel, entry);
  return true;
}

// The mean over the screen pixel around a place.
bool fetchArea(vec2 middle, out float value) {
  vec2 low = middle - 0.5 * u_step;
  vec2 high = middle + 0.5 * u_step;
  ivec2 first = ivec2(floor(low));
  ivec2 last = ivec2(ceil(high)) - 1;
  float sum = 0.0;
  float weights = 0.0;
  bool any = false;
  ivec2 page = tileOf(pixelAt(low));
  uint entry = texelFetch(u_pages, page, 0).r;
  for (int j = first.y; j <= last.y; j++) {
    float tall = min(high.y, float(j + 1)) - max(low.y, float(j));
    for (int i = first.x; i <= last.x; i++) {
      ivec2 at = clamp(u_anchor + ivec2(i, j), ivec2(0), u_levelSize - 1);
      ivec2 tile = tileOf(at);
      if (tile != page) {
        page = tile;
        entry = texelFetch(u_pages, page, 0).r;
      }
      if (entry == 0u) continue;
      any = true;
      float pixel = fetchPixel(at, entry);
      if (!isFinite(pixel)) continue;
      float weight = tall * (min(high.x, float(i + 1)) - max(low.x, float(i)));
      sum += weight * pixel;
      weights += weight;
    }
  }
  value = weights > 0.0 ? sum / weights : uintBitsToFloat(0x7fc00000u);
  return any;
}

float equalise(float x) {
  float place = x * ${CURVE_SIZE - 1}.0;
  int below = min(${CURVE_SIZE - 2}, int(place));
  float low = texelFetch(u_curve, ivec2(below, 0), 0).r;
  float high = texelFetch(u_curve, ivec2(below + 1, 0), 0).r;
  return mix(low, high, place - float(below));
}

// How much of a line between pixels lies on this place of the screen: lines are one device pixel wide.
float gridAt(vec2 place) {
  vec2 toEdge = abs(place - floor(place + 0.5)) * u_gridZoom;
  float line = 1.0 - smoothstep(0.4, 0.9, min(toEdge.x, toEdge.y));
  return 0.35 * line * smoothstep(${GRID_FROM}.0, ${GRID_FULL}.0, u_gridZoom);
}

void main() {
  vec2 middle = u_fraction + u_turn * (gl_FragCoord.xy - u_paneOrigin - 0.5 * u_paneSize);
  if (any(lessThan(middle, u_bounds.xy)) || any(greaterThanEqual(middle, u_bounds.zw))) discard;
  float value;
  bool found = ${isAveraged ? 'fetchArea' : 'fetchNearest'}(middle, value);
  if (!found) discard;
  if (!isFinite(value)) {
    o_colour = vec4(${hasGrid ? 'mix(u_nanColour, u_gridColour, gridAt(middle))' : 'u_nanColour'}, 1.0);
    return;
  }
  float x = clamp((value - u_limits.x) / (u_limits.y - u_limits.x), 0.0, 1.0);
  float index = clamp((${BENDS[stretch]} - u_bias) * u_contrast + 0.5, 0.0, 1.0);
  if (u_invert) index = 1.0 - index;
  vec4 colour = texelFetch(u_colormap, ivec2(int(index * ${COLORMAP_SIZE - 1}.0 + 0.5), 0), 0);
  o_colour = vec4(${hasGrid ? 'mix(colour.rgb, u_gridColour, gridAt(middle))' : 'colour.rgb'}, 1.0);
}`;
