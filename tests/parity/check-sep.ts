import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MaskBit } from '../../core/domains/observations/index.ts';
import {
  DEFAULT_BACKGROUND,
  DEFAULT_EXTRACTION,
  type EllipseShape,
  type ExtractedSource,
  extractSources,
  makeMeasurable,
  measureAperture,
  measureBackground,
  measureEllipse,
  SourceFlag,
} from '../../core/domains/preprocessing/index.ts';
import { measureFluxRadius, measureKronRadius } from '../../core/domains/preprocessing/measure-profile.ts';
import {
  centreWindow,
  type MaskPlane,
  makeMaskPlane,
  makePlane,
  type Plane,
} from '../../core/kernels/index.ts';
import { checkFingerprint, matchNearest } from './compare.ts';
import { type ImageName, loadImage } from './images.ts';
import type { ParityCheck, ParityContext, ParityRow } from './model.ts';
import { rowOfRate, rowOfWorst } from './model.ts';

interface Positions {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly npix?: readonly number[];
}

interface Catalogue {
  readonly sky: number;
  readonly rms: number;
  readonly columns: Readonly<Record<string, readonly number[]>>;
  readonly cleaned: Positions;
  readonly matched: Positions;
  readonly noiseMap: Positions;
}

interface BackgroundGolden {
  readonly meshPx: number;
  readonly filterMeshes: number;
  readonly level: readonly number[];
  readonly rms: readonly number[];
  readonly medianLevel: number;
  readonly medianRms: number;
}

interface Golden {
  readonly tool: string;
  readonly step: number;
  readonly images: Readonly<
    Partial<
      Record<
        ImageName,
        {
          readonly fingerprint: number;
          readonly backgrounds: readonly BackgroundGolden[];
          readonly catalogue: Catalogue;
        }
      >
    >
  >;
}

function readGolden({ goldenDir }: ParityContext): Golden {
  return JSON.parse(readFileSync(join(goldenDir, 'sep.json'), 'utf8')) as Golden;
}

const live = {
  script: 'make-sep.py',
  readsImages: true,
  writes: ['sep.json'],
  modules: ['sep', 'astropy', 'numpy'],
  programs: [],
} as const;

/** SEP's habits: neighbours are not masked, no least Kron aperture, every pixel counts alike. */
const asSep = {
  ...DEFAULT_EXTRACTION,
  filterMode: 'convolution',
  maskNeighbours: false,
  kronMinRadius: 0,
  cleanBeta: 0,
} as const;

/** Mesh backgrounds against SEP's, at its own tolerances. */
export const checkSepBackground: ParityCheck = {
  name: 'background',
  reference: (context) => readGolden(context).tool,
  live,
  run: async (context) => {
    const golden = readGolden(context);
    const level: number[] = [];
    const rms: number[] = [];
    const global: number[] = [];
    for (const [name, { fingerprint, backgrounds }] of Object.entries(golden.images)) {
      const image = await loadImage(name as ImageName);
      if (image === undefined) continue;
      checkFingerprint(name, image, fingerprint);
      for (const wanted of backgrounds) {
        const { meshPx, filterMeshes } = wanted;
        const found = measureBackground(image, undefined, { ...DEFAULT_BACKGROUND, meshPx, filterMeshes });
        let k = 0;
        for (let y = 0; y < image.height; y += golden.step) {
          for (let x = 0; x < image.width; x += golden.step, k++) {
            const at = y * image.width + x;
            level.push(relative(found.level.data[at]!, wanted.level[k]!));
            rms.push(relative(found.rms.data[at]!, wanted.rms[k]!));
          }
        }
        global.push(
          relative(found.medianLevel, wanted.medianLevel),
          relative(found.medianRms, wanted.medianRms),
        );
      }
    }
    return [
      rowOfWorst('sky level map', level, 1e-5, 'relative'),
      rowOfWorst('sky rms map', rms, 1e-4, 'relative'),
      rowOfWorst('global level and rms', global, 1e-5, 'relative'),
    ];
  },
};

/** Objects and their isophotal numbers against SEP's on one image. */
function checkObjects(name: ImageName): ParityCheck {
  return {
    name: `objects, ${name}`,
    reference: (context) => readGolden(context).tool,
    live,
    run: async (context) => {
      const given = await prepare(context, name);
      return 'skipped' in given ? given : compareObjects(given.above, given.catalogue);
    },
  };
}

/** Photometry at SEP's own positions against SEP's on one image. */
function checkMeasures(name: ImageName): ParityCheck {
  return {
    name: `photometry, ${name}`,
    reference: (context) => readGolden(context).tool,
    live,
    run: async (context) => {
      const given = await prepare(context, name);
      return 'skipped' in given ? given : compareMeasures(given.above, given.catalogue);
    },
  };
}

