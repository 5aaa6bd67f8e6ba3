import { allocate, borrow, bytesAt, inArena, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';
import { requireSameSize } from './run-bands.ts';

/** Two images and their variances, one size, in the arena. */
export interface FillablePlanes {
  readonly science: Plane;
  readonly template: Plane;
  readonly scienceVariance: Plane;
  readonly templateVariance: Plane;
}

/** What a pixel lacks; `Nothing` says that there is no sky at all. */
export const Lack = { None: 0, Science: 1, Template: 2, Both: 3, Nothing: 4 } as const;

/** Pixels without a value. */
export interface LackingPixels {
  /** y * width + x, each once. */
  readonly pixels: Int32Array;
  /** What each of them lacks. */
  readonly lacks: Uint8Array;
}

/** Pixels around a place: lists one after the other, the nearest first. */
export interface Neighbourhood {
  readonly dx: readonly number[];
  readonly dy: readonly number[];
  readonly weight: readonly number[];
  /** Where each list ends. */
  readonly ends: readonly number[];
  /** None is farther, px. */
  readonly radius: number;
  /** No further list is begun once so many neighbours were seen that lack nothing. */
  readonly enough: number;
}

/**
 * Give pixels a value from good neighbours, in place.
 *
 * Without sky: zero, and the variance of the sky. Lacking in one image: the other image plus what the neighbours differ by. In
 * both: each image's own neighbours. Known stars are taken off first and put back after. Variances are those of the
 * neighbours plus a tenth of the filled light, squared.
 *
 * @param stars light of known stars, e-; `undefined` where there is none.
 * @param sky variances where no neighbour is good.
 * @throws RangeError for planes of several sizes or outside the arena.
 */
export function fillPixels(
  planes: FillablePlanes,
  { pixels, lacks }: LackingPixels,
  stars: { readonly science: Float32Array | undefined; readonly template: Float32Array | undefined },
  around: Neighbourhood,
  sky: { readonly science: number; readonly template: number },
): void {
  const { width, height } = planes.science;
  for (const plane of Object.values(planes)) requireSameSize(planes.science, plane);
  withArena(() => {
    const light = (data: Float32Array | undefined) => (data ? borrow(data) : 0);
    const lights = [light(stars.science), light(stars.template)] as const;
    const list = allocate(pixels.length * 4);
    const states = allocate(pixels.length);
    const bad = allocate(width * height);
    const neighbours = allocate(around.dx.length * 16);
    const ends = allocate(around.ends.length * 4);
    const { buffer } = kernelModule().memory;
    new Int32Array(buffer, list, pixels.length).set(pixels);
    bytesAt(states, pixels.length).set(lacks);
    bytesAt(bad, width * height).fill(0);
    const places = new Int32Array(buffer, neighbours, around.dx.length * 4);
    const weights = new Float64Array(buffer, neighbours, around.dx.length * 2);
    around.dx.forEach((dx, i) => {
      places[4 * i] = dx;
      places[4 * i + 1] = around.dy[i]!;
      weights[2 * i + 1] = around.weight[i]!;
    });
    new Int32Array(buffer, ends, around.ends.length).set(around.ends);
    kernelModule().fillPixels(
      inArena(planes.science),
      inArena(planes.template),
      inArena(planes.scienceVariance),
      inArena(planes.templateVariance),
      ...lights,
      width,
      height,
      list,
      states,
      pixels.length,
      bad,
      neighbours,
      ends,
      around.ends.length,
      around.radius,
      around.enough,
      sky.science,
      sky.template,
    );
  });
}
