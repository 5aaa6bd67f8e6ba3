import { describe, expect, it } from 'vitest';
import { makeMaskPlane, makePlane, withScratch } from '../../kernels/index.ts';
import { createRandom } from '../../utils/index.ts';
import {
  boxAround,
  cutImage,
  type ImageSource,
  loadImage,
  partOf,
  partOfMask,
  partOfPlane,
  pixelsOf,
  samplePlane,
} from './image-source.ts';

const WIDTH = 37;
const HEIGHT = 29;

/** An image in memory and the same in files, which a reader of their bytes stands for. */
function makeBoth() {
  const random = createRandom(3);
  const image = {
    science: makePlane(WIDTH, HEIGHT),
    variance: makePlane(WIDTH, HEIGHT),
    mask: makeMaskPlane(WIDTH, HEIGHT),
  };
  for (let k = 0; k < WIDTH * HEIGHT; k++) {
    image.science.data[k] = random.normal();
    image.variance.data[k] = random.uniform();
    image.mask.data[k] = random.integer(256);
  }
  const bytes = new Map(
    Object.entries(image).map(([path, { data }]) => [path, new Uint8Array(data.buffer).slice()]),
  );
  let bytesRead = 0;
  const readFile = (path: string, start: number, into: Uint8Array): void => {
    into.set(bytes.get(path)!.subarray(start, start + into.length));
    bytesRead += into.length;
  };
  const fileOf = (path: string) => ({ width: WIDTH, height: HEIGHT, path });
  const inFiles: ImageSource = {
    science: fileOf('science'),
    variance: fileOf('variance'),
    mask: fileOf('mask'),
  };
  return { image, inFiles, context: { readFile }, bytesRead: () => bytesRead };
}

describe('an image in files', () => {
  it('gives the same pixels as in memory: a rectangle of it, a part around a place, all of it', () => {
    const { image, inFiles, context } = makeBoth();
    const box = boxAround(35, 2, 6, WIDTH, HEIGHT);
    expect(box).toEqual({ x: 29, y: 0, width: 8, height: 9 });
    expect(cutImage(inFiles, box, context)).toEqual(cutImage(image, box, {}));

    const [known, read] = [partOf(image, box, {}), partOf(inFiles, box, context)];
    const plane = partOfPlane(inFiles.variance, box, context);
    const mask = partOfMask(inFiles.mask, box, context);
    for (let y = box.y; y < box.y + box.height; y++) {
      for (let x = box.x; x < box.x + box.width; x++) {
        const at = ({ left, bottom, science }: typeof known) => (y - bottom) * science.width + x - left;
        expect(read.science.data[at(read)]).toBe(known.science.data[at(known)]);
        expect(plane.data[at(read)]).toBe(image.variance.data[y * WIDTH + x]);
        expect(mask.data[at(read)]).toBe(image.mask.data[y * WIDTH + x]);
      }
    }
    withScratch((scratch) => {
      const all = loadImage(inFiles, scratch, context);
      expect(all.science.data).toEqual(new Float32Array(image.science.data));
      expect(all.variance.data).toEqual(new Float32Array(image.variance.data));
      expect(all.mask.data).toEqual(new Uint16Array(image.mask.data));
    });
    expect(samplePlane(inFiles.science, 7, context)).toEqual(samplePlane(image.science, 7, {}));
  });

  it('is read no further than asked for, and one in memory not at all', () => {
    const { image, inFiles, context, bytesRead } = makeBoth();
    const box = { x: 3, y: 4, width: 5, height: 6 };
    expect(partOf(image, box, context).science.data).toBe(image.science.data);
    expect(bytesRead()).toBe(0);
    partOf(inFiles, box, context);
    expect(bytesRead()).toBe(5 * 6 * 10);
  });

  it('is told apart from one in memory each time it is asked for its pixels', () => {
    const { image, inFiles } = makeBoth();
    const held: ImageSource = { ...image };
    expect(pixelsOf(held)).toEqual(image);
    Object.assign(held, inFiles);
    expect(pixelsOf(held)).toEqual(inFiles);
  });

  it('cannot be looked at without a reader', () => {
    const { inFiles } = makeBoth();
    expect(() => cutImage(inFiles, { x: 0, y: 0, width: 2, height: 2 }, {})).toThrow(
      'nothing to read it with',
    );
  });
});
