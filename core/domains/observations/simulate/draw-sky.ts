import type { Random } from '../../../utils/random.ts';
import type { SkyRecipe } from './model.ts';
import type { GalaxyShape } from './model-galaxy.ts';
import type { SkyGrid } from './sky-grid.ts';
import { gridToSky, makeSkyGrid, skyToGrid } from './sky-grid.ts';

/** Both images' grids and the one-way map between them. */
export interface FieldGeometry {
  readonly science: SkyGrid;
  /** What the template's light follows. */
  readonly template: SkyGrid;
  /** What the template's header says. */
  readonly templateHeader: SkyGrid;
  readonly distortionPx: number;
  readonly sizePx: number;
  /** How far the two fields' corners can be apart, px. */
  readonly padPx: number;
}

/** A star or galaxy before it is drawn. */
export interface DrawnSource {
  readonly xPx: number;
  readonly yPx: number;
  readonly fluxE: number;
  /** Where it is on the science image if it moved since the template, px. */
  readonly movedXPx: number;
  readonly movedYPx: number;
  readonly galaxy?: GalaxyShape | undefined;
}

const SCALE_ARCSEC = 0.5;

/** Choose where the two cameras point. */
export function drawGeometry(recipe: SkyRecipe, sizePx: number, random: Random): FieldGeometry {
  const raDeg = 360 * random.uniform();
  const decDeg = 120 * random.uniform() - 60;
  const centre = (sizePx - 1) / 2;
  const rotation = 10 * random.uniform() - 5;
  const signed = () => 2 * random.uniform() - 1;
  const science = makeSkyGrid(raDeg, decDeg, centre, centre, SCALE_ARCSEC, rotation);
  // A dither cannot be large against a small field.
  const dither = Math.min(recipe.ditherPx, sizePx / 24);
  const template = makeSkyGrid(
    raDeg,
    decDeg,
    centre + dither * signed(),
    centre + dither * signed(),
    SCALE_ARCSEC * (1 + recipe.scaleDifference * signed()),
    rotation + recipe.rotationDeg * signed(),
  );
  const errorAngle = 2 * Math.PI * random.uniform();
  const templateHeader = {
    ...template,
    xPx: template.xPx + recipe.templateWcsErrorPx * Math.cos(errorAngle),
    yPx: template.yPx + recipe.templateWcsErrorPx * Math.sin(errorAngle),
  };
  const twist = (recipe.rotationDeg * Math.PI) / 180 + recipe.scaleDifference;
  const padPx = 60 + dither + recipe.distortionPx + twist * sizePx;
  return { science, template, templateHeader, distortionPx: recipe.distortionPx, sizePx, padPx };
}

/** Template pixel of a science pixel, as the light falls. */
export function scienceToTemplate(
  geometry: FieldGeometry,
  xPx: number,
  yPx: number,
): readonly [number, number] {
  const [ra, dec] = gridToSky(geometry.science, xPx, yPx);
  const [x, y] = skyToGrid(geometry.template, ra, dec);
  const half = geometry.sizePx / 2;
  const u = (x - half) / half;
  const v = (y - half) / half;
  const cubic = (geometry.distortionPx * (u * u + v * v)) / (2 * Math.SQRT2);
  return [x + cubic * u, y + cubic * v];
}

/** Draw the stars: a power law in flux from invisible to far beyond saturation. */
export function drawStars(
  recipe: SkyRecipe,
  geometry: FieldGeometry,
  starsInField: number,
  random: Random,
): readonly DrawnSource[] {
  const { sizePx, padPx } = geometry;
  const count = Math.round(starsInField * ((sizePx + 2 * padPx) / sizePx) ** 2);
  // About 3 sigma on the science image: 2 sqrt(pi) sigma_psf sqrt(sky) is one.
  const faintest = 4.5 * recipe.science.fwhmPx * Math.sqrt(recipe.science.skyE);
  const power = -1 / (2.5 * recipe.starCountSlope);
  return Array.from({ length: count }, () => {
    const xPx = random.uniform() * (sizePx + 2 * padPx) - padPx;
    const yPx = random.uniform() * (sizePx + 2 * padPx) - padPx;
    const fluxE = Math.min(3e7, faintest * (1 - random.uniform()) ** power);
    const moved = random.uniform() < recipe.movedStars;
    const shift = moved ? 0.1 + 0.4 * random.uniform() : 0;
    const angle = 2 * Math.PI * random.uniform();
    return {
      xPx,
      yPx,
      fluxE,
      movedXPx: xPx + shift * Math.cos(angle),
      movedYPx: yPx + shift * Math.sin(angle),
    };
  });
}

/** Draw the galaxies: Euclidean counts, brighter ones larger. */
export function drawGalaxies(
  recipe: SkyRecipe,
  geometry: FieldGeometry,
  random: Random,
): readonly DrawnSource[] {
  const { sizePx, padPx } = geometry;
  const side = sizePx + 2 * padPx;
  const count = Math.round((recipe.galaxiesPerMegapixel * side * side) / 1e6);
  return Array.from({ length: count }, () => {
    const xPx = random.uniform() * side - padPx;
    const yPx = random.uniform() * side - padPx;
    const fluxE = Math.min(1e6, 1500 / (1 - random.uniform()));
    const galaxy: GalaxyShape = {
      profile: random.uniform() < 0.3 ? 'de-vaucouleurs' : 'exponential',
      halfLightPx: 1.3 * (fluxE / 1500) ** 0.28 * Math.exp(0.3 * random.normal()),
      axisRatio: 0.3 + 0.7 * random.uniform(),
      angleRad: Math.PI * random.uniform(),
    };
    return { xPx, yPx, fluxE, movedXPx: xPx, movedYPx: yPx, galaxy };
  });
}
