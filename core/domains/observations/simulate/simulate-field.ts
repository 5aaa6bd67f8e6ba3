import { createRandom } from '../../../utils/random.ts';
import type { Card } from '../model.ts';
import {
  addBadColumns,
  addCosmicRays,
  addHotPixels,
  addSatelliteTrails,
  bleedCharge,
  drawBadColumns,
  drawSatelliteTrails,
} from './add-artefacts.ts';
import type { DrawnSource, FieldGeometry } from './draw-sky.ts';
import { drawGalaxies, drawGeometry, drawStars, scienceToTemplate } from './draw-sky.ts';
import { drawSpikes } from './draw-spikes.ts';
import { countPhotons, makeSkyLevel, readOut } from './expose-image.ts';
import type { CameraRecipe, PsfField, SimulateConfig, SimulatedField, SkyRecipe } from './model.ts';
import { galaxyComponents } from './model-galaxy.ts';
import { drawPsfField, psfComponentsAt } from './model-psf.ts';
import type { Scene } from './place-events.ts';
import { placeEvents } from './place-events.ts';
import { DEFAULT_SIMULATE_CONFIG, SKY_RECIPES } from './presets.ts';
import type { ElectronImage } from './render-source.ts';
import { renderSource } from './render-source.ts';
import type { SkyGrid } from './sky-grid.ts';
import { gridCards } from './sky-grid.ts';

/**
 * Simulate a science image and a template of the same sky, with the truth of what changed.
 *
 * Light is drawn exactly (pixel-integrated, flux-conserving), then every electron is counted: Poisson and
 * read-out noise, full wells, cosmic rays, whole ADU. The same configuration gives the same pixels.
 *
 * @param config fields left out are `DEFAULT_SIMULATE_CONFIG`'s.
 */
