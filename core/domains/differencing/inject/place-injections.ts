import { createRandom, type Random, type TaskContext } from '../../../utils/index.ts';
import { boxAround, MaskBit, partOfMask, partOfPlane, UNUSABLE } from '../../observations/index.ts';
import type { Source } from '../../preprocessing/index.ts';
import type { SubtractedPair } from './crop-pair.ts';
import { findHosts, type Host } from './find-hosts.ts';
import type { Injection, InjectionConfig } from './model.ts';
import type { StarResponder } from './respond-to-star.ts';

/** Where stars may go and how bright they must be to be seen. */
export interface InjectionGround extends SubtractedPair {
  readonly science: SubtractedPair['science'] & { readonly sources: readonly Source[] };
}

/** A place keeps this far from spoiled pixels and the image's edge, FWHM. */
const CLEAR_FWHM = 2;
/** ... from any source, where no host is wanted, FWHM. */
const SOURCE_FWHM = 1;
/** ... from what the difference shows already, FWHM, in units of this many sigma. */
const CHANGE_FWHM = 3;
const CHANGE_SIGMA = 4.5;
/** ... and from the other stars of its pass, FWHM. */
const SEPARATION_FWHM = 8;
/** A pass holds at most so many stars, and one for so many that the image has room for. */
const MOST_PER_PASS = 100;
const SHARE_OF_ROOM = 0.05;
const ATTEMPTS = 400;
/** Most stars go where completeness rises. */
const STEEP_FROM = 3.5;
const STEEP_TO = 7;
const STEEP_WEIGHT = 3;

/**
 * Choose places and fluxes of the stars to inject: a seeded, stratified sample.
 *
 * Hostless stars are uniform over usable sky; hosted ones lie on extended sources of the science image, drawn by their
 * light, and are no brighter than their host. S/N is stratified, so that every run tests the same range.
 *
 * @returns as many as found room; fewer than asked for where nearly everything is masked.
 */
export function placeInjections(
  ground: InjectionGround,
  responder: StarResponder,
  config: InjectionConfig,
  context: TaskContext = {},
): readonly Injection[] {
  const random = createRandom(config.seed);
  const fwhmPx = Math.max(ground.difference.sciencePsf.fwhmPx, ground.difference.templatePsf.fwhmPx);
  const hosts = findHosts(
    ground.science,
    ground.science.sources,
    ground.difference.sciencePsf.fwhmPx,
    context,
  );
  const hosted = hosts.length > 0 ? Math.round(config.injections * config.hostedFraction) : 0;
  const perPass = sizePass(ground, fwhmPx);
  const found: Injection[] = [];
  const wishes = [
    ...drawSnrs(config.injections - hosted, config, random).map((snr) => ({
      snr,
      kind: 'hostless' as const,
    })),
    ...drawSnrs(hosted, config, random).map((snr) => ({ snr, kind: 'hosted' as const })),
  ];
  shuffle(wishes, random);
  const passes: Injection[][] = [];
  for (const { snr, kind } of wishes) {
    const sign =
      config.sign === 'both' ? (found.length % 2 === 0 ? 1 : -1) : config.sign === 'positive' ? 1 : -1;
    const placed = findPlace(ground, responder, hosts, { snr, kind, fwhmPx }, random, context);
    if (!placed) continue;
    const pass = findPass(passes, placed, perPass, SEPARATION_FWHM * fwhmPx);
    const injection = { ...placed, id: found.length, fluxE: sign * placed.fluxE, snr, kind, pass };
    passes[pass] = [...(passes[pass] ?? []), injection];
    found.push(injection);
  }
  return found;
}

/** Stars of one pass: a twentieth of what the image has room for, at most a hundred. */
function sizePass({ difference }: InjectionGround, fwhmPx: number): number {
  const { data } = difference.mask;
  let usable = 0;
  for (let k = 0; k < data.length; k++) if ((data[k] & UNUSABLE) === 0) usable++;
  const room = usable / (Math.PI * (SEPARATION_FWHM / 2) ** 2 * fwhmPx ** 2);
  return Math.max(1, Math.min(MOST_PER_PASS, Math.floor(SHARE_OF_ROOM * room)));
}

/** Give the first pass that has room for another star at this place. */
function findPass(
  passes: readonly (readonly Injection[])[],
  place: { readonly xPx: number; readonly yPx: number },
  most: number,
  separationPx: number,
): number {
  const pass = passes.findIndex(
    (stars) =>
      stars.length < most &&
      stars.every((star) => Math.hypot(star.xPx - place.xPx, star.yPx - place.yPx) >= separationPx),
  );
  return pass < 0 ? passes.length : pass;
}

