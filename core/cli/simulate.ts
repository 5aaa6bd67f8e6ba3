import { createThreads } from '../app/compose-stages.ts';
import { pathsOfCheckout } from '../app/paths.ts';
import { writeSimulatedField } from '../app/write-simulated-field.ts';
import type { Difficulty } from '../domains/observations/index.ts';
import { AstridError } from '../utils/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';
import { parseNumber } from './parse-number.ts';
import { untilStopped } from './until-stopped.ts';

interface SimulateOptions {
  readonly out: string;
  readonly size: string;
  readonly stars?: string;
  readonly transients: string;
  readonly seed: string;
  readonly difficulty: string;
  readonly spikes?: string;
}

const DIFFICULTIES: readonly Difficulty[] = ['easy', 'survey', 'hard'];

/** Run `astrid simulate`. @throws observations/bad-simulation and what writing throws */
export async function runSimulate(options: SimulateOptions, out: Console): Promise<void> {
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
          sizePx: readNumber('size', options.size),
          transients: readNumber('transients', options.transients),
          seed: readNumber('seed', options.seed),
          difficulty,
          ...(options.spikes === undefined ? {} : { recipe: { spikes: readSpikes(options.spikes) } }),
          ...(options.stars === undefined ? {} : { stars: readNumber('stars', options.stars) }),
        },
        threads,
        { signal },
      );
      out.print(`${files.science}\n${files.template}\n${files.truth}  (${files.rows.length} changes)`);
    } finally {
      await threads.close();
    }
  });
}

function readNumber(name: string, text: string): number {
  const value = parseNumber(text);
  if (!Number.isNaN(value)) return value;
  throw new AstridError('observations/bad-simulation', `--${name} ${text} is not a number.`, {
    [name]: text,
  });
}

/** A cross of vanes that takes a part of the light. */
function readSpikes(text: string) {
  const lightFraction = readNumber('spikes', text);
  if (lightFraction > 0 && lightFraction <= 0.2) return { lightFraction, arms: 4, halfLengthPx: 15 };
  throw new AstridError(
    'observations/bad-simulation',
    `--spikes ${text}: choose a part of a star's light above 0 and up to 0.2; 0.01 is usual.`,
    { spikes: text },
  );
}

function isDifficulty(name: string): name is Difficulty {
  return (DIFFICULTIES as readonly string[]).includes(name);
}
