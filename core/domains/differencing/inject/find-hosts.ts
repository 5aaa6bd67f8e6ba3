import type { Random, TaskContext } from '../../../utils/index.ts';
import { boxAround, type ImageSource, partOfPlane, UNUSABLE } from '../../observations/index.ts';
import { type Source, SourceFlag } from '../../preprocessing/index.ts';
import { median } from '../robust-statistics.ts';

/** An extended source that stars can be put on. */
export interface Host {
  readonly fluxE: number;
  /** Draw a place on it, as often as there is light there. */
  draw(random: Random): { readonly xPx: number; readonly yPx: number };
}

/** Faintest source whose extent can be told from noise. */
const LEAST_SNR = 15;
/** A galaxy's half-light radius is larger than a star's by this factor at least. */
const EXTENDED = 1.25;
/** How far its light is followed, in units of its rms axes. */
const REACH_AXES = 3;

/**
 * Find the sources that are no stars: half their light lies farther out than a star's would.
 *
 * @param fwhmPx of stars.
 */
export function findHosts(
  image: ImageSource,
  sources: readonly Source[],
  fwhmPx: number,
  context: TaskContext,
): readonly Host[] {
  const clean = sources.filter(
    (source) =>
      source.snr >= LEAST_SNR &&
      (source.maskBits & UNUSABLE) === 0 &&
      (source.flags & (SourceFlag.SATURATED | SourceFlag.TRUNCATED)) === 0,
  );
  const stellar = clean
    .filter((source) => source.fwhmPx < 1.3 * fwhmPx)
    .map((source) => source.halfLightRadiusPx);
  const radius = stellar.length >= 5 ? median(stellar) : 0.6 * fwhmPx;
  return clean
    .filter(
      (source) => source.halfLightRadiusPx > EXTENDED * radius && source.bPx > (EXTENDED * fwhmPx) / 2.3548,
    )
    .map((source) => ({
      fluxE: source.fluxE,
      draw: (random: Random) => drawPlace(image, source, random, context),
    }));
}

/** Draw a pixel of the source's ellipse by its light, and a place within the pixel. */
function drawPlace({ science }: ImageSource, source: Source, random: Random, context: TaskContext) {
  const { width, height } = science;
  const reach = Math.ceil(REACH_AXES * source.aPx);
  const x0 = Math.round(source.xPx);
  const y0 = Math.round(source.yPx);
  const part = partOfPlane(science, boxAround(x0, y0, reach, width, height), context);
  const cos = Math.cos(source.thetaRad);
  const sin = Math.sin(source.thetaRad);
  const places: { x: number; y: number; sum: number }[] = [];
  let sum = 0;
  for (let y = Math.max(0, y0 - reach); y <= Math.min(height - 1, y0 + reach); y++) {
    for (let x = Math.max(0, x0 - reach); x <= Math.min(width - 1, x0 + reach); x++) {
      const u = ((x - source.xPx) * cos + (y - source.yPx) * sin) / source.aPx;
      const v = ((y - source.yPx) * cos - (x - source.xPx) * sin) / source.bPx;
      const light = part.data[(y - part.bottom) * part.width + x - part.left];
      if (u * u + v * v > REACH_AXES ** 2 || !(light > 0)) continue;
      sum += light;
      places.push({ x, y, sum });
    }
  }
  const target = random.uniform() * sum;
  const chosen = places.find((place) => place.sum > target) ?? { x: x0, y: y0 };
  return { xPx: chosen.x + random.uniform() - 0.5, yPx: chosen.y + random.uniform() - 0.5 };
}
