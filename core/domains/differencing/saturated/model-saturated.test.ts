import { describe, expect, it } from 'vitest';
import { drawScene, trueMatch, truePsf } from '../../../../tests/golden/zogy-scene.ts';
import { MaskBit, type MaskedImage } from '../../observations/index.ts';
import { surveyCores } from './find-cores.ts';
import { type ModelSaturatedInput, modelSaturated } from './model-saturated.ts';

const SIDE = 160;
const STAR = { x: 80.3, y: 79.6, flux: 5e6 };

/** A star that is clipped at a level, e-. */
function drawClipped(fwhmPx: number, levelE: number, seed: number): MaskedImage {
  const scene = { fwhmPx, beta: 3, sigma: 20, throughput: 1, stars: [STAR], seed, reachFwhm: 10 };
  const image = drawScene(SIDE, SIDE, scene);
  for (let k = 0; k < image.science.data.length; k++) {
    if (image.science.data[k] < levelE) continue;
    image.science.data[k] = levelE;
    image.mask.data[k] |= MaskBit.SAT;
  }
  return image;
}

describe('modelSaturated', () => {
  it('believes the image whose core ends nearer to the middle of its profile', () => {
    const science = drawClipped(4.5, 1e5, 1);
    const template = drawClipped(2.4, 8e3, 2);
    const sciencePsf = truePsf(4.5, 3, SIDE, SIDE);
    // Its wings are known badly, as they are of any profile.
    const templatePsf = truePsf(2.4, 2.7, SIDE, SIDE);
    const match = trueMatch(1);
    const model = (pair: Omit<ModelSaturatedInput, 'found'>) =>
      modelSaturated({ ...pair, found: surveyCores(pair) });
    const both = model({ science, template, sciencePsf, templatePsf, match });
    const blind = { science: template, template, sciencePsf: templatePsf, templatePsf, match };
    const [agreed, sharpAlone] = [both, model(blind)].map(
      ({ science: [star] }) => star!.flux / STAR.flux - 1,
    );
    expect(Math.abs(sharpAlone!)).toBeGreaterThan(0.1);
    // The profile is cut at four FWHM and has no halo: 0.2 % of the light, more of what lies beyond the core.
    expect(Math.abs(agreed!)).toBeLessThan(0.1 * Math.abs(sharpAlone!));
    expect(both.template[0]!.flux).toBe(both.science[0]!.flux);
  });
});
