import { parseWcs } from '../../core/domains/observations/index.ts';
import { makeMesh } from '../../core/domains/preprocessing/registration/make-mesh.ts';
import {
  type LanczosWeights,
  makeMaskPlane,
  makePlane,
  type Plane,
  resampleLanczos3,
} from '../../core/kernels/index.ts';

type Cards = Readonly<Record<string, string | number>>;

/** What make-swarp.py writes. */
export interface SwarpGolden {
  readonly tool: string;
  readonly size: number;
  readonly sigmaPx: number;
  readonly aperturePx: number;
  readonly stars: readonly (readonly [number, number, number])[];
  readonly output: Cards;
  readonly cases: readonly SwarpCase[];
}

/** One exposure on the output's grid: star fluxes in circles, and pixels. */
export interface SwarpCase {
  readonly name: string;
  readonly input: Cards;
  readonly stars: readonly {
    readonly x: number;
    readonly y: number;
    readonly true: number;
    readonly flux: number;
  }[];
  readonly crops: readonly {
    readonly x0: number;
    readonly y0: number;
    readonly true: number;
    readonly pixels: readonly number[];
  }[];
}

/** Our resampling of one case, and how far it is from SWarp's, as shares of each star's flux. */
export function compareWithSwarp(
  golden: SwarpGolden,
  { input, stars, crops }: SwarpCase,
  weights: LanczosWeights,
): { readonly fluxes: number[]; readonly pixels: number[]; readonly fromTruth: number[] } {
  const { size, aperturePx } = golden;
  const plane = resample(golden, input, weights);
  const fluxOf = (x0: number, y0: number): number => {
    let sum = 0;
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        if ((x - x0) ** 2 + (y - y0) ** 2 <= aperturePx ** 2) sum += plane.data[y * size + x]!;
    return sum;
  };
  const ours = stars.map(({ x, y }) => fluxOf(x, y));
  return {
    fluxes: stars.map((star, k) => Math.abs(ours[k]! - star.flux) / star.true),
    fromTruth: stars.map((star, k) => Math.abs(ours[k]! / star.true - 1)),
    pixels: crops.flatMap(({ x0, y0, true: flux, pixels }) =>
      pixels.map((value, k) => {
        const at = (y0 + Math.floor(k / 11)) * size + x0 + (k % 11);
        return Math.abs(plane.data[at]! - value) / flux;
      }),
    ),
  };
}

function resample(
  { size, sigmaPx, stars, output }: SwarpGolden,
  input: Cards,
  weights: LanczosWeights,
): Plane {
  const plane = makePlane(size, size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (const [sx, sy, flux] of stars) {
        const square = (x - sx) ** 2 + (y - sy) ** 2;
        if (square > 400) continue;
        sum += (flux / (2 * Math.PI * sigmaPx ** 2)) * Math.exp(-square / (2 * sigmaPx ** 2));
      }
      plane.data[y * size + x] = sum;
    }
  const variance = makePlane(size, size);
  variance.data.fill(1);
  const read = (cards: Cards) =>
    parseWcs(Object.entries(cards).map(([keyword, value]) => ({ keyword, value })))!;
  const map = { kind: 'wcs', science: read(output), template: read(input) } as const;
  const grid = { x0: 0, y0: 0, spacing: 1, width: size, height: size };
  const mesh = makeMesh(map, grid, 32, 0.001);
  const options = { noDataBit: 16, edgeBit: 4, weights };
  return resampleLanczos3({ plane, variance, mask: makeMaskPlane(size, size) }, mesh, size, size, options)
    .plane;
}
