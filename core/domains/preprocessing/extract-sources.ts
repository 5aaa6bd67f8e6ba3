import type { MaskPlane, Plane, RowSource } from '../../kernels/index.ts';
import { withScratch } from '../../kernels/index.ts';
import type { ExtractionConfig } from './extraction-config.ts';
import { DEFAULT_EXTRACTION } from './extraction-config.ts';
import { findIsophotes } from './find-isophotes.ts';
import { claimPixels, type Measurable, makeMeasurable } from './measurable.ts';
import type { ExtractedSource } from './measure-source.ts';
import { measureSource } from './measure-source.ts';

/** What `extractSources` looks at. */
export interface ExtractionInput {
  /** Background-subtracted. */
  readonly image: Plane;
  /** Background rms, same unit; positive. One number stands for all pixels; with rows, a variance is needed too. */
  readonly rms: Plane | RowSource | number;
  /** Variance with the sources' own noise, for errors; without it the sky's and `gainEPerUnit` are used. */
  readonly variance?: Plane | undefined;
  readonly mask?: MaskPlane | undefined;
}

/**
 * Find and measure every source of an image.
 *
 * One source that cannot be measured never stops the others. There is no limit on their number.
 *
 * @returns brightest first.
 * @see Bertin & Arnouts 1996, A&AS 117, 393; measured against SEP 1.2.0.
 */
export function extractSources(
  input: ExtractionInput,
  config: ExtractionConfig = DEFAULT_EXTRACTION,
): ExtractedSource[] {
  return withScratch((scratch) => extract(input, config, scratch.zeroInts(input.image.data.length)));
}

function extract(input: ExtractionInput, config: ExtractionConfig, owners: Int32Array): ExtractedSource[] {
  const { image, rms, mask } = input;
  const variance = input.variance ?? squareOf(rms);
  const source = makeMeasurable(image, variance, mask, config.excludedBits, owners);
  const isophotes = findIsophotes(source, rms, config);
  if (config.maskNeighbours) {
    isophotes.forEach((isophote, i) => {
      claimPixels(source, isophote.pixels, i + 1);
    });
  }
  const gain = input.variance === undefined ? config.gainEPerUnit : Number.POSITIVE_INFINITY;
  return isophotes
    .map((isophote, i) => measureSource(isophote, i + 1, source, mask, gain, config))
    .sort((first, second) => second.fluxE - first.fluxE);
}

function squareOf(rms: ExtractionInput['rms']): Measurable['variance'] {
  if (typeof rms === 'number') return rms * rms;
  if ('data' in rms) return { rms };
  throw new RangeError('Where the noise is given by rows, a plane of variances is needed too.');
}
