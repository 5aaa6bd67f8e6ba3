import type { Command } from 'commander';
import { addAccessCommands } from './access-commands.ts';
import type { Console } from './console.ts';
import { addObjectCommands } from './object-commands.ts';
import { addSyncCommands } from './sync-commands.ts';
import { addTrainingCommands } from './training-commands.ts';
import { WORKSPACE } from './workspace-option.ts';

const IMAGE = 'a FITS file; `file[2]` or `file[SCI]` names one HDU of it';
const PAIR = [
  ['--science <file>', `the new image: ${IMAGE}`],
  ['--template <file>', 'the image to compare with, named alike'],
] as const;
const CONFIG = ['--config <file>', 'JSON with the settings to change'] as const;
const BANDS = ['--allow-band-mismatch', 'go on although the two were taken in different bands'] as const;

/**
 * Add everything that `astrid` can do, with its options: what `--help` shows.
 *
 * The work of a command is imported when it is asked for, so that help and mistakes answer at once.
 */
export function addCommands(program: Command, makeConsole: () => Console): void {
  program
    .command('open')
    .description('Open the workstation: in its own window, or in the browser where there can be none.')
    .option(...WORKSPACE)
    .action(async (options) => (await import('./open.ts')).runOpen(options, makeConsole()));

  program
    .command('process')
    .description('Run the whole line on a pair of FITS files and print the ranked candidates.')
    .option(...PAIR[0])
    .option(...PAIR[1])
    .option(CONFIG[0], `${CONFIG[1]}; --print-config shows them all`)
    .option('--bias <file>', 'master bias to subtract from both')
    .option('--dark <file>', 'master dark to subtract from both, scaled by exposure time')
    .option('--flat <file>', 'master flat to divide both by')
    .option('--method <name>', 'zogy, alard-lupton, delta-basis or auto (default: of the settings, zogy)')
    .option(...BANDS)
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document on stdout, and nothing else there')
    .option('--print-config', 'print every setting as JSON, those of --config included, and end')
    .action(async (options, command: Command) => {
      if (options.printConfig === true) {
        (await import('./print-config.ts')).runPrintConfig(options, makeConsole());
        return;
      }
      // Not `requiredOption`: --print-config needs neither.
      for (const name of ['science', 'template']) {
        if (options[name] === undefined)
          command.error(`error: required option '--${name} <file>' not specified`);
      }
      await (await import('./process.ts')).runProcess(options, makeConsole());
    });

  program
    .command('difference')
    .description('Subtract a template and write difference, variance, mask, score image and PSF as FITS.')
    .requiredOption(...PAIR[0])
    .requiredOption(...PAIR[1])
    .requiredOption('--out <folder>', 'where to write')
    .option('--method <name>', 'zogy, alard-lupton, delta-basis or auto', 'zogy')
    .option(...CONFIG)
    .option(...BANDS)
    .action(async (options) => (await import('./difference.ts')).runDifference(options, makeConsole()));

  program
    .command('inject')
    .description(
      'Inject stars into the science image, detect them as the line does, and print what is found and what is not.',
    )
    .requiredOption(...PAIR[0])
    .requiredOption(...PAIR[1])
    .option('--count <n>', 'stars to inject', '200')
    .option('--seed <n>', 'the same seed gives the same stars', '1')
    .option('--hosted-fraction <part>', 'part of them on extended sources, 0 to 1', '0.3')
    .option('--sign <name>', 'positive, negative (stars that faded) or both', 'positive')
    .option('--method <name>', 'zogy, alard-lupton, delta-basis or auto', 'zogy')
    .option('--out <folder>', 'write the injected images and truth.csv there')
    .option(...CONFIG)
    .option(...BANDS)
    .option('--json', 'print one JSON document on stdout, every star in it')
    .action(async (options) => (await import('./inject.ts')).runInject(options, makeConsole()));

  program
    .command('coadd')
    .description(
      'Combine exposures of one field into a deeper one, on the grid of the first, and write it as FITS.',
    )
    .argument('<files...>', `exposures: each ${IMAGE}`)
    .requiredOption('--out <file>', 'where to write: the image, variance, mask, coverage and PSF')
    .option(
      '--method <name>',
      'clipped (outliers left out), weighted, or proper (keeps what the sharpest exposures know)',
      'clipped',
    )
    .option('--reference <file>', 'the exposure whose grid and fluxes the coadd has (default: the first)')
    .option('--clip-sigma <sigma>', 'from where a pixel that only one exposure shows is left out', '4')
    .option(...CONFIG)
    .action(async (files: string[], options) =>
      (await import('./coadd.ts')).runCoadd(files, options, makeConsole()),
    );

  program
    .command('extract')
    .description(
      'Measure the sky and every source of one image: windowed positions, Kron, aperture and PSF flux.',
    )
    .argument('<file>', IMAGE)
    .option('--threshold <sigma>', 'faintest pixel of a source, in sigma of the sky', '1.5')
    .option('--json', 'print the catalogue as one JSON document')
    .option('--csv', 'print the catalogue as CSV')
    .option('--out <file>', 'write the catalogue as a FITS table')
    .action(async (file: string, options) =>
      (await import('./extract.ts')).runExtract(file, options, makeConsole()),
    );

  program
    .command('lightcurve')
    .description(
      'Measure the brightness at given places in any number of epochs, detected or not: forced PSF photometry.',
    )
    .requiredOption('--science <files...>', `the epochs, one file each: ${IMAGE}`)
    .requiredOption(PAIR[1][0], 'what they are compared with; places and fluxes are on its scale')
    .option('--at <ra,dec...>', 'places on the sky: degrees, or 18:15:29,-25:17:06')
    .option('--at-pixel <x,y...>', 'places in zero-based pixels of the template')
    .option('--positions <file>', 'CSV of places: raDeg and decDeg, or xPx and yPx; and name')
    .option(
      '--method <name>',
      'zogy, alard-lupton, delta-basis or auto: the template plus its difference; direct: the images as they are',
      'zogy',
    )
    .option('--local-background', 'fit a constant level with each flux')
    .option('--recentre', 'move each place to the mean of its detections in all epochs before it is measured')
    .option('--limits', 'inject stars into every epoch, so that each point has the limit its own image shows')
    .option(...CONFIG)
    .option(...BANDS)
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document on stdout')
    .option('--csv', 'print the points as CSV')
    .option('--out <file>', 'write the points as a FITS table')
    .option('--plot <file>', 'draw the curves as PNG')
    .action(async (options) => (await import('./lightcurve.ts')).runLightCurve(options, makeConsole()));

  program
    .command('simulate')
    .description(
      'Write a simulated pair of images of which everything is known: science.fits, template.fits, truth.csv.',
    )
    .requiredOption('--out <folder>', 'where to write')
    .option('--size <px>', 'side of both images', '2048')
    .option('--stars <n>', 'stars in the field (default: from the difficulty)')
    .option('--transients <n>', 'injected changes of all kinds', '60')
    .option('--seed <n>', 'the same seed gives the same pixels', '1')
    .option('--difficulty <name>', 'easy, survey or hard', 'survey')
    .option('--spikes <part>', "draw diffraction spikes with this part of a star's light, 0.01 for example")
    .action(async (options) => (await import('./simulate.ts')).runSimulate(options, makeConsole()));

  const fits = program.command('fits').description('Look into FITS files.');
  fits
    .command('info')
    .description(
      'List HDUs, shapes, the cards that matter and the coordinates; all cards of one HDU with --hdu.',
    )
    .argument('<file>', 'a FITS file, gzipped or not')
    .option('--hdu <number or name>', 'show every card of this HDU: 0 is the primary; NAME or NAME,VERSION')
    .option('--json', 'print one JSON document on stdout')
    .action(async (file: string, options) =>
      (await import('./fits-info.ts')).runFitsInfo(file, options, makeConsole()),
    );
  fits
    .command('verify')
    .description(
      'Check structure, every card, checksums and padding; say what is wrong and where. Errors exit with 3.',
    )
    .argument('<file>', 'a FITS file, gzipped or not')
    .action(async (file: string) => (await import('./fits-verify.ts')).runFitsVerify(file, makeConsole()));

  const catalog = program
    .command('catalog')
    .alias('catalogue')
    .description('Keep stars of reference catalogues on this machine: for coordinates and magnitudes.');
  catalog
    .command('import')
    .description('Add a downloaded table of stars: CSV, TSV, VOTable or FITS of Gaia, Pan-STARRS or another.')
    .argument('<files...>', 'tables of one catalogue')
    .option(
      '--name <name>',
      'name of the catalogue (default: gaia or panstarrs by its columns, else the file)',
    )
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document a file')
    .action(async (files: string[], options) =>
      (await import('./catalog.ts')).runCatalogImport(files, options, makeConsole()),
    );
  catalog
    .command('fetch')
    .description('Add the stars around a place from VizieR, or the Gaia archive, over the network.')
    .argument('<ra,dec>', 'degrees or hh:mm:ss,dd:mm:ss')
    .option('--radius <deg>', 'radius of the circle', '0.5')
    .option('--from <name>', 'gaia or panstarrs', 'gaia')
    .option('--name <name>', 'name of the catalogue (default: as --from)')
    .option(...WORKSPACE)
    .action(async (place: string, options) =>
      (await import('./catalog.ts')).runCatalogFetch(place, options, makeConsole()),
    );
  catalog
    .command('index')
    .description('Make the index by which "astrid solve --blind" finds images anywhere on the imported sky.')
    .argument('<name>', 'a catalogue that "astrid catalog info" lists')
    .option(...WORKSPACE)
    .action(async (name: string, options) =>
      (await import('./catalog.ts')).runCatalogIndex(name, options, makeConsole()),
    );
  catalog
    .command('info')
    .description('List the catalogues that are here: stars, sky covered, epoch, bands.')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./catalog.ts')).runCatalogInfo(options, makeConsole()));

  const labels = program
    .command('labels')
    .description('Take labels out of a workspace and merge them into another.');
  labels
    .command('export')
    .description('Write everything people said of candidates as JSON lines.')
    .argument('[file]', 'where to write (default: stdout)')
    .option(...WORKSPACE)
    .action(async (file: string | undefined, options) =>
      (await import('./labels.ts')).runLabelsExport(file, options, makeConsole()),
    );
  labels
    .command('import')
    .description('Merge exported labels into a workspace: nothing is lost, nothing doubled, in any order.')
    .argument('<files...>', 'what "astrid labels export" wrote')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document a file')
    .action(async (files: string[], options) =>
      (await import('./labels.ts')).runLabelsImport(files, options, makeConsole()),
    );

  program
    .command('solve')
    .description('Find where on the sky an image lies, from the stars of an imported catalogue.')
    .argument('<file>', IMAGE)
    .option('--hint <ra,dec>', 'where it points, degrees or hh:mm:ss,dd:mm:ss (default: from the header)')
    .option('--radius <arcmin>', 'how far off that may be', '6')
    .option('--scale <low,high>', 'size of a pixel, arcsec (default: from the header, 25 % either way)')
    .option('--catalog <name>', 'the catalogue to use (default: the best that covers the field)')
    .option(
      '--blind',
      'search all the imported sky; where nothing is found, try solve-field if it is installed',
    )
    .option('--out <file>', 'write the image with its coordinates as FITS')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (file: string, options) =>
      (await import('./solve.ts')).runSolve(file, options, makeConsole()),
    );

  program
    .command('zeropoint')
    .description('Measure the magnitude of 1 e-/s of an image against an imported catalogue.')
    .argument('<file>', IMAGE)
    .option('--band <name>', 'the band of the image: g, r, i, V ... (default: from the header)')
    .option('--catalog <name>', 'the catalogue to use (default: the best that covers the field)')
    .option(...WORKSPACE)
    .option('--json', 'print one JSON document')
    .action(async (file: string, options) =>
      (await import('./zeropoint.ts')).runZeropoint(file, options, makeConsole()),
    );

  program
    .command('export')
    .description(
      'Write candidates, detections, sky objects or labels as a table for other programs, or what people taught as a data set.',
    )
    .argument('<table>', 'candidates, detections, objects, labels, or dataset')
    .option('--dvc', 'of the data set: a project that DVC 3 reads, in the folder --out')
    .option('--format <name>', 'csv, votable, fits, parquet or ds9 (regions)', 'csv')
    .option('--out <file>', 'where to write (default: stdout)')
    .option('--min-score <score>', 'only those with this score or more')
    .option('--min-snr <sigma>', 'only those with this S/N or more')
    .option('--verdict <names>', 'only those labelled so: real,bogus,unsure, or none')
    .option('--run <ids>', 'only those of these runs')
    .option('--filter <json>', 'any filter that the API takes, instead of the four above')
    .option(...WORKSPACE)
    .action(async (table: string, options) =>
      (await import('./export.ts')).runExport(table, options, makeConsole()),
    );

  addObjectCommands(program, makeConsole);

  addTrainingCommands(program, makeConsole);

  addSyncCommands(program, makeConsole);

  addAccessCommands(program, makeConsole);

  program
    .command('demo')
    .description(
      'Process the simulated sample night without a window and compare what is found with the truth.',
    )
    .option('--sheet <file>', 'contact sheet of the triplets', 'astrid-demo.png')
    .action(async (options) => (await import('./demo.ts')).runDemo(options, makeConsole()));

  program
    .command('doctor')
    .description('Say what works on this machine, what does not, and what mends it.')
    .option(...WORKSPACE)
    .option('--json', 'print the findings as one JSON document')
    .action(async (options) => (await import('./doctor.ts')).runDoctor(options, makeConsole()));
}
