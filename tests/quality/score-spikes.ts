import { MaskBit, readExposureFacts, UNUSABLE } from '../../core/domains/observations/index.ts';
import {
  type Difficulty,
  SKY_RECIPES,
  type SkyRecipe,
  simulateField,
} from '../../core/domains/observations/simulate/index.ts';
import { preprocessExposure } from '../../core/domains/preprocessing/index.ts';

/** How well the diffraction spikes of one simulated image were masked. */
export interface SpikeScore {
  /** Pixels of spikes above some sigma of the sky's noise that nothing else has spoiled, and those of them masked. */
  readonly bright: number;
  readonly brightMasked: number;
  readonly faint: number;
  readonly faintMasked: number;
  /** Pixels without a spike's light, and those of them masked as SPIKE. */
  readonly clean: number;
  readonly falselyMasked: number;
}

/** A spike's light above so many sigma of a pixel of sky is bright, above so many faint. */
const BRIGHT_SIGMA = 5;
const FAINT_SIGMA = 2;

/** Simulate a field with spikes and without, and compare what preprocessing masks as SPIKE with the difference. */
export function scoreSpikes(
  difficulty: Difficulty,
  seed: number,
  sizePx: number,
  spikes: SkyRecipe['spikes'],
  changes: Partial<SkyRecipe> = {},
): SpikeScore {
  const recipe = { satelliteTrails: 0, ...changes };
  const base = { sizePx, seed, difficulty, transients: 0 };
  const spiked = simulateField({ ...base, recipe: { ...recipe, spikes } }).science;
  const plain = simulateField({ ...base, recipe: { ...recipe, spikes: undefined } }).science;
  const { gainEPerAdu, skyE, readNoiseE } = { ...SKY_RECIPES[difficulty], ...changes }.science;
  const noise = Math.sqrt(skyE + readNoiseE ** 2) / gainEPerAdu;
  const { header, pixels } = spiked;
  const facts = readExposureFacts(header, pixels);
  const { mask } = preprocessExposure({ name: 'simulated', pixels, header, facts });
  const score = { bright: 0, brightMasked: 0, faint: 0, faintMasked: 0, clean: 0, falselyMasked: 0 };
  const sky = plain.pixels.data.toSorted()[plain.pixels.data.length >> 1]!;
  for (let k = 0; k < mask.data.length; k++) {
    // Both have the same photons' luck: what is left is the spikes' light.
    const light = (pixels.data[k]! - plain.pixels.data[k]!) / noise;
    const bits = mask.data[k]!;
    const isMasked = (bits & UNUSABLE) !== 0;
    // Where a star's own light outshines its spikes there is none to be seen.
    if (light > FAINT_SIGMA && light < (plain.pixels.data[k]! - sky) / noise) continue;
    if (light > BRIGHT_SIGMA) {
      score.bright++;
      if (isMasked) score.brightMasked++;
    } else if (light > FAINT_SIGMA) {
      score.faint++;
      if (isMasked) score.faintMasked++;
    } else if (light === 0) {
      score.clean++;
      if ((bits & MaskBit.SPIKE) !== 0) score.falselyMasked++;
    }
  }
  return score;
}
