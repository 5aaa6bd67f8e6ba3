import type { Source } from '../preprocessing/index.ts';

/** A source and how far it is. */
export interface Neighbour {
  readonly source: Source;
  readonly distancePx: number;
}

/** Sources by place, for many questions about what is near. */
export interface SourceIndex {
  /** Find the sources within `reach` px of a pixel, in no order. */
  within(xPx: number, yPx: number, reach: number): readonly Neighbour[];
  /** Find the nearest of them. */
  nearest(xPx: number, yPx: number, reach: number): Neighbour | undefined;
}

const CELL_PX = 32;

/** Sort sources into cells of 32 px. */
export function indexSources(sources: readonly Source[]): SourceIndex {
  const cells = new Map<number, Source[]>();
  const cellOf = (px: number): number => Math.floor(px / CELL_PX);
  const keyOf = (column: number, row: number): number => row * 65536 + column;
  for (const source of sources) {
    const key = keyOf(cellOf(source.xPx), cellOf(source.yPx));
    const cell = cells.get(key);
    if (cell) cell.push(source);
    else cells.set(key, [source]);
  }
  const within = (xPx: number, yPx: number, reach: number): readonly Neighbour[] => {
    const found: Neighbour[] = [];
    for (let row = cellOf(yPx - reach); row <= cellOf(yPx + reach); row++) {
      for (let column = cellOf(xPx - reach); column <= cellOf(xPx + reach); column++) {
        for (const source of cells.get(keyOf(column, row)) ?? []) {
          const distancePx = Math.hypot(source.xPx - xPx, source.yPx - yPx);
          if (distancePx <= reach) found.push({ source, distancePx });
        }
      }
    }
    return found;
  };
  return {
    within,
    nearest: (xPx, yPx, reach) =>
      within(xPx, yPx, reach).reduce<Neighbour | undefined>(
        (best, next) => (best && best.distancePx <= next.distancePx ? best : next),
        undefined,
      ),
  };
}
