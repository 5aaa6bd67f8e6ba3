import type { Command } from 'commander';
import type { Console } from './console.ts';
import { SERVED, WORKSPACE } from './workspace-option.ts';

/** Add what people call sky objects. */
export function addObjectCommands(program: Command, makeConsole: () => Console): void {
  const objects = program
    .command('objects')
    .description('What people call sky objects; “astrid export objects” writes all there are as a table.');
  objects
    .command('list', { isDefault: true })
    .description('List the objects that people gave a name; what `astrid objects` alone does.')
    .option(...SERVED)
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./objects.ts')).runObjectsList(options, makeConsole()));
  objects
    .command('name')
    .alias('rename')
    .description('Call an object by a name of its own; everybody who shares the project is told.')
    .argument('<object>', 'its designation (J224652.45-574407.9), its id, what it is called, or RA,DEC')
    .argument('[name]', 'what to call it, up to 100 characters')
    .option('--take-away', 'call it after its place again')
    .option(...SERVED)
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (object: string, name: string | undefined, options) =>
      (await import('./objects.ts')).runObjectsName(object, name, options, makeConsole()),
    );
}