const IMAGES = ['classic', 'bulge', 'survey', 'hard'] as const;
export const SEP_CHECKS: readonly ParityCheck[] = [
  checkSepBackground,
  ...IMAGES.map(checkObjects),
  ...IMAGES.map(checkMeasures),
];

async function prepare(
  context: ParityContext,
  name: ImageName,
): Promise<{ readonly above: Plane; readonly catalogue: Catalogue } | { readonly skipped: string }> {
  const wanted = readGolden(context).images[name];
  const image = await loadImage(name);
  if (wanted === undefined || image === undefined) return { skipped: `${name} is not at hand` };
  checkFingerprint(name, image, wanted.fingerprint);
  const above = makePlane(image.width, image.height);
  for (let i = 0; i < above.data.length; i++) above.data[i] = image.data[i]! - wanted.catalogue.sky;
  return { above, catalogue: wanted.catalogue };
}

/** The noise map of make-sep.py: it varies as slowly as that of a mesh does. */
function makeNoise(plane: Plane, rms: number): Plane {
  const { width, height } = plane;
  const noise = makePlane(width, height);
  for (let i = 0; i < noise.data.length; i++) {
    const x = i % width;
    const y = Math.floor(i / width);
    noise.data[i] = rms * (1 + 0.2 * Math.sin(x / 150) * Math.cos(y / 170));
  }
  return noise;
}

/** The bad pixels of make-sep.py. */
function makeMask(plane: Plane): MaskPlane {
  const { width, height } = plane;
  const mask = makeMaskPlane(width, height);
  for (let i = 0; i < mask.data.length; i++) {
    const x = i % width;
    const y = Math.floor(i / width);
    if ((x * 7919 + y * 104729) % 257 === 0) mask.data[i] = MaskBit.BAD;
  }
  return mask;
}

/** Footprints by the matched filter, with noise map and bad pixels. */
function compareMatched(above: Plane, rms: number, wanted: Positions): ParityRow[] {
  const found = extractSources(
    { image: above, rms: makeNoise(above, rms), mask: makeMask(above) },
    { ...asSep, filterMode: 'matched', deblendLevels: 1, excludedBits: MaskBit.BAD },
  );
  const pairs = matchNearest(
    wanted,
    found.map(({ isophote }) => isophote),
    0.1,
  );
  const area = pairs.flatMap((at, i) =>
    at === undefined ? [] : [Math.abs(found[at]!.areaPx - wanted.npix![i]!)],
  );
  return [
    rowOfRate('matched filter: the same footprints', area.length, Math.max(found.length, pairs.length), 0.99),
    {
      quantity: 'matched filter: pixels in or out',
      n: area.length,
      tolerance: 0.001,
      judged:
        area.reduce((sum, value) => sum + value, 0) / wanted.npix!.reduce((sum, value) => sum + value, 0),
      statistic: 'sum',
      unit: 'of all',
    },
  ];
}

