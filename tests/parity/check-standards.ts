import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFits } from '../../core/adapters/imaging/index.ts';
import { runZogy } from '../../core/domains/differencing/zogy/run-zogy.ts';
import { type Header, parseWcs, pixelsToSky, skyToPixels } from '../../core/domains/observations/index.ts';
import { makePlane, type Plane } from '../../core/kernels/index.ts';
import { computeZscale } from '../../renderer/viewer/compute-zscale.ts';
import { makeZscaleImage, type ZscaleCase } from '../golden/zscale-image.ts';
import type { ParityCheck, ParityContext } from './model.ts';
import { rowOfRate, rowOfWorst } from './model.ts';

function readJson<T>({ goldenDir }: ParityContext, name: string): T {
  return JSON.parse(readFileSync(join(goldenDir, name), 'utf8')) as T;
}

type GoldenNumber = number | string | null;

interface FitsGolden {
  readonly madeBy: string;
  readonly made: Readonly<Record<string, FitsRecord>>;
  readonly shared: Readonly<Record<string, FitsRecord>>;
}

interface FitsRecord {
  readonly hdus?: readonly {
    readonly image?: {
      readonly finite: number;
      readonly nan: number;
      readonly sum: GoldenNumber;
      readonly weighted: GoldenNumber;
      readonly samples: readonly (readonly [number, GoldenNumber])[];
    };
  }[];
}

/** Pixels of every storage and compression against astropy's. */
const checkFits: ParityCheck = {
  name: 'FITS pixels',
  live: {
    script: 'make-fits.py',
    readsImages: false,
    writes: ['fits.json', 'fits'],
    modules: ['astropy', 'numpy'],
    programs: [],
  },
  reference: (context) => readJson<FitsGolden>(context, 'fits.json').madeBy.replace(/^.* with /, ''),
  run: async (context) => {
    const golden = readJson<FitsGolden>(context, 'fits.json');
    const samples: number[] = [];
    const sums: number[] = [];
    let counted = 0;
    let images = 0;
    for (const [folder, files] of [
      [join(context.goldenDir, 'fits'), golden.made],
      ['../shared/data', golden.shared],
    ] as const) {
      for (const [name, record] of Object.entries(files)) {
        const path = `${folder}/${name}`;
        if (record.hdus === undefined || !existsSync(path)) continue;
        const file = await openFits(path);
        try {
          for (const [index, { image }] of record.hdus.entries()) {
            if (image === undefined) continue;
            const { data } = await file.readImageExact(index);
            let finite = 0;
            let nan = 0;
            let sum = 0;
            let weighted = 0;
            let magnitude = 0;
            for (let i = 0; i < data.length; i++) {
              const value = Number(data[i]);
              if (Number.isNaN(value)) nan++;
              if (!Number.isFinite(value)) continue;
              finite++;
              sum += value;
              magnitude += Math.abs(value);
              weighted += value * ((i % 97) + 1);
            }
            images++;
            if (finite === image.finite && nan === image.nan) counted++;
            for (const [at, wanted] of image.samples)
              samples.push(differ(Number(data[at]), asNumber(wanted)));
            if (finite === 0 || !Number.isFinite(asNumber(image.sum))) continue;
            sums.push(Math.abs(sum - asNumber(image.sum)) / magnitude || 0);
            sums.push(Math.abs(weighted - asNumber(image.weighted)) / (97 * magnitude) || 0);
          }
        } finally {
          await file.close();
        }
      }
    }
    return [
      // astropy makes single-precision numbers of scaled short integers in two rounded steps.
      rowOfWorst('sampled pixels, every storage and compression', samples, 2e-7, 'relative'),
      rowOfWorst('sums over the images', sums, 2e-7, 'relative'),
      rowOfRate('images with as many finite and blank pixels', counted, images, 1),
    ];
  },
};

function asNumber(value: GoldenNumber): number {
  if (value === 'nan') return Number.NaN;
  if (value === 'inf') return Number.POSITIVE_INFINITY;
  if (value === '-inf') return Number.NEGATIVE_INFINITY;
  return Number(value);
}

