import { goodFftSize, makeMaskPlane, makePlane, type Plane } from '../../../kernels/index.ts';
import { AstridError, type TaskContext, type TaskRunner, throwIfStopped } from '../../../utils/index.ts';
import { MaskBit, type MaskedImage } from '../../observations/index.ts';
import { type CoaddConfig, DEFAULT_COADD } from './coadd-config.ts';
import {
  addToProperSum,
  finishProperSum,
  makeProperKernels,
  type ProperLayer,
  startProperSum,
} from './combine-properly.ts';
import { combineRowsTask } from './combine-rows.ts';
import { SEEING_REACH_PX } from './find-outliers.ts';
import type { Coadd, CoaddInput, CoaddMethod } from './model.ts';
import { weightsOf } from './weigh-layers.ts';

/** Size of the grid, px. */
interface Grid {
  readonly width: number;
  readonly height: number;
}

/**
 * Combine exposures that lie on one grid.
 *
 * In bands of rows, so that memory does not grow with their number. `clipped` leaves outliers out of a weighted mean;
 * `weighted` takes every clean pixel; `proper` keeps all that exposures of different seeing know, with outliers and
 * missing pixels replaced by the clipped mean, and with the variance of the sources taken from it.
 *
 * @throws preprocessing/too-few-exposures, preprocessing/no-psf, internal/stopped
 */
export async function combineExposures(
  inputs: readonly CoaddInput[],
  grid: Grid,
  method: CoaddMethod,
  runner: TaskRunner,
  config: CoaddConfig = DEFAULT_COADD,
  context: TaskContext = {},
): Promise<Coadd> {
  if (inputs.length < 2)
    throw new AstridError(
      'preprocessing/too-few-exposures',
      `A coadd needs at least two exposures of one field; there ${inputs.length === 1 ? 'is one' : 'is none'}.`,
      { found: inputs.length, needed: 2 },
    );
  const mean = await combineInBands(inputs, grid, method, runner, config, context);
  return method === 'proper' ? combineInTiles(inputs, mean, config, context) : mean.coadd;
}

interface MeanCoadd {
  readonly coadd: Coadd;
  /** Pixels without a say: of layer k, bit k % 32 of plane k >> 5. */
  readonly left: readonly Uint32Array[];
}

async function combineInBands(
  inputs: readonly CoaddInput[],
  { width, height }: Grid,
  method: CoaddMethod,
  runner: TaskRunner,
  config: CoaddConfig,
  context: TaskContext,
): Promise<MeanCoadd> {
  const clip = method === 'weighted' ? undefined : config;
  const margin = clip ? config.growRounds + SEEING_REACH_PX : 0;
  const layers = inputs.map(({ readRows: _readRows, ...layer }) => layer);
  const bandRows = Math.max(16, Math.floor(config.bandPixels / (inputs.length * width)));
  const science = makePlane(width, height);
  const variance = makePlane(width, height);
  const mask = makeMaskPlane(width, height);
  const coverage = new Uint16Array(new SharedArrayBuffer(2 * width * height));
  const clipped = inputs.map(() => 0);
  const planes = method === 'proper' ? Math.ceil(inputs.length / 32) : 0;
  const left = Array.from({ length: planes }, () => new Uint32Array(width * height));
  for (let y0 = 0; y0 < height; y0 += bandRows) {
    throwIfStopped(context.signal);
    const rows = Math.min(bandRows, height - y0);
    const from = Math.max(0, y0 - margin);
    const to = Math.min(height, y0 + rows + margin);
    const bands: MaskedImage[] = [];
    for (const input of inputs) bands.push(await input.readRows(from, to - from));
    const made = await runner.run(combineRowsTask, { layers, bands, first: y0 - from, rows, clip }, context);
    const at = y0 * width;
    science.data.set(made.science.data, at);
    variance.data.set(made.variance.data, at);
    mask.data.set(made.mask.data, at);
    coverage.set(made.coverage, at);
    made.clipped.forEach((count, k) => {
      clipped[k]! += count;
    });
    if (method === 'proper')
      made.left.forEach((flags, k) => {
        const plane = left[k >> 5]!;
        for (let n = 0; n < flags.length; n++) plane[at + n]! |= flags[n]! << (k % 32);
      });
  }
  const weights = weightsOf(layers);
  const skyVariance = layers.reduce(
    (sum, { fluxScale, skyNoiseE }, k) => sum + (weights[k]! * (skyNoiseE / fluxScale)) ** 2,
    0,
  );
  const pixelVariance = layers.reduce(
    (sum, { fluxScale, skyNoiseE, noiseCorrelationFactor }, k) =>
      sum + (weights[k]! * ((skyNoiseE * noiseCorrelationFactor) / fluxScale)) ** 2,
    0,
  );
  for (let k = 0; k < coverage.length; k++) if (coverage[k] === 0) variance.data[k] = skyVariance;
  const countVariance = layers.reduce((sum, { fluxScale }, k) => sum + weights[k]! ** 2 / fluxScale, 0);
  return {
    left,
    coadd: {
      method,
      science,
      variance,
      mask,
      coverage,
      psf: meanPsf(inputs, weights),
      skyNoiseE: Math.sqrt(skyVariance),
      noiseCorrelationFactor: Math.sqrt(pixelVariance / skyVariance),
      gain: 1 / countVariance,
      weights,
      clipped,
    },
  };
}

