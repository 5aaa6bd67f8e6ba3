import {
  giveBackPlanes,
  lendMaskPlane,
  type MaskPlane,
  makeMaskPlane,
  makePlane,
  type Plane,
  type ResampleInput,
  resampleLanczos3,
} from '../../../kernels/index.ts';
import { AstridError } from '../../../utils/index.ts';
import { MaskBit, UNUSABLE } from '../../observations/index.ts';
import { growMask } from '../grow-mask.ts';
import type { CalibratedExposure, PixelMap, RegisteredTemplate, Registration, Source } from '../model.ts';
import { fillMaskedPixels } from './fill-masked-pixels.ts';
import { makeMesh } from './make-mesh.ts';
import { mapPixels, mapSlopes, unmapPixel } from './map-pixels.ts';
import { measureNoiseCorrelation } from './measure-noise-correlation.ts';
import { DEFAULT_REGISTRATION, type RegistrationConfig } from './registration-config.ts';

/** Size of the science image, px. */
export interface GridSize {
  readonly width: number;
  readonly height: number;
}

interface Resampled extends ResampleInput {
  readonly noiseCorrelationFactor: number;
  readonly notes: readonly string[];
}

/** A Lanczos-3 window reaches three pixels. */
const KERNEL_REACH_PX = 3;
/** Scales at which six pixels interpolate a star without changing its flux by more than 1e-4. */
const WHOLE_SCALES = [0.96, 1.04] as const;
/** Largest part of an output pixel at other scales, template px: then the same holds, and none is skipped. */
const LARGEST_PART_PX = 0.47;
/** Output pixels resampled at a time when they are made of parts. */
const BAND_PIXELS = 1 << 20;

/**
 * Bring the template onto the science grid: Lanczos-3 with the Jacobian, so that flux is conserved.
 *
 * Masked pixels are filled before, lest they ring, and stay masked. Where the map is a shift by whole pixels,
 * identity included, pixels are copied: interpolation would colour the noise for nothing. Where science pixels are
 * not of the template's size they are made of parts, so that none is missed and stars keep their flux.
 *
 * @param grid size of the science image.
 * @returns planes of that size: e- of the template per science pixel; finite everywhere, NO_DATA where there is none.
 * @throws preprocessing/no-overlap
 * @see Bertin et al. 2002, ASP Conf. Ser. 281, 228 (SWarp), for the method
 */
