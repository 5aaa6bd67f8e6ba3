import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareWithSwarp, type SwarpGolden } from '../golden/swarp-scene.ts';
import type { ParityCheck, ParityContext, ParityRow } from './model.ts';
import { rowOfWorst } from './model.ts';

function readGolden({ goldenDir }: ParityContext): SwarpGolden {
  return JSON.parse(readFileSync(join(goldenDir, 'swarp.json'), 'utf8')) as SwarpGolden;
}

/** Lanczos-3 onto another grid, with the textbook weights that SWarp uses and with our own. */
export const SWARP_CHECKS: readonly ParityCheck[] = [
  {
    name: 'resampling, Lanczos-3',
    reference: (context) => readGolden(context).tool,
    live: {
      script: 'make-swarp.py',
      readsImages: false,
      writes: ['swarp.json'],
      modules: ['astropy', 'numpy'],
      programs: ['SWarp'],
    },
    run: async (context) => {
      const golden = readGolden(context);
      return golden.cases.flatMap((wanted): ParityRow[] => {
        const plain = compareWithSwarp(golden, wanted, 'plain');
        const own = compareWithSwarp(golden, wanted, 'cubic');
        return [
          rowOfWorst(`star flux, ${wanted.name}`, plain.fluxes, 1e-3, "of a star's flux"),
          rowOfWorst(`pixels of stars, ${wanted.name}`, plain.pixels, 1e-3, "of a star's flux"),
          rowOfWorst(`star flux with our weights, ${wanted.name}`, own.fluxes, 1e-3, "of a star's flux"),
          rowOfWorst(`and the truth, ${wanted.name}`, own.fromTruth, 1e-3, "of a star's flux"),
        ];
      });
    },
  },
];
