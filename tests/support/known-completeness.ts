import {
  DEFAULT_COMPLETENESS_CONFIG,
  DEFAULT_DETECTION_CONFIG,
  type Recovery,
  summariseCompleteness,
} from '../../core/domains/detection/index.ts';
import type { CompletenessSummary } from '../../core/pipeline/index.ts';
import { createRandom } from '../../core/utils/index.ts';

/** Completeness of a field whose right half is shallower: half are found at S/N 5 there, at 4.5 elsewhere. */
export function makeCompleteness(width: number, height: number): CompletenessSummary {
  const random = createRandom(5);
  const count = 200;
  const recoveries = Array.from({ length: count }, (_, id): Recovery => {
    const xPx = (width - 1) * random.uniform();
    const yPx = (height - 1) * random.uniform();
    const snr = 2 * 7.5 ** ((id + random.uniform()) / count);
    const limit = xPx > width / 2 ? 5 : 4.5;
    const isFound = snr + random.normal() > limit;
    const kind = id % 4 === 0 ? 'hosted' : 'hostless';
    const surfaceE = kind === 'hosted' ? 20 * (1 + random.uniform()) : 0;
    const fluxE = 200 * snr;
    return {
      injection: { id, xPx, yPx, fluxE, snr, kind, surfaceE, pass: 0 },
      detection: isFound
        ? {
            xPx,
            yPx,
            fluxE,
            fluxErrE: 200,
            snr,
            scorr: snr,
            isNegative: false,
            areaPx: 9,
            maskBits: 0,
            flags: [],
            vetoes: [],
            features: {},
          }
        : undefined,
      forcedFluxE: fluxE + 200 * random.normal(),
      expectedFluxE: fluxE,
      forcedErrE: 200,
    };
  });
  const facts = { width, height, exposureS: 60, minScore: 0, realScore: 0 };
  const { injections: _injections, ...summary } = summariseCompleteness(
    { recoveries, usableFraction: 0.97 },
    DEFAULT_COMPLETENESS_CONFIG,
    DEFAULT_DETECTION_CONFIG,
    facts,
  );
  return summary;
}
