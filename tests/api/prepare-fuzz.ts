import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { addressOfTriplet, seedWorkspace } from '../support/seed-workspace.ts';

/** Fill a workspace to be asked at random. @returns texts that name things in it, by parameter or property */
export async function prepareFuzz(folder: string): Promise<Record<string, readonly string[]>> {
  const seed = await seedWorkspace(folder);
  const packed = join(folder, 'packed.fits.gz');
  writeFileSync(packed, gzipSync(readFileSync(seed.imagePath)));
  const text = join(folder, 'text.fits');
  writeFileSync(text, 'SIMPLE  = not at all');
  const cut = join(folder, 'cut.fits');
  writeFileSync(cut, readFileSync(seed.imagePath).subarray(0, 2900));
  // What can be opened and never ends, or never begins.
  const pipe = join(folder, 'pipe.fits');
  if (process.platform !== 'win32') execFileSync('mkfifo', [pipe]);
  const paths = [seed.imagePath, seed.imagePath, packed, text, cut, pipe, folder, '/dev/zero', '/dev/null'];
  return {
    path: paths,
    sciencePath: paths,
    templatePath: paths,
    'runs.id': [seed.doneRunId, seed.failedRunId],
    runId: [seed.doneRunId, seed.failedRunId],
    runIds: [seed.doneRunId],
    run: [seed.doneRunId],
    kind: ['science', 'difference'],
    plane: ['science'],
    sha256: [seed.plane.sha256, addressOfTriplet(0), addressOfTriplet(5)],
    modelVersion: ['model-1'],
    x: ['score', 'snr', 'raDeg'],
    y: ['score', 'xPx'],
    by: ['verdict', 'state', 'run'],
    name: ['real-bogus', 'keymap', 'session', 'mine'],
    version: ['1'],
    // What would reach out of this machine is kept on it, where nothing listens.
    catalogueUrl: ['postgresql://nobody:x@127.0.0.1:9/none', 'postgres://127.0.0.1:9/x?sslmode=disable'],
    endpoint: ['http://127.0.0.1:9/'],
  };
}
