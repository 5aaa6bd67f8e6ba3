import { resolve } from 'node:path';
import { verifyDataSet } from '../app/index.ts';
import { AstridError } from '../utils/index.ts';
import { type Console, count } from './console.ts';
import { withApp } from './with-app.ts';

/** What the data set is called in its project. */
const NAME = 'dataset';

/** Run `astrid export dataset --dvc --out FOLDER`. @throws catalog/unknown-format */
export async function runExportDataSet(
  options: { readonly dvc?: boolean; readonly out?: string; readonly workspace?: string },
  out: Console,
): Promise<void> {
  const { out: folder } = options;
  if (!options.dvc || folder === undefined)
    throw new AstridError(
      'catalog/unknown-format',
      'A data set is written with “astrid export dataset --dvc --out FOLDER”.',
    );
  await withApp({ workspace: options.workspace, out }, async (app, signal) => {
    const written = await app.exportDataSet(resolve(folder), NAME, signal);
    out.print(
      `${count(written.examples, 'example')}, ${(written.bytes / 1e6).toFixed(1)} MB: ${written.md5}`,
    );
    if (written.withoutPixels > 0)
      out.complain(
        `${count(written.withoutPixels, 'candidate')} left out: their pixels are not to be had now`,
      );
    out.say(`wrote ${folder}/${NAME}.dvc; “dvc checkout” there lays the files out`);
  });
}

/** Run `astrid dataset verify`. @throws storage/not-found, storage/corrupted, storage/not-dvc */
export async function runDataSetVerify(
  file: string,
  options: { readonly json?: boolean },
  out: Console,
): Promise<void> {
  const { files, bytes, verdicts } = await verifyDataSet(resolve(file));
  if (options.json) {
    out.print(JSON.stringify({ version: 1, file, files, bytes, verdicts }));
    return;
  }
  const said = Object.entries(verdicts).map(([verdict, n]) => `${n} ${verdict}`);
  out.print(
    `${count(files, 'file')}, ${(bytes / 1e6).toFixed(1)} MB, all as they should be: ${said.join(', ')}`,
  );
}