/** Relative difference; two that are not numbers, or the same infinity, are equal. */
function differ(value: number, wanted: number): number {
  if (Object.is(value, wanted) || value === wanted) return 0;
  return Math.abs(value - wanted) / Math.abs(wanted);
}

interface WcsCase {
  readonly name: string;
  readonly cards: readonly (readonly [string, string | number | boolean])[];
  readonly pixels: readonly (readonly [number, number])[];
  readonly sky: readonly (readonly [number, number])[];
}

interface WcsGolden {
  readonly tool: string;
  readonly real: readonly WcsCase[];
  readonly synthetic: readonly WcsCase[];
}

/** Every projection and distortion against wcslib. */
const checkWcs: ParityCheck = {
  name: 'sky coordinates',
  live: {
    script: 'make-wcs.py',
    readsImages: false,
    args: ['../shared/data'],
    writes: ['wcs.json'],
    modules: ['astropy', 'erfa', 'numpy'],
    programs: [],
  },
  reference: (context) => readJson<WcsGolden>(context, 'wcs.json').tool,
  run: async (context) => {
    const golden = readJson<WcsGolden>(context, 'wcs.json');
    const plain: number[] = [];
    const fk4: number[] = [];
    const returns: number[] = [];
    for (const one of [...golden.real, ...golden.synthetic]) {
      const header: Header = one.cards.map(([keyword, value]) => ({ keyword, value }));
      const wcs = parseWcs(header);
      const x = Float64Array.from(one.pixels, ([px]) => px);
      const y = Float64Array.from(one.pixels, ([, py]) => py);
      if (wcs === undefined) {
        plain.push(...one.pixels.map(() => Number.NaN));
        continue;
      }
      const sky = pixelsToSky(wcs, x, y);
      const back = skyToPixels(wcs, sky.raDeg, sky.decDeg);
      const isFk4 = one.cards.some(([keyword, value]) => /^(EQUINOX|EPOCH)$/.test(keyword) && value === 1950);
      for (const [i, [ra, dec]] of one.sky.entries()) {
        const turn = ((sky.raDeg[i]! - ra + 540) % 360) - 180;
        const distance = Math.hypot(turn * Math.cos((dec * Math.PI) / 180), sky.decDeg[i]! - dec);
        (isFk4 ? fk4 : plain).push(distance);
        returns.push(Math.hypot(back.xPx[i]! - x[i]!, back.yPx[i]! - y[i]!));
      }
    }
    return [
      rowOfWorst(`${golden.real.length + golden.synthetic.length} headers, on the sky`, plain, 1e-9, 'deg'),
      // astropy composes B1950 from rounded constants in several steps.
      rowOfWorst('the same in FK4', fk4, 1e-8, 'deg'),
      rowOfWorst('to the sky and back', returns, 1e-6, 'px'),
    ];
  },
};

interface ZogyGolden {
  readonly madeBy: string;
  readonly size: number;
  readonly planes: readonly string[];
  readonly stampSize: number;
  readonly stamps: readonly string[];
  readonly scienceSigma: number;
  readonly templateSigma: number;
  readonly fluxScale: number;
}

