import { allocate, copyIn, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';

/** Bytes looked at a time. */
const BAND_BYTES = 131072;

/** Runs of marked pixels along rows, in raster order: three numbers each, row, first and last column. */
export function listRuns(marks: Uint8Array, width: number, height: number): Int32Array {
  return withArena(() => {
    const tall = Math.max(1, Math.floor(BAND_BYTES / width));
    const room = allocate(tall * width + WORD);
    const list = allocate(tall * Math.ceil(width / 2) * 12);
    const module = kernelModule();
    const parts: Int32Array[] = [];
    for (let first = 0; first < height; first += tall) {
      const rows = Math.min(tall, height - first);
      const from = copyIn(marks, first * width, rows * width, room);
      const found = module.listRuns(from, width, rows, first, list);
      parts.push(new Int32Array(module.memory.buffer, list, 3 * found).slice());
    }
    const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  });
}
