import type { Command } from 'commander';
import { createThreads, pathsOfCheckout, writeSimulatedField } from '../app/index.ts';
import type { Difficulty } from '../domains/observations/index.ts';
import { AstridError } from '../utils/index.ts';
import type { Console } from './console.ts';
import { CHECKOUT, untilStopped } from './with-app.ts';

interface SimulateOptions {
  readonly out: string;
  readonly size: string;
  readonly stars?: string;
  readonly transients?: string;
  readonly seed: string;
  readonly difficulty: string;
}

const DIFFICULTIES: readonly Difficulty[] = ['easy', 'survey', 'hard'];

/** Add `astrid simulate`. */
export function addSimulate(program: Command, makeConsole: () => Console): void {
  program
    .command('simulate')
    .description('Write a simulated pair of images of which everything is known: science.fits, template.fits, truth.csv.')
    .requiredOption('--out <folder>', 'where to write')
    .option('--size <px>', 'side of both images', '2048')
    .option('--stars <n>', 'stars in the field (default: from the difficulty)')
    .option('--transients <n>', 'injected changes of all kinds')
    .option('--seed <n>', 'the same seed gives the same pixels', '1')
    .option('--difficulty <name>', 'easy, survey or hard', 'survey')
    .action(async (options: SimulateOptions) => {
      const out = makeConsole();
      const { difficulty } = options;
      if (!isDifficulty(difficulty)) {
        throw new AstridError(
          'observations/bad-simulation',
          `--difficulty ${difficulty} is not known; choose ${DIFFICULTIES.join(', ')}.`,
          { difficulty },
        );
      }
      await untilStopped(out, async (signal) => {
        const threads = createThreads(pathsOfCheckout(CHECKOUT));
        try {
          out.status('simulating');
          const files = await writeSimulatedField(
            options.out,
            {
              sizePx: Number(options.size),
              seed: Number(options.seed),
              difficulty,
              ...(options.stars === undefined ? {} : { stars: Number(options.stars) }),
              ...(options.transients === undefined ? {} : { transients: Number(options.transients) }),
            },
            threads,
            { signal },
          );
          out.print(`${files.science}\n${files.template}\n${files.truth}  (${files.rows.length} changes)`);
        } finally {
          await threads.close();
        }
      });
    });
}

function isDifficulty(name: string): name is Difficulty {
  return (DIFFICULTIES as readonly string[]).includes(name);
}
