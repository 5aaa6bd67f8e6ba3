import { lendPlane } from '../../kernels/index.ts';
import type { Difference, KeptDifference } from './model.ts';

/** Make the fluxes of a difference again, bit for bit: they are its scores times their errors. */
export function restoreFlux(kept: KeptDifference): Difference {
  const { flux, score, fluxErr } = kept;
  if (flux) return { ...kept, flux };
  const made = lendPlane(score.width, score.height);
  for (let k = 0; k < made.data.length; k++) made.data[k] = score.data[k]! * fluxErr.data[k]!;
  return { ...kept, flux: made };
}