/** Image subtraction against the paper's equations in double precision. */
const checkZogy: ParityCheck = {
  name: 'ZOGY',
  live: {
    script: 'make-zogy.py',
    readsImages: false,
    writes: ['zogy.json', 'zogy.bin'],
    modules: ['numpy'],
    programs: [],
  },
  reference: (context) => readJson<ZogyGolden>(context, 'zogy.json').madeBy.replace(/, tests.*/, ''),
  run: async (context) => {
    const facts = readJson<ZogyGolden>(context, 'zogy.json');
    const planes = readPlanes(join(context.goldenDir, 'zogy.bin'), facts);
    const { science, template, scienceVariance, templateVariance, sciencePsf, templatePsf } =
      planes as Record<
        'science' | 'template' | 'scienceVariance' | 'templateVariance' | 'sciencePsf' | 'templatePsf',
        Plane
      >;
    const output = runZogy({
      science,
      template,
      scienceVariance,
      templateVariance,
      sciencePsf,
      templatePsf,
      scienceSigma: facts.scienceSigma,
      templateSigma: facts.templateSigma,
      shiftX: 0,
      shiftY: 0,
    });
    const score: number[] = [];
    const flux: number[] = [];
    const significant: number[] = [];
    planes.score!.data.forEach((wanted, k) => {
      if (Math.abs(wanted) <= 3) return;
      const difference = planes.difference!.data[k]!;
      const scale = Math.max(Math.abs(difference), Math.sqrt(output.variance.data[k]!));
      significant.push(Math.abs(output.difference.data[k]! - difference) / scale);
      const matched = output.scoreScience.data[k]! - output.scoreTemplate.data[k]!;
      score.push(differ(matched / Math.sqrt(output.scoreVariance.data[k]!), wanted));
      flux.push(differ(matched / output.filters.fluxScale, planes.flux!.data[k]!));
    });
    const sigma = Math.hypot(facts.scienceSigma, facts.templateSigma);
    const apart = (reference: Plane) =>
      Array.from(reference.data, (wanted, k) => Math.abs(output.difference.data[k]! - wanted) / sigma);
    const fromPaper = apart(planes.differenceOfPaper!);
    return [
      rowOfWorst('S_corr where above 3 sigma', score, 1e-3, 'relative'),
      rowOfWorst('flux where above 3 sigma', flux, 1e-3, 'relative'),
      rowOfWorst('D where above 3 sigma, of itself or its noise', significant, 1e-3, 'relative'),
      rowOfWorst('D everywhere', apart(planes.difference!), 5e-3, 'sigma'),
      // Where both PSFs vanish the paper divides zero by zero; D is led to a plain sum there, on purpose.
      rowOfWorst(
        'D from that of the paper, rms: other where both PSFs vanish',
        [Math.sqrt(fromPaper.reduce((sum, value) => sum + value * value, 0) / fromPaper.length)],
        0.02,
        'sigma',
      ),
      rowOfWorst('flux scale F_S', [differ(output.filters.fluxScale, facts.fluxScale)], 1e-4, 'relative'),
    ];
  },
};

function readPlanes(path: string, facts: ZogyGolden): Readonly<Record<string, Plane>> {
  const bytes = readFileSync(path);
  const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const planes: Record<string, Plane> = {};
  let at = 0;
  for (const [names, size] of [
    [facts.planes, facts.size],
    [facts.stamps, facts.stampSize],
  ] as const) {
    for (const name of names) {
      const plane = makePlane(size, size);
      plane.data.set(floats.subarray(at, at + size * size));
      planes[name] = plane;
      at += size * size;
    }
  }
  return planes;
}

/** Limits of display against DS9's rules. */
const checkZscale: ParityCheck = {
  name: 'zscale',
  live: {
    script: 'make-zscale.py',
    readsImages: false,
    writes: ['zscale.json'],
    modules: ['astropy', 'numpy'],
    programs: [],
  },
  reference: (context) => readJson<{ readonly tool: string }>(context, 'zscale.json').tool,
  run: async (context) => {
    const { cases } = readJson<{ readonly cases: readonly ZscaleCase[] }>(context, 'zscale.json');
    const deviations = cases.flatMap((one) => {
      const limits = computeZscale(makeZscaleImage(one), one.width, one.height);
      const range = one.hi - one.lo;
      if (limits === undefined) return [Number.NaN];
      return [Math.abs(limits.lo - one.lo) / range, Math.abs(limits.hi - one.hi) / range];
    });
    return [rowOfWorst('limits, as a fraction of their range', deviations, 1e-3, 'fraction')];
  },
};

export const STANDARD_CHECKS: readonly ParityCheck[] = [checkFits, checkWcs, checkZogy, checkZscale];