export function simulateField(config: Partial<SimulateConfig> = {}): SimulatedField {
  const {
    sizePx,
    transients,
    seed,
    difficulty,
    stars,
    exposure = 0,
    recipe: changes,
  } = {
    ...DEFAULT_SIMULATE_CONFIG,
    ...config,
  };
  const recipe: SkyRecipe = { ...SKY_RECIPES[difficulty], ...changes };
  // One stream for each purpose: more transients must not move the stars.
  const root = createRandom(seed);
  const [geometryRandom, psfRandom, starRandom, galaxyRandom, eventRandom, artefactRandom, ...noiseRandoms] =
    Array.from({ length: 7 + exposure }, () => root.fork()) as ReturnType<typeof root.fork>[];
  const noiseRandom = noiseRandoms.at(-1);
  const geometry = drawGeometry(recipe, sizePx, geometryRandom!);
  const sciencePsf = drawPsfField(recipe.science, sizePx, psfRandom!);
  const templatePsf = drawPsfField(recipe.template, sizePx, psfRandom!);
  const starCount = stars ?? Math.round((recipe.starsPerMegapixel * sizePx * sizePx) / 1e6);
  const starList = drawStars(recipe, geometry, starCount, starRandom!);
  const galaxies = drawGalaxies(recipe, geometry, galaxyRandom!);
  const flatPhase = 2 * Math.PI * psfRandom!.uniform();
  const flat = (x: number, y: number): number =>
    1 + recipe.flatError * Math.sin(flatPhase + (Math.PI * (x + 0.6 * y)) / sizePx);

  const science = renderSky(recipe.science, sizePx, sciencePsf, [...starList, ...galaxies], (source) => ({
    x: source.movedXPx,
    y: source.movedYPx,
    fluxE: source.fluxE,
  }));
  const template = renderSky(recipe.template, sizePx, templatePsf, [...starList, ...galaxies], (source) => {
    const [x, y] = scienceToTemplate(geometry, source.xPx, source.yPx);
    return { x, y, fluxE: source.fluxE * recipe.template.throughput * flat(source.xPx, source.yPx) };
  });
  // Of its own: fields without spikes are what they were.
  const vanes = createRandom(seed + VANES);
  addSpikes(
    science,
    recipe,
    recipe.science,
    starList.map(({ movedXPx: x, movedYPx: y, fluxE }) => ({ x, y, fluxE })),
    vanes.uniform(),
  );
  addSpikes(
    template,
    recipe,
    recipe.template,
    starList.map((star) => {
      const [x, y] = scienceToTemplate(geometry, star.xPx, star.yPx);
      return { x, y, fluxE: star.fluxE * recipe.template.throughput };
    }),
    vanes.uniform(),
  );
  const scienceSky = addSky(science, recipe.science, psfRandom!);
  addSky(template, recipe.template, psfRandom!);

  const badColumns = drawBadColumns(recipe.badColumns, sizePx, artefactRandom!);
  const trails = drawSatelliteTrails(recipe.satelliteTrails, sizePx, artefactRandom!);
  const scene: Scene = {
    recipe,
    geometry,
    science,
    template,
    scienceSky,
    sciencePsf,
    templatePsf,
    stars: starList,
    galaxies,
    nearFullScience: findFullPixels(science, recipe.science, recipe.bleedFraction),
    nearFullTemplate: findFullPixels(template, recipe.template, recipe.bleedFraction),
    badColumns,
    trails,
    flat,
  };
  const truth = placeEvents(scene, transients, eventRandom!);

  const keepClear = (x: number, y: number): boolean =>
    truth.some((row) => Math.abs(row.xPx - x) < 14 && Math.abs(row.yPx - y) < 14);
  const megapixels = (sizePx * sizePx) / 1e6;
  const artefacts = [
    ...addSatelliteTrails(science, trails, recipe.science.fwhmPx, recipe.science.beta),
    ...exposeScience(),
  ];
  bleedCharge(template, recipe.template.fullWellE, recipe.bleedFraction);
  countPhotons(template, recipe.template.readNoiseE, noiseRandom!);

  return {
    science: {
      pixels: readOut(science, recipe.science),
      header: makeHeader('science', recipe.science, geometry.science, seed),
    },
    template: {
      pixels: readOut(template, recipe.template),
      header: makeHeader('template', recipe.template, geometry.templateHeader, seed),
    },
    truth,
    artefacts,
    sources: listSources(geometry, starList, galaxies),
    sciencePsf,
    templatePsf,
    fluxRatio: 1 / recipe.template.throughput,
  };

  function exposeScience() {
    bleedCharge(science, recipe.science.fullWellE, recipe.bleedFraction);
    countPhotons(science, recipe.science.readNoiseE, noiseRandom!);
    const rays = Math.round(recipe.cosmicRaysPerMegapixel * megapixels);
    const hot = Math.round(recipe.hotPixelsPerMegapixel * megapixels);
    return [
      ...addCosmicRays(science, rays, artefactRandom!, keepClear),
      ...addHotPixels(science, hot, artefactRandom!, keepClear),
      ...addBadColumns(science, badColumns),
    ];
  }
}

/** Added to the seed for what the vanes need. */
const VANES = 7_919_000;

/** Draw the stars' spikes, if there are vanes; `turn` of a full circle tells how these stand. */
function addSpikes(
  image: ElectronImage,
  { spikes }: SkyRecipe,
  { fwhmPx, beta, skyE }: CameraRecipe,
  stars: Parameters<typeof drawSpikes>[1],
  turn: number,
): void {
  if (spikes !== undefined)
    drawSpikes(image, stars, spikes, 2 * Math.PI * turn, fwhmPx, beta, 0.01 * Math.sqrt(skyE));
}

function renderSky(
  camera: CameraRecipe,
  sizePx: number,
  psf: PsfField,
  sources: readonly DrawnSource[],
  seen: (source: DrawnSource) => { readonly x: number; readonly y: number; readonly fluxE: number },
): ElectronImage {
  const image = { width: sizePx, height: sizePx, data: new Float32Array(sizePx * sizePx) };
  const floor = 1e-3 * Math.sqrt(camera.skyE);
  for (const source of sources) {
    const { x, y, fluxE } = seen(source);
    const point = psfComponentsAt(psf, x, y);
    const components = source.galaxy ? galaxyComponents(source.galaxy, point) : point;
    renderSource(image, x, y, fluxE, components, floor);
  }
  return image;
}

