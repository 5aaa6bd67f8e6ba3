import { MaskBit, type MaskedImage } from '../../observations/index.ts';
import type { Source } from '../../preprocessing/index.ts';
import type { PsfConfig } from '../config.ts';
import { median } from '../robust-statistics.ts';
import type { SceneStar } from './model-scene.ts';
import { makeMoffat } from './moffat.ts';
import type { PsfModel } from './psf-model.ts';

/** Give the side of a stamp that holds the profile out to its cut, px (odd). */
export function stampSize(fwhmPx: number, config: PsfConfig): number {
  return oddSize(config.radiusFwhm * fwhmPx);
}

/** Give the odd side of a stamp that reaches this far from its middle, px. */
export function oddSize(radius: number): number {
  return 2 * Math.max(4, Math.ceil(radius)) + 1;
}

/** Guess a round profile from the sizes of the chosen stars. */
export function startModel(
  image: MaskedImage,
  sources: readonly Source[],
  chosen: readonly number[],
  config: PsfConfig,
): PsfModel {
  const { width, height } = image.science;
  const limit = Math.min(width, height) / 4;
  // A saturated star looks larger than it is.
  const whole = chosen.filter((k) => (sources[k].maskBits & MaskBit.SAT) === 0);
  const sizes = (whole.length > 0 ? whole : chosen).map((k) => sources[k].halfLightRadiusPx);
  const fwhmPx = Math.max(1, Math.min(limit, 2 * (whole.length > 0 ? median(sizes) : Math.min(...sizes))));
  return {
    moffat: makeMoffat(fwhmPx, 3),
    fwhmPx,
    size: stampSize(fwhmPx, config),
    imageWidth: width,
    imageHeight: height,
    degree: 0,
    corrections: [],
  };
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A stamp with the annulus of its pedestal, the stamps of the stars that reach into it, and half of what reaches into these, px. */
function reachOf(model: PsfModel): number {
  return 1.5 * model.size;
}

/** Tell whether a place is within reach of any of some others; these are sorted into cells of that size. */
function nearness(others: readonly Place[], reach: number): (place: Place) => boolean {
  const cells = new Map<string, Place[]>();
  for (const other of others) {
    const key = `${Math.floor(other.x / reach)} ${Math.floor(other.y / reach)}`;
    const cell = cells.get(key);
    if (cell) cell.push(other);
    else cells.set(key, [other]);
  }
  return ({ x, y }) => {
    const column = Math.floor(x / reach);
    const row = Math.floor(y / reach);
    for (let j = row - 1; j <= row + 1; j++) {
      for (let i = column - 1; i <= column + 1; i++) {
        for (const other of cells.get(`${i} ${j}`) ?? []) {
          if ((other.x - x) ** 2 + (other.y - y) ** 2 < reach * reach) return true;
        }
      }
    }
    return false;
  };
}

/** Split stars into those that shape the profile with all that may disturb them, and the rest. */
export function partByUse(
  stars: readonly SceneStar[],
  shaping: readonly SceneStar[],
  model: PsfModel,
): readonly [used: readonly SceneStar[], rest: readonly SceneStar[]] {
  const isNear = nearness(shaping, reachOf(model));
  const areNear = stars.map(isNear);
  return [stars.filter((_, k) => areNear[k]), stars.filter((_, k) => !areNear[k])];
}

/** Put the chosen stars first and after them the neighbours near enough and bright enough to disturb them. */
export function gatherStars(
  sources: readonly Source[],
  chosen: readonly number[],
  model: PsfModel,
  noise: number,
  config: PsfConfig,
): SceneStar[] {
  const isChosen = new Set(chosen);
  const places = chosen.map((k) => ({ x: sources[k].xPx, y: sources[k].yPx }));
  const isNear = nearness(places, reachOf(model));
  const neighbours = sources
    .map((_, k) => k)
    .filter(
      (k) => !isChosen.has(k) && sources[k].fluxE > 0 && isNear({ x: sources[k].xPx, y: sources[k].yPx }),
    )
    .sort((a, b) => sources[b].fluxE - sources[a].fluxE)
    .slice(0, config.maxNeighbours);
  const profile = new Set(chosen.slice(0, config.maxStars));
  return [...chosen, ...neighbours].map((k) => {
    const source = sources[k];
    // A faint neighbour's wings drown in the noise: draw only as far as they matter.
    const share = source.peakE > 0 ? Math.sqrt(source.peakE / (0.1 * noise)) : 1;
    const half = isChosen.has(k)
      ? (model.size - 1) / 2
      : Math.min((model.size - 1) / 2, Math.max(3, Math.ceil(0.5 * model.fwhmPx * Math.max(1.5, share))));
    return {
      sourceIndex: k,
      role: profile.has(k) ? 'profile' : isChosen.has(k) ? 'star' : 'neighbour',
      x: source.xPx,
      y: source.yPx,
      flux: source.fluxE,
      fluxErr: source.fluxErrE,
      positionErr: Number.POSITIVE_INFINITY,
      background: 0,
      coreRadius: (source.maskBits & MaskBit.SAT) !== 0 ? Math.sqrt(source.areaPx / Math.PI) / 2 : 0,
      size: 2 * half + 1,
    };
  });
}
