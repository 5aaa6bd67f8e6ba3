import type { ResampleMesh } from '../../../kernels/index.ts';
import type { CalibratedExposure, PixelMap, RegisteredTemplate, Registration } from '../model.ts';
import { makeMesh } from './make-mesh.ts';
import { mapPixels, mapSlopes } from './map-pixels.ts';
import { measureNoiseCorrelation } from './measure-noise-correlation.ts';
import { moveSources } from './move-sources.ts';
import { DEFAULT_REGISTRATION, type RegistrationConfig } from './registration-config.ts';

/** Size of the science image, px. */
export interface GridSize {
  readonly width: number;
  readonly height: number;
}

/** How pixels of the science grid are made of the template's. */
export type ResamplingMethod =
  /** The map is a shift by whole pixels: a pixel is that at (x + dx, y + dy) of the template. */
  | { readonly kind: 'copied'; readonly dx: number; readonly dy: number }
  /** Pixels are of one size: each is interpolated. */
  | { readonly kind: 'interpolated'; readonly mesh: ResampleMesh }
  /** Each pixel is the sum of `bins` x `bins` interpolated parts; so many rows of them are made at a time. */
  | { readonly kind: 'binned'; readonly bins: number; readonly rows: number };

/** All that is known of a registered template before its pixels are made. */
export interface ResamplingPlan extends Omit<RegisteredTemplate, 'science' | 'variance' | 'mask'> {
  readonly grid: GridSize;
  readonly method: ResamplingMethod;
}

/** What of a template tells how it is resampled: not its pixels. */
export type TemplateFacts = Pick<
  CalibratedExposure,
  'sources' | 'fwhmPx' | 'backgroundRmsE' | 'noiseCorrelationFactor'
>;

/** Scales at which six pixels interpolate a star without changing its flux by more than 1e-4. */
const WHOLE_SCALES = [0.96, 1.04] as const;
/** Largest part of an output pixel at other scales, template px: then the same holds, and none is skipped. */
const LARGEST_PART_PX = 0.47;
/** Parts made at a time. */
const BAND_PARTS = 1 << 20;

/**
 * Plan how the template is brought onto the science grid, and carry its sources there.
 *
 * Where the map is a shift by whole pixels, identity included, pixels are copied: interpolation would colour the noise for
 * nothing. Where science pixels are not of the template's size they are made of parts, so that none is missed and stars
 * keep their flux.
 *
 * @param grid size of the science image.
 */
export function planResampling(
  grid: GridSize,
  template: TemplateFacts,
  registration: Registration,
  config: RegistrationConfig = DEFAULT_REGISTRATION,
): ResamplingPlan {
  const { map } = registration;
  const [a, b, c, d] = mapSlopes(map, (grid.width - 1) / 2, (grid.height - 1) / 2);
  const scale = Math.sqrt(Math.abs(a * d - b * c));
  const { method, factor, note } = chooseMethod(map, grid, scale, config);
  return {
    grid: { width: grid.width, height: grid.height },
    method,
    registration,
    noiseCorrelationFactor: factor * (template.noiseCorrelationFactor ?? 1),
    backgroundRmsE: template.backgroundRmsE * scale * factor,
    fwhmPx: template.fwhmPx / scale,
    sources: moveSources(template.sources, map, grid),
    notes: note === undefined ? [] : [note],
  };
}

interface ChosenMethod {
  readonly method: ResamplingMethod;
  /** What it does to the noise: see `measureNoiseCorrelation`. */
  readonly factor: number;
  readonly note?: string | undefined;
}

function chooseMethod(
  map: PixelMap,
  grid: GridSize,
  scale: number,
  config: RegistrationConfig,
): ChosenMethod {
  const shift = findWholeShift(map, grid, config.wholePixelPx);
  if (shift !== undefined) {
    const [dx, dy] = shift;
    const how =
      dx === 0 && dy === 0 ? 'lies on the science grid' : `is shifted by whole pixels (${dx}, ${dy})`;
    const note = `The template ${how}: its pixels were copied.`;
    return { method: { kind: 'copied', dx, dy }, factor: 1, note };
  }
  if (scale >= WHOLE_SCALES[0] && scale <= WHOLE_SCALES[1]) {
    const mesh = makeMesh(map, { x0: 0, y0: 0, spacing: 1, ...grid }, config.meshStepPx, config.meshErrorPx);
    const { factor } = measureNoiseCorrelation(mesh, 1, 'cubic');
    return { method: { kind: 'interpolated', mesh }, factor };
  }
  const bins = Math.max(2, Math.ceil(scale / LARGEST_PART_PX));
  const rows = Math.max(1, Math.floor(BAND_PARTS / (grid.width * bins * bins)));
  const last = Math.floor((grid.height - 1) / rows) * rows;
  const mesh = makePartsMesh(map, grid, bins, { from: last, to: grid.height }, config);
  const { factor } = measureNoiseCorrelation(mesh, bins, 'plain');
  const note = `Science pixels are ${scale.toFixed(2)} times the template's: each was made of ${bins * bins} parts.`;
  return { method: { kind: 'binned', bins, rows }, factor, note };
}

/** Evaluate a map on nodes of a band of rows whose pixels are made of `bins` x `bins` parts. */
export function makePartsMesh(
  map: PixelMap,
  { width }: GridSize,
  bins: number,
  { from, to }: { readonly from: number; readonly to: number },
  { meshStepPx, meshErrorPx }: RegistrationConfig,
): ResampleMesh {
  const edge = -(bins - 1) / (2 * bins);
  const parts = {
    x0: edge,
    y0: from + edge,
    spacing: 1 / bins,
    width: width * bins,
    height: (to - from) * bins,
  };
  return makeMesh(map, parts, meshStepPx, meshErrorPx);
}

/** The shift by whole pixels that a map is within a tolerance of, if any. */
function findWholeShift(
  map: PixelMap,
  grid: GridSize,
  tolerancePx: number,
): readonly [number, number] | undefined {
  const nodes = 17;
  const x = Float64Array.from(
    { length: nodes ** 2 },
    (_, k) => ((k % nodes) / (nodes - 1)) * (grid.width - 1),
  );
  const y = Float64Array.from(
    { length: nodes ** 2 },
    (_, k) => (Math.floor(k / nodes) / (nodes - 1)) * (grid.height - 1),
  );
  const mapped = mapPixels(map, x, y);
  const middle = (nodes ** 2) >> 1;
  const dx = Math.round(mapped.x[middle]! - x[middle]!);
  const dy = Math.round(mapped.y[middle]! - y[middle]!);
  const squares = x.map((value, k) => (mapped.x[k]! - value - dx) ** 2 + (mapped.y[k]! - y[k]! - dy) ** 2);
  const rms = Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length);
  // NaN, where a map does not reach, is no shift.
  return rms <= tolerancePx ? [dx, dy] : undefined;
}
