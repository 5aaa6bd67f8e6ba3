import type { Random } from '../../../utils/random.ts';
import type { BadColumn, SatelliteTrail } from './add-artefacts.ts';
import { distanceToTrail } from './add-artefacts.ts';
import type { DrawnSource, FieldGeometry } from './draw-sky.ts';
import { scienceToTemplate } from './draw-sky.ts';
import type { SnrKernels } from './expect-snr.ts';
import { expectSnr, fluxForSnr, makeSnrKernels } from './expect-snr.ts';
import type { PsfField, SkyRecipe, TruthKind, TruthRow } from './model.ts';
import { drawOffsetInGalaxy } from './model-galaxy.ts';
import { psfComponentsAt } from './model-psf.ts';
import type { ElectronImage } from './render-source.ts';
import { renderSource } from './render-source.ts';
import { gridToSky } from './sky-grid.ts';

/** The two images with everything that does not change already in them. */
export interface Scene {
  readonly recipe: SkyRecipe;
  readonly geometry: FieldGeometry;
  readonly science: ElectronImage;
  readonly template: ElectronImage;
  readonly scienceSky: (xPx: number, yPx: number) => number;
  readonly sciencePsf: PsfField;
  readonly templatePsf: PsfField;
  readonly stars: readonly DrawnSource[];
  readonly galaxies: readonly DrawnSource[];
  /** True near full pixels and their bleed, in each image's own pixels. */
  readonly nearFullScience: (xPx: number, yPx: number) => boolean;
  readonly nearFullTemplate: (xPx: number, yPx: number) => boolean;
  readonly badColumns: readonly BadColumn[];
  readonly trails: readonly SatelliteTrail[];
  /** Smooth flat-field error: factor on template electrons. */
  readonly flat: (xPx: number, yPx: number) => number;
}

// What twenty events are; the list is walked again for more.
const CYCLE: readonly (readonly [TruthKind, boolean])[] = [
  ['hostless', false], ['hosted', false], ['hostless', false], ['variable', false], ['hostless', true],
  ['hostless', false], ['hosted', false], ['hostless', false], ['variable', true], ['moving', false],
  ['hostless', false], ['hosted', false], ['hostless', false], ['variable', false], ['hosted', true],
  ['hostless', false], ['hosted', false], ['hostless', false], ['hostless', true], ['hostless', false],
]; // biome-ignore format: five a line reads as the table it is

interface Place {
  readonly xPx: number;
  readonly yPx: number;
  readonly underlyingFluxE: number;
}

const SEPARATION_PX = 30;
const EDGE_PX = 48;
/** Places that are tried for a wish before it is given up: a hundred times what a crowded field needs. */
const MOST_ATTEMPTS = 20_000;

/**
 * Put flux changes into both images and write down the truth.
 *
 * Every event keeps clear of the edges of both images, of full pixels, bad columns and satellite trails,
 * and of the other events: the truth says what a good line must find, not what nobody can.
 */
export function placeEvents(scene: Scene, count: number, random: Random): readonly TruthRow[] {
  const kernelsAt = makeKernelGrid(scene);
  const placed: (Place & { kind: TruthKind; fluxE: number })[] = [];
  const floor = 1e-3 * Math.sqrt(scene.recipe.science.skyE);
  for (let n = 0; n < count; n++) {
    const [wish, faded] = CYCLE[n % CYCLE.length]!;
    const wished = findPlace(scene, wish, placed, random, MOST_ATTEMPTS);
    // More variables than stars, more hosted than galaxies: the rest lie on empty sky.
    const kind = wished ? wish : 'hostless';
    const place = wished ?? findPlace(scene, kind, placed, random, Number.POSITIVE_INFINITY)!;
    const kernels = kernelsAt(place.xPx, place.yPx);
    const [low, high] = scene.recipe.snrRange;
    const snr = low * (high / low) ** random.uniform();
    const variances = localVariances(scene, place.xPx, place.yPx);
    let size = fluxForSnr(kernels, snr, faded, ...variances);
    // A star cannot lose more light than it has.
    if (kind === 'variable' && faded) size = Math.min(size, 0.9 * place.underlyingFluxE);
    const inTemplate = faded && kind !== 'variable';
    drawEvent(
      scene,
      kind,
      place,
      inTemplate ? 'template' : 'science',
      faded && !inTemplate ? -size : size,
      floor,
      random,
    );
    placed.push({ ...place, kind, fluxE: faded ? -size : size });
  }
  return placed.map((event) => {
    const [raDeg, decDeg] = gridToSky(scene.geometry.science, event.xPx, event.yPx);
    const variances = localVariances(scene, event.xPx, event.yPx);
    return {
      kind: event.kind,
      xPx: event.xPx,
      yPx: event.yPx,
      raDeg,
      decDeg,
      fluxE: event.fluxE,
      snr: expectSnr(kernelsAt(event.xPx, event.yPx), event.fluxE, ...variances),
      isNegative: event.fluxE < 0,
      underlyingFluxE: event.underlyingFluxE,
    };
  });
}

