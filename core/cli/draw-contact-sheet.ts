import { GLYPHS } from './glyphs.ts';

/** One triplet on a contact sheet. */
export interface SheetEntry {
  /** 3 x size x size floats: science, template, difference; NaN outside the image. */
  readonly triplet: Float32Array;
  /** Drawn above it: digits, dot, minus, slash and blanks; what does not fit over the triplet is cut off. */
  readonly caption: string;
  /** Colour of the caption and of the line below. */
  readonly frame: 'true' | 'false' | 'neutral';
}

/** A picture: 8-bit RGBA, first row at the top. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

const FRAME_COLOURS = { true: [88, 214, 141], false: [240, 98, 93], neutral: [86, 96, 112] } as const;

const GAP = 8;
const CAPTION = 14;
const DOT = 2;

/**
 * Draw triplets side by side: science, template, difference, north of the array up, three to a block.
 *
 * Science and template share one stretch, from the 1st to the 99.5th percentile of the science cutout; the
 * difference is symmetric about zero, so that grey is nothing.
 */
export function drawContactSheet(entries: readonly SheetEntry[], size: number, columns = 4): Picture {
  const scale = 2;
  const cell = size * scale;
  const blockWidth = 3 * cell + 2 * 2 + GAP * 2;
  const blockHeight = CAPTION + cell + GAP * 2;
  const rows = Math.max(1, Math.ceil(entries.length / columns));
  const width = Math.min(columns, Math.max(1, entries.length)) * blockWidth;
  const height = rows * blockHeight;
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < rgba.length; i += 4) rgba.set([12, 15, 19, 255], i);
  const paint = (x: number, y: number, red: number, green: number, blue: number): void => {
    rgba.set([red, green, blue, 255], (y * width + x) * 4);
  };

  entries.forEach((entry, index) => {
    const left = (index % columns) * blockWidth + GAP;
    const top = Math.floor(index / columns) * blockHeight + GAP;
    const [red, green, blue] = FRAME_COLOURS[entry.frame];
    const fitting = Math.floor((3 * cell) / (4 * DOT));
    [...entry.caption].slice(0, fitting).forEach((character, position) => {
      (GLYPHS[character] ?? GLYPHS[' ']!).forEach((bits, row) => {
        for (let column = 0; column < 3; column++) {
          if (((bits >> (2 - column)) & 1) === 0) continue;
          for (let dot = 0; dot < DOT * DOT; dot++) {
            const x = left + (position * 4 + column) * DOT + (dot % DOT);
            paint(x, top + row * DOT + Math.floor(dot / DOT), red, green, blue);
          }
        }
      });
    });
    const area = size * size;
    const science = percentiles(entry.triplet.subarray(0, area), 0.01, 0.995);
    // A difference of nothing but zeros is grey too.
    const spread = percentiles(entry.triplet.subarray(2 * area).map(Math.abs), 0, 0.995)[1] || 1;
    const limits = [science, science, [-spread, spread]] as const;
    for (let panel = 0; panel < 3; panel++) {
      const [low, high] = limits[panel]!;
      const x0 = left + panel * (cell + 2);
      const y0 = top + CAPTION;
      for (let y = 0; y < cell; y++) {
        for (let x = 0; x < cell; x++) {
          // Rows of the image go up, rows of a PNG go down.
          const row = size - 1 - Math.floor(y / scale);
          const value = entry.triplet[panel * area + row * size + Math.floor(x / scale)]!;
          if (Number.isNaN(value)) {
            paint(x0 + x, y0 + y, 40, 30, 60);
            continue;
          }
          const grey = Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low || 1))));
          paint(x0 + x, y0 + y, grey, grey, grey);
        }
      }
      for (let x = 0; x < cell; x++) paint(x0 + x, y0 + cell, red, green, blue);
    }
  });
  return { width, height, rgba };
}

function percentiles(values: Float32Array, low: number, high: number): readonly [number, number] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return [0, 1];
  return [sorted[Math.floor(low * (sorted.length - 1))]!, sorted[Math.floor(high * (sorted.length - 1))]!];
}
