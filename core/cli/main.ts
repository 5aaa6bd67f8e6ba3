import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { createConsole } from './console.ts';
import { addDemo } from './demo.ts';
import { addDifference } from './difference.ts';
import { addDoctor } from './doctor.ts';
import { ExitCode, reportFailure } from './exit.ts';
import { addExtract } from './extract.ts';
import { addFits } from './fits.ts';
import { addOpen } from './open.ts';
import { addProcess } from './process.ts';
import { addServe } from './serve.ts';
import { addSimulate } from './simulate.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('astrid')
  .description('AstrID, an observatory workstation: find what changed in the sky.')
  .version(version)
  .option('-q, --quiet', 'print results and errors only')
  .showHelpAfterError('(--help shows what there is)')
  .exitOverride();

const makeConsole = () => createConsole({ quiet: program.opts<{ quiet?: boolean }>().quiet === true });

for (const add of [
  addOpen,
  addProcess,
  addDifference,
  addExtract,
  addSimulate,
  addFits,
  addServe,
  addDemo,
  addDoctor,
]) {
  add(program, makeConsole);
}
for (const command of program.commands) {
  for (const leaf of command.commands.length > 0 ? command.commands : [command]) {
    leaf.option('-q, --quiet', 'print results and errors only', () => program.setOptionValue('quiet', true));
  }
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  } else {
    process.exitCode = reportFailure(error, (text) => process.stderr.write(text));
  }
}
