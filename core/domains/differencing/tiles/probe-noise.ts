import { largestCorrelation, measureNoiseCorrelation } from '../zogy/measure-correlation.ts';
import { type Cell, planTiles, type Tile } from '../zogy/plan-tiles.ts';
import type { SubtractedTile, TileInput } from './subtracted-tile.ts';

/** Tiles that show how the noise of the difference is correlated and what bright stars leave. */
const PROBES = 4;
const PROBE_SIDE_PX = 512;
const MAX_LAG_PX = 6;

/** How probes are subtracted: as if their noise were white, to see how it is not. */
export const PROBING = {
  noiseCorrelationFactor: 1,
  maxLagPx: MAX_LAG_PX,
} as const satisfies Partial<TileInput>;

/** Pick a few tiles, evenly spread, that are subtracted first to learn from: always the same of one image. */
export function pickProbes(cells: readonly Cell[], borderPx: number): readonly Tile[] {
  const tiles = planTiles(cells, PROBE_SIDE_PX, borderPx);
  const step = Math.max(1, tiles.length / PROBES);
  return tiles.filter((_, k) => Math.floor(k / step) !== Math.floor((k - 1) / step));
}

/** What the probes tell of the noise. */
export interface LearnedNoise {
  /** They were white already: nothing has to be subtracted again. */
  readonly isWhite: boolean;
  readonly input: Pick<TileInput, 'correlation' | 'noiseCorrelationFactor' | 'maxLagPx'>;
}

/**
 * Learn from subtracted probes how the noise of neighbouring pixels goes together.
 *
 * @param noiseCorrelationFactor of the template, for images that show too little of their noise.
 * @param white a smaller correlation is left alone.
 */
export function learnNoise(
  probed: readonly SubtractedTile[],
  noiseCorrelationFactor: number,
  white: number,
): LearnedNoise {
  const noise = probed.flatMap((tile) => tile.noise ?? []);
  const correlation = measureNoiseCorrelation(noise, MAX_LAG_PX);
  const isWhite = correlation !== undefined && largestCorrelation(noise) < white;
  return {
    isWhite,
    input: {
      correlation: isWhite ? undefined : correlation,
      noiseCorrelationFactor: correlation ? 1 : noiseCorrelationFactor,
      maxLagPx: undefined,
    },
  };
}
