import type { Grain, Plane } from '../../kernels/index.ts';

const SAMPLE = 4096;
/** With fewer values that differ from the first, what divides them all may do so by chance. */
const MIN_DIFFERENT = 64;

/**
 * Find the step of pixels that hold whole numbers, as a detector's converter writes them: the greatest that divides the
 * differences of a sample (16 where 12 bits were written as 16).
 *
 * @returns `undefined` for fractions.
 */
export function findGrain({ data }: Plane): Grain | undefined {
  const stride = Math.max(1, Math.floor(data.length / SAMPLE));
  let origin: number | undefined;
  let step = 0;
  let different = 0;
  for (let i = 0; i < data.length; i += stride) {
    const value = data[i]!;
    if (!Number.isFinite(value)) continue;
    if (!Number.isInteger(value)) return undefined;
    origin ??= value;
    if (value !== origin) different++;
    step = greatestDivisor(step, Math.abs(value - origin));
  }
  return origin === undefined || different < MIN_DIFFERENT ? { step: 1, origin: 0 } : { step, origin };
}

function greatestDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}
