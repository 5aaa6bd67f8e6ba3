import type { ImageFile, ImageHdu } from '../../core/api/contract/index.ts';
import { LocalFile, type LocalHdu } from '../viewer/index.ts';

/** A path that begins so is a file in the browser, not on the disk of the core. */
const PREFIX = 'dropped:';

let kept: { readonly path: string; readonly file: LocalFile } | undefined;
let count = 0;

/** Keep a file that was dropped on the window and has no path; the one before is forgotten. @returns its path in here */
export function keepDroppedFile(file: File): string {
  kept?.file.close();
  const path = `${PREFIX}${++count}/${file.name}`;
  kept = { path, file: new LocalFile(path, file) };
  return path;
}

/** Tell whether a path is one of a dropped file. */
export function isDropped(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** The file behind a path; `undefined` when another was dropped since, or the window was loaded anew. */
export function findDroppedFile(path: string): LocalFile | undefined {
  return kept?.path === path ? kept.file : undefined;
}

/** Describe a dropped file as the core describes one on its disk. @throws Error with a sentence for the person */
export async function describeDroppedFile(path: string): Promise<ImageFile> {
  const file = findDroppedFile(path);
  if (file === undefined)
    throw new Error('The window keeps a dropped file only until it is loaded anew: drop it again.');
  const hdus = (await file.hdus).map(toImageHdu);
  const images = hdus.filter(({ width }) => width > 0);
  const named = images.find(({ extname }) => extname?.toUpperCase() === 'SCI');
  const defaultHdu = (named ?? images.find(({ planes }) => planes === 1) ?? images[0])?.index;
  return { path, name: file.name, bytes: file.bytes, revision: path, hdus, defaultHdu };
}

function toImageHdu({ dataOffset, bscale, bzero, blank, shape, ...hdu }: LocalHdu): ImageHdu {
  const isImage = (hdu.kind === 'image' || hdu.kind === 'compressed-image') && shape.length > 0;
  const [height = 1, width = 1] = shape.length === 1 ? [1, shape[0]] : shape.slice(-2);
  const planes = shape.slice(0, -2).reduce((product, axis) => product * axis, 1);
  return {
    ...hdu,
    shape: [...shape],
    extver: 1,
    width: isImage ? width : 0,
    height: isImage ? height : 0,
    planes: isImage ? planes : 1,
    missingBytes: 0,
  };
}
