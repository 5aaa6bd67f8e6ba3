import {
  giveBackPlanes,
  type MaskPlane,
  RESAMPLED_ROWS,
  type ResampleInput,
  type ResampleRepair,
  type RowRange,
  resampleLanczos3,
  resampleRows,
} from '../../../kernels/index.ts';
import { MaskBit, type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import { growMask } from '../grow-mask.ts';
import { measureNoiseCorrelation } from './measure-noise-correlation.ts';
import { makePartsMesh, type ResamplingPlan } from './plan-resampling.ts';
import type { RegistrationConfig } from './registration-config.ts';

/** A Lanczos-3 window reaches three pixels. */
const KERNEL_REACH_PX = 3;
/** Rows that a thread makes at a time; a whole number of what a kernel does. */
const ROWS_PER_TASK = 2 * RESAMPLED_ROWS;

/** Cut the rows of the science grid into bands, which do not depend on how many threads there are. */
export function cutRows({
  grid: { height },
  method,
}: Pick<ResamplingPlan, 'grid' | 'method'>): readonly RowRange[] {
  const rows =
    method.kind === 'binned' ? Math.ceil(ROWS_PER_TASK / method.rows) * method.rows : ROWS_PER_TASK;
  return Array.from({ length: Math.ceil(height / rows) }, (_, k) => ({
    from: k * rows,
    to: Math.min(height, (k + 1) * rows),
  }));
}

/**
 * Make some rows of a registered template.
 *
 * Masked pixels are filled before, lest they ring, and stay masked.
 *
 * @param rows one of `cutRows`.
 * @param out planes of the science image's size, of which these rows are written: finite everywhere, NO_DATA where there is
 * no template.
 * @returns how many pixels of them the template has.
 */
export function makeRows(
  template: MaskedImage,
  plan: ResamplingPlan,
  rows: RowRange,
  out: MaskedImage,
  config: RegistrationConfig,
): number {
  const { method } = plan;
  if (method.kind === 'copied') copyRows(template, method, rows, out, config.saturationGrowthPx);
  else {
    const input = asInput(template);
    const options = {
      maskThreshold: config.maskThreshold,
      noDataBit: MaskBit.NO_DATA,
      edgeBit: MaskBit.EDGE,
      repair: repairOf(config),
    };
    if (method.kind === 'interpolated') resampleRows(input, method.mesh, rows, asInput(out), options);
    else
      for (let from = rows.from; from < rows.to; from += method.rows) {
        const some = { from, to: Math.min(rows.to, from + method.rows) };
        const mesh = makePartsMesh(plan.registration.map, plan.grid, method.bins, some, config);
        const { binnedVariance } = measureNoiseCorrelation(mesh, method.bins, 'plain');
        const width = plan.grid.width * method.bins;
        const height = (some.to - some.from) * method.bins;
        const fine = resampleLanczos3(input, mesh, width, height, { ...options, weights: 'plain' });
        binParts(fine, method.bins, binnedVariance, out, from);
        giveBackPlanes([fine.plane, fine.variance, fine.mask]);
      }
  }
  return blankMissing(out, rows, plan.backgroundRmsE);
}

const asInput = ({ science, variance, mask }: MaskedImage): ResampleInput => ({
  plane: science,
  variance,
  mask,
});

/** One pixel beyond the window is filled: its own neighbours decide what the last pixel is filled with. */
const repairOf = ({ saturationGrowthPx }: RegistrationConfig): ResampleRepair => ({
  fillBits: UNUSABLE,
  fillDepthPx: KERNEL_REACH_PX + 1,
  growBit: MaskBit.SAT,
  growPx: saturationGrowthPx,
});

function copyRows(
  template: MaskedImage,
  { dx, dy }: { readonly dx: number; readonly dy: number },
  rows: RowRange,
  out: MaskedImage,
  growthPx: number,
): void {
  const { width } = out.science;
  const from = template.science;
  const grown = growRows(template.mask, rows.from + dy, rows.to + dy, growthPx);
  for (let y = rows.from; y < rows.to; y++) {
    const isInside = y + dy >= 0 && y + dy < from.height;
    for (let x = 0; x < width; x++) {
      const to = y * width + x;
      if (!isInside || x + dx < 0 || x + dx >= from.width) {
        out.science.data[to] = Number.NaN;
        out.variance.data[to] = 0;
        out.mask.data[to] = MaskBit.NO_DATA;
        continue;
      }
      const at = (y + dy) * from.width + x + dx;
      out.science.data[to] = from.data[at]!;
      out.variance.data[to] = template.variance.data[at]!;
      out.mask.data[to] = grown.data[at - grown.first]!;
    }
  }
}

/** Saturated regions grown in some rows of a mask, whose first pixel is number `first` of the mask. */
function growRows(
  { width, height, data }: MaskPlane,
  from: number,
  to: number,
  growthPx: number,
): { readonly data: Uint16Array; readonly first: number } {
  const reach = Math.floor(Math.max(0, growthPx));
  const top = Math.min(height, Math.max(0, from - reach));
  const bottom = Math.max(top, Math.min(height, to + reach));
  const some = { width, height: bottom - top, data: data.slice(top * width, bottom * width) };
  growMask(some, MaskBit.SAT, growthPx);
  return { data: some.data, first: top * width };
}

/** Add the parts of each output pixel into rows from `y0` on; any masked part masks the pixel. */
function binParts(
  fine: ResampleInput,
  bins: number,
  varianceRatio: number,
  out: MaskedImage,
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
      out.science.data[to] = flux;
      out.variance.data[to] = variance * varianceRatio;
      out.mask.data[to] = bits;
    }
}

/** Make missing pixels of some rows finite, and tell how many are not missing. */
function blankMissing(
  { science, variance, mask }: MaskedImage,
  { from, to }: RowRange,
  rmsE: number,
): number {
  const skyVariance = Math.max(rmsE * rmsE, 1e-6);
  const { width } = science;
  let present = 0;
  for (let k = from * width; k < to * width; k++) {
    if (Number.isFinite(science.data[k]!) && variance.data[k]! > 0 && variance.data[k]! < Infinity) {
      present++;
      continue;
    }
    science.data[k] = 0;
    variance.data[k] = skyVariance;
    mask.data[k]! |= MaskBit.NO_DATA;
  }
  return present;
}