function drawEvent(
  scene: Scene,
  kind: TruthKind,
  place: Place,
  where: 'science' | 'template',
  fluxE: number,
  floor: number,
  random: Random,
): void {
  if (where === 'template') {
    const [x, y] = scienceToTemplate(scene.geometry, place.xPx, place.yPx);
    const electrons = fluxE * scene.recipe.template.throughput * scene.flat(place.xPx, place.yPx);
    renderSource(scene.template, x, y, electrons, psfComponentsAt(scene.templatePsf, x, y), floor);
    return;
  }
  const components = psfComponentsAt(scene.sciencePsf, place.xPx, place.yPx);
  if (kind !== 'moving') {
    renderSource(scene.science, place.xPx, place.yPx, fluxE, components, floor);
    return;
  }
  // It moves by up to one FWHM while the shutter is open.
  const length = scene.recipe.science.fwhmPx * random.uniform();
  const angle = 2 * Math.PI * random.uniform();
  const steps = 9;
  for (let k = 0; k < steps; k++) {
    const t = length * (k / (steps - 1) - 0.5);
    renderSource(
      scene.science,
      place.xPx + t * Math.cos(angle),
      place.yPx + t * Math.sin(angle),
      fluxE / steps,
      components,
      floor,
    );
  }
}

/** PSFs change slowly: one set of kernels for each ninth of the field. */
function makeKernelGrid(scene: Scene): (xPx: number, yPx: number) => SnrKernels {
  const { science, template } = scene.recipe;
  const size = scene.geometry.sizePx;
  const made = new Map<number, SnrKernels>();
  return (xPx, yPx) => {
    const i = Math.min(2, Math.floor((3 * xPx) / size));
    const j = Math.min(2, Math.floor((3 * yPx) / size));
    let kernels = made.get(3 * j + i);
    if (!kernels) {
      kernels = makeSnrKernels(
        scene.sciencePsf,
        scene.templatePsf,
        ((i + 0.5) * size) / 3,
        ((j + 0.5) * size) / 3,
        Math.sqrt(science.skyE + science.readNoiseE ** 2),
        Math.sqrt(template.skyE + template.readNoiseE ** 2),
        template.throughput,
      );
      made.set(3 * j + i, kernels);
    }
    return kernels;
  };
}

type Variance = (dx: number, dy: number) => number;

function localVariances(scene: Scene, xPx: number, yPx: number): readonly [Variance, Variance] {
  const [tx, ty] = scienceToTemplate(scene.geometry, xPx, yPx);
  const around = (image: ElectronImage, x: number, y: number, readNoiseE: number): Variance => {
    const x0 = Math.round(x);
    const y0 = Math.round(y);
    return (dx, dy) => {
      const column = Math.min(image.width - 1, Math.max(0, x0 + dx));
      const row = Math.min(image.height - 1, Math.max(0, y0 + dy));
      return image.data[row * image.width + column]! + readNoiseE * readNoiseE;
    };
  };
  return [
    around(scene.science, xPx, yPx, scene.recipe.science.readNoiseE),
    around(scene.template, tx, ty, scene.recipe.template.readNoiseE),
  ];
}

function findPlace(
  scene: Scene,
  kind: TruthKind,
  placed: readonly Place[],
  random: Random,
  mostAttempts: number,
): Place | undefined {
  const size = scene.geometry.sizePx;
  const skySigma = Math.sqrt(scene.recipe.science.skyE);
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    // On a crowded or small field the wishes give way, slowly.
    const patience = 1 + Math.floor(attempt / 200);
    const place = proposePlace(scene, kind, random);
    const edge = Math.min(EDGE_PX, size / 6) / Math.sqrt(patience);
    if (!isInside(size, place.xPx, place.yPx, edge)) continue;
    const [tx, ty] = scienceToTemplate(scene.geometry, place.xPx, place.yPx);
    if (!isInside(size, tx, ty, edge)) continue;
    const nearest = SEPARATION_PX / Math.sqrt(patience);
    if (placed.some((other) => Math.hypot(other.xPx - place.xPx, other.yPx - place.yPx) < nearest)) continue;
    if (patience < 20 && isSpoilt(scene, place, tx, ty)) continue;
    if (kind === 'hostless' || kind === 'moving') {
      const x = Math.round(place.xPx);
      const y = Math.round(place.yPx);
      const light = scene.science.data[y * size + x]! - scene.scienceSky(x, y);
      if (light > skySigma * patience) continue;
    }
    return place;
  }
  return undefined;
}

function proposePlace(scene: Scene, kind: TruthKind, random: Random): Place {
  const size = scene.geometry.sizePx;
  if (kind === 'hosted' && scene.galaxies.length > 0) {
    const galaxy = scene.galaxies[random.integer(scene.galaxies.length)]!;
    const [dx, dy] = drawOffsetInGalaxy(galaxy.galaxy!, random.uniform, random.normal);
    return { xPx: galaxy.xPx + dx, yPx: galaxy.yPx + dy, underlyingFluxE: galaxy.fluxE };
  }
  if (kind === 'variable' && scene.stars.length > 0) {
    const star = scene.stars[random.integer(scene.stars.length)]!;
    return { xPx: star.movedXPx, yPx: star.movedYPx, underlyingFluxE: star.fluxE };
  }
  return { xPx: random.uniform() * size, yPx: random.uniform() * size, underlyingFluxE: 0 };
}

function isInside(size: number, x: number, y: number, edge: number): boolean {
  return x >= edge && y >= edge && x < size - edge && y < size - edge;
}

function isSpoilt(scene: Scene, place: Place, tx: number, ty: number): boolean {
  return (
    scene.nearFullScience(place.xPx, place.yPx) ||
    scene.nearFullTemplate(tx, ty) ||
    scene.badColumns.some((column) => Math.abs(column.xPx - place.xPx) < 16) ||
    scene.trails.some((trail) => distanceToTrail(trail, place.xPx, place.yPx) < 40)
  );
}
