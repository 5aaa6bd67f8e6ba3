import type { Source } from '../preprocessing/index.ts';

/** Sources by place, for many questions about what is near. */
export interface SourceIndex {
  /** Find the source nearest to a pixel within `reach` px. */
  nearest(
    xPx: number,
    yPx: number,
    reach: number,
  ): { readonly source: Source; readonly distancePx: number } | undefined;
}

const CELL_PX = 32;

/** Sort sources into cells of 32 px. */
export function indexSources(sources: readonly Source[]): SourceIndex {
  const cells = new Map<number, Source[]>();
  const keyOf = (column: number, row: number): number => row * 65536 + column;
  for (const source of sources) {
    const key = keyOf(Math.floor(source.xPx / CELL_PX), Math.floor(source.yPx / CELL_PX));
    const cell = cells.get(key);
    if (cell) cell.push(source);
    else cells.set(key, [source]);
  }
  return {
    nearest: (xPx, yPx, reach) => {
      let found: { source: Source; distancePx: number } | undefined;
      for (let row = Math.floor((yPx - reach) / CELL_PX); row <= Math.floor((yPx + reach) / CELL_PX); row++) {
        for (
          let column = Math.floor((xPx - reach) / CELL_PX);
          column <= Math.floor((xPx + reach) / CELL_PX);
          column++
        ) {
          for (const source of cells.get(keyOf(column, row)) ?? []) {
            const distancePx = Math.hypot(source.xPx - xPx, source.yPx - yPx);
            if (distancePx <= (found?.distancePx ?? reach)) found = { source, distancePx };
          }
        }
      }
      return found;
    },
  };
}
