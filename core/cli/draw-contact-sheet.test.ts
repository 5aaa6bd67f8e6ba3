import { describe, expect, test } from 'vitest';
import { drawContactSheet, type Picture, type SheetEntry } from './draw-contact-sheet.ts';

const SIZE = 9;
const SCALE = 2;
const GREEN = [88, 214, 141, 255];
const RED = [240, 98, 93, 255];
const PAPER = [12, 15, 19, 255];

/** A triplet of flat panels; `mark` changes one pixel of one panel. */
function makeEntry(changes: Partial<SheetEntry> = {}, mark?: (triplet: Float32Array) => void): SheetEntry {
  const triplet = new Float32Array(3 * SIZE * SIZE);
  // A ramp gives the stretch something to hold on to.
  for (let i = 0; i < triplet.length; i++) triplet[i] = (i % SIZE) / SIZE;
  mark?.(triplet);
  return { triplet, caption: '', frame: 'true', ...changes };
}

function pixel({ width, rgba }: Picture, x: number, y: number): number[] {
  return Array.from(rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4));
}

/** Find the pixels of a colour. */
function findColour(picture: Picture, colour: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < picture.width; x++)
      if (pixel(picture, x, y).every((value, i) => value === colour[i])) found.push([x, y]);
  return found;
}

describe('a contact sheet', () => {
  test('has a block for each triplet, in rows', () => {
    const one = drawContactSheet([makeEntry()], SIZE, 3);
    const five = drawContactSheet(
      Array.from({ length: 5 }, () => makeEntry()),
      SIZE,
      3,
    );
    expect(five.width).toBe(3 * one.width);
    expect(five.height).toBe(2 * one.height);
    expect(five.rgba).toHaveLength(five.width * five.height * 4);
    // The sixth block is empty paper.
    const corner = pixel(five, five.width - one.width / 2, five.height - one.height / 2);
    expect(corner).toEqual(PAPER);
  });

  test('without triplets is one empty block', () => {
    const { width, height, rgba } = drawContactSheet([], SIZE);
    expect(rgba).toHaveLength(width * height * 4);
    expect(new Set(rgba)).toEqual(new Set(PAPER));
  });

  test('marks true changes in green and false ones in red', () => {
    const sheet = drawContactSheet([makeEntry(), makeEntry({ frame: 'false' })], SIZE, 2);
    const green = findColour(sheet, GREEN);
    const red = findColour(sheet, RED);
    expect(green).toHaveLength(3 * SIZE * SCALE);
    expect(red).toHaveLength(3 * SIZE * SCALE);
    expect(Math.max(...green.map(([x]) => x))).toBeLessThan(Math.min(...red.map(([x]) => x)));
  });

  test('shows the first row of an image at the bottom, and science, template, difference from the left', () => {
    const bright = (panel: number) => (triplet: Float32Array) => {
      triplet[panel * SIZE * SIZE] = 50;
    };
    const plain = drawContactSheet([makeEntry()], SIZE);
    let before = -1;
    for (const panel of [0, 1, 2]) {
      const sheet = drawContactSheet([makeEntry({}, bright(panel))], SIZE);
      const white = findColour(sheet, [255, 255, 255, 255]).filter(([x, y]) => pixel(plain, x, y)[0] !== 255);
      expect(white).toHaveLength(SCALE * SCALE);
      const [x, y] = white[0]!;
      expect(x).toBeGreaterThan(before);
      before = x;
      // The frame lies right below the lowest row of pixels.
      expect(pixel(sheet, x, y + SCALE)).toEqual(GREEN);
    }
  });

  test('is grey where nothing changed, and of one colour where there is no image', () => {
    const sheet = drawContactSheet(
      [
        makeEntry({}, (triplet) => {
          triplet.fill(0, 2 * SIZE * SIZE);
          triplet.fill(Number.NaN, 0, 2 * SIZE * SIZE);
          triplet[2 * SIZE * SIZE + 5] = 3;
        }),
      ],
      SIZE,
    );
    expect(findColour(sheet, [128, 128, 128, 255]).length).toBe((SIZE * SIZE - 1) * SCALE * SCALE);
    expect(findColour(sheet, [40, 30, 60, 255]).length).toBe(2 * SIZE * SIZE * SCALE * SCALE);
  });

  test('writes captions, and cuts off what does not fit over the triplet', () => {
    const ink = (caption: string) =>
      findColour(drawContactSheet([makeEntry({ caption })], SIZE), GREEN).length;
    expect(ink('1')).toBeGreaterThan(ink(''));
    expect(ink('8')).toBeGreaterThan(ink('1'));
    // Letters have no glyph: they leave a gap.
    expect(ink('x')).toBe(ink(' '));
    const long = drawContactSheet([makeEntry({ caption: '8'.repeat(500) })], SIZE);
    expect(Math.max(...findColour(long, GREEN).map(([x]) => x))).toBeLessThan(long.width - 8);
  });
});
