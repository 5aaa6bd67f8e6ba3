import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** A header card: a number, a word or a truth. */
export type CardValue = number | string | boolean;

const BLOCK = 2880;

/**
 * Write a FITS image of 32-bit floats row by row; without pixels its data are a hole that reads as zeros.
 *
 * @param cards beside those of the structure.
 */
export function writeImage(
  path: string,
  { width, height }: { readonly width: number; readonly height: number },
  cards: Readonly<Record<string, CardValue>> = {},
  pixelOf?: (x: number, y: number) => number,
): void {
  const structure = { SIMPLE: true, BITPIX: -32, NAXIS: 2, NAXIS1: width, NAXIS2: height, ...cards };
  const text = [
    ...Object.entries(structure).map(([name, value]) => formatCard(name, value)),
    'END'.padEnd(80),
  ];
  const header = text.join('');
  const file = openSync(path, 'w');
  writeSync(file, header.padEnd(Math.ceil(header.length / BLOCK) * BLOCK));
  if (pixelOf !== undefined) {
    const row = Buffer.alloc(4 * width);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) row.writeFloatBE(pixelOf(x, y), 4 * x);
      writeSync(file, row);
    }
  }
  const start = Math.ceil(header.length / BLOCK) * BLOCK;
  ftruncateSync(file, start + Math.ceil((4 * width * height) / BLOCK) * BLOCK);
  closeSync(file);
}

function formatCard(name: string, value: CardValue): string {
  const text =
    typeof value === 'string'
      ? `'${value.padEnd(8)}'`
      : (typeof value === 'boolean' ? (value ? 'T' : 'F') : String(value)).padStart(20);
  return `${name.padEnd(8)}= ${text}`.padEnd(80);
}
