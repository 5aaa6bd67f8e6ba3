import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  claimPixels,
  DEFAULT_BACKGROUND,
  DEFAULT_EXTRACTION,
  type ExtractedSource,
  extractSources,
  type Measurable,
  makeMeasurable,
  measureAperture,
  measureBackground,
  SourceFlag,
} from '../../core/domains/preprocessing/index.ts';
import { makePlane } from '../../core/kernels/index.ts';
import { checkFingerprint, matchNearest } from './compare.ts';
import { type ImageName, loadImage } from './images.ts';
import type { ParityCheck, ParityContext, ParityRow } from './model.ts';
import { percentile, rowOfRate, rowOfWorst } from './model.ts';

interface Positions {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

interface Golden {
  readonly tool: string;
  readonly images: Readonly<
    Partial<
      Record<
        ImageName,
        {
          readonly fingerprint: number;
          readonly threshold: number;
          readonly columns: Readonly<Record<string, readonly number[]>>;
          readonly cleaned: Positions;
          readonly uncleaned: Positions;
        }
      >
    >
  >;
}

function readGolden({ goldenDir }: ParityContext): Golden {
  return JSON.parse(readFileSync(join(goldenDir, 'source-extractor.json'), 'utf8')) as Golden;
}

/** Its own habits: one threshold for the field, plain convolution, pixels of an ellipse by their centres. */
const asSourceExtractor = {
  ...DEFAULT_EXTRACTION,
  filterMode: 'convolution',
  gainEPerUnit: 2,
  subpixels: 1,
  cleanBeta: 10,
} as const;

function checkCatalogue(name: ImageName): ParityCheck {
  return {
    name: `catalogue, ${name}`,
    reference: (context) => readGolden(context).tool,
    live: {
      script: 'make-source-extractor.py',
      readsImages: true,
      writes: ['source-extractor.json'],
      modules: ['astropy', 'numpy'],
      programs: ['source-extractor'],
    },
    run: async (context) => {
      const wanted = readGolden(context).images[name];
      const image = await loadImage(name);
      if (wanted === undefined || image === undefined) return { skipped: `${name} is not at hand` };
      checkFingerprint(name, image, wanted.fingerprint);
      const background = measureBackground(image, undefined, DEFAULT_BACKGROUND);
      const above = makePlane(image.width, image.height);
      for (let i = 0; i < above.data.length; i++) above.data[i] = image.data[i]! - background.level.data[i]!;
      const rms = background.medianRms;
      const found = extractSources({ image: above, rms }, asSourceExtractor);
      const withBeta = (cleanBeta: number): readonly ExtractedSource[] =>
        extractSources({ image: above, rms }, { ...asSourceExtractor, cleanBeta });
      const uncleaned = countCommon(wanted.uncleaned, withBeta(0));
      const cleaned = countCommon(wanted.cleaned, withBeta(1));
      const owned = makeMeasurable(above, rms ** 2, undefined, 0);
      found.forEach(({ isophote }, i) => {
        claimPixels(owned, isophote.pixels, i + 1);
      });
      return [
        rowOfWorst('detection threshold', [relative(1.5 * rms, wanted.threshold)], 1e-5, 'relative'),
        ...compareCatalogue(found, owned, wanted.columns),
        {
          quantity: 'objects missed or surplus before cleaning',
          n: uncleaned.of,
          tolerance: 0,
          judged: uncleaned.of - uncleaned.common,
          statistic: 'count',
          unit: 'objects',
        },
        // It weighs its smallest objects by another pixel than the fifth brightest, as SEP does.
        rowOfRate('the same objects after cleaning', cleaned.common, cleaned.of, 0.94),
      ];
    },
  };
}

export const SOURCE_EXTRACTOR_CHECKS: readonly ParityCheck[] = (
  ['classic', 'bulge', 'survey', 'hard'] as const
).map(checkCatalogue);

function countCommon(
  positions: Positions,
  sources: readonly ExtractedSource[],
): { readonly common: number; readonly of: number } {
  const pairs = matchNearest(
    positions,
    sources.map(({ isophote }) => isophote),
    0.01,
  );
  return {
    common: pairs.filter((at) => at !== undefined).length,
    of: Math.max(pairs.length, sources.length),
  };
}

function compareCatalogue(
  found: readonly ExtractedSource[],
  owned: Measurable,
  columns: Readonly<Record<string, readonly number[]>>,
): ParityRow[] {
  const mine = matchNearest(
    { x: columns.x!, y: columns.y! },
    found.map(({ isophote }) => isophote),
    0.1,
  );
  const matched = mine.flatMap((at, i) => (at === undefined ? [] : [{ i, source: found[at]!, own: at + 1 }]));
  const want = (name: string, i: number): number => columns[name]![i]!;
  const isWhole = (i: number): boolean => (want('flags', i) & 2) === 0;
  const whole = matched.filter(({ i }) => isWhole(i));
  // Alone: no blend near, whose wings are drawn by lot, and no border, beyond which nothing can stand in.
  const { width, height } = owned.image;
  const alone = whole.filter(({ source: { isophote }, own }) => {
    const reach = Math.ceil(7 * isophote.a);
    const x = Math.round(isophote.x);
    const y = Math.round(isophote.y);
    if (x < reach || y < reach || x + reach >= width || y + reach >= height) return false;
    for (let py = y - reach; py <= y + reach; py++) {
      for (let px = x - reach; px <= x + reach; px++) {
        const owner = owned.owners[py * width + px]!;
        if (owner > 0 && owner !== own && found[owner - 1]!.isophote.isDeblended) return false;
      }
    }
    return true;
  });
  const differences = (name: 'x' | 'y' | 'x2' | 'y2' | 'xy'): number[] =>
    (name === 'x' || name === 'y' ? matched : whole).map(({ i, source }) =>
      Math.abs(source.isophote[name] - want(name, i)),
    );
  // We keep the isophote's position where the windowed one walks away, and no window wider than a few rms axes.
  const settled = alone.filter(
    ({ source: { isophote, xPx, halfLightRadiusPx } }) =>
      xPx !== isophote.x && (2 * halfLightRadiusPx) / 2.35 < 2 * isophote.a,
  );
  return [
    rowOfWorst('X_IMAGE, Y_IMAGE less one', [...differences('x'), ...differences('y')], 1e-3, 'px'),
    rowOfWorst(
      'X2_IMAGE, Y2_IMAGE, XY_IMAGE',
      [...differences('x2'), ...differences('y2'), ...differences('xy')],
      1e-4,
      'px^2',
    ),
    rowOfMost(
      'FLUX_APER (its 5 x 5 samples, our exact areas)',
      alone.map(({ i, source: { isophote }, own }) => {
        const { flux } = measureAperture(owned, isophote.x, isophote.y, 5, own);
        return (
          Math.abs(flux - want('circle', i)) / Math.max(Math.abs(want('circle', i)), want('circleErr', i))
        );
      }),
      0.01,
      'relative',
    ),
    rowOfMost(
      'KRON_RADIUS',
      alone.map(({ i, source }) => Math.abs(source.apertureRadius - want('kron', i))),
      0.01,
      'rms axes',
    ),
    rowOfMost(
      'FLUX_AUTO',
      alone.map(
        ({ i, source }) =>
          Math.abs(source.fluxE - want('auto', i)) / Math.max(want('auto', i), want('autoErr', i)),
      ),
      5e-4,
      'relative',
    ),
    rowOfMost(
      'FLUXERR_AUTO',
      alone.map(({ i, source }) => relative(source.fluxErrE, want('autoErr', i))),
      1e-3,
      'relative',
    ),
    rowOfMost(
      'FLUX_RADIUS',
      alone.map(({ i, source }) => relative(source.halfLightRadiusPx, want('half', i))),
      0.04,
      'relative',
    ),
    rowOfMost(
      'XWIN_IMAGE, YWIN_IMAGE less one',
      settled.map(({ i, source }) => Math.hypot(source.xPx - want('xwin', i), source.yPx - want('ywin', i))),
      1.5e-3,
      'px',
    ),
    rowOfRate(
      'FLAGS 1, 2 and 8: neighbours, blended, truncated',
      alone.filter(
        ({ i, source }) =>
          (source.flags & (SourceFlag.NEIGHBOURS | SourceFlag.DEBLENDED | SourceFlag.TRUNCATED)) ===
          (want('flags', i) & 11),
      ).length,
      alone.length,
      0.97,
    ),
  ];
}

/**
 * A row judged by all but a tenth: in a few ellipses its box, rounded to whole pixels, cuts off the outermost row,
 * and cleaning hands pixels of one object to another.
 */
function rowOfMost(
  quantity: string,
  deviations: readonly number[],
  tolerance: number,
  unit: string,
): ParityRow {
  const row = rowOfWorst(quantity, deviations, tolerance, unit);
  return {
    ...row,
    judged: percentile(deviations, 90),
    typical: percentile(deviations, 50),
    statistic: '90 %',
  };
}

function relative(value: number, wanted: number): number {
  return value === wanted ? 0 : Math.abs(value / wanted - 1);
}
