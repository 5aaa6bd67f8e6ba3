import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFits, writeFits } from '../adapters/imaging/index.ts';
import { findSolveField, runSolveField, type SolveField } from '../adapters/solve-field/index.ts';
import { parseWcs, type Wcs } from '../domains/observations/index.ts';
import type { Source } from '../domains/preprocessing/index.ts';

export { findSolveField };

/** Sources that solve-field is given, brightest first. */
const MOST_SOURCES = 1000;

/**
 * Have astrometry.net's solve-field find an image on the sky of its own index files.
 *
 * @returns `undefined` when it did not recognise the image.
 * @throws catalog/solve-field-failed, catalog/solve-field-timeout, internal/stopped
 */
export async function solveElsewhere(
  program: SolveField,
  image: { readonly widthPx: number; readonly heightPx: number; readonly sources: readonly Source[] },
  options: {
    readonly timeoutMs: number;
    readonly scaleArcsec?: readonly [number, number] | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Wcs | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'astrid-solve-'));
  try {
    const listPath = join(folder, 'sources.xyls');
    const listed = image.sources.toSorted((a, b) => b.fluxE - a.fluxE).slice(0, MOST_SOURCES);
    const column = (name: string, pick: (source: Source) => number) => ({
      name,
      values: Float64Array.from(listed, pick),
    });
    await writeFits(listPath, [
      {
        kind: 'table',
        extname: 'SOURCES',
        columns: [
          column('X', ({ xPx }) => xPx + 1),
          column('Y', ({ yPx }) => yPx + 1),
          column('FLUX', ({ fluxE }) => fluxE),
        ],
      },
    ]);
    const solved = await runSolveField(program, { ...image, ...options, listPath, folder });
    if (solved === undefined) return undefined;
    const file = await openFits(solved);
    try {
      return parseWcs((await file.hdu(0)).header);
    } finally {
      await file.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
