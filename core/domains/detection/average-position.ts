import type { Detection } from './model.ts';

/** Below this a position is known to worse than a fifth of the PSF. */
const LEAST_SNR = 5;

/** Tell whether a detection is a point source that may say where an object is: no veto, no dipole, no trail. */
export function isReliable({ vetoes, snr, features, flags }: Detection): boolean {
  return vetoes.length === 0 && snr >= LEAST_SNR && features.isDipole !== 1 && !flags.includes('trailed');
}

/**
 * Average positions of one object, weighted by their S/N.
 *
 * Not by its square: beyond S/N 50 a position is as good as the registration, however bright the source.
 *
 * @param places on one grid, px.
 * @returns `undefined` of none.
 */
export function averagePosition(
  places: readonly { readonly xPx: number; readonly yPx: number; readonly snr: number }[],
): { readonly xPx: number; readonly yPx: number } | undefined {
  const weight = places.reduce((sum, { snr }) => sum + snr, 0);
  if (!(weight > 0)) return undefined;
  return {
    xPx: places.reduce((sum, { xPx, snr }) => sum + snr * xPx, 0) / weight,
    yPx: places.reduce((sum, { yPx, snr }) => sum + snr * yPx, 0) / weight,
  };
}
