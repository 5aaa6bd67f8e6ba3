import { describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG } from './config.ts';
import { decideVetoes } from './decide-vetoes.ts';
import { FEATURE_NAMES, type FeatureRecord } from './features.ts';

/** A point source of ten sigma on empty sky that nothing speaks against. */
const CLEAR = {
  ...(Object.fromEntries(FEATURE_NAMES.map((name) => [name, 0])) as unknown as FeatureRecord),
  snr: 10,
  scorr: 10,
  robustSnr: 10,
  fwhmRatio: 1,
  edgeDistance: 100,
  saturationDistance: 100,
  localScoreRms: 1,
  scienceSnr: 10,
};
const FACTS = {
  centreBits: 0,
  templateCentreBits: 0,
  footprintLengthPx: 6,
  fwhmPx: 3,
  templateOverScience: 0,
};
const rulesOf = (features: FeatureRecord) =>
  decideVetoes(features, FACTS, DEFAULT_DETECTION_CONFIG).map(({ rule }) => rule);

describe('decideVetoes', () => {
  it('lets pass what brightened and shines, and what faded and shone', () => {
    expect(rulesOf(CLEAR)).toEqual([]);
    expect(rulesOf({ ...CLEAR, isNegative: 1, scienceSnr: 0, templateSnr: 10 })).toEqual([]);
    // A star that dimmed, and noise of the template against it.
    expect(rulesOf({ ...CLEAR, isNegative: 1, scienceSnr: 40, templateSnr: 47 })).toEqual([]);
  });

  it('does not believe that something faded where the template shows nothing, nor that it brightened in the dark', () => {
    expect(rulesOf({ ...CLEAR, isNegative: 1, scienceSnr: 29, templateSnr: 0.2 })).toEqual(['no-light']);
    expect(rulesOf({ ...CLEAR, scienceSnr: 1, templateSnr: -9 })).toEqual(['no-light']);
  });
});
