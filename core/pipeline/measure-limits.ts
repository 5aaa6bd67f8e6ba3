import {
  type Completeness,
  recoverInjectionsTask,
  summariseCompleteness,
} from '../domains/detection/index.ts';
import { fluxRatioAt } from '../domains/differencing/index.ts';
import type { PixelPosition } from '../domains/observations/index.ts';
import type { StopSignal, TaskRunner } from '../utils/index.ts';
import type { LineConfig } from './config.ts';
import type { EpochImages } from './describe-point.ts';

/**
 * Inject stars into an epoch and tell from what S/N on half of them are found, place by place.
 *
 * On a host the limit is that of hosts as bright, which lies above that of the empty sky; elsewhere it is that of the
 * part of the image. Without a score model: the limit is that of detection and its vetoes.
 *
 * @param places zero-based pixels of the science image.
 * @returns for each place; `undefined` where it is outside or half was never found.
 */
export async function measureLimits(
  { science, template, difference }: EpochImages,
  places: readonly (PixelPosition | undefined)[],
  { completeness, detection }: LineConfig,
  tasks: TaskRunner,
  signal?: StopSignal,
): Promise<readonly (number | undefined)[]> {
  const recoveries = await tasks.run(
    recoverInjectionsTask,
    { input: { difference, science, template }, detection, config: completeness },
    { signal },
  );
  const { width, height } = science.science;
  const measured = summariseCompleteness(recoveries, completeness, detection, {
    width,
    height,
    exposureS: science.facts.exposureS,
    minScore: 0,
    realScore: 0,
  });
  return places.map((place) => {
    if (!place) return undefined;
    const x = Math.round(place.xPx);
    const y = Math.round(place.yPx);
    if (!(x >= 0 && y >= 0 && x < width && y < height)) return undefined;
    const beneathE = template.science.data[y * width + x]! * fluxRatioAt(difference, x, y);
    return limitAt(measured, x, y, beneathE);
  });
}

function limitAt(
  { hosts, cells, hostless }: Completeness,
  x: number,
  y: number,
  beneathE: number,
): number | undefined {
  const host = hosts.find(({ fromE, toE }) => beneathE >= fromE && beneathE < toE);
  const cell = cells.find(
    (one) => x >= one.x && y >= one.y && x < one.x + one.width && y < one.y + one.height,
  );
  return (host ?? cell ?? hostless).snr50?.value;
}
