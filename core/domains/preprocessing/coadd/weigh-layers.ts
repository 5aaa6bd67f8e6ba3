import type { CoaddLayer } from './model.ts';

/** Weigh layers by what they know of a constant source: F^2 / sigma^2, of sum one. */
export function weightsOf(layers: readonly CoaddLayer[]): number[] {
  const known = layers.map(({ fluxScale, skyNoiseE }) => (fluxScale / skyNoiseE) ** 2);
  const total = known.reduce((sum, value) => sum + value, 0);
  return known.map((value) => value / total);
}
