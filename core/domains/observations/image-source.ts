import type { MaskPlane, Plane, Scratch } from '../../kernels/index.ts';
import type { ReadFile, TaskContext } from '../../utils/index.ts';
import type { MaskedImage } from './model.ts';

/** A plane in a file of its own: little-endian, row-major, first row at the bottom; floats, or mask bits of 16. */
export interface FilePlane {
  readonly width: number;
  readonly height: number;
  readonly path: string;
}

/**
 * An image whose planes are in memory, or in files of which tasks read the parts that they need.
 *
 * A task asks for its planes when it starts: what holds an image may give its memory back once it is on disk.
 */
export interface ImageSource {
  readonly science: Plane | FilePlane;
  readonly variance: Plane | FilePlane;
  readonly mask: MaskPlane | FilePlane;
}

/** What is known of an image, its pixels in memory or in files. */
export type Held<Image extends MaskedImage> = Omit<Image, keyof MaskedImage> & ImageSource;

/** A rectangle of whole pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Give the square of pixels around a place, as far as it lies in the image. */
export function boxAround(x: number, y: number, reach: number, width: number, height: number): Box {
  const x0 = Math.max(0, x - reach);
  const y0 = Math.max(0, y - reach);
  return {
    x: x0,
    y: y0,
    width: Math.min(width - 1, x + reach) - x0 + 1,
    height: Math.min(height - 1, y + reach) - y0 + 1,
  };
}

/** Only the pixels, as they are held now: headers and source lists need not cross to a thread. */
export function pixelsOf<Image extends ImageSource>(
  image: Image,
): Pick<Image, 'science' | 'variance' | 'mask'> {
  return { science: image.science, variance: image.variance, mask: image.mask };
}

/**
 * Copy a stretch of a row, where it lies in a file without a detour.
 *
 * V8 copies shared memory byte by byte where source and target lie differently within a word: then a loop is faster.
 *
 * @param x, y first pixel; `at` its place in the target.
 */
export function copyPixels<Pixels extends Float32Array | Uint16Array>(
  from: { readonly width: number; readonly data: Pixels } | FilePlane,
  x: number,
  y: number,
  count: number,
  target: Pixels,
  at: number,
  read: ReadFile | undefined,
): void {
  const start = y * from.width + x;
  const size = target.BYTES_PER_ELEMENT;
  if ('path' in from) {
    const into = new Uint8Array(target.buffer, target.byteOffset + at * size, count * size);
    needReader(read)(from.path, start * size, into);
    return;
  }
  const { data } = from;
  if ((data.byteOffset + start * size - target.byteOffset - at * size) % 8 === 0) {
    target.set(data.subarray(start, start + count) as Pixels, at);
  } else for (let i = 0; i < count; i++) target[at + i] = data[start + i]!;
}

/** Copy a rectangle out of an image; it must lie inside. */
export function cutImage(image: ImageSource, box: Box, { readFile }: TaskContext): MaskedImage {
  const { width, height } = box;
  return {
    science: cutInto(image.science, box, new Float32Array(width * height), readFile),
    variance: cutInto(image.variance, box, new Float32Array(width * height), readFile),
    mask: cutMask(image.mask, box, { readFile }),
  };
}

/** Copy a rectangle out of a mask; it must lie inside. */
export function cutMask(mask: MaskPlane | FilePlane, box: Box, { readFile }: TaskContext): MaskPlane {
  return cutInto(mask, box, new Uint16Array(box.width * box.height), readFile);
}

function cutInto<Pixels extends Float32Array | Uint16Array>(
  from: { readonly width: number; readonly data: Pixels } | FilePlane,
  { x, y, width, height }: Box,
  data: Pixels,
  read: ReadFile | undefined,
): { readonly width: number; readonly height: number; readonly data: Pixels } {
  for (let j = 0; j < height; j++) copyPixels(from, x, y + j, width, data, j * width, read);
  return { width, height, data };
}

/** Pixels in memory, of which the first is pixel (left, bottom) of their image. */
export interface Part {
  readonly left: number;
  readonly bottom: number;
}

/** Give a rectangle of an image: read into memory, or all of what is there already. */
export function partOf(image: ImageSource, box: Box, context: TaskContext): MaskedImage & Part {
  const { science, variance, mask } = image;
  if ('data' in science && 'data' in variance && 'data' in mask)
    return { science, variance, mask, left: 0, bottom: 0 };
  return { ...cutImage(image, box, context), left: box.x, bottom: box.y };
}

/** The same of one plane. */
export function partOfPlane(plane: Plane | FilePlane, box: Box, { readFile }: TaskContext): Plane & Part {
  if ('data' in plane) return { ...plane, left: 0, bottom: 0 };
  const data = new Float32Array(box.width * box.height);
  return { ...cutInto(plane, box, data, readFile), left: box.x, bottom: box.y };
}

/** The same of one mask. */
export function partOfMask(mask: MaskPlane | FilePlane, box: Box, context: TaskContext): MaskPlane & Part {
  if ('data' in mask) return { ...mask, left: 0, bottom: 0 };
  return { ...cutMask(mask, box, context), left: box.x, bottom: box.y };
}

/** Give an image with all of its pixels in memory, for as long as the scratch lives where they had to be read. */
export function loadImage(image: ImageSource, scratch: Scratch, { readFile }: TaskContext): MaskedImage {
  return {
    science: loadPlane(image.science, scratch, readFile),
    variance: loadPlane(image.variance, scratch, readFile),
    mask: loadMask(image.mask, scratch, { readFile }),
  };
}

/** Give a mask with all of its pixels in memory, for as long as the scratch lives where they had to be read. */
export function loadMask(
  mask: MaskPlane | FilePlane,
  scratch: Scratch,
  { readFile }: TaskContext,
): MaskPlane {
  return 'path' in mask ? readWhole(mask, scratch.mask(mask.width, mask.height), readFile) : mask;
}

function loadPlane(plane: Plane | FilePlane, scratch: Scratch, read: ReadFile | undefined): Plane {
  return 'path' in plane ? readWhole(plane, scratch.plane(plane.width, plane.height), read) : plane;
}

/** Read single values of a plane at equal distances: indices 0, step, 2 step ... */
export function samplePlane(plane: Plane | FilePlane, step: number, { readFile }: TaskContext): Float32Array {
  const sample = new Float32Array(Math.ceil((plane.width * plane.height) / step));
  if ('path' in plane) {
    const bytes = new Uint8Array(sample.buffer);
    const read = needReader(readFile);
    for (let k = 0; k < sample.length; k++) read(plane.path, 4 * k * step, bytes.subarray(4 * k, 4 * k + 4));
  } else for (let k = 0; k < sample.length; k++) sample[k] = plane.data[k * step]!;
  return sample;
}

function readWhole<Pixels extends Plane | MaskPlane>(
  { path }: FilePlane,
  into: Pixels,
  read: ReadFile | undefined,
): Pixels {
  const { buffer, byteOffset, byteLength } = into.data;
  needReader(read)(path, 0, new Uint8Array(buffer, byteOffset, byteLength));
  return into;
}

function needReader(read: ReadFile | undefined): ReadFile {
  if (read === undefined)
    throw new Error('pixels are in a file, and this task was given nothing to read it with');
  return read;
}
