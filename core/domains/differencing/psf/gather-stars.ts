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
  const fwhmPx = Math.max(1, Math.min(limit, 2 * median(chosen.map((k) => sources[k].halfLightRadiusPx))));
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

/** Put the chosen stars first and after them the neighbours near enough and bright enough to disturb them. */
export function gatherStars(
  sources: readonly Source[],
  chosen: readonly number[],
  model: PsfModel,
  noise: number,
  config: PsfConfig,
): SceneStar[] {
  const isChosen = new Set(chosen);
  // A stamp and the annulus of its pedestal, and the stamps of the stars that reach into them.
  const reach = 2 * model.size;
  const near = (source: Source) =>
    chosen.some((k) => Math.hypot(sources[k].xPx - source.xPx, sources[k].yPx - source.yPx) < reach);
  const neighbours = sources
    .map((_, k) => k)
    .filter((k) => !isChosen.has(k) && sources[k].fluxE > 0 && near(sources[k]))
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