export function resampleTemplate(
  grid: GridSize,
  template: CalibratedExposure,
  registration: Registration,
  config: RegistrationConfig = DEFAULT_REGISTRATION,
): RegisteredTemplate {
  const { map } = registration;
  const mask = lendMaskPlane(template.mask.width, template.mask.height);
  mask.data.set(template.mask.data);
  growMask(mask, MaskBit.SAT, config.saturationGrowthPx);

  const [a, b, c, d] = mapSlopes(map, (grid.width - 1) / 2, (grid.height - 1) / 2);
  const jacobian = Math.abs(a * d - b * c);
  const scale = Math.sqrt(jacobian);
  const shift = findWholeShift(map, grid, config.wholePixelPx);
  const resampled =
    shift !== undefined
      ? copyShifted(template, mask, grid, shift)
      : interpolate(template, mask, grid, map, scale, config);
  giveBackPlanes([mask]);
  const rmsE = template.backgroundRmsE * scale * resampled.noiseCorrelationFactor;
  if (blankMissing(resampled, rmsE) === 0)
    throw new AstridError(
      'preprocessing/no-overlap',
      `${template.name} has no pixel on the science image of ${grid.width} x ${grid.height} px. Choose a template of this field.`,
      { width: grid.width, height: grid.height },
    );
  return {
    science: resampled.plane,
    variance: resampled.variance,
    mask: resampled.mask,
    registration,
    noiseCorrelationFactor: resampled.noiseCorrelationFactor * (template.noiseCorrelationFactor ?? 1),
    backgroundRmsE: rmsE,
    fwhmPx: template.fwhmPx / scale,
    sources: moveSources(template.sources, map, grid),
    notes: resampled.notes,
  };
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

function copyShifted(
  template: CalibratedExposure,
  mask: MaskPlane,
  { width, height }: GridSize,
  [dx, dy]: readonly [number, number],
): Resampled {
  const out = {
    plane: makePlane(width, height),
    variance: makePlane(width, height),
    mask: makeMaskPlane(width, height),
  };
  const from = template.science;
  for (let y = 0; y < height; y++) {
    const inside = y + dy >= 0 && y + dy < from.height;
    for (let x = 0; x < width; x++) {
      const to = y * width + x;
      if (!inside || x + dx < 0 || x + dx >= from.width) {
        out.plane.data[to] = Number.NaN;
        out.mask.data[to] = MaskBit.NO_DATA;
        continue;
      }
      const at = (y + dy) * from.width + x + dx;
      out.plane.data[to] = from.data[at]!;
      out.variance.data[to] = template.variance.data[at]!;
      out.mask.data[to] = mask.data[at]!;
    }
  }
  const how = dx === 0 && dy === 0 ? 'lies on the science grid' : `is shifted by whole pixels (${dx}, ${dy})`;
  return { ...out, noiseCorrelationFactor: 1, notes: [`The template ${how}: its pixels were copied.`] };
}

function interpolate(
  template: CalibratedExposure,
  mask: MaskPlane,
  grid: GridSize,
  map: PixelMap,
  scale: number,
  config: RegistrationConfig,
): Resampled {
  // One pixel beyond the window: its own neighbours decide what the last pixel is filled with.
  const plane = fillMaskedPixels(template.science, template.mask, UNUSABLE, KERNEL_REACH_PX + 1);
  const resampled = resampleFilled({ plane, variance: template.variance, mask }, grid, map, scale, config);
  if (plane !== template.science) giveBackPlanes([plane]);
  return resampled;
}

function resampleFilled(
  input: ResampleInput,
  grid: GridSize,
  map: PixelMap,
  scale: number,
  config: RegistrationConfig,
): Resampled {
  const options = { maskThreshold: config.maskThreshold, noDataBit: MaskBit.NO_DATA, edgeBit: MaskBit.EDGE };
  const isWhole = scale >= WHOLE_SCALES[0] && scale <= WHOLE_SCALES[1];
  const bins = isWhole ? 1 : Math.max(2, Math.ceil(scale / LARGEST_PART_PX));
  if (bins === 1) {
    const mesh = makeMesh(map, { x0: 0, y0: 0, spacing: 1, ...grid }, config.meshStepPx, config.meshErrorPx);
    const { factor } = measureNoiseCorrelation(mesh, 1, 'cubic');
    return {
      ...resampleLanczos3(input, mesh, grid.width, grid.height, options),
      noiseCorrelationFactor: factor,
      notes: [],
    };
  }
  const { width, height } = grid;
  const out = {
    plane: makePlane(width, height),
    variance: makePlane(width, height),
    mask: makeMaskPlane(width, height),
  };
  const rows = Math.max(1, Math.floor(BAND_PIXELS / (width * bins * bins)));
  let factor = 1;
  for (let y0 = 0; y0 < height; y0 += rows) {
    const count = Math.min(rows, height - y0);
    const edge = -(bins - 1) / (2 * bins);
    const parts = { x0: edge, y0: y0 + edge, spacing: 1 / bins, width: width * bins, height: count * bins };
    const mesh = makeMesh(map, parts, config.meshStepPx, config.meshErrorPx);
    const correlation = measureNoiseCorrelation(mesh, bins, 'plain');
    factor = correlation.factor;
    const fine = resampleLanczos3(input, mesh, parts.width, parts.height, { ...options, weights: 'plain' });
    binParts(fine, bins, correlation.binnedVariance, out, y0);
  }
  return {
    ...out,
    noiseCorrelationFactor: factor,
    notes: [
      `Science pixels are ${scale.toFixed(2)} times the template's: each was made of ${bins * bins} parts.`,
    ],
  };
}

/** Add the parts of each output pixel into rows from `y0` on; any masked part masks the pixel. */
function binParts(
  fine: ResampleInput,
  bins: number,
  varianceRatio: number,
  out: { plane: Plane; variance: Plane; mask: MaskPlane },
  y0: number,
): void {
  const { width, height } = fine.plane;
  const outWidth = width / bins;
  for (let y = 0; y < height / bins; y++)
    for (let x = 0; x < outWidth; x++) {
      let flux = 0;
      let variance = 0;
      let bits = 0;
      for (let j = 0; j < bins; j++)
        for (let i = 0; i < bins; i++) {
          const at = (y * bins + j) * width + x * bins + i;
          flux += fine.plane.data[at]!;
          variance += fine.variance.data[at]!;
          bits |= fine.mask.data[at]!;
        }
      const to = (y0 + y) * outWidth + x;
      out.plane.data[to] = flux;
      out.variance.data[to] = variance * varianceRatio;
      out.mask.data[to] = bits;
    }
}

/** Make missing pixels finite, and tell how many are not missing. */
function blankMissing({ plane, variance, mask }: ResampleInput, rmsE: number): number {
  const skyVariance = Math.max(rmsE * rmsE, 1e-6);
  let present = 0;
  for (let k = 0; k < plane.data.length; k++) {
    if (Number.isFinite(plane.data[k]!) && variance.data[k]! > 0 && variance.data[k]! < Infinity) {
      present++;
      continue;
    }
    plane.data[k] = 0;
    variance.data[k] = skyVariance;
    mask.data[k]! |= MaskBit.NO_DATA;
  }
  return present;
}

/** Carry the template's sources to the science grid: places, sizes and angles; fluxes stay. */
function moveSources(sources: readonly Source[], map: PixelMap, { width, height }: GridSize): Source[] {
  const middle = { xPx: (width - 1) / 2, yPx: (height - 1) / 2 };
  return sources.flatMap((source) => {
    const at = unmapPixel(map, source.xPx, source.yPx, middle);
    const isInside =
      at !== undefined && at.xPx > -0.5 && at.yPx > -0.5 && at.xPx < width - 0.5 && at.yPx < height - 0.5;
    if (!isInside) return [];
    const [a, b, c, d] = mapSlopes(map, at.xPx, at.yPx);
    const determinant = a * d - b * c;
    const scale = Math.sqrt(Math.abs(determinant));
    const [cosine, sine] = [Math.cos(source.thetaRad), Math.sin(source.thetaRad)];
    const theta = Math.atan2((a * sine - c * cosine) / determinant, (d * cosine - b * sine) / determinant);
    return [
      {
        ...source,
        ...at,
        peakE: source.peakE * scale * scale,
        aPx: source.aPx / scale,
        bPx: source.bPx / scale,
        // An axis has no sense: kept in (-pi/2, pi/2].
        thetaRad: theta > Math.PI / 2 ? theta - Math.PI : theta <= -Math.PI / 2 ? theta + Math.PI : theta,
        fwhmPx: source.fwhmPx / scale,
        halfLightRadiusPx: source.halfLightRadiusPx / scale,
        areaPx: source.areaPx / (scale * scale),
      },
    ];
  });
}