function compareObjects(above: Plane, { columns, rms, ...catalogue }: Catalogue): ParityRow[] {
  const found = extractSources({ image: above, rms }, asSep);
  const n = columns.x!.length;
  const mine = matchNearest(
    { x: columns.x!, y: columns.y! },
    found.map(({ isophote }) => isophote),
    0.5,
  );
  const matched = mine.flatMap((at, i) => (at === undefined ? [] : [{ i, source: found[at]! }]));
  const whole = matched.filter(({ i }) => columns.blended![i] === 0);
  const blended = matched.filter(({ i }) => columns.blended![i] === 1);
  const want = (name: string, i: number): number => columns[name]![i]!;
  const each = (pairs: typeof matched, deviation: (source: ExtractedSource, i: number) => number): number[] =>
    pairs.map(({ i, source }) => deviation(source, i));
  const differs = (pairs: typeof matched, name: 'x' | 'y' | 'x2' | 'y2' | 'xy' | 'a' | 'b'): number[] =>
    each(pairs, ({ isophote }, i) => Math.abs(isophote[name] - want(name, i)));
  const relates = (
    pairs: typeof matched,
    value: (source: ExtractedSource) => number,
    name: string,
  ): number[] => each(pairs, (source, i) => relative(value(source), want(name, i)));
  const sets = (positions: Positions, sources: readonly ExtractedSource[], reach: number): number[] => {
    const pairs = matchNearest(
      positions,
      sources.map(({ isophote }) => isophote),
      reach,
    );
    return [pairs.filter((at) => at !== undefined).length, Math.max(positions.x.length, sources.length)];
  };
  const cleaned = sets(
    catalogue.cleaned,
    extractSources({ image: above, rms }, { ...asSep, cleanBeta: 1 }),
    1e-3,
  );
  // Over a map SEP cuts a blend from the threshold below its last pixel, we from the mean: its levels differ.
  const noise = makeNoise(above, rms);
  const noiseMap = sets(catalogue.noiseMap, extractSources({ image: above, rms: noise }, asSep), 0.5);
  return [
    {
      quantity: 'objects missed or surplus',
      n,
      tolerance: 0,
      judged: n - matched.length + (found.length - matched.length),
      statistic: 'count',
      unit: 'objects',
    },
    rowOfWorst('x, y', [...differs(matched, 'x'), ...differs(matched, 'y')], 1e-3, 'px'),
    rowOfWorst(
      'x2, y2, xy',
      [...differs(whole, 'x2'), ...differs(whole, 'y2'), ...differs(whole, 'xy')],
      1e-4,
      'px^2',
    ),
    rowOfWorst('a, b', [...differs(whole, 'a'), ...differs(whole, 'b')], 1e-4, 'px'),
    rowOfWorst(
      'theta times a - b',
      // The angle of a round object means nothing.
      each(
        whole,
        ({ isophote: { a, b, theta } }, i) => Math.abs(Math.sin(theta - want('theta', i))) * (a - b),
      ),
      1e-4,
      'px',
    ),
    rowOfWorst(
      'npix',
      each(whole, ({ areaPx }, i) => Math.abs(areaPx - want('npix', i))),
      0,
      'px',
    ),
    rowOfWorst(
      'flux',
      relates(whole, ({ isophote }) => isophote.flux, 'flux'),
      1e-5,
      'relative',
    ),
    rowOfWorst(
      'cflux',
      relates(whole, ({ isophote }) => isophote.smoothedFlux, 'cflux'),
      1e-5,
      'relative',
    ),
    rowOfWorst(
      'peak, cpeak',
      [
        // A blend's brightest pixel may be one of those drawn by lot.
        ...relates(whole, ({ isophote }) => isophote.peak, 'peak'),
        ...relates(whole, ({ isophote }) => isophote.smoothedPeak, 'cpeak'),
      ],
      1e-5,
      'relative',
    ),
    rowOfRate(
      'flag: merged',
      matched.filter(({ i, source }) => source.isophote.isDeblended === (want('blended', i) === 1)).length,
      n,
      1,
    ),
    rowOfRate(
      'flag: truncated',
      whole.filter(
        ({ i, source }) => ((source.flags & SourceFlag.TRUNCATED) !== 0) === (want('truncated', i) === 1),
      ).length,
      whole.length,
      1,
    ),
    ...compareDraws(blended, want, columns.npixMean !== undefined),
    // SEP weighs its smallest objects by another pixel than the fifth brightest (its heap is sorted one pixel late).
    rowOfRate('the same objects after cleaning', cleaned[0]!, cleaned[1]!, 0.97),
    rowOfRate('the same objects over a noise map', noiseMap[0]!, noiseMap[1]!, 0.95),
    ...compareMatched(above, rms, catalogue.matched),
  ];
}

/**
 * Who owns a blend's faint wings is drawn by lot in SEP: its numbers scatter from draw to draw. Ours are another draw:
 * they must scatter about SEP's mean as SEP's own do.
 */
function compareDraws(
  blended: readonly { readonly i: number; readonly source: ExtractedSource }[],
  want: (name: string, i: number) => number,
  isKnown: boolean,
): ParityRow[] {
  if (!isKnown) return [];
  const value = {
    npix: ({ areaPx }: ExtractedSource) => areaPx,
    flux: ({ isophote }: ExtractedSource) => isophote.flux,
    size: ({ isophote }: ExtractedSource) => isophote.x2 + isophote.y2,
  } as const;
  return (['npix', 'flux', 'size'] as const).map((name) => {
    const drawn = blended.filter(({ i }) => want('npixStd', i) > 0);
    // Eight draws give the mean; ours is a ninth.
    const pulls = drawn.map(({ i, source }) => {
      const floor = name === 'npix' ? 0.5 : 1e-4 * Math.abs(want(`${name}Mean`, i));
      const sigma = Math.hypot(want(`${name}Std`, i) * Math.sqrt(1 + 1 / 8), floor);
      return Math.abs(value[name](source) - want(`${name}Mean`, i)) / sigma;
    });
    const rms = Math.sqrt(pulls.reduce((sum, pull) => sum + Math.min(pull, 5) ** 2, 0) / pulls.length);
    return {
      quantity: `${name} of blends, as one more draw of SEP's`,
      n: pulls.length,
      // With seven degrees of freedom the pulls of a true ninth draw have an rms of sqrt(7 / 5).
      tolerance: 1.35,
      judged: rms,
      statistic: 'rms',
      unit: 'sigma of draws',
    };
  });
}

