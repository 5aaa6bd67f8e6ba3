import type { FilePlane, ImageSource } from '../domains/observations/index.ts';
import type { BlobStore } from './ports.ts';
import type { Stage } from './stage.ts';

/**
 * Let large images of a stage's result be read from their files from now on, in place.
 *
 * Whoever holds an image finds files where its planes were, and their memory is free once no task uses it any more.
 *
 * @param arrays the address of every array of the result that is on disk by now, by its path.
 * @param fromPx smaller images stay: to read parts of them again would take longer than their memory is worth.
 * @returns whether any image moved.
 */
export function moveToFiles(
  { images }: Pick<Stage, 'images'>,
  output: unknown,
  arrays: ReadonlyMap<string, string>,
  blobs: Pick<BlobStore, 'path'>,
  fromPx: number,
): boolean {
  let hasMoved = false;
  for (const name of images ?? []) {
    const image = (name === '' ? output : (output as Record<string, unknown>)[name]) as ImageSource;
    const { width, height } = image.science;
    if ('path' in image.science || width * height < fromPx) continue;
    const fileOf = (plane: keyof ImageSource): FilePlane | undefined => {
      const sha256 = arrays.get(`${name === '' ? '' : `${name}.`}${plane}.data`);
      const path = sha256 === undefined ? undefined : blobs.path?.(sha256);
      return path === undefined ? undefined : { width, height, path };
    };
    const [science, variance, mask] = [fileOf('science'), fileOf('variance'), fileOf('mask')];
    if (!science || !variance || !mask) continue;
    Object.assign(image, { science, variance, mask });
    hasMoved = true;
  }
  return hasMoved;
}