function addSky(
  image: ElectronImage,
  camera: CameraRecipe,
  random: Parameters<typeof makeSkyLevel>[2],
): (xPx: number, yPx: number) => number {
  const level = makeSkyLevel(camera, image.width, random);
  for (let y = 0, i = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++, i++) image.data[i] += level(x, y);
  }
  return level;
}

const CELL_PX = 8;

/** Find the neighbourhoods (24 px) of full pixels after bleeding, without touching the image. */
function findFullPixels(
  image: ElectronImage,
  camera: CameraRecipe,
  bleedFraction: number,
): (xPx: number, yPx: number) => boolean {
  const bled = { ...image, data: image.data.slice() };
  bleedCharge(bled, camera.fullWellE, bleedFraction);
  const across = Math.ceil(image.width / CELL_PX);
  const cells = new Uint8Array(across * across);
  const reach = 3;
  for (let y = 0, i = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++, i++) {
      if (bled.data[i]! < 0.9 * camera.fullWellE) continue;
      const column = Math.floor(x / CELL_PX);
      const row = Math.floor(y / CELL_PX);
      for (let r = Math.max(0, row - reach); r <= Math.min(across - 1, row + reach); r++) {
        cells.fill(
          1,
          r * across + Math.max(0, column - reach),
          r * across + Math.min(across, column + reach + 1),
        );
      }
    }
  }
  return (x, y) => cells[Math.floor(y / CELL_PX) * across + Math.floor(x / CELL_PX)] === 1;
}

function listSources(
  geometry: FieldGeometry,
  stars: readonly DrawnSource[],
  galaxies: readonly DrawnSource[],
): SimulatedField['sources'] {
  const size = geometry.sizePx;
  const isIn = (s: DrawnSource): boolean =>
    s.movedXPx > -0.5 && s.movedYPx > -0.5 && s.movedXPx < size - 0.5 && s.movedYPx < size - 0.5;
  return [...stars, ...galaxies].filter(isIn).map((source) => {
    const [xTemplatePx, yTemplatePx] = scienceToTemplate(geometry, source.xPx, source.yPx);
    return {
      kind: source.galaxy ? 'galaxy' : 'star',
      xPx: source.movedXPx,
      yPx: source.movedYPx,
      xTemplatePx,
      yTemplatePx,
      fluxE: source.fluxE,
    };
  });
}

function makeHeader(
  role: 'science' | 'template',
  camera: CameraRecipe,
  grid: SkyGrid,
  seed: number,
): readonly Card[] {
  return [
    { keyword: 'OBJECT', value: `simulated sky ${seed}` },
    { keyword: 'TELESCOP', value: 'AstrID simulator' },
    { keyword: 'INSTRUME', value: role === 'science' ? 'SIMCAM' : 'SIMCAM-REF' },
    { keyword: 'IMAGETYP', value: 'OBJECT' },
    { keyword: 'FILTER', value: 'r' },
    { keyword: 'EXPTIME', value: camera.exposureS, comment: '[s]' },
    {
      keyword: 'DATE-OBS',
      value: role === 'science' ? '2026-03-14T04:05:06.000' : '2026-01-21T03:10:00.000',
      comment: 'UTC, start of exposure',
    },
    { keyword: 'TIMESYS', value: 'UTC' },
    { keyword: 'GAIN', value: camera.gainEPerAdu, comment: '[e-/ADU]' },
    { keyword: 'RDNOISE', value: camera.readNoiseE, comment: '[e-]' },
    {
      keyword: 'SATURATE',
      // Two per cent below the full well: noise on a full pixel stays above it.
      value: Math.floor((0.98 * Math.min(camera.fullWellE, 65535 * camera.gainEPerAdu)) / camera.gainEPerAdu),
      comment: '[ADU]',
    },
    { keyword: 'BUNIT', value: 'adu' },
    ...gridCards(grid),
  ];
}