function compareMeasures(above: Plane, { columns, rms }: Catalogue): ParityRow[] {
  const plain = makeMeasurable(above, rms ** 2, undefined, 0);
  const noise = makeNoise(above, rms);
  const variance = makePlane(above.width, above.height);
  for (let i = 0; i < variance.data.length; i++) variance.data[i] = noise.data[i]! ** 2;
  const uneven = makeMeasurable(above, variance, undefined, 0);
  const out = {
    circle: [] as number[],
    circleErr: [] as number[],
    ring: [] as number[],
    kron: [] as number[],
    auto: [] as number[],
    autoErr: [] as number[],
    sampled: [] as number[],
    radius: [] as number[],
    windowed: [] as number[],
  };
  const gain = 2;
  for (let i = 0; i < columns.x!.length; i++) {
    const want = (name: string): number => columns[name]![i]!;
    const x = want('x');
    const y = want('y');
    const shape: EllipseShape = { cxx: want('cxx'), cyy: want('cyy'), cxy: want('cxy') };
    const circle = measureAperture(plain, x, y, 5);
    // A sum near zero is a difference of large numbers: it is compared with its own error.
    const near = (value: number, wanted: number): number =>
      Math.abs(value - wanted) / Math.max(Math.abs(wanted), want('circleErr'));
    out.circle.push(near(circle.flux, want('circle')));
    out.circleErr.push(relative(withGain(circle, gain), want('circleErr')));
    const mapped = measureAperture(uneven, x, y, 5);
    out.circleErr.push(relative(withGain(mapped, gain), want('circleErrMap')));
    const ring = measureAperture(plain, x, y, 10).flux - measureAperture(plain, x, y, 6).flux;
    out.ring.push(near(ring, want('ring')));
    if (want('usable') === 0) continue;
    out.kron.push(Math.abs(measureKronRadius(plain, x, y, shape, 6) - want('kron')));
    const exact = measureEllipse(plain, x, y, shape, 2.5 * want('kron'), 0);
    out.auto.push(relative(exact.flux, want('auto')));
    if (want('autoTruncated') === 0) out.autoErr.push(relative(withGain(exact, gain), want('autoErr')));
    const sampled = measureEllipse(plain, x, y, shape, 2.5 * want('kron'), 5);
    out.sampled.push(near(sampled.flux, want('sampledAuto')));
    for (const [fraction, name] of [
      [0.5, 'half'],
      [0.2, 'fifth'],
    ] as const) {
      const radius = measureFluxRadius(plain, x, y, 6 * want('a'), want('auto'), fraction);
      out.radius.push(relative(radius, want(name)));
    }
    const windowed = centreWindow(plain, x, y, want('sigma'), undefined, Number.POSITIVE_INFINITY);
    // Centroids that have not settled when the rounds are up are anywhere on their way.
    if (want('winFlag') === 0 && windowed.isConverged) {
      out.windowed.push(Math.hypot(windowed.x - want('xwin'), windowed.y - want('ywin')));
    }
  }
  return [
    rowOfWorst('flux in circles, exact overlap', out.circle, 2e-4, 'relative'),
    rowOfWorst('its error, noise as number and map', out.circleErr, 1e-5, 'relative'),
    rowOfWorst('flux in rings, exact overlap', out.ring, 2e-4, 'relative'),
    rowOfWorst('kron_radius', out.kron, 0.01, 'rms axes'),
    rowOfWorst('flux_auto, exact overlap', out.auto, 5e-4, 'relative'),
    rowOfWorst('its error', out.autoErr, 1e-5, 'relative'),
    rowOfWorst('flux_auto, 5 x 5 samples', out.sampled, 5e-4, 'relative'),
    rowOfWorst('flux_radius 0.5, 0.2', out.radius, 0.04, 'relative'),
    rowOfWorst('windowed positions', out.windowed, 1.5e-3, 'px'),
  ];
}

function withGain(sum: { readonly flux: number; readonly fluxErr: number }, gain: number): number {
  return Math.sqrt(sum.fluxErr ** 2 + Math.max(0, sum.flux) / gain);
}

function relative(value: number, wanted: number): number {
  return value === wanted ? 0 : Math.abs(value / wanted - 1);
}
