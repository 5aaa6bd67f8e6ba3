/**
 * The engine's transform of a whole image beside the reference's planes (see zogy_reference.py).
 *
 * Pixels that kernels reach from a spoiled one are counted by themselves: the line rebuilds the cores of saturated stars
 * before it subtracts, this comparison does not, and what rings there is cut at our kernels' ends and not at the reference's.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runZogy } from '../../core/domains/differencing/zogy/run-zogy.ts';
import { growMask } from '../../core/domains/preprocessing/grow-mask.ts';
import type { Plane } from '../../core/kernels/index.ts';

/** What counts as the same: of the score, and of the difference or its noise, whichever is larger. */
const AGREEMENT = 1e-3;

/** Pixels beyond |S_corr| of 3, and how many of them agree, in score and in difference. */
export interface Agreement {
  readonly pixels: number;
  readonly scores: number;
  readonly differences: number;
}

/** Compare where the peer has left its planes in the folder, far from what is spoiled and near it. */
export function compareZogy(
  folder: string,
  size: number,
  load: (folder: string, name: string, size: number) => Plane,
): { readonly clean?: Agreement; readonly nearSpoiled?: Agreement } {
  if (!existsSync(join(folder, 'reference-score.f32'))) return {};
  const facts = JSON.parse(readFileSync(join(folder, 'pair.json'), 'utf8'));
  const stamp = (values: number[]): Plane => ({
    width: facts.psfSize,
    height: facts.psfSize,
    data: Float32Array.from(values),
  });
  const ours = runZogy({
    science: load(folder, 'science', size),
    template: load(folder, 'template', size),
    scienceVariance: load(folder, 'scienceVariance', size),
    templateVariance: load(folder, 'templateVariance', size),
    sciencePsf: stamp(facts.sciencePsf),
    templatePsf: stamp(facts.templatePsf),
    scienceSigma: facts.scienceSigma,
    templateSigma: facts.templateSigma,
    shiftX: 0,
    shiftY: 0,
  });
  const score = load(folder, 'reference-score', size).data;
  const difference = load(folder, 'reference-difference', size).data;
  const spoiled = {
    width: size,
    height: size,
    data: Uint16Array.from(load(folder, 'spoiled', size).data),
  };
  growMask(spoiled, 1, facts.psfSize);
  const clean = { pixels: 0, scores: 0, differences: 0 };
  const nearSpoiled = { pixels: 0, scores: 0, differences: 0 };
  for (let i = 0; i < score.length; i++) {
    if (!(Math.abs(score[i]!) > 3)) continue;
    const own =
      (ours.scoreScience.data[i]! - ours.scoreTemplate.data[i]!) / Math.sqrt(ours.scoreVariance.data[i]!);
    const counted = spoiled.data[i] === 0 ? clean : nearSpoiled;
    counted.pixels++;
    if (Math.abs(own / score[i]! - 1) < AGREEMENT) counted.scores++;
    const scale = Math.max(Math.sqrt(ours.variance.data[i]!), Math.abs(difference[i]!));
    if (Math.abs(ours.difference.data[i]! - difference[i]!) < AGREEMENT * scale) counted.differences++;
  }
  return { clean, nearSpoiled };
}
