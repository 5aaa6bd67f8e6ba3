import type { Command } from 'commander';
import type { Console } from './console.ts';

/** Register the commands that speak with DVC and MLflow. */
export function addTrainingCommands(program: Command, makeConsole: () => Console): void {
  program
    .command('dataset')
    .description('Look at training sets that “astrid export dataset --dvc” wrote, or that came from others.')
    .command('verify')
    .description('Read a training set of a DVC project through, check every file, and count what it teaches.')
    .argument('<file>', 'its .dvc file')
    .option('--json', 'print one JSON document')
    .action(async (file: string, options) =>
      (await import('./data-set.ts')).runDataSetVerify(file, options, makeConsole()),
    );

  const models = program
    .command('models')
    .description('Take score models to other programs, and read what those kept of theirs.');
  models
    .command('runs')
    .description('Read runs of MLflow back: parameters, measurements, tags, and where their artifacts are.')
    .argument('[run]', 'the id of one, its beginning, or its name (default: all, in a line each)')
    .requiredOption('--mlflow <folder>', 'the folder that MLflow keeps its runs in: mlruns')
    .option('--json', 'print one JSON document')
    .action(async (run: string | undefined, options) =>
      (await import('./models.ts')).runModelsRuns(run, options, makeConsole()),
    );
  models
    .command('export')
    .description(
      'Write a model as a run of MLflow: parameters, measurements, card, and the network to serve.',
    )
    .argument('[version]', 'the newest by default')
    .requiredOption('--mlflow <folder>', 'the folder that MLflow keeps its runs in: mlruns')
    .option('--name <name>', 'which model', 'real-bogus')
    .option('--json', 'print one JSON document')
    .action(async (version: string | undefined, options) =>
      (await import('./models.ts')).runModelsExport(version, options, makeConsole()),
    );
}