/** The mean of the point-spread functions, as the light of a star is averaged; absent if one is. */
function meanPsf(inputs: readonly CoaddInput[], weights: readonly number[]): Plane | undefined {
  const stamps = inputs.map(({ psf }) => psf);
  if (!stamps.every((stamp) => stamp !== undefined)) return undefined;
  const size = Math.max(...stamps.map(({ width }) => width));
  const psf = makePlane(size, size);
  stamps.forEach((stamp, k) => {
    const edge = (size - stamp.width) >> 1;
    for (let y = 0; y < stamp.height; y++)
      for (let x = 0; x < stamp.width; x++)
        psf.data[(y + edge) * size + x + edge]! += weights[k]! * stamp.data[y * stamp.width + x]!;
  });
  return psf;
}

async function combineInTiles(
  inputs: readonly CoaddInput[],
  { coadd: mean, left }: MeanCoadd,
  config: CoaddConfig,
  context: TaskContext,
): Promise<Coadd> {
  const layers = inputs.map((input): ProperLayer => {
    if (input.psf !== undefined) return { ...input, psf: input.psf };
    throw new AstridError(
      'preprocessing/no-psf',
      `A proper coadd needs the point-spread function of each exposure, and ${input.name} has too few stars to tell it. ` +
        'Leave it out, or choose --method clipped.',
      { exposure: input.name },
    );
  });
  const { width, height } = mean.science;
  const kernels = makeProperKernels(layers);
  const { reachPx: border, psf, noiseE } = kernels;
  const science = makePlane(width, height);
  const side = config.tileSidePx;
  for (let y0 = 0; y0 < height; y0 += side) {
    const rows = Math.min(side, height - y0);
    const from = Math.max(0, y0 - border);
    const to = Math.min(height, y0 + rows + border);
    const columns = Array.from({ length: Math.ceil(width / side) }, (_, k) => k * side);
    const paddedHeight = goodFftSize(rows + 2 * border);
    const sums = columns.map((x0) =>
      startProperSum(goodFftSize(Math.min(side, width - x0) + 2 * border), paddedHeight),
    );
    for (const [k, input] of inputs.entries()) {
      throwIfStopped(context.signal);
      const band = await input.readRows(from, to - from);
      columns.forEach((x0, column) => {
        const sum = sums[column]!;
        sum.image.data.fill(0);
        cutFilled(
          sum.image,
          x0 - border,
          y0 - border,
          band,
          from,
          layers[k]!,
          mean,
          left[k >> 5]!,
          1 << (k % 32),
        );
        addToProperSum(sum, kernels.layers[k]!);
      });
    }
    columns.forEach((x0, column) => {
      const image = finishProperSum(sums[column]!);
      const inner = Math.min(side, width - x0);
      for (let y = 0; y < rows; y++) {
        const at = (y + border) * image.width + border;
        science.data.set(image.data.subarray(at, at + inner), (y0 + y) * width + x0);
      }
    });
  }
  // The sources' own noise is that of the mean, the sky's is white.
  const variance = makePlane(width, height);
  const meanSky = (mean.skyNoiseE * mean.noiseCorrelationFactor) ** 2;
  for (let k = 0; k < variance.data.length; k++) {
    variance.data[k] = noiseE ** 2 + Math.max(0, mean.variance.data[k]! - meanSky);
    if ((mean.mask.data[k]! & MaskBit.NO_DATA) !== 0) science.data[k] = 0;
  }
  return { ...mean, science, variance, psf, skyNoiseE: noiseE, noiseCorrelationFactor: 1 };
}

/** Copy a tile of a layer; where it has no say, what the mean shows on its flux scale; nothing beyond the grid. */
function cutFilled(
  image: Plane,
  x0: number,
  y0: number,
  band: MaskedImage,
  bandFrom: number,
  { fluxScale }: ProperLayer,
  mean: Coadd,
  left: Uint32Array,
  bit: number,
): void {
  const { width } = mean.science;
  for (let y = 0; y < image.height; y++) {
    const row = y0 + y - bandFrom;
    if (row < 0 || row >= band.science.height) continue;
    for (let x = Math.max(0, -x0); x < image.width && x0 + x < width; x++) {
      const at = (y0 + y) * width + x0 + x;
      image.data[y * image.width + x] =
        (left[at]! & bit) !== 0
          ? fluxScale * mean.science.data[at]!
          : band.science.data[row * width + x0 + x]!;
    }
  }
}
