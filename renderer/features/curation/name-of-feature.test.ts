import { describe, expect, it } from 'vitest';
import { nameOfFeature } from './name-of-feature.ts';

describe('the name of a feature', () => {
  it.each([
    ['fwhmRatio', 'FWHM ratio'],
    ['fitChi2', 'fit χ²'],
    ['isNegative', 'negative'],
    ['saturationDistance', 'saturation distance'],
    ['snr', 'S/N'],
  ])('%s is written as people say it', (name, words) => {
    expect(nameOfFeature(name)).toBe(words);
  });
});
