import { describe, expect, it } from 'vitest';
import { truePsf } from '../../../../tests/golden/zogy-scene.ts';
import type { Plane } from '../../../kernels/index.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import { type FilterInput, kernelReach, makeZogyFilters } from './make-filters.ts';

const SIDE = 200;
/** Wings of profiles as the atmosphere makes them: 2 % of the light is beyond the stamp. */
const profile = (fwhmPx: number) => evaluatePsf(truePsf(fwhmPx, 2.2, SIDE, SIDE), 100, 100);

/** Neighbours share a quarter of their noise, as after resampling. */
const correlation = {
  maxLag: 2,
  values: Array.from({ length: 25 }, (_, k) => {
    const distance = Math.hypot((k % 5) - 2, Math.floor(k / 5) - 2);
    return distance === 0 ? 1 : distance === 1 ? 0.2 : 0;
  }),
};

const input: FilterInput = {
  sciencePsf: profile(2.9),
  templatePsf: profile(3.5),
  scienceSigma: 34,
  templateSigma: 26,
  shiftX: 0,
  shiftY: 0,
};

/** Convolve two odd stamps, all of it. */
function convolve(a: Plane, b: Plane): Float64Array {
  const side = a.width + b.width - 1;
  const out = new Float64Array(side * side);
  for (let y = 0; y < b.width; y++) {
    for (let x = 0; x < b.width; x++) {
      const weight = b.data[y * b.width + x];
      if (weight === 0) continue;
      for (let j = 0; j < a.width; j++) {
        for (let i = 0; i < a.width; i++) out[(y + j) * side + x + i] += weight * a.data[j * a.width + i];
      }
    }
  }
  return out;
}

/** What kernels leave of a constant star, over the peak of a new one. */
function leftOver(ofScience: Plane, ofTemplate: Plane): number {
  const seen = convolve(ofScience, padTo(input.sciencePsf));
  const subtracted = convolve(ofTemplate, padTo(input.templatePsf));
  const largest = (values: Float64Array) =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest(seen.map((value, k) => value - subtracted[k])) / largest(seen);
}

function padTo(stamp: Plane): Plane {
  const side = input.templatePsf.width;
  const margin = (side - stamp.width) / 2;
  const data = new Float32Array(side * side);
  stamp.data.forEach((value, k) => {
    data[(Math.floor(k / stamp.width) + margin) * side + (k % stamp.width) + margin] = value;
  });
  return { width: side, height: side, data };
}

describe('makeZogyFilters', () => {
  it.each([
    ['white noise', undefined],
    ['correlated noise', correlation],
  ])('leaves nothing of a constant star in the score, however broad its wings: %s', (_, noise) => {
    const { kernels } = makeZogyFilters({ ...input, correlation: noise }, SIDE, SIDE);
    const { scoreScience, scoreTemplate, differenceScience, differenceTemplate } = kernels;
    expect(leftOver(scoreScience, scoreTemplate)).toBeLessThan(2e-6);
    // The difference is cut otherwise, and led to a plain sum where both profiles vanish.
    expect(leftOver(differenceScience, differenceTemplate)).toBeLessThan(2e-3);
  });

  it('gives the same kernels whatever is filtered with them, no longer than they reach', () => {
    const { kernels } = makeZogyFilters({ ...input, correlation }, SIDE, SIDE);
    const reach = kernelReach([input.sciencePsf.width, input.templatePsf.width]);
    for (const kernel of Object.values(kernels)) expect(kernel.width).toBe(2 * reach + 1);
    expect(makeZogyFilters({ ...input, correlation }, 720, 96).kernels).toEqual(kernels);
  });

  it('says what noise score and difference have', () => {
    const white = makeZogyFilters(input, SIDE, SIDE);
    expect(white.scoreVarianceFactor).toBeCloseTo(1, 6);
    expect(white.differenceVarianceFactor).toBeCloseTo(1, 6);
    const power = ({ data }: Plane) => data.reduce((sum, value) => sum + value * value, 0);
    const { scoreScience, scoreTemplate } = white.kernels;
    const variance = 34 ** 2 * power(scoreScience) + 26 ** 2 * power(scoreTemplate);
    // The variance of an optimal score is what a star of one electron gives: of a filter that is cut, to 2e-3.
    expect(Math.abs(variance / white.fluxScale - 1)).toBeLessThan(5e-3);
    const correlated = makeZogyFilters({ ...input, correlation }, SIDE, SIDE);
    expect(correlated.scoreVarianceFactor).toBeGreaterThan(1.2);
  });
});
