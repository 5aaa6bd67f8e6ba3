import { allocate, copyIn, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';

/** What is looked for. */
export interface OutstandingOptions {
  /** How far away the pixels are that another is compared with, px. */
  readonly apartPx: number;
  /** How far above or below both it must be, unit of the plane. */
  readonly margin: number;
  /** Length of the pieces of columns and rows that are counted, px. */
  readonly columnPiecePx: number;
  readonly rowPiecePx: number;
  /** A pixel so far below the median of its 3 x 3 is listed, unit of the plane. */
  readonly coldDepth: number;
}

/** Where pixels stand apart from their neighbours. */
export interface Outstanding {
  /**
   * For piece p of column x, at p * width + x: how many of its pixels lie above both pixels beside them, minus how
   * many below both. Whole pieces only; 0 where a neighbour would lie outside.
   */
  readonly columns: Int16Array;
  /** For piece p of row y, at y * rowPieces + p: the same against the pixels above and below. */
  readonly rows: Int16Array;
  readonly rowPieces: number;
  /** Cold pixels (y * width + x), and the medians around them. */
  readonly cold: Int32Array;
  readonly coldMedians: Float32Array;
}

/** Count along pieces of columns and rows how often pixels stand apart on both sides, and list cold pixels, in one pass. */
export function findOutstanding(plane: Plane, options: OutstandingOptions): Outstanding {
  const { width, height } = plane;
  const { apartPx, margin, columnPiecePx, rowPiecePx, coldDepth } = options;
  const pieces = Math.floor(height / columnPiecePx);
  const rowPieces = Math.floor(width / rowPiecePx);
  const columns = new Int16Array(pieces * width);
  const rows = new Int16Array(height * rowPieces);
  const cold: number[] = [];
  const coldMedians: number[] = [];
  if (width < 3 || height < 3) {
    return { columns, rows, rowPieces, cold: Int32Array.from(cold), coldMedians: Float32Array.from([]) };
  }
  withArena(() => {
    const padded = Math.ceil(width / 64) * 64;
    const margins = Math.max(4, apartPx);
    const stride = (padded + 2 * margins + 16) * 4;
    const pitch = padded * 4;
    const tall = columnPiecePx + 2 * margins;
    const band = allocate(stride * tall);
    const smooth = allocate(pitch * columnPiecePx);
    const scratch = allocate((width + 8) * 4 * 3);
    const raw = allocate(tall * width * 4 + WORD);
    const counts = allocate(Math.max(padded, rowPieces) * 2 + 16);
    const room = columnPiecePx * width;
    const list = allocate(room * 8);
    const module = kernelModule();
    const { buffer } = module.memory;
    for (let first = 0; first < height; first += columnPiecePx) {
      const count = Math.min(columnPiecePx, height - first);
      const rawFirst = Math.max(0, first - margins);
      const rawEnd = Math.min(height, first + count + margins);
      const source = copyIn(plane.data, rawFirst * width, (rawEnd - rawFirst) * width, raw);
      const tallRows = count + 2 * margins;
      module.padRows(
        source,
        rawFirst,
        width,
        height,
        first - margins,
        tallRows,
        margins,
        margins,
        0,
        band,
        stride,
      );
      const from = band + margins * stride + margins * 4;
      if (count === columnPiecePx) {
        module.balanceColumns(from, stride, width, count, apartPx * 4, margin, counts);
        const piece = first / columnPiecePx;
        const found = new Int16Array(buffer, counts, width);
        columns.set(found.subarray(apartPx, Math.max(apartPx, width - apartPx)), piece * width + apartPx);
      }
      for (let y = Math.max(first, apartPx); y < Math.min(first + count, height - apartPx); y++) {
        const row = from + (y - first) * stride;
        module.balanceRow(row, width, rowPiecePx, apartPx * stride, margin, counts);
        rows.set(new Int16Array(buffer, counts, rowPieces), y * rowPieces);
      }
      module.medianBand3(from - stride - 4, stride, smooth, pitch, width, count, scratch);
      const found = module.listCold(from, stride, smooth, pitch, width, count, coldDepth, list, room);
      const places = new Int32Array(buffer, list, 2 * found);
      const medians = new Float32Array(buffer, list, 2 * found);
      for (let k = 0; k < found; k++) {
        const at = first * width + places[2 * k]!;
        const x = at % width;
        const y = (at - x) / width;
        if (x === 0 || y === 0 || x === width - 1 || y === height - 1) continue;
        // A window with a pixel that is not a number has no median here.
        if (!isFiniteAround(plane, x, y)) continue;
        cold.push(at);
        coldMedians.push(medians[2 * k + 1]!);
      }
    }
  });
  return {
    columns,
    rows,
    rowPieces,
    cold: Int32Array.from(cold),
    coldMedians: Float32Array.from(coldMedians),
  };
}

function isFiniteAround({ width, data }: Plane, x: number, y: number): boolean {
  for (let py = y - 1; py <= y + 1; py++) {
    for (let px = x - 1; px <= x + 1; px++) if (!Number.isFinite(data[py * width + px])) return false;
  }
  return true;
}