/** Draw one S/N from each of `count` equal parts of their distribution. */
function drawSnrs(count: number, { minSnr, maxSnr }: InjectionConfig, random: Random): number[] {
  const edges = [minSnr, STEEP_FROM, STEEP_TO, maxSnr]
    .map((edge) => Math.min(maxSnr, Math.max(minSnr, edge)))
    .map(Math.log);
  const weights = [1, STEEP_WEIGHT, 1].map((weight, k) => weight * (edges[k + 1] - edges[k]));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: count }, (_, n) => {
    let rest = ((n + random.uniform()) / count) * total;
    let k = 0;
    while (k < 2 && rest > weights[k]) rest -= weights[k++];
    return Math.exp(edges[k] + (edges[k + 1] - edges[k]) * (weights[k] > 0 ? rest / weights[k] : 0));
  });
}

function shuffle<Item>(items: Item[], random: Random): void {
  for (let k = items.length - 1; k > 0; k--) {
    const other = random.integer(k + 1);
    [items[k], items[other]] = [items[other], items[k]];
  }
}

interface Wish {
  readonly snr: number;
  readonly kind: Injection['kind'];
  readonly fwhmPx: number;
}

function findPlace(
  ground: InjectionGround,
  responder: StarResponder,
  hosts: readonly Host[],
  wish: Wish,
  random: Random,
  context: TaskContext,
): Pick<Injection, 'xPx' | 'yPx' | 'fluxE' | 'surfaceE'> | undefined {
  const { width, height } = ground.difference.difference;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const host = wish.kind === 'hosted' ? hosts[random.integer(hosts.length)] : undefined;
    const place = host
      ? host.draw(random)
      : { xPx: random.uniform() * (width - 1), yPx: random.uniform() * (height - 1) };
    const x = Math.round(place.xPx);
    const y = Math.round(place.yPx);
    if (!isUnchanged(ground, x, y, wish) || !isClear(ground, x, y, wish, context)) continue;
    const error = ground.difference.fluxErr.data[y * width + x];
    const fluxE = fluxOf(wish.snr, error, responder.unitAnswer(place.xPx, place.yPx));
    if (host && fluxE > host.fluxE) continue;
    return { ...place, fluxE, surfaceE: measureSurface(ground, x, y, context) };
  }
  return undefined;
}

/** Tell whether the difference shows nothing around a pixel, which the image reaches beyond. */
function isUnchanged({ difference }: InjectionGround, x: number, y: number, wish: Wish): boolean {
  const { width, height } = difference.difference;
  const far = Math.ceil(CHANGE_FWHM * wish.fwhmPx);
  if (x < far || y < far || x >= width - far || y >= height - far) return false;
  for (let dy = -far; dy <= far; dy++) {
    for (let dx = -far; dx <= far; dx++) {
      const distance2 = dx * dx + dy * dy;
      if (distance2 > far * far) continue;
      const k = (y + dy) * width + x + dx;
      if (Math.abs(difference.score.data[k]) > CHANGE_SIGMA) return false;
    }
  }
  return true;
}

/** Tell whether a pixel's surroundings are good, and empty or on a source as wanted. */
function isClear(
  { difference, science, template }: InjectionGround,
  x: number,
  y: number,
  wish: Wish,
  context: TaskContext,
): boolean {
  const { width, height } = difference.difference;
  const clear = Math.ceil(CLEAR_FWHM * wish.fwhmPx);
  const box = boxAround(x, y, clear, width, height);
  const masks = [
    { ...difference.mask, left: 0, bottom: 0 },
    partOfMask(science.mask, box, context),
    partOfMask(template.mask, box, context),
  ];
  for (let dy = -clear; dy <= clear; dy++) {
    for (let dx = -clear; dx <= clear; dx++) {
      const distance2 = dx * dx + dy * dy;
      if (distance2 > clear * clear) continue;
      let bits = 0;
      for (const mask of masks) bits |= mask.data[(y + dy - mask.bottom) * mask.width + x + dx - mask.left];
      if ((bits & UNUSABLE) !== 0) return false;
      const isNear = distance2 <= (SOURCE_FWHM * wish.fwhmPx) ** 2;
      if (wish.kind === 'hostless' && isNear && (bits & MaskBit.DETECTED) !== 0) return false;
    }
  }
  return true;
}

/** Flux whose expected S/N is `snr`: (answer f)^2 = snr^2 (error^2 + variance f). */
function fluxOf(
  snr: number,
  error: number,
  answer: { readonly flux: number; readonly variance: number },
): number {
  const a = answer.flux ** 2;
  const b = snr * snr * answer.variance;
  return (b + Math.sqrt(b * b + 4 * a * snr * snr * error * error)) / (2 * a);
}

/** Mean light of the nine pixels here, e- per pixel. */
function measureSurface(
  { science: { science } }: InjectionGround,
  x: number,
  y: number,
  context: TaskContext,
): number {
  const box = { x: x - 1, y: y - 1, width: 3, height: 3 };
  const { width, data, left, bottom } = partOfPlane(science, box, context);
  let sum = 0;
  for (let dy = -1; dy <= 1; dy++) {
    const row = (y + dy - bottom) * width + x - left;
    for (let dx = -1; dx <= 1; dx++) sum += data[row + dx];
  }
  return sum / 9;
}
