import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanCosmicRays, DEFAULT_COSMIC_RAYS } from '../../core/domains/preprocessing/clean-cosmic-rays.ts';
import { makePlane } from '../../core/kernels/index.ts';
import { checkFingerprint } from './compare.ts';
import { type ImageName, loadImage } from './images.ts';
import type { ParityCheck, ParityContext, ParityRow } from './model.ts';
import { rowOfRate, rowOfWorst } from './model.ts';

interface Golden {
  readonly tool: string;
  readonly images: Readonly<
    Partial<
      Record<
        ImageName,
        {
          readonly fingerprint: number;
          readonly gainEPerUnit: number;
          readonly readNoiseE: number;
          readonly saturationE: number;
          readonly runs: readonly {
            readonly separable: boolean;
            readonly rounds: number;
            readonly steps: readonly number[];
            readonly cleaned: readonly number[];
          }[];
        }
      >
    >
  >;
}

/** make-cosmic-rays.py keeps the cleaned value of every seventh hit. */
const CLEANED_STEP = 7;

function readGolden({ goldenDir }: ParityContext): Golden {
  return JSON.parse(readFileSync(join(goldenDir, 'cosmic-rays.json'), 'utf8')) as Golden;
}

function checkMasks(name: ImageName): ParityCheck {
  return {
    name: `cosmic rays, ${name}`,
    reference: (context) => readGolden(context).tool,
    live: {
      script: 'make-cosmic-rays.py',
      readsImages: true,
      writes: ['cosmic-rays.json'],
      modules: ['astroscrappy', 'astropy', 'numpy'],
      programs: [],
    },
    run: async (context) => {
      const wanted = readGolden(context).images[name];
      const raw = await loadImage(name);
      if (wanted === undefined || raw === undefined) return { skipped: `${name} is not at hand` };
      checkFingerprint(name, raw, wanted.fingerprint);
      const image = makePlane(raw.width, raw.height);
      for (let i = 0; i < image.data.length; i++) image.data[i] = raw.data[i]! * wanted.gainEPerUnit;
      const rows: ParityRow[] = [];
      const cleaned: number[] = [];
      for (const { separable, rounds, steps, cleaned: values } of wanted.runs) {
        const found = cleanCosmicRays(
          { image, readNoiseE: wanted.readNoiseE, saturationE: wanted.saturationE },
          { ...DEFAULT_COSMIC_RAYS, rounds, separableMedians: separable, searchEdges: false },
        );
        const theirs = new Uint8Array(found.hits.length);
        let at = 0;
        steps.forEach((step, k) => {
          at += step;
          theirs[at] = 1;
          if (k % CLEANED_STEP !== 0 || found.hits[at] === 0) return;
          const value = values[k / CLEANED_STEP]!;
          cleaned.push(Math.abs(found.image.data[at]! / value - 1));
        });
        let same = 0;
        let both = 0;
        let either = 0;
        for (let i = 0; i < theirs.length; i++) {
          if (theirs[i] === found.hits[i]) same++;
          if (theirs[i] !== 0 && found.hits[i] !== 0) both++;
          if (theirs[i] !== 0 || found.hits[i] !== 0) either++;
        }
        const how = `${separable ? 'separable' : 'square'} medians, ${rounds} round${rounds > 1 ? 's' : ''}`;
        rows.push(
          rowOfRate(`pixels judged alike, ${how}`, same, theirs.length, 0.995),
          // Nearly all pixels are sky: the hits themselves are the harder test.
          rowOfRate(`hits in common of all hits, ${how}`, both, either, 0.98),
        );
      }
      rows.push(rowOfWorst('cleaned values', cleaned, 1e-4, 'relative'));
      return rows;
    },
  };
}

export const COSMIC_RAY_CHECKS: readonly ParityCheck[] = (['gmos', 'bulge', 'survey', 'hard'] as const).map(
  checkMasks,
);
