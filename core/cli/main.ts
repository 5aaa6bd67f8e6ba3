import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addCommands } from './commands.ts';
import { createConsole } from './console.ts';
import { ExitCode, reportFailure } from './exit.ts';

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

addCommands(program, makeConsole);
for (const command of program.commands) {
  for (const leaf of command.commands.length > 0 ? command.commands : [command]) {
    leaf.option('-q, --quiet', 'print results and errors only', () => program.setOptionValue('quiet', true));
  }
}

// The launcher was killed: without it this program would hold the workspace with nobody to stop it.
process.on('disconnect', () => process.exit(ExitCode.stopped));
process.channel?.unref();
// Killed while this program was being loaded, it was gone before anything listened.
if (process.connected === false) process.exit(ExitCode.stopped);

// `astrid extract FILE --csv | head` is no failure: who reads has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(ExitCode.done);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  } else {
    process.exitCode = reportFailure(error, (text) => process.stderr.write(text));
  }
}
