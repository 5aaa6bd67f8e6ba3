import { MaskBit } from '../../observations/index.ts';
import type { Source } from '../../preprocessing/index.ts';
import type { PsfConfig } from '../config.ts';
import type { MeasuredStar } from '../model.ts';
import { judge, oddWidths } from './cull-stars.ts';
import type { Scene } from './model-scene.ts';
import { pickOptions } from './plan-fits.ts';
import { refineStars } from './refine-stars.ts';

/**
 * Fit every star of the scene once more with the final profile, and say which look like it.
 *
 * Sources too far from any star to be in the scene keep their catalogued flux: their wings and halos count too.
 *
 * @param light of the working model.
 */
export function measureStars(
  scene: Scene,
  sources: readonly Source[],
  light: number,
  config: PsfConfig,
): readonly MeasuredStar[] {
  refineStars(scene, pickOptions(scene, config, true));
  const indices = scene.stars.map((_, k) => k).filter((k) => scene.stars[k].role !== 'neighbour');
  const odd = oddWidths(indices.map((k) => judge(scene, k)));
  const clean = new Set(indices.filter((_, i) => odd[i] < 4));
  const fitted = scene.stars
    .map((star, k) => ({ star, k }))
    .filter(({ star }) => star.flux > 0 && star.coreRadius === 0);
  const inScene = new Set(scene.stars.map((star) => star.sourceIndex));
  const others = sources.filter(
    (source, k) => !inScene.has(k) && source.fluxE > 0 && (source.maskBits & MaskBit.SAT) === 0,
  );
  return [
    ...fitted.map(({ star, k }) => ({
      xPx: star.x,
      yPx: star.y,
      fluxE: light * star.flux,
      fluxErrE: light * star.fluxErr,
      positionErrPx: star.positionErr,
      isClean: clean.has(k),
    })),
    ...others.map((source) => ({
      xPx: source.xPx,
      yPx: source.yPx,
      fluxE: source.fluxE,
      fluxErrE: source.fluxErrE,
      positionErrPx: Number.POSITIVE_INFINITY,
      isClean: false,
    })),
  ];
}
