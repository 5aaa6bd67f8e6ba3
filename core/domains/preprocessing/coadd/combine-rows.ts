import { type MaskPlane, makeMaskPlane, makePlane, type Plane } from '../../../kernels/index.ts';
import type { Task } from '../../../utils/index.ts';
import { MaskBit, type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import type { CoaddConfig } from './coadd-config.ts';
import { findOutliers } from './find-outliers.ts';
import type { CoaddLayer } from './model.ts';
import { weightsOf } from './weigh-layers.ts';

/** Rows of all layers, and which of them are wanted. */
export interface RowsToCombine {
  readonly layers: readonly CoaddLayer[];
  /** The same rows of each layer; more than the wanted ones, as outliers grow from beyond. */
  readonly bands: readonly MaskedImage[];
  /** First wanted row of the bands, and how many. */
  readonly first: number;
  readonly rows: number;
  /** Without it nothing is clipped. */
  readonly clip?: CoaddConfig | undefined;
}

/** Rows of a coadd. */
export interface CombinedRows {
  readonly science: Plane;
  readonly variance: Plane;
  readonly mask: MaskPlane;
  readonly coverage: Uint16Array;
  readonly clipped: readonly number[];
  /** For each layer, 1 where it has no say: masked or clipped. */
  readonly left: readonly Uint8Array[];
}

/** `combineRows` as a task for a thread. */
export const combineRowsTask: Task<RowsToCombine, CombinedRows> = {
  name: 'preprocessing.combine-rows',
  run: (input) => combineRows(input),
};

/** Bits of pixels that hold light all the same: better than nothing where no exposure has a clean pixel. */
const SOFT = MaskBit.SPIKE | MaskBit.STREAK | MaskBit.EDGE;

/** Exposures with a larger share of the weight, saturated at a pixel, leave it saturated. */
const SATURATED_SHARE = 0.02;

/**
 * Combine rows of registered exposures into a mean with constant weights.
 *
 * Weights are F^2 / sigma^2 of each exposure's sky, never of single pixels: noise of the sources in a weight would
 * bias their flux, and change the point-spread function with brightness. Where no exposure has a clean pixel, pixels
 * under spikes and trails are taken, then saturated ones, and their bits stay.
 *
 * A star that saturates in the sharp exposures only would be made of the blurred ones in its middle and of all around it:
 * a profile that no other star has. Such pixels hold what the others show, and are saturated as well.
 */
export function combineRows({ layers, bands, first, rows, clip }: RowsToCombine): CombinedRows {
  const width = bands[0]!.science.width;
  const weights = weightsOf(layers);
  const outliers = clip && findOutliers(layers, bands, clip);
  const out = {
    science: makePlane(width, rows),
    variance: makePlane(width, rows),
    mask: makeMaskPlane(width, rows),
    coverage: new Uint16Array(new SharedArrayBuffer(2 * width * rows)),
    clipped: layers.map(() => 0),
    left: layers.map(() => new Uint8Array(new SharedArrayBuffer(width * rows))),
  };
  const n = layers.length;
  for (let to = 0; to < width * rows; to++) {
    const at = to + first * width;
    // From clean pixels, else from touched ones, else from saturated ones.
    let allowed = 0;
    let count = 0;
    for (; count === 0; allowed = allowed === 0 ? SOFT : SOFT | MaskBit.SAT) {
      let [sum, weight, variance, bits] = [0, 0, 0, 0];
      for (let k = 0; k < n; k++) {
        const masked = bands[k]!.mask.data[at]! & UNUSABLE;
        const isOut = outliers !== undefined && outliers[k]![at] !== 0;
        if ((masked & ~allowed) !== 0 || isOut) continue;
        const share = weights[k]! / layers[k]!.fluxScale;
        sum += share * bands[k]!.science.data[at]!;
        variance += share * share * bands[k]!.variance.data[at]!;
        weight += weights[k]!;
        bits |= masked;
        count++;
      }
      if (count > 0) {
        out.science.data[to] = sum / weight;
        out.variance.data[to] = variance / (weight * weight);
        out.mask.data[to] = bits;
        out.coverage[to] = count;
      }
      if ((allowed & MaskBit.SAT) !== 0) break;
    }
    if (count === 0) out.mask.data[to] = MaskBit.NO_DATA;
    let saturated = 0;
    for (let k = 0; k < n; k++) {
      if ((bands[k]!.mask.data[at]! & MaskBit.SAT) !== 0) saturated += weights[k]!;
      const isOut = outliers !== undefined && outliers[k]![at] !== 0;
      if (isOut) out.clipped[k]!++;
      if (isOut || (bands[k]!.mask.data[at]! & UNUSABLE) !== 0) out.left[k]![to] = 1;
    }
    if (count > 0 && saturated > SATURATED_SHARE) out.mask.data[to]! |= MaskBit.SAT;
  }
  return out;
}
