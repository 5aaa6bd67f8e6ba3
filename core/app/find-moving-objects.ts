import { type ArchiveOptions, fetchMovingObjects } from '../adapters/archives/index.ts';
import { circleLattice, type MovingObjects } from '../domains/catalog/index.ts';
import { taiToUtc } from '../domains/observations/index.ts';
import type { MovingObjectStore, RunRepository } from '../pipeline/index.ts';
import { AstridError } from '../utils/index.ts';

/**
 * Ask which known asteroids, comets and planets were over the image of a run, and keep the answer.
 *
 * The place, the size and the time of the image are told to the service; nothing else is.
 *
 * @throws catalog/no-coordinates, catalog/no-time, catalog/archive-unreachable, catalog/archive-timeout, catalog/archive-error
 */
export async function findMovingObjects(
  {
    runs,
    movingObjects,
  }: { readonly runs: Pick<RunRepository, 'get'>; readonly movingObjects: MovingObjectStore },
  runId: string,
  observatory: string,
  options: ArchiveOptions,
): Promise<MovingObjects> {
  const { sky, science } = await runs.get(runId);
  if (sky === undefined)
    throw new AstridError(
      'catalog/no-coordinates',
      'The image has no place on the sky: what moves over it cannot be asked for.',
      { runId },
    );
  if (science?.midpointMjdTai === undefined)
    throw new AstridError(
      'catalog/no-time',
      'The image does not say when it was taken: what moves is somewhere else at every other time.',
      { runId },
    );
  const objects = await fetchMovingObjects(
    circleLattice(sky),
    taiToUtc(science.midpointMjdTai),
    observatory,
    options,
  );
  const found = { askedAt: new Date().toISOString(), observatory, objects };
  await movingObjects.keep(runId, found);
  return found;
}
